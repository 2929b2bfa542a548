"""Programs of a few files, as base, two sides and perhaps a result."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from blake3 import blake3

from anvcs.merge.resources.extract import outline
from anvcs.merge.resources.model import Outline, Resource
from anvcs.merge.resources.trees import Side

Texts = Mapping[str, str | None]
"""Texts by path; None where a side removed the file."""


class Program:
    """One version of all files."""

    def __init__(self, texts: Texts) -> None:
        self.texts = {path: text.encode() for path, text in texts.items() if text is not None}
        self.read: list[str] = []

    def oid(self, path: str) -> str | None:
        """A hash of the text."""
        text = self.texts.get(path)
        return None if text is None else blake3(text).hexdigest()

    def text(self, path: str) -> bytes | None:
        """The text."""
        self.read.append(path)
        return self.texts.get(path)


class Both:
    """What two sides made of a base: each side tells only what it changed."""

    def __init__(self, base: Texts, left: Texts, right: Texts, merged: Texts | None = None) -> None:
        self.base = Program(base)
        self.left = Program({**base, **left})
        self.right = Program({**base, **right})
        self.merged = None if merged is None else Program({**base, **left, **right, **merged})
        self._changed: dict[Side, Collection[str]] = {"left": frozenset(left), "right": frozenset(right)}

    def changed(self, side: Side) -> Collection[str]:
        """As told."""
        return self._changed[side]

    def holding(self, word: str) -> Iterable[str]:
        """Every path of the base whose text has the word."""
        whole = re.compile(rf"\b{re.escape(word)}\b".encode())
        return [path for path, text in self.base.texts.items() if whole.search(text)]


def read(path: str, text: str) -> Outline:
    """The outline of a text whose language is known."""
    found = outline(path, text.encode())
    assert found is not None
    return found


def one(path: str, text: str, name: str) -> Resource:
    """The only resource of a text with a qualified name."""
    (found,) = read(path, text).by_name[name]
    return found
