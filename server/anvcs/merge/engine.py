"""The way through the stages: each is tried where the ones before it left a conflict, and each is guarded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from anvcs.merge.clashes import Clash, Cut
from anvcs.merge.guards import check
from anvcs.merge.guards.conservation import Moves
from anvcs.merge.hunks import Resolved, resolve
from anvcs.merge.indentation import alike_indented, is_indented_anew
from anvcs.merge.items import Reader
from anvcs.merge.kinds import merge_special
from anvcs.merge.languages import Profile, language_for
from anvcs.merge.lines import Hunk, merge_lines
from anvcs.merge.markers import marked
from anvcs.merge.model import Finding, MergeResult, Options, Step
from anvcs.merge.partly import merge_partly, size
from anvcs.merge.sequence import RefusedError
from anvcs.merge.structured import Structured

_ALONE = 24
"""With more conflicts than this none is tried alone."""
_BY_NAME = ("duplicate", "misplaced", "dangling")
"""Findings whose sentences begin with a name."""
_NOTHING: Moves = ((), ())
"""What a stage moves that takes code where it stands."""
_TELLING = 8
"""Bytes of a line from which on it is hardly the same by chance."""


def merge(base: bytes, left: bytes, right: bytes, *, path: str, options: Options | None = None) -> MergeResult:
    """The merge of two texts that come from ``base``; ``path`` tells the language.

    Never raises for what the texts hold: what cannot be read by syntax, or not in time, is merged by lines.
    """
    options = options or Options()
    hunks = merge_lines(base, left, right)
    small = max(len(base), len(left), len(right)) <= options.largest
    if all(hunk.merged is not None for hunk in hunks):
        text = _joined(hunks)
        findings = check(base, left, right, text, path=path) if small and options.structured else ()
        return MergeResult(text, clean=True, findings=findings, trace=_by_lines(hunks))
    if options.structured:
        special = merge_special(base, left, right, hunks, path=path, options=options)
        if special is not None:
            return special
    if not options.structured or not small or b"\0" in base + left + right:
        text, conflicts = marked(hunks, [None] * _count(hunks), options)
        return MergeResult(text, clean=False, conflicts=tuple(conflicts), trace=_by_lines(hunks))
    return _Attempts(hunks, path, language_for(path), options).run((base, left, right))


_ANEW = ("syntax", "guard-duplicate")
"""Refusals that may be for what lines have merged already, as for what both sides added in two places."""


@dataclass(slots=True)
class _Attempts:
    """What is tried on the conflicts that lines leave."""

    hunks: list[Hunk]
    path: str
    profile: Profile | None
    options: Options
    deadline: float = 0.0
    rule: str = ""
    """What the last stage did beyond matching items."""
    moves: Moves = ((), ())
    """What the last stage found moved."""
    given_up: list[bytes] = field(default_factory=list[bytes])
    """Words that the last stage left out by a rule that says so."""
    readers: dict[bytes, Reader] = field(default_factory=dict[bytes, Reader])
    """Of the texts that stages have read."""
    refused: RefusedError | None = None
    """Why the first stage that knows syntax was not sure."""

    def run(self, versions: tuple[bytes, bytes, bytes]) -> MergeResult:
        self.deadline = time.monotonic() + self.options.seconds
        merged = self._indented(versions) or self._clean(versions)
        return merged or self._cut(self._texts(None), versions) or self._one_by_one(versions)

    def _clean(self, versions: tuple[bytes, bytes, bytes]) -> MergeResult | None:
        """The result of the first stage that leaves no conflict."""
        agreed = self._texts(None)
        stages: tuple[tuple[str, Callable[[], bytes]], ...] = (
            ("entity", lambda: self._structured(agreed)),
            ("hunk", self._hunk_rules),
            ("moved", lambda: self._structured(versions)),
        )
        for stage, attempt in stages:
            if stage == "moved" and self.refused and self.refused.rule not in _ANEW and not _has_moves(self.hunks):
                continue
            self.rule, self.moves, self.given_up = "", ((), ()), []
            try:
                return self._result(stage, versions, attempt())
            except RefusedError as refused:
                if self.refused is None or (self.refused.rule == "syntax" and stage == "moved"):
                    self.refused = refused
        return None

    def _indented(self, versions: tuple[bytes, bytes, bytes]) -> MergeResult | None:
        """All three indented and wrapped as either side has them, merged by lines or by the stages."""
        if self.profile is None or not is_indented_anew(self.hunks):
            return None
        texts = alike_indented(*versions)
        if texts is None:
            return None
        alike = _Attempts(merge_lines(*texts), self.path, self.profile, self.options, readers=self.readers)
        # The stages that follow need their time too.
        alike.deadline = time.monotonic() + self.options.seconds / 4
        if _count(alike.hunks):
            found = alike._clean(texts)
            if found is None:
                return None
            text = found.text
        else:
            text = _joined(alike.hunks)
        self.rule, self.given_up = alike.rule, alike.given_up
        try:
            return self._result("indented", versions, text)
        except RefusedError:
            return None

    def _cut(self, *attempts: tuple[bytes, bytes, bytes]) -> MergeResult | None:
        """What syntax merges, and conflicts cut by it, if they are no more and no larger than those of lines."""
        if self.profile is None:
            return None
        most = size(self.hunks)
        for texts in attempts:
            if time.monotonic() > self.deadline:
                return None
            try:
                found = merge_partly(
                    self.profile, texts, self._rule, most=most, deadline=self.deadline, readers=self.readers
                )
            except (RefusedError, RecursionError):
                continue
            if found.clashes:
                return self._with_conflicts(found, texts)
            text = _joined(found.hunks)
            findings = check(*attempts[-1], text, path=self.path, moves=_NOTHING, given_up=found.given_up)
            if not any(finding.severity == "hard" for finding in findings):
                steps = [Step("entity", found.rule, hunk.line) for hunk in self.hunks if hunk.merged is None]
                trace = _in_order([*_by_lines(self.hunks), *steps])
                return MergeResult(text, clean=True, findings=findings, trace=trace)
        return None

    def _with_conflicts(self, found: Cut, texts: tuple[bytes, bytes, bytes]) -> MergeResult:
        refusals = [clash.refused for clash in found.clashes]
        text, conflicts = marked(found.hunks, refusals, self.options)
        at = [self._line(clash, texts) for clash in found.clashes]
        steps = [Step("markers", r.rule, line, r.entity) for r, line in zip(refusals, at, strict=True)]
        steps += [
            Step("entity", found.rule, hunk.line)
            for hunk in self.hunks
            if hunk.merged is None and not any(hunk.line <= line <= hunk.line + hunk.base.count(b"\n") for line in at)
        ]
        trace = _in_order([*_by_lines(self.hunks), *steps])
        return MergeResult(text, clean=False, conflicts=tuple(conflicts), trace=trace)

    def _rule(self, hunk: Hunk) -> Resolved | None:
        return resolve(hunk, self.path, self.options.versions)

    def _line(self, clash: Clash, texts: tuple[bytes, bytes, bytes]) -> int:
        """The line of the base in which a clash begins, or beside which the sides inserted it."""
        side = next(side for side in range(3) if clash.spans[side][1])
        line = texts[side].count(b"\n", 0, clash.spans[side][0])
        agreed = texts[0] != b"".join(hunk.base for hunk in self.hunks)
        for hunk in self.hunks:
            lines = (_side(hunk, side) if agreed else hunk.version(side)).count(b"\n")
            if line < lines:
                return hunk.line + min(line, hunk.base.count(b"\n"))
            line -= lines
        return self.hunks[-1].line

    def _result(self, stage: str, texts: tuple[bytes, bytes, bytes], text: bytes) -> MergeResult:
        """The result of a stage that left no conflict. Raises RefusedError where a guard has a hard finding."""
        moves: Moves = self.moves if stage == "moved" else _NOTHING
        given_up = self.given_up if stage in ("hunk", "indented") else ()
        findings = check(*texts, text, path=self.path, moves=moves, given_up=given_up)
        for finding in findings:
            if finding.severity == "hard":
                raise RefusedError(f"guard-{finding.kind}", _clause(finding))
        steps = (
            *_by_lines(self.hunks),
            *(Step(stage, self.rule, hunk.line) for hunk in self.hunks if hunk.merged is None),
        )
        return MergeResult(text, clean=True, findings=findings, trace=tuple(sorted(steps, key=lambda step: step.line)))

    def _structured(self, texts: tuple[bytes, bytes, bytes]) -> bytes:
        if self.profile is None:
            raise RefusedError("language", "both sides changed the same lines, and no syntax is known for this file")
        try:
            structured = Structured(self.profile, *texts, deadline=self.deadline, readers=self.readers)
            text = structured.merge()
        except RecursionError as error:
            raise RefusedError("depth", "the text is nested too deeply") from error
        self.rule, self.moves = ", ".join(sorted(structured.rules)), structured.moved
        return text

    def _hunk_rules(self) -> bytes:
        out: list[bytes] = []
        rules: set[str] = set()
        for hunk in self.hunks:
            found = (
                Resolved(hunk.merged, "")
                if hunk.merged is not None
                else resolve(hunk, self.path, self.options.versions)
            )
            if found is None:
                raise RefusedError("both-edit", "both sides changed the same lines")
            out.append(found.text)
            rules.add(found.rule)
            self.given_up += found.given_up
        self.rule = ", ".join(sorted(rules - {""}))
        return b"".join(out)

    def _texts(self, only: int | None) -> tuple[bytes, bytes, bytes]:
        """The three versions with all merged that lines can merge; other conflicts than ``only`` as in the base."""
        base, left, right = (
            b"".join(_side(hunk, side if only in (None, index) else 0) for index, hunk in enumerate(self.hunks))
            for side in range(3)
        )
        return base, left, right

    def _one_by_one(self, versions: tuple[bytes, bytes, bytes]) -> MergeResult:
        """Each conflict alone, and markers around those that stay."""
        hunks = list(self.hunks)
        refusals: list[RefusedError | None] = []
        steps = list(_by_lines(hunks))
        given_up: list[bytes] = []
        several = 1 < _count(hunks) <= _ALONE
        for index, hunk in enumerate(self.hunks):
            if hunk.merged is not None:
                continue
            try:
                if not several:
                    raise self.refused or RefusedError("both-edit", "both sides changed the same lines")
                self.given_up = []
                merged, step = self._alone(index, hunk)
                given_up += self.given_up
                hunks[index] = hunk._replace(merged=merged)
                steps.append(step)
            except RefusedError as refused:
                refusals.append(refused)
                steps.append(Step("markers", refused.rule, hunk.line, refused.entity))
        if not refusals:
            # Each was sure alone, but together they break a guard.
            text = _joined(hunks)
            findings = check(*versions, text, path=self.path, moves=_NOTHING, given_up=given_up)
            if not any(finding.severity == "hard" for finding in findings):
                return MergeResult(text, clean=True, findings=findings, trace=_in_order(steps))
            hunks, refusals = self.hunks, [self.refused] * _count(self.hunks)
            steps = [*_by_lines(hunks), *(Step("markers", "guard", h.line) for h in hunks if h.merged is None)]
        text, conflicts = marked(hunks, refusals, self.options)
        return MergeResult(text, clean=False, conflicts=tuple(conflicts), trace=_in_order(steps))

    def _alone(self, index: int, hunk: Hunk) -> tuple[bytes, Step]:
        texts = self._texts(index)
        before = len(b"".join(h.merged if h.merged is not None else h.base for h in self.hunks[:index]))
        after = len(texts[0]) - before - len(hunk.base)
        try:
            text = self._structured(texts)
            _check_spread(texts[0], text, before, after)
            self._result("entity", texts, text)
            return text[before : len(text) - after], Step("entity", self.rule, hunk.line)
        except RefusedError:
            found = self._rule(hunk)
            if found is None:
                raise
            self.given_up = [*found.given_up]
            self._result("hunk", texts, texts[0][:before] + found.text + texts[0][len(texts[0]) - after :])
            return found.text, Step("hunk", found.rule, hunk.line)


def _check_spread(base: bytes, text: bytes, before: int, after: int) -> None:
    same = text[:before] == base[:before] and text[len(text) - after :] == base[len(base) - after :]
    if not same or len(text) < before + after:
        raise RefusedError("spread", "what both sides did here touches other places of the file")


def _has_moves(hunks: Sequence[Hunk]) -> bool:
    """Whether a side took a line away in one place and wrote it in another; else texts as they are tell no more."""
    for side in (1, 2):
        gone: dict[bytes, int] = {}
        come: list[tuple[bytes, int]] = []
        for index, hunk in enumerate(hunks):
            if hunk.version(side) == hunk.base:
                continue
            gone |= dict.fromkeys(map(bytes.strip, hunk.base.splitlines()), index)
            come += [(line.strip(), index) for line in hunk.version(side).splitlines()]
        if any(len(line) >= _TELLING and gone.get(line, index) != index for line, index in come):
            return True
    return False


def _joined(hunks: Sequence[Hunk]) -> bytes:
    return b"".join(hunk.merged or b"" for hunk in hunks)


def _side(hunk: Hunk, side: int) -> bytes:
    return hunk.merged if hunk.merged is not None else hunk.version(side)


def _count(hunks: Sequence[Hunk]) -> int:
    return sum(hunk.merged is None for hunk in hunks)


def _by_lines(hunks: Sequence[Hunk]) -> tuple[Step, ...]:
    return tuple(
        Step("lines", hunk.side, hunk.line) for hunk in hunks if hunk.merged is not None and hunk.side != "same"
    )


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: step.line))


def _clause(finding: Finding) -> str:
    """What it says, to follow a colon; a name stays as it is written."""
    message = finding.message.rstrip(".")
    return message if finding.kind in _BY_NAME else message[:1].lower() + message[1:]
