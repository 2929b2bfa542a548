"""Asking a language model how to decide a conflict: the prompt, the ways to a model, and reading what it answers."""
