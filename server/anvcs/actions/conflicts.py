"""What others change that meets what changes here, by the resources that both change and depend on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from anvcs import wire
from anvcs.actions import conflict_sides, resource_ids
from anvcs.actions.caller import Caller
from anvcs.actions.conflict_memory import Memory
from anvcs.actions.conflict_sides import Side, Texts
from anvcs.actions.resource_trees import Compared
from anvcs.gitmirror.paths import quote
from anvcs.merge.resources import sentences
from anvcs.merge.resources.overlap import Overlap, overlaps
from anvcs.merge.resources.touch import Touches

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

YOU = "you"
_WORD = re.compile(r"[\w$]+")


class Meeting(msgspec.Struct, frozen=True):
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
        streams = (_shown(each, hard=params.hard) for each in meet(workspace, own, found.sides, ids=True))
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


def meet(workspace: Workspace, own: Side, sides: Sequence[Side], *, ids: bool = False) -> Iterator[Meeting]:
    """Where others meet this side; those that do not are left out. Raises what the caller's progress raises.

    With ``ids``, those of resources are what they were wherever these stood before, for which history is looked at.
    """
    memory = Memory.of(workspace)
    for number, other in enumerate(sides):
        workspace.caller.progress(f"Comparing {other.name}", 100 * number // len(sides))
        meeting = _meet(workspace, memory, own, other, ids=ids)
        if meeting is not None:
            yield meeting
    memory.outlines.save()


def _meet(workspace: Workspace, memory: Memory, own: Side, other: Side, *, ids: bool) -> Meeting | None:
    if own.commit is None or other.commit is None:
        return None
    base = memory.base(own.commit, other.commit)
    # One that has nothing which the other has not meets nobody.
    if base is None or (base == other.commit and not other.texts) or (base == own.commit and not own.texts):
        return None
    trees = [workspace.repo.tree_of(each) for each in (base, own.commit, other.commit)]
    sources = memory.compared(trees[0], (own, trees[1]), (other, trees[2]))
    touches: dict[Literal["left", "right"], Touches] = {
        "left": memory.touches(trees[0], own, trees[1]),
        "right": memory.touches(trees[0], other, trees[2]),
    }
    found = overlaps(sources, touches=touches)
    if found and ids:
        found = overlaps(sources, touches=touches, registry=resource_ids.registry(workspace, base))
    files = _files(sources, found)
    if not found and not files:
        return None
    named = memory.agents(base, other.commit)
    actors = tuple(dict.fromkeys((*(named or ()), *other.typing)))
    called = actors[0] if named is not None and len(actors) == 1 else other.name
    return Meeting(other, called, actors, base, found, files)


def _files(sources: Compared, found: Sequence[Overlap]) -> tuple[str, ...]:
    told = {each.path for each in found} | {each.resource.path for each in found}
    both = frozenset(sources.left_changed).intersection(sources.right_changed) - told
    return tuple(path for path in sorted(both) if _differ(sources, path))


def _differ(sources: Compared, path: str) -> bool:
    """Both sides really changed it, and not alike."""
    base, left, right = sources.base.oid(path), sources.left.oid(path), sources.right.oid(path)
    return left != right and base not in {left, right}


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


class Note(msgspec.Struct, frozen=True):
    """What an editor shows at a place in a document."""

    line: int
    """From 0."""
    start: int
    """In characters."""
    end: int
    message: str
    kind: str


def notes(caller: Caller, folder: str | None, typed: Mapping[str, str]) -> dict[str, tuple[Note, ...]]:
    """Where others meet what an editor has open, for each document with its text, by path in the work tree.

    Nothing where ANVCS is not set up: nobody asked for it there.
    """
    workspace = caller.workspace(folder)
    if not workspace.initialized:
        return {}
    met = meetings(caller, folder, {path: text.encode("utf-8", "surrogatepass") for path, text in typed.items()})
    lines = {path: text.split("\n") for path, text in typed.items()}
    found: dict[str, dict[Note, None]] = {path: {} for path in typed}
    for each in met:
        for overlap in each.overlaps:
            path, line, column = _here(overlap)
            if path in lines and line <= len(lines[path]):
                note = _note(lines[path][line - 1], line - 1, column, sentence(overlap, each.called), overlap.kind)
                found[path][note] = None
    return {path: tuple(each) for path, each in found.items()}


def _here(found: Overlap) -> tuple[str, int, int]:
    """The place on this side: where it meets what others change, or where it changes what others meet."""
    if found.changer == "right":
        return found.path, found.line, found.column
    now = found.now
    return ("", 1, 0) if now is None else (now.path, now.place.line, now.column)


def _note(line: str, number: int, column: int, message: str, kind: str) -> Note:
    start = len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
    word = _WORD.match(line, start)
    return Note(number, start, word.end() if word else start, message, kind)
