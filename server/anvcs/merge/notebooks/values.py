"""Three-way merge of what a notebook has beside its cells' texts: metadata by key, and what running left behind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from anvcs.merge.notebooks.style import Json

_OF_A_RUN = frozenset(
    {
        "ExecuteTime",
        "collapsed",
        "colab",
        "execution",
        "executionInfo",
        "kernelspec",
        "language_info",
        "outputId",
        "papermill",
        "pycharm",
        "scrolled",
        "varInspector",
        "vscode",
        "widgets",
    }
)
"""Metadata that tools write by themselves when a notebook is opened or run."""
_ABSENT = object()


def merge_mapping(base: Json, left: Json, right: Json, clashes: list[str], path: str = "") -> Json:
    """Key by key, in the order of the sides; the names of keys that need a person are added to ``clashes``.

    What a tool wrote when the notebook was run is never a matter for a person: of two such values one is taken, the
    same whichever side is left.
    """
    out: Json = {}
    for key in _keys(left, right):
        one, other, was = (side.get(key, _ABSENT) for side in (left, right, base))
        found = merge_value(was, one, other, clashes, f"{path} > {key}" if path else key)
        if found is not _ABSENT:
            out[key] = found
    return out


def merge_value(base: Any, left: Any, right: Any, clashes: list[str], path: str) -> Any:
    """One value; ``left``'s where both sides changed it and a person must look."""
    if right in (left, base):
        return left
    if left == base:
        return right
    inner = [_mapping(side) for side in (base, left, right)]
    if inner[1] is not None and inner[2] is not None:
        return merge_mapping(inner[0] or {}, inner[1], inner[2], clashes, path)
    if _OF_A_RUN.intersection(path.split(" > ")):
        return max(left, right, key=_order)
    lists = [_list(side) for side in (base, left, right)]
    if path.endswith("tags") and lists[1] is not None and lists[2] is not None:
        tags = _union(lists[0] or (), lists[1], lists[2])
        if tags is not None:
            return tags
    clashes.append(path)
    return right if left is _ABSENT else left


def merge_run(base: Json, left: Json, right: Json, source: str, texts: tuple[str, str, str]) -> Json:
    """Outputs and execution count of a code cell.

    They stay with the text that made them. Where both sides ran one text and it gave different results, or the merged
    text has never been run, there are none: whoever runs the cell gets the right ones.
    """
    ran_left, ran_right = source == texts[1], source == texts[2]
    if ran_left != ran_right:
        return _run(left if ran_left else right)
    if not ran_left:
        return {"execution_count": None, "outputs": []}
    runs = [_run(cell) for cell in (base, left, right)]
    same = [_uncounted(run) for run in runs]
    if same[1] == same[2]:
        # Only when it was run differs, which is told by the count.
        return max(runs[1], runs[2], key=_order)
    if texts[0] == source and same[1] == same[0]:
        return runs[2]
    if texts[0] == source and same[2] == same[0]:
        return runs[1]
    return {"execution_count": None, "outputs": []}


def _run(cell: Json) -> Json:
    return {"execution_count": cell.get("execution_count"), "outputs": cell.get("outputs", [])}


def _uncounted(run: Json) -> list[Json]:
    return [{k: v for k, v in cast("Json", output).items() if k != "execution_count"} for output in run["outputs"]]


def _keys(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """The keys of both, where either has them; sorted if both are."""
    keys = [*left, *(key for key in right if key not in left)]
    return sorted(keys) if all([*side] == sorted(side) for side in (left, right)) else keys


def _mapping(value: Any) -> Json | None:
    return cast("Json", value) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any] | None:
    return cast("list[Any]", value) if isinstance(value, list) else None


def _union(base: Sequence[Any], left: Sequence[Any], right: Sequence[Any]) -> list[Any] | None:
    if not all(isinstance(tag, str) for tags in (base, left, right) for tag in tags):
        return None
    gone = (set(base) - set(left)) | (set(base) - set(right))
    kept = [tag for tag in base if tag not in gone]
    return kept + sorted((set(left) | set(right)) - set(base))


def _order(value: Any) -> tuple[int, str]:
    """Which of two values is taken; a count is a number, and the absence of a value the last resort."""
    if value is _ABSENT:
        return -1, ""
    count = cast("Json", value).get("execution_count") if isinstance(value, dict) else None
    return count if isinstance(count, int) else 0, json.dumps(value, sort_keys=True)
