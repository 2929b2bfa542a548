"""What each actor changed in the rooms of a worktree and still stands, by task, as numbered hunks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from anvcs.actions.collab import desk, seen
from anvcs.actions.collab.desk import Desk
from anvcs.actions.resolve import resolve
from anvcs.errors import DamagedEditError, NotKeptError, RoomError, UnknownCommitError, UsageError
from anvcs.gitmirror.trees import lookup
from anvcs.rooms import log_reading, replay, reviewing, timeline
from anvcs.rooms.admission import admit
from anvcs.rooms.attribution import Attribution, Overlap
from anvcs.rooms.entries import How, RoomRecord, Source
from anvcs.rooms.log import RoomLog
from anvcs.rooms.replay import text_hash
from anvcs.rooms.reviewing import Hunk

_DOUBT: tuple[How, ...] = ("live", "reported", "inferred", "base")
"""From what is known best to what is known least."""


class Wanted(NamedTuple):
    """Whose changes, since when."""

    actor: str | None = None
    """Everybody but the one who asks, if absent."""
    task: str | None = None
    since: str | None = None


class Found(NamedTuple):
    """A hunk with its writer and its file."""

    number: int
    """Among its actor's."""
    actor: str
    task: str | None
    record: RoomRecord
    hunk: Hunk
    sources: tuple[Source, ...]
    """Of the edits that touched it."""
    seqs: frozenset[int]
    """All edits of the actor for the task in this room."""
    text: str
    """The file's text."""
    others: tuple[tuple[Overlap, tuple[str, ...]], ...]
    """Where others touched it, and who."""

    @property
    def how(self) -> How:
        """The least that is known of any of its edits."""
        hows = {each.how for each in self.sources}
        for how in reversed(_DOUBT):
            if how in hows:
                return how
        return "inferred"


class Changes(NamedTuple):
    """What was found."""

    hunks: tuple[Found, ...]
    heads: dict[str, int]
    """The newest edit of each room that was looked at."""
    notices: tuple[str, ...]


def changes(stands: Desk, log: RoomLog, wanted: Wanted, only: Iterable[str] | None = None) -> Changes:
    """The hunks of all rooms here, numbered; of ``only`` these rooms, numbered among themselves, if it is given.

    Hunks that the user kept are left out where no ``since`` is named. Raises UsageError.
    """
    looked = seen.Seen() if wanted.since is not None else seen.read(stands.workspace.folder, stands.actor)
    rooms = None if only is None else frozenset(only)
    notices: list[str] = []
    found: list[Found] = []
    heads: dict[str, int] = {}
    for record in desk.records(log, stands.session):
        if rooms is not None and record.room not in rooms:
            continue
        base = _base(stands, log, record, wanted.since, looked)
        if base is None:
            notices.append(f"{desk.shown(record.path)}: its room does not know {wanted.since}.")
            continue
        heads[record.room] = record.head
        try:
            found += _of_room(stands, log, record, wanted, base)
        except (NotKeptError, DamagedEditError) as error:
            notices.append(f"{desk.shown(record.path)}: {error.message}")
    kept = frozenset(looked.kept)
    return Changes(_numbered(each for each in found if each.hunk.id not in kept), heads, tuple(notices))


def _numbered(found: Iterable[Found]) -> tuple[Found, ...]:
    """By actor, then by task in the order of their beginnings, then by file."""
    every = list(found)
    began: dict[tuple[str, str | None], int] = {}
    for each in every:
        key = each.actor, each.task
        first = min((source.time for source in each.sources), default=0)
        began[key] = min(began.get(key, first), first)
    every.sort(key=lambda each: (each.actor, began[each.actor, each.task], each.task or "", each.record.path))
    counts: dict[str, int] = {}
    numbered: list[Found] = []
    for each in every:
        counts[each.actor] = number = counts.get(each.actor, 0) + 1
        numbered.append(each._replace(number=number))
    return tuple(numbered)


def _of_room(stands: Desk, log: RoomLog, record: RoomRecord, wanted: Wanted, base: int) -> list[Found]:
    if record.head <= base:
        return []
    groups: dict[tuple[str, str | None], dict[int, Source]] = {}
    everybody: dict[int, str] = {}
    for source in timeline.sources(log, record.room, base, record.head):
        everybody[source.seq] = source.actor
        task = desk.task_of(source.meta)
        if source.how != "base" and _is_wanted(stands, wanted, source.actor, task):
            groups.setdefault((source.actor, task), {})[source.seq] = source
    if not groups:
        return []
    attribution = replay.at(log, record.room, record.head).attribution
    found: list[Found] = []
    for (actor, task), sources in groups.items():
        found += _hunks(log, record, attribution, actor, task, sources, everybody)
    return found


def _is_wanted(stands: Desk, wanted: Wanted, actor: str, task: str | None) -> bool:
    if wanted.actor is None:
        return actor != stands.actor
    return actor == wanted.actor and (wanted.task is None or task == wanted.task)


def _hunks(
    log: RoomLog,
    record: RoomRecord,
    attribution: Attribution,
    actor: str,
    task: str | None,
    sources: dict[int, Source],
    everybody: dict[int, str],
) -> Iterable[Found]:
    hunks = reviewing.hunks(attribution, sources.keys(), f"{record.room}\0{actor}\0{task or ''}")
    if not hunks:
        return
    unknown = {seq for hunk in hunks for each in hunk.overlaps for seq in each.seqs} - everybody.keys()
    everybody.update((seq, each.actor) for seq, each in log_reading.sources_of(log, record.room, unknown).items())
    text, seqs = attribution.text(), frozenset(sources)
    for hunk in hunks:
        yield Found(
            number=0,
            actor=actor,
            task=task,
            record=record,
            hunk=hunk,
            sources=tuple(sources[seq] for seq in hunk.seqs),
            seqs=seqs,
            text=text,
            others=_others(hunk, actor, everybody),
        )


def _others(hunk: Hunk, actor: str, everybody: dict[int, str]) -> tuple[tuple[Overlap, tuple[str, ...]], ...]:
    """Where others touched a hunk, and who; what lies side by side and is the same people's is one."""
    found: list[tuple[Overlap, tuple[str, ...]]] = []
    for each in hunk.overlaps:
        actors = tuple(sorted({everybody[seq] for seq in each.seqs if seq in everybody} - {actor}))
        if not actors:
            continue
        if found and found[-1][1] == actors and each.start <= found[-1][0].end:
            before = found[-1][0]
            found[-1] = before._replace(end=max(before.end, each.end), seqs=before.seqs + each.seqs), actors
        else:
            found.append((each, actors))
    return tuple(found)


def _base(stands: Desk, log: RoomLog, record: RoomRecord, since: str | None, looked: seen.Seen) -> int | None:
    """The edit behind which changes are looked for; nothing where the room does not know what was named."""
    if since is None:
        return max(looked.rooms.get(record.room, 0), 1)
    if since.isascii() and since.isdecimal() and len(since) < 7:
        return int(since)
    when = desk.moment(since)
    if when is not None:
        return max(timeline.at_time(log, record.room, when), 1)
    try:
        commit = resolve(stands.workspace, since)
    except UnknownCommitError as error:
        raise UsageError(
            f"{since!r} is no edit, no time and no commit.", "Write 120, 10m, 2h, 2026-11-26T17:00, or name a commit."
        ) from error
    found = timeline.since_commit(log, record.room, commit)
    return found if found is not None else _of_text(stands, log, record, commit)


def _of_text(stands: Desk, log: RoomLog, record: RoomRecord, commit: str) -> int | None:
    """The edit after which the room had the text that a commit has."""
    repo = stands.workspace.repo
    entry = lookup(repo.objects, repo.tree_of(commit), os.fsencode(record.path))
    if entry is None:
        return 0
    try:
        text = admit(repo.objects.read(entry.oid, "blob")).text
    except RoomError:
        return None
    version = log_reading.version(log, record.room, text_hash(text))
    return None if version is None else version.seq
