"""Checkpoints: named operations to go back to."""
