"""The language server: a thin surface over the actions."""
