"""What a text takes from other files and gives to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from anvcs.merge.resources.definitions import Lines
from anvcs.merge.resources.model import Import
from anvcs.merge.resources.parsing import Match, Parsed

_PLACES = ("export.from", "import.local", "import.name", "export.star", "import.module")
"""Captures that may tell where a taken name stands, the most exact first."""


@dataclass(slots=True)
class Exchange:
    """The imports and exports of one text."""

    imports: dict[int, Import] = field(default_factory=dict[int, Import])
    """By where the name stands."""
    exports: dict[str, str] = field(default_factory=dict[str, str])
    """With the name here, empty for what has none."""
    opaque: bool = False


def exchange(parsed: Parsed, lines: Lines) -> Exchange:
    """What the language's patterns found."""
    found = Exchange()
    for match in parsed.structure:
        if "import.module" in match:
            # Of two patterns that see one name the later knows more of it.
            place, taken = _import(parsed.text, match, lines)
            found.imports[place] = taken
        elif any(key.startswith("export.") for key in match):
            _export(parsed.text, match, found)
    return found


def _import(text: bytes, match: Match, lines: Lines) -> tuple[int, Import]:
    node = match[next(key for key in _PLACES if key in match)][0]
    line, column = lines.at(node.start_byte)
    star = "import.star" in match or "export.star" in match
    name = "*" if star else "default" if "import.default" in match else _text(text, match, "import.name")
    exported = "*" if "export.star" in match else _text(text, match, "export.from") or ""
    local = "" if star or exported else _text(text, match, "import.local") or name or ""
    return node.start_byte, Import(_text(text, match, "import.module") or "", name, local, line, column, exported)


def _export(text: bytes, match: Match, found: Exchange) -> None:
    local, name = _text(text, match, "export.local"), _text(text, match, "export.name")
    if "export.opaque" in match:
        found.opaque = True
    elif "export.whole" in match or "export.default" in match:
        node = match["export.whole" if "export.whole" in match else "export.default"][0]
        known = _text(text, match, "export.default") or (_plain(text, match) if node.child_count == 0 else "")
        found.exports["default"] = known or found.exports.get("default", "")
    elif local is not None:
        found.exports[name or local] = local
    elif name is not None:
        found.exports.setdefault(name, "")


def _plain(text: bytes, match: Match) -> str:
    return _text(text, match, "export.whole") or ""


def _text(text: bytes, match: Match, capture: str) -> str | None:
    nodes = match.get(capture)
    return text[nodes[0].start_byte : nodes[0].end_byte].decode("utf-8", "replace") if nodes else None
