"""Wire values as lines for people; pure functions."""
