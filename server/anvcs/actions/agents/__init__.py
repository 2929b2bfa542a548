"""Verbs about agents that work beside people."""
