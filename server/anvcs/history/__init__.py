"""What happened: operations, views, the ledger, and the commit graph as rows and lanes."""
