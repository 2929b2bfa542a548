"""Where ANVCS keeps its own state: one small protocol and its backends."""
