"""Guards that run code: what a team wants run on a merged tree, run with limits and kept as evidence."""
