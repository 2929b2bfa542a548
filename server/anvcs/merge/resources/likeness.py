"""How alike the texts of two resources are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from anvcs.merge.resources.model import Key, Resource
from anvcs.merge.resources.tokens import WORDS

Text = Callable[[str], bytes | None]
"""The text of a file of one version."""


class Likeness:
    """Compares by how often each word stands in both; comments count, order does not."""

    def __init__(self, before: Text, after: Text) -> None:
        self._before = _Words(before)
        self._after = _Words(after)

    def __call__(self, before: Resource, after: Resource) -> float:
        """From 0, nothing in common, to 1, all the same words."""
        ours, theirs = self._before.of(before), self._after.of(after)
        both = ours.total() + theirs.total()
        return 2 * (ours & theirs).total() / both if both else 0.0


class _Words:
    def __init__(self, text: Text) -> None:
        self._text = text
        self._texts: dict[str, bytes] = {}
        self._known: dict[Key, Counter[bytes]] = {}

    def of(self, resource: Resource) -> Counter[bytes]:
        found = self._known.get(resource.key)
        if found is None:
            text = self._texts.get(resource.path)
            if text is None:
                text = self._texts[resource.path] = self._text(resource.path) or b""
            start, end = resource.span.start, resource.span.end
            found = self._known[resource.key] = Counter(WORDS.findall(text, start, end))
        return found
