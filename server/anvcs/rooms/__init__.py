"""Live documents: CRDT texts, their log, attribution and the rules of the disk bridge. No sockets, no event loop."""
