"""Whether a text is a notebook: by nbformat, where it is installed, else by what every notebook has."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from importlib.util import find_spec
from typing import Any, cast

from anvcs.merge.model import Finding
from anvcs.merge.notebooks.cells import text_of

INSTALL = "pip install 'anvcs[notebooks]'"
_MARKERS = re.compile(r"^(?:<{7,} |>{7,} )", re.MULTILINE)


def installed() -> bool:
    """Whether nbformat is there; it is not imported for that."""
    return find_spec("nbformat") is not None


def problem(text: bytes) -> str | None:
    """Why a text is no valid notebook, as the end of a sentence; None if it is one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "it is no JSON"
    found = _shape(value)
    return found if found is not None or not installed() else _by_nbformat(value)


def findings(left: bytes, right: bytes, merged: bytes) -> tuple[Finding, ...]:
    """What is wrong with a notebook that both sides changed and git merged by lines."""
    if problem(left) is not None or problem(right) is not None:
        return ()
    why = problem(merged)
    if why is not None:
        return (Finding("notebook", f"The merge by lines is no valid notebook: {why}."),)
    if _markers(merged) > max(_markers(left), _markers(right)):
        return (Finding("notebook", "A cell has conflict markers in its text."),)
    return ()


def _shape(value: Any) -> str | None:
    if not isinstance(value, dict) or not isinstance(value.get("cells"), list):  # pyright: ignore[reportUnknownMemberType] - JSON
        return "it has no list of cells"
    cells = cast("list[Any]", value["cells"])
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or not {"cell_type", "source", "metadata"} <= cell.keys():
            return f"cell {number} is not one"
    ids = Counter(cast("dict[str, Any]", cell).get("id") for cell in cells)
    twice = next((each for each, count in ids.items() if each is not None and count > 1), None)
    return None if twice is None else f"two cells have the id {twice}"


def _by_nbformat(value: Any) -> str | None:
    import nbformat

    with warnings.catch_warnings():
        # What it would mend, such as a missing id, is not valid.
        warnings.simplefilter("error")
        try:
            nbformat.validate(nbformat.from_dict(value))  # pyright: ignore[reportUnknownMemberType] - it has no types
        except Exception as error:  # noqa: BLE001 - it raises errors of its validators, and warnings
            return " ".join(str(error).split("\n", 1)[0].split()).rstrip(".") or type(error).__name__
    return None


def _markers(text: bytes) -> int:
    cells = cast("list[dict[str, Any]]", json.loads(text)["cells"])
    return sum(len(_MARKERS.findall(text_of(cell["source"]))) for cell in cells)
