"""Samples of programs with edits, and merges of three versions in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anvcs.merge import MergeResult, merge
from anvcs.merge.languages import Profile, language_for
from anvcs.merge.structured import Structured

Edit = tuple[str, str]
"""What stands once in a sample, and what stands there afterwards."""
Refusals = list[tuple[str, str | None]]
"""The rule and the entity of each conflict."""


@dataclass(frozen=True)
class Sample:
    """A whole file, with edits of which any two go together."""

    file: str
    edits: Sequence[Edit]

    @property
    def text(self) -> str:
        """The file as it is in the base."""
        return (Path(__file__).parent / "samples" / self.file).read_text(encoding="utf-8")

    @property
    def profile(self) -> Profile:
        """Its language."""
        found = language_for(self.file)
        if found is None:
            raise LookupError(self.file)
        return found

    def edited(self, *edits: Edit) -> str:
        """The file with edits made, each at the one place it is about."""
        text = self.text
        for old, new in edits:
            if text.count(old) != 1:
                raise ValueError(f"{old!r} stands {text.count(old)} times in {self.file}")
            text = text.replace(old, new)
        return text

    def both(self, left: Edit | Sequence[Edit], right: Edit | Sequence[Edit]) -> str:
        """The merge of two sides that is clean, without findings, and the same whichever is left."""
        one, other = (self.edited(*_many(edits)) for edits in (left, right))
        result = self.merged(one, other)
        assert result.clean, result.conflicts
        assert result.findings == ()
        assert self.merged(other, one).text == result.text
        return result.text.decode()

    def neither(self, left: Edit | Sequence[Edit], right: Edit | Sequence[Edit]) -> Refusals:
        """What is left in conflict, the same whichever side is left."""
        one, other = (self.edited(*_many(edits)) for edits in (left, right))
        result = self.merged(one, other)
        assert not result.clean, result.text.decode()
        found = [(conflict.rule, conflict.entity) for conflict in result.conflicts]
        assert not self.merged(other, one).clean
        return found

    def merged(self, left: str, right: str) -> MergeResult:
        """The merge of two versions of the file."""
        return merge(self.text.encode(), left.encode(), right.encode(), path=self.file)

    def by_syntax(self, left: str, right: str, *, eol: str = "\n") -> str:
        """The merge by syntax alone. Raises RefusedError."""
        versions = (text.replace("\n", eol).encode() for text in (self.text, left, right))
        return Structured(self.profile, *versions).merge().decode()

    def twice(self, added: str, first: str, second: str) -> tuple[list[str], list[int]]:
        """What is found, and where, after lines merged one text that both sides add, each before another place."""
        left, right = (self.edited((place, added + place)) for place in (first, second))
        result = self.merged(left, right)
        assert result.clean
        assert {step.stage for step in result.trace} == {"lines"}
        hard = [finding for finding in result.findings if finding.severity == "hard"]
        return [f"{finding.kind}: {finding.message}" for finding in hard], [finding.line for finding in hard]


def _many(edits: Edit | Sequence[Edit]) -> list[Edit]:
    if isinstance(edits, tuple) and len(edits) == 2 and isinstance(edits[0], str) and isinstance(edits[1], str):
        return [(edits[0], edits[1])]
    return [edit for edit in edits if not isinstance(edit, str)]
