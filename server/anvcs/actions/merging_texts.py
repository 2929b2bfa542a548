"""The texts of a merge by git: conflicts go to our engine, what was merged goes to the guards, pointers stay whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from anvcs.gitmirror.treemerge_objects import Batch, Blobs, short
from anvcs.gitmirror.trees import Entry
from anvcs.merge import treereport
from anvcs.merge.lockfiles import advice
from anvcs.merge.model import FileOutcome, MergeResult, Options, Style, Version
from anvcs.merge.treereport import AUTO_MERGING, CONTENTS
from anvcs.merge.treewords import Scene, reason, shown

if TYPE_CHECKING:
    from anvcs.actions.merging import How, Pair
    from anvcs.actions.workspace import Workspace
    from anvcs.gitmirror.treemerge_attributes import Attributes
    from anvcs.merge.treeoutcomes import Ground

_PLAIN = ("100644", "100755")
_RELABELLED = 1 << 26
"""Bytes of the longest file in which the names of the sides are put right."""
_STYLES: dict[str, Style] = {"diff3": "diff3", "zdiff3": "zdiff3"}
_MERGED = ("content", "add/add")
"""Conflicts that our engine may solve. Where two files came to one name, a person says which is meant."""

_BY_TOOL = (*_MERGED, "binary")
"""Conflicts that the tool settles which writes a lock file."""

_UNNAMED = (Options().left, Options().base, Options().right)
_CHOSEN = frozenset(("lost", "doubled"))

Worked = tuple[FileOutcome, Entry | None]
"""What became of a path, and what stands there now if that is not what git put there."""


class _Three(NamedTuple):
    base: bytes
    left: bytes
    right: bytes


class Texts:
    """Works on one path after the other."""

    def __init__(
        self, workspace: Workspace, pair: Pair, ground: Ground, options: Options | None, how: How, blobs: Blobs
    ) -> None:
        self._repo = workspace.repo
        self._blobs = blobs
        self.objects = Batch(workspace.repo)
        """Where texts are written; whoever has worked on all of them flushes it."""
        self._pair = pair
        self._ground = ground
        self._how = how
        self._given = options
        settings = workspace.repo.settings.get()
        self._renormalize = settings.bool("merge.renormalize")
        self._style: Style = _STYLES.get(settings.get("merge.conflictStyle") or "", "merge")
        self._said: dict[bytes, set[str]] = {}
        for message in ground.report.messages:
            for path in message.paths:
                self._said.setdefault(path, set()).add(message.kind)

    def __contains__(self, path: bytes) -> bool:
        """Git has looked into the texts of this path, or left it in conflict."""
        said = self._said.get(path, ())
        return path in self._ground.report.stages or any(each == AUTO_MERGING or "CONFLICT" in each for each in said)

    def work(self, outcome: FileOutcome, known: Attributes) -> Worked:
        """The path as it is in the end. Raises GitFailedError."""
        found, entry = self._worked(outcome, known)
        # Our engine says so itself where it has been asked.
        way_out = advice(_text(found.path)) if found.kind in _BY_TOOL and not found.conflicts else ""
        if way_out and found.how == "conflict":
            found = replace(found, reason=f"{found.reason} {way_out}".lstrip())
        return found, entry

    def _worked(self, outcome: FileOutcome, known: Attributes) -> Worked:
        if outcome.how != "conflict":
            return self._merged(outcome, known)
        if outcome.kind in _MERGED and not self._said.get(outcome.path, set()) - {AUTO_MERGING, CONTENTS}:
            return self._conflict(outcome, known)
        if outcome.kind == "binary" and known.driver == "binary":
            outcome = self._told(outcome, "not-merged")
        return outcome, self._relabelled(outcome.path)

    def _conflict(self, outcome: FileOutcome, known: Attributes) -> Worked:
        row = self._ground.merged.get(outcome.path)
        if known.driver != "text":
            why = f"The merge driver {known.name} left it in conflict."
            return replace(outcome, reason=why), self._relabelled(outcome.path)
        three = self._three(outcome)
        if row is None or three is None:
            return self._unread(outcome), self._relabelled(outcome.path)
        if any(map(self._how.is_pointer, three)):
            return self._whole(outcome)
        # git compares lines as they are after filters and line ends were made alike, which only git can do.
        if self._renormalize and any(b"\r" in text for text in three):
            return outcome, self._relabelled(outcome.path)
        engine = self._how.engine
        if engine is None:
            from anvcs.merge import merge as engine
        options = replace(self._options(outcome.path, known), versions=self._how.versions)
        result = engine(*three, path=_text(outcome.path), options=options)
        entry = Entry(int(row[0], 8), self.objects.write("blob", result.text))
        return self._by_engine(outcome, result), entry

    def _unread(self, outcome: FileOutcome) -> FileOutcome:
        """The outcome, saying so where a text is too large for more than git's lines."""
        versions = [version for version in (outcome.base, outcome.left, outcome.right) if version is not None]
        if not any(version.mode in _PLAIN and self._blobs.is_too_large(version.oid) for version in versions):
            return outcome
        return replace(outcome, reason=f"{outcome.reason} It is too large to be merged by more than lines.".lstrip())

    def _by_engine(self, outcome: FileOutcome, result: MergeResult) -> FileOutcome:
        one, two = self._pair.names
        found = replace(outcome, conflicts=result.conflicts, findings=result.findings, trace=result.trace)
        if not result.clean:
            return replace(found, reason=f"{outcome.reason} {_left(result)}".rstrip())
        if outcome.base is None and outcome.left and outcome.right and outcome.left.mode != outcome.right.mode:
            return self._told(replace(found, kind="mode"), "mode")
        rules = ", ".join(dict.fromkeys(step.rule or step.stage for step in result.trace if step.stage != "lines"))
        what = "changed the same lines" if outcome.base is not None else "each added this file"
        why = f"{one} and {two} {what}; merging by syntax kept both{f' ({rules})' if rules else ''}."
        return replace(found, how="engine", reason=why)

    def _merged(self, outcome: FileOutcome, known: Attributes) -> Worked:
        """What git merged: as it is, with what the guards find in it."""
        row = self._ground.merged.get(outcome.path)
        if row is None:
            return outcome, None
        if known.driver == "custom":
            outcome = replace(outcome, how="driver", reason=f"The merge driver {known.name} merged it.")
        elif known.driver == "union":
            one, two = self._pair.names
            outcome = replace(
                outcome, reason=f"{one} and {two} changed it; its attributes say to keep all lines (union)."
            )
        three = self._three(outcome)
        text = self._blobs.text(row[2].hex()) if three is not None else None
        if three is None or text is None:
            return outcome, None
        if known.driver != "custom" and any(map(self._how.is_pointer, three)) and text not in three[1:]:
            return self._whole(replace(outcome, how="conflict"))
        check = self._how.check
        if check is None:
            from anvcs.merge.guards import check
        # Whoever chose a driver, or to keep all lines, wants what comes of it.
        allowed = frozenset[str]() if known.driver == "text" else _CHOSEN
        return replace(outcome, findings=check(*three, text, path=_text(outcome.path), allowed=allowed)), None

    def _whole(self, outcome: FileOutcome) -> Worked:
        """A pointer in conflict: there is one or the other, never a mixture."""
        kept = outcome.left or outcome.right
        outcome = self._told(replace(outcome, kind="pointer"), "pointer")
        return outcome, Entry(int(kept.mode, 8), kept.oid) if kept is not None else None

    def _three(self, outcome: FileOutcome) -> _Three | None:
        """The texts of base and sides; nothing where one is no text, or too long."""
        versions = outcome.base, outcome.left, outcome.right
        if outcome.left is None or outcome.right is None:
            return None
        if any(version is not None and version.mode not in _PLAIN for version in versions):
            return None
        base, left, right = (self._blobs.text(version.oid) if version is not None else b"" for version in versions)
        return None if base is None or left is None or right is None else _Three(base, left, right)

    def _relabelled(self, path: bytes) -> Entry | None:
        """What git left with its markers, the sides called as people call them."""
        row = self._ground.merged.get(path)
        if row is None or row[0].decode() not in _PLAIN or not self._pair.called:
            return None
        text = Blobs(self._repo, _RELABELLED).text(row[2].hex())
        called = treereport.relabelled(text, self._pair.called) if text is not None else None
        return Entry(int(row[0], 8), self.objects.write("blob", called)) if called not in (None, text) else None

    def _told(self, outcome: FileOutcome, kind: str) -> FileOutcome:
        ground = self._ground
        scene = Scene(outcome.path, ground.names, _stages(outcome), frozenset(), None, ground.sides, ground.renamed)
        return replace(outcome, reason=reason(kind, scene))

    def _options(self, path: bytes, known: Attributes) -> Options:
        """How the conflicts of a file are shown: as git would, if nothing else is wanted."""
        options = self._as_git()
        if known.marker_size != Options().marker_size:
            options = replace(options, marker_size=known.marker_size)
        olds = [each.get(path, path) for each in self._ground.renamed]
        base = next((old for old in olds if old != path), path)
        # git adds the paths where they differ.
        places = base, *(path if self._has(path, side) else base for side in (1, 2))
        if len(set(places)) == 1:
            return options
        labels = [
            f"{label}:{shown(at)}"
            for label, at in zip((options.base, options.left, options.right), places, strict=True)
        ]
        return replace(options, base=labels[0], left=labels[1], right=labels[2])

    def _has(self, path: bytes, side: int) -> bool:
        sides = self._ground.sides.get(path)
        return sides is not None and sides[side] is not None

    def _as_git(self) -> Options:
        """The options, with git's style where none are given and git's labels where they say none."""
        options = self._given or Options(style=self._style)
        bases = self._pair.bases
        base = "merged common ancestors" if bases else "empty tree"
        if len(bases) == 1:
            base = short(self._repo, bases[0])
        labels = zip((options.left, options.base, options.right), _UNNAMED, strict=True)
        names = self._pair.names[0], base, self._pair.names[1]
        left, base, right = (
            name if given == default else given for (given, default), name in zip(labels, names, strict=True)
        )
        return replace(options, left=left, base=base, right=right)


def _stages(outcome: FileOutcome) -> dict[int, Version]:
    versions = enumerate((outcome.base, outcome.left, outcome.right), 1)
    return {stage: version for stage, version in versions if version is not None}


def _left(result: MergeResult) -> str:
    """What is left, by the first conflict."""
    if not result.conflicts:
        return ""
    first = result.conflicts[0]
    where = f" in {first.entity}" if first.entity is not None else f" at line {first.line}"
    count = len(result.conflicts)
    begins = f"{count} conflicts are left, the first" if count > 1 else "One conflict is left,"
    return f"{begins}{where}: {first.reason.removesuffix('.')}."


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
