"""The command line ``ai-vcs``: a thin surface over the actions."""
