"""What others change that meets what changes here, by the resources that both change and depend on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.actions import ancestry, conflict_sides
from anvcs.actions.caller import Caller
from anvcs.actions.conflict_sides import Side, Texts
from anvcs.actions.outlines import Outlines
from anvcs.actions.resource_trees import Compared, GitTree, Laid, changed
from anvcs.gitmirror.paths import quote
from anvcs.merge.resources import sentences
from anvcs.merge.resources.overlap import Overlap, overlaps

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

YOU = "you"


@dataclass(frozen=True)
class Meeting:
    """Where one other side meets this one."""

    other: Side
    called: str
    """By what name sentences call it: its only agent, or the stream."""
    actors: tuple[str, ...]
    base: str
    overlaps: tuple[Overlap, ...]
    files: tuple[str, ...]
    """Other files that both change."""


def conflicts(caller: Caller, params: wire.ConflictsParams) -> wire.ConflictsFound:
    """Every other stream that meets what changes here. Changes nothing. Raises UnknownCommitError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        own, found = conflict_sides.mine(workspace, {}), conflict_sides.others(workspace, params.streams)
        streams = (_shown(each, hard=params.hard) for each in meet(workspace, own, found.sides))
        return wire.ConflictsFound(
            streams=tuple(each for each in streams if each.overlaps or each.files),
            compared=len(found.sides),
            notices=found.notices,
        )


def meetings(caller: Caller, folder: str | None, typed: Texts) -> list[Meeting]:
    """The same for an editor, with what it has ``typed`` and not saved, by path."""
    workspace = caller.workspace(folder)
    with workspace.lock:
        own, found = conflict_sides.mine(workspace, typed), conflict_sides.others(workspace, ())
        return list(meet(workspace, own, found.sides))


def meet(workspace: Workspace, own: Side, sides: Sequence[Side]) -> Iterator[Meeting]:
    """Where others meet this side; those that do not are left out. Raises what the caller's progress raises."""
    known = Outlines.of(workspace)
    for number, other in enumerate(sides):
        workspace.caller.progress(f"Comparing {other.name}", 100 * number // len(sides))
        compared = _compared(workspace, own, other)
        if compared is None:
            continue
        base, sources = compared
        found = overlaps(sources, cache=known)
        files = _files(sources, found)
        if found or files:
            yield _meeting(workspace, other, base, found, files)
    known.save()


def _compared(workspace: Workspace, own: Side, other: Side) -> tuple[str, Compared] | None:
    """Both sides with what they come from; nothing where one has nothing that the other has not."""
    if own.commit is None or other.commit is None:
        return None
    bases = ancestry.merge_bases(workspace, own.commit, other.commit)
    if not bases or (bases[0] == other.commit and not other.texts) or (bases[0] == own.commit and not own.texts):
        return None
    repo, objects = workspace.repo, workspace.repo.objects
    base, left, right = (repo.tree_of(each) for each in (bases[0], own.commit, other.commit))
    return bases[0], Compared(
        base=GitTree(objects, base),
        left=Laid(GitTree(objects, left), own.texts),
        right=Laid(GitTree(objects, right), other.texts),
        left_changed=changed(objects, base, left) | own.texts.keys(),
        right_changed=changed(objects, base, right) | other.texts.keys(),
        git=workspace.git,
    )


def _files(sources: Compared, found: Sequence[Overlap]) -> tuple[str, ...]:
    told = {each.path for each in found} | {each.resource.path for each in found}
    both = frozenset(sources.left_changed).intersection(sources.right_changed) - told
    return tuple(path for path in sorted(both) if _differ(sources, path))


def _differ(sources: Compared, path: str) -> bool:
    """Both sides really changed it, and not alike."""
    base, left, right = sources.base.oid(path), sources.left.oid(path), sources.right.oid(path)
    return left != right and base not in {left, right}


def _meeting(
    workspace: Workspace, other: Side, base: str, found: tuple[Overlap, ...], files: tuple[str, ...]
) -> Meeting:
    named = () if other.commit is None else conflict_sides.agents(workspace, base, other.commit)
    actors = tuple(dict.fromkeys((*(named or ()), *other.typing)))
    called = actors[0] if named is not None and len(actors) == 1 else other.name
    return Meeting(other, called, actors, base, found, files)


def _shown(meeting: Meeting, *, hard: bool) -> wire.StreamConflicts:
    return wire.StreamConflicts(
        stream=meeting.other.name,
        git_commit=meeting.other.commit,
        base=meeting.base,
        actors=meeting.actors,
        live=meeting.other.live,
        overlaps=tuple(
            _overlap(each, meeting.called) for each in meeting.overlaps if each.severity == "hard" or not hard
        ),
        files=() if hard else tuple(_path(each) for each in meeting.files),
    )


def _overlap(found: Overlap, called: str) -> wire.ResourceOverlap:
    resource, now = found.resource, found.now
    return wire.ResourceOverlap(
        kind=found.kind,
        severity=found.severity,
        id=found.id,
        resource=resource.qualified or _path(resource.path),
        resource_kind=resource.kind,
        defined=_path(resource.path),
        changer="other" if found.changer == "right" else "you",
        deeds=tuple(sorted(found.deeds)),
        now=None if now is None else now.qualified,
        now_path=None if now is None else _path(now.path),
        path=_path(found.path),
        line=found.line,
        column=found.column,
        user=found.user,
        newly=found.newly,
        guessed=found.guessed,
        message=sentence(found, called),
    )


def sentence(found: Overlap, called: str) -> str:
    """What a person should know of an overlap, where its place is shown beside it."""
    # Where others meet what you change, the place is in their files.
    said = sentences.overlap(found, YOU, called, placed=found.changer == "left")
    return said[0].upper() + said[1:] if said.startswith(f"{YOU} ") else said


def _path(path: str) -> str:
    return quote(os.fsencode(path))
