"""The operation log: looking at it, comparing, going back."""
