"""Files that are merged neither by lines alone nor by syntax: lock files and notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from anvcs.merge.languages import language_for, suffix
from anvcs.merge.lines import Hunk
from anvcs.merge.lockfiles import lock_file, merge_lock, warning
from anvcs.merge.model import Finding, MergeResult, Options

_NOTEBOOK = ".ipynb"


def is_known(path: str) -> bool:
    """Whether more of a path's text is known than that it has lines."""
    return language_for(path) is not None or is_special(path)


def is_special(path: str) -> bool:
    """Whether a path is one of these."""
    return suffix(path) == _NOTEBOOK or lock_file(path) is not None


def merge_special(
    base: bytes, left: bytes, right: bytes, hunks: Sequence[Hunk], *, path: str, options: Options
) -> MergeResult | None:
    """What becomes of such a file that lines leave in conflict; None for all other files."""
    kind = lock_file(path)
    if kind is not None:
        return merge_lock(kind, hunks, options)
    if suffix(path) != _NOTEBOOK:
        return None
    from anvcs.merge.notebooks import merge_notebook

    return merge_notebook(base, left, right, options)


def special_findings(left: bytes, right: bytes, merged: bytes, *, path: str) -> tuple[Finding, ...]:
    """What is to be said of such a file that both sides changed and lines merged."""
    kind = lock_file(path)
    if kind is not None:
        return warning(kind, merged)
    if suffix(path) != _NOTEBOOK:
        return ()
    from anvcs.merge.notebooks import findings

    return findings(left, right, merged)
