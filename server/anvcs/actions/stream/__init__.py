"""What can be done with streams."""
