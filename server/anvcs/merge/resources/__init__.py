"""Semantic resources: functions, classes, keys and tables, with ids that last and what depends on what."""

from __future__ import annotations

from anvcs.merge.resources.extract import extract, outline
from anvcs.merge.resources.graph import Edge, Graph
from anvcs.merge.resources.matching import Followed, follow
from anvcs.merge.resources.model import Key, Outline, Reference, Resource
from anvcs.merge.resources.overlap import Overlap, overlaps
from anvcs.merge.resources.registry import Registry
from anvcs.merge.resources.trees import Cache, Remembered, Sources, Tree

__all__ = [
    "Cache",
    "Edge",
    "Followed",
    "Graph",
    "Key",
    "Outline",
    "Overlap",
    "Reference",
    "Registry",
    "Remembered",
    "Resource",
    "Sources",
    "Tree",
    "extract",
    "follow",
    "outline",
    "overlaps",
]
