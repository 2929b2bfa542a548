"""How a notebook is written as JSON: read with the text, so that a merge is written as its authors write."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

_RAW = "\ue000"
"""Begins what stands for a number that would be written otherwise, such as 1e-7."""
_RAW_NUMBER = re.compile(r'"(?:\ue000|\\ue000)([^"]*)"')
_AS_CODES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Style:
    """What may differ between two texts of one value."""

    indent: int | str | None = 1
    """None for all on one line."""
    item: str = ","
    key: str = ": "
    ascii: bool = False
    """Letters beyond ASCII are written as codes."""
    codes: bool = False
    """So are the characters that mean something in HTML."""
    end: str = "\n"
    windows: bool = False


def load(text: bytes) -> Json | None:
    """A notebook; None for what is none."""
    try:
        decoded = text.decode()
        value = json.loads(decoded, parse_float=_number)
    except (ValueError, RecursionError):
        return None
    return cast("Json", value) if isinstance(value, dict) and _RAW not in decoded else None


def style_of(text: bytes, value: Json) -> Style | None:
    """How a notebook is written; None where it cannot be written so again."""
    return next((style for style in _styles(text.decode()) if write(value, style) == text), None)


def write(value: Json, style: Style) -> bytes:
    """The text of a notebook."""
    separators = (style.item, style.key)
    out = json.dumps(value, indent=style.indent, separators=separators, ensure_ascii=style.ascii)
    out = _RAW_NUMBER.sub(r"\1", out)
    if style.codes:
        # Outside of texts JSON has none of these.
        for letter, code in _AS_CODES.items():
            out = out.replace(letter, code)
    out += style.end
    return (out.replace("\n", "\r\n") if style.windows else out).encode()


def _styles(text: str) -> list[Style]:
    windows = "\r\n" in text
    end = text[len(text.rstrip()) :].replace("\r\n", "\n")
    indented = re.match(r"\{\r?\n([ \t]+)", text)
    if indented is not None:
        forms = [(indented[1], ",", ": "), (indented[1], ", ", ": ")]
    else:
        forms = [(None, ",", ":"), (None, ", ", ": "), (None, ",", ": ")]
    return [
        Style(indent, item, key, as_ascii, codes, end, windows)
        for (indent, item, key), as_ascii, codes in product(forms, (False, True), (False, True))
    ]


def _number(text: str) -> float | str:
    return number if repr(number := float(text)) == text else _RAW + text
