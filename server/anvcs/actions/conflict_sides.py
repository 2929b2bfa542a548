"""Who changes something now: this worktree, other streams, other worktrees, and live text that is typed elsewhere."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec.structs import replace

from anvcs.actions.collab import desk
from anvcs.actions.collab.worktree import Worktree
from anvcs.actions.resolve import resolve
from anvcs.actions.rooms.status import unsaved_authors
from anvcs.errors import CorruptStoreError, GitFailedError, NotKeptError, RoomError
from anvcs.gitmirror import worktrees
from anvcs.gitmirror.differences import parse_status
from anvcs.gitmirror.git import Git
from anvcs.history.graph_commit import parse
from anvcs.merge.resources.parsing import language_of
from anvcs.rooms import replay, timeline

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.rooms.log import RoomLog

HEADS, REMOTES = "refs/heads/", "refs/remotes/"
LARGEST = 1 << 20
"""Bytes of a file that is not committed yet up to which it is looked into."""
_CROWD = 5000
"""Edits of one room that are looked at."""
_COMMITS = 100
"""Commits of one stream that are asked for their agents."""
MOST = 50
"""Streams that are looked at where none is named, those that moved last first."""

Texts = Mapping[str, bytes | None]
"""Files that are not as a commit has them, by path; None for those that are gone."""


class Side(msgspec.Struct, frozen=True):
    """What somebody works on."""

    name: str
    """The stream, or ``worktree:NAME``."""
    commit: str | None
    texts: Texts = msgspec.field(default_factory=dict[str, "bytes | None"])
    """What is saved or typed there and not committed."""
    typing: tuple[str, ...] = ()
    """Who wrote what is not saved, or not committed."""

    @property
    def live(self) -> bool:
        """Something of it is not committed."""
        return bool(self.texts)


class Others(NamedTuple):
    """Everybody else."""

    sides: Sequence[Side]
    notices: tuple[str, ...] = ()


def mine(workspace: Workspace, typed: Texts) -> Side:
    """What is here: the commit, saved files, live text of the rooms, and what an editor has ``typed``."""
    repo = workspace.repo
    session = Worktree(repo).standing().session
    with desk.room_log(workspace) as log:
        live, actors = _rooms(log, session)
    texts = {**_saved(repo.git, repo.root), **live, **typed}
    return Side(desk.named(session), repo.head(), texts, actors)


def others(workspace: Workspace, named: Collection[str]) -> Others:
    """Those that are named, or all that moved lately, other worktrees and live text. Raises UnknownCommitError."""
    own = Worktree(workspace.repo).standing().session
    found, notices = (_named(workspace, named), ()) if named else _streams(workspace, desk.named(own))
    sides = {side.name: side for side in found}
    for side in _worktrees(workspace):
        known = sides.get(side.name)
        if known is not None:
            sides[side.name] = replace(known, texts=side.texts)
        elif not named:
            sides[side.name] = side
    with desk.room_log(workspace) as log:
        for session in () if log is None else sorted({each.session for each in log.rooms()} - {own}):
            known = sides.get(desk.named(session))
            if known is not None:
                live, actors = _rooms(log, session)
                sides[known.name] = replace(known, texts={**known.texts, **live}, typing=actors)
    return Others(list(sides.values()), notices)


def _named(workspace: Workspace, named: Collection[str]) -> list[Side]:
    return [Side(name.removeprefix(HEADS), resolve(workspace, name)) for name in dict.fromkeys(named)]


def _streams(workspace: Workspace, own: str) -> tuple[list[Side], tuple[str, ...]]:
    """Streams here and on remotes by when they moved; each commit once, under its stream here if it has one."""
    form = "--format=%(refname)%00%(objectname)%00%(symref)"
    out = workspace.git.output("for-each-ref", form, "--sort=-committerdate", HEADS, REMOTES)
    rows = [line.split("\0") for line in out.decode("utf-8", "surrogateescape").splitlines()]
    streams = [(ref, commit) for ref, commit, symbolic in rows if not symbolic and ref != HEADS + own]
    seen = {commit for ref, commit in streams if ref.startswith(HEADS)}
    found: list[Side] = []
    for ref, commit in streams:
        if ref.startswith(HEADS) or commit not in seen:
            seen.add(commit)
            found.append(Side(ref.removeprefix(HEADS).removeprefix(REMOTES), commit))
    left_out = len(found) - MOST
    notices = (f"{left_out} streams that moved longer ago were not looked at; name them to see them.",)
    return found[:MOST], notices if left_out > 0 else ()


def _worktrees(workspace: Workspace) -> Iterator[Side]:
    """Other worktrees with files that are not committed, and those that stand on no stream."""
    repo = workspace.repo
    for name, git_dir in worktrees.folders(repo).items():
        root = worktrees.root_of(git_dir)
        head = worktrees.head_of(git_dir)
        if name == repo.worktree_name() or head is None or not root.is_dir():
            continue
        # A worktree on a disk that is gone, or in the middle of something, says nothing now.
        try:
            texts = _saved(Git(root, workspace.git.env), root)
        except GitFailedError:
            continue
        on_stream = head.startswith(f"ref: {HEADS}")
        stream = head.removeprefix(f"ref: {HEADS}") if on_stream else f"worktree:{name.removeprefix('worktrees/')}"
        yield Side(stream, repo.ref(HEADS + stream) if on_stream else head, texts)


def _saved(git: Git, root: Path) -> dict[str, bytes | None]:
    """The files of a worktree that differ from its commit, as they stand on disk."""
    asked = ("status", "--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=all", "--untracked-files=all")
    status = parse_status(git.output(*asked))
    paths = {os.fsdecode(path) for path in {*status.staged, *status.unstaged}}
    return {path: text for path in sorted(paths) if language_of(path) for text in _read(root / path)}


def _read(path: Path) -> Iterable[bytes | None]:
    """The text of a file, nothing where it is gone; no text at all for what is none."""
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST:
            return ()
        return (path.read_bytes(),)
    except FileNotFoundError:
        return (None,)
    except OSError:
        return ()


def _rooms(log: RoomLog | None, session: str) -> tuple[dict[str, bytes | None], tuple[str, ...]]:
    """The live text of a session's rooms that is not in its files, and who wrote what is not committed."""
    texts: dict[str, bytes | None] = {}
    actors: set[str] = set()
    for record in () if log is None else desk.records(log, session):
        if log is None or language_of(record.path) is None:
            continue
        # What is damaged or not kept is told by the doctor; its file stands for it here.
        with suppress(CorruptStoreError, NotKeptError, RoomError):
            first = max(timeline.uncommitted(log, record.room), record.head - _CROWD)
            written = timeline.sources(log, record.room, first, record.head)
            actors.update(each.actor for each in written if each.how != "base")
            if unsaved_authors(log, record):
                texts[record.path] = replay.at(log, record.room, record.head).text.encode("utf-8", "surrogatepass")
    return texts, tuple(sorted(actors))


def agents(workspace: Workspace, base: str, tip: str) -> tuple[str, ...] | None:
    """The agents that commits name; None where a commit names none, so that not all of it is theirs."""
    objects = workspace.repo.objects
    commits = workspace.git.text("rev-list", f"--max-count={_COMMITS}", f"{base}..{tip}").split()
    named = [parse(bytes.fromhex(each), b"", objects.read(each, "commit")).agent for each in commits]
    found = tuple(dict.fromkeys(each for each in named if each is not None))
    return None if None in named else found
