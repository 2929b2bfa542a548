"""Neovim: its client passes the same trials as VS Code's."""
