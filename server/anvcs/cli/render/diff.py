"""A patch as lines."""

from __future__ import annotations

from collections.abc import Iterator

from anvcs.cli.screen import Line, line

_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_HEADERS = (
    "diff ",
    "index ",
    "--- ",
    "+++ ",
    "new file",
    "deleted file",
    "old mode",
    "new mode",
    "rename",
    "similarity",
)


def patch(text: str) -> Iterator[Line]:
    """The patch's lines in git's colours."""
    inside = False
    for each in text.removesuffix("\n").split("\n") if text else ():
        # A deleted line that starts with "-- " looks like a header, so only the place tells.
        inside = each.startswith("@@") or (inside and not each.startswith("diff "))
        style = _STYLES.get(each[:1], "") if inside else "bold" if each.startswith(_HEADERS) else ""
        yield line((each, style))
