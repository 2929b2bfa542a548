"""Finds names that only some file systems can tell apart, one from each side of a merge."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from anvcs.merge.model import Finding, TreeFinding
from anvcs.merge.trees import FOLDER, Folder, Row, TreeSource, rows_of


def collisions(source: TreeSource, left: Folder, right: Folder, merged: Folder) -> tuple[TreeFinding, ...]:
    """The names of the result that are one where case does not matter, as on macOS and Windows, by path.

    Only those that the merge brought together: a name of the left side beside one of the right side.
    """
    found: list[TreeFinding] = []
    waiting: list[tuple[bytes, Folder, Folder, Folder]] = [(b"", left, right, merged)]
    while waiting:
        prefix, *folders = waiting.pop()
        if folders[2] in folders[:2] or None in folders:
            continue
        on_left, on_right, both = (rows_of(source, each) for each in folders)
        of_left = {_folded(name): name for name in both.keys() - on_right.keys()}
        for name in sorted(both.keys() - on_left.keys()):
            other = of_left.get(_folded(name))
            if other is not None and other != name:
                found.append(_finding(prefix + other, prefix + name))
        for name, row in both.items():
            if row[0] == FOLDER:
                below = _folder(on_left.get(name)), _folder(on_right.get(name))
                waiting.append((prefix + name + b"/", *below, row[2]))
    return tuple(sorted(found, key=lambda each: each.path))


def _folder(row: Row | None) -> Folder:
    return row[2] if row is not None and row[0] == FOLDER else None


def _finding(left: bytes, right: bytes) -> TreeFinding:
    names = [path.decode("utf-8", "backslashreplace") for path in (left, right)]
    how = "case" if _lower(names) else "how their letters are encoded"
    message = f"{names[0]} and {names[1]} differ only in {how}: where that does not matter, one hides the other."
    return TreeFinding(left, Finding("case", message), right)


def _lower(names: Iterable[str]) -> bool:
    return len({name.casefold() for name in names}) == 1


def _folded(name: bytes) -> bytes:
    """Equal for names that one of the usual file systems takes for one."""
    text = name.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()).encode(
        "utf-8", "surrogateescape"
    )
