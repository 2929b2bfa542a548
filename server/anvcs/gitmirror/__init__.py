"""Everything that touches ``.git``; the only user of pygit2."""
