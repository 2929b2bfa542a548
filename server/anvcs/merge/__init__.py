"""Three-way merge of texts by their syntax: bytes in, result out; it knows neither Git nor a file system."""

from __future__ import annotations

from anvcs.merge.engine import merge
from anvcs.merge.model import Conflict, Finding, MergeResult, Options, Step

__all__ = ["Conflict", "Finding", "MergeResult", "Options", "Step", "merge"]
