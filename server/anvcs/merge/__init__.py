"""Three-way merge of texts by their syntax: bytes in, result out; it knows neither Git nor a file system."""

from __future__ import annotations

from anvcs.merge.model import Conflict, Finding, MergeResult, Options, Step

__all__ = ["Conflict", "Finding", "MergeResult", "Options", "Step", "merge"]


def merge(base: bytes, left: bytes, right: bytes, *, path: str, options: Options | None = None) -> MergeResult:
    """The merge of two texts that come from ``base``; ``path`` tells the language.

    Never raises for what the texts hold: what cannot be read by syntax, or not in time, is merged by lines.
    """
    # Whoever only shows a merge needs none of the engine, and importing this package should not bring it.
    from anvcs.merge.engine import merge as engine

    return engine(base, left, right, path=path, options=options)
