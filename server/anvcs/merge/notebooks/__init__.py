"""Jupyter notebooks, merged cell by cell; the result is always a notebook that Jupyter opens.

A cell's text is merged as a file of its language. Where that leaves a conflict, the markers stand inside the cell's
text, where one sees them in Jupyter. Whether a result is valid is judged by nbformat, which is an extra.
"""

from __future__ import annotations

from anvcs.merge.notebooks.merging import merge_notebook
from anvcs.merge.notebooks.validity import findings

__all__ = ["findings", "merge_notebook"]
