"""ANVCS: an AI-native version-control layer over an ordinary Git repository."""

__version__ = "0.1.0"
