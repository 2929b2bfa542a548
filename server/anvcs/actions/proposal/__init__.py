"""What can be done with merge proposals."""
