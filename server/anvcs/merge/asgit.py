"""One file merged in git's place: where git left a conflict, what may be taken instead, and what to say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anvcs.merge.engine import merge
from anvcs.merge.guards import check
from anvcs.merge.markers import why
from anvcs.merge.model import Conflict, Finding, Options
from anvcs.merge.pointers import is_lfs

SHOWN = 5
"""Conflicts and findings of a file that are told one by one."""


@dataclass(frozen=True, slots=True)
class Improved:
    """What became of a conflict of git's."""

    text: bytes | None = None
    """What takes the place of git's result; None where that stands."""
    clean: bool = False
    """It is without conflict and safe, so nobody need look at it."""
    conflicts: tuple[Conflict, ...] = ()
    """What a person must decide; their lines are those of ``text``, if there is one."""
    findings: tuple[Finding, ...] = ()
    """What the guards saw."""
    rules: tuple[str, ...] = ()
    """What was done beyond lines."""


def improve(base: bytes, ours: bytes, theirs: bytes, *, path: str, options: Options) -> Improved:
    """What may be taken in the place of the conflict that git left. Never raises for what the texts hold."""
    texts = base, ours, theirs
    if max(map(len, texts)) > options.largest or any(is_lfs(text) or has_markers(text, options) for text in texts):
        return Improved()
    result = merge(base, ours, theirs, path=path, options=options)
    did = [step for step in result.trace if step.stage not in ("lines", "markers")]
    rules = tuple(dict.fromkeys(step.rule or step.stage for step in did))
    if result.safe:
        return Improved(result.text, clean=True, findings=result.findings, rules=rules)
    if result.clean:
        # git has markers where these texts meet; a person who sees them is safer than a text that only looks right.
        return Improved(findings=result.findings)
    # Nothing was won: git's own markers are as good, and are what scripts and people know.
    return Improved(result.text if did else None, conflicts=result.conflicts, findings=result.findings, rules=rules)


def unexplained(label: str, conflicts: Iterable[Conflict]) -> str:
    """What a side was called before the label in its markers said why there is a conflict."""
    said = [f" ({why(each)})" for each in conflicts]
    while (end := next((each for each in said if label.endswith(each)), None)) is not None:
        label = label.removesuffix(end)
    return label


def warnings(base: bytes, ours: bytes, theirs: bytes, merged: bytes, *, path: str) -> tuple[Finding, ...]:
    """What is surely wrong with a text that git merged without a conflict."""
    if max(map(len, (base, ours, theirs))) > Options().largest:
        return ()
    found = check(base, ours, theirs, merged, path=path)
    return tuple(finding for finding in found if finding.severity == "hard")


def has_markers(text: bytes, options: Options) -> bool:
    """Whether there are conflict markers in a text that is to be merged: what they mean only git knows."""
    begins, ends = (b"\n" + sign * options.marker_size + b" " for sign in (b"<", b">"))
    whole = b"\n" + text
    return begins in whole and ends in whole


def told(path: str, improved: Improved) -> tuple[str, ...]:
    """Sentences on what is left, each beginning with its place."""
    lines = [_conflict(path, each, placed=improved.text is not None) for each in improved.conflicts]
    return (*_few(path, lines), *found(path, (each for each in improved.findings if each.severity == "hard")))


def found(path: str, findings: Iterable[Finding]) -> tuple[str, ...]:
    """The same of findings."""
    return _few(path, [f"{path}:{each.line}: {each.message}" if each.line else f"{path}: {each.message}"
                       for each in findings])  # fmt: skip


def _conflict(path: str, conflict: Conflict, *, placed: bool) -> str:
    where = f"{path}:{conflict.line}" if placed and conflict.line else path
    what = f"{conflict.entity}: " if conflict.entity else ""
    return f"{where}: {what}{conflict.reason.removesuffix('.')}."


def _few(path: str, lines: list[str]) -> tuple[str, ...]:
    more = (f"{path}: {len(lines) - SHOWN} more.",) if len(lines) > SHOWN else ()
    return (*lines[:SHOWN], *more)
