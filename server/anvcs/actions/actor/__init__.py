"""Verbs about actors' keys."""
