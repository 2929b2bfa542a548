"""Finds what plain Git did to the pointers and puts it into the ledger, as operations of ``system:git``.

Under the repository lock and with everything settled that a dead process left, no pointer can be on its way in a
publication of ours: what differs from the view then is somebody else's doing. An unchanged repository costs a few
``stat`` calls; what was seen last is kept in two small files that may go at any time.
"""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from anvcs import ids, wire
from anvcs.actions import foreign_steps, identity, notes_back, publish, recovery
from anvcs.actions.foreign_links import Linker, touched
from anvcs.actions.foreign_steps import Found, Step
from anvcs.actors import KeyStore
from anvcs.errors import AnvcsError, LockedError
from anvcs.gitmirror import hookfile, pointers, reflogs
from anvcs.gitmirror.grown import Mark
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.pointers import PointerFiles
from anvcs.history import kinds
from anvcs.history.ledger import Draft
from anvcs.history.operations import Move, Operation, Rewrite, SignedOperation
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_T = TypeVar("_T")

ACTOR = "system:git"
_SEEN = "seen"
_MARKS = "marks"
_NOTES = "notes-seen"
_WAIT = 5.0
"""Seconds that a look waits for a process that is publishing; the next look finds what this one missed."""
_SHOWN = 100
"""Pointers that a notification names."""
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_COMMITTED = frozenset({"git-commit", "git-amend", "git-merge", "git-cherry-pick", "git-revert"})
_MAIN = "main-worktree/HEAD"


class _Seen(msgspec.Struct, array_like=True):
    """The files of pointers as they were when all was as the view says."""

    stamp: list[tuple[str, tuple[int, int, int]]]
    view: bytes


class _Marks(msgspec.Struct, array_like=True):
    """How far Git's logs and the hook's map were read."""

    logs: dict[str, Mark] = {}
    map: Mark = Mark()


class _Notes(msgspec.Struct, array_like=True):
    """The notes commit that all was well with, and up to which operation its lines were looked for."""

    tip: str | None = None
    sequence: int = 0


class _Watch:
    """What a warm workspace remembers between looks."""

    def __init__(self, workspace: Workspace) -> None:
        self.files = PointerFiles(workspace.repo.common_dir)
        self.seen = _load(workspace.folder / _SEEN, _Seen)
        self.notes = _load(workspace.folder / _NOTES, _Notes)
        self.marks = _marks(workspace)
        """As saved, or further where only operations of ours were logged since."""

    @classmethod
    def of(cls, workspace: Workspace) -> _Watch:
        """The workspace's own."""
        known = workspace.cache.get("foreign")
        if known is None:
            known = workspace.cache["foreign"] = cls(workspace)
        return cast("_Watch", known)


def look(workspace: Workspace, held: bool = False) -> list[SignedOperation]:
    """Import what plain Git did since the last look; gives the new operations, oldest first.

    ``held``: the caller holds the repository lock. Where the file system may not be written nothing is imported, and a
    notice says so; where another process is publishing for long, the next look does it.
    """
    if not workspace.initialized:
        return []
    watch = _Watch.of(workspace)
    if not held:
        _mend_notes(workspace, watch)
    if _is_unchanged(workspace, watch):
        return []
    if not os.access(workspace.folder, os.W_OK):
        _cannot_write(workspace)
        return []
    try:
        with nullcontext() if held else exclusive(workspace.lock_path, wait=_WAIT):
            if not held and recovery.needed(workspace):
                workspace.notices += recovery.settle(workspace)
            return _import(workspace, watch)
    except LockedError:
        if held:
            raise
        return []
    except OSError as error:
        if held or error.errno not in _READ_ONLY:
            raise
        _cannot_write(workspace)
        return []


def noted(workspace: Workspace, old: str | None, new: str) -> None:
    """We ourselves moved the notes ref: where all was well before, it is now."""
    known = workspace.cache.get("foreign")
    if isinstance(known, _Watch) and known.notes is not None and known.notes.tip == old:
        known.notes = _Notes(new, known.notes.sequence)


def glance(workspace: Workspace) -> list[SignedOperation]:
    """As :func:`look`, for verbs that have another purpose: what goes wrong becomes a notice."""
    try:
        return look(workspace)
    except AnvcsError as error:
        _notice(workspace, f"What plain git did could not be recorded: {error}")
        return []


def news(workspace: Workspace, after: bytes | None) -> tuple[tuple[wire.ForeignOperation, ...], bytes | None]:
    """Look, and tell what plain Git did after an operation, with the newest operation to go on from.

    Another process or an earlier look may have found it. Without an operation to begin at nothing is news, and neither
    is that another worktree came, went or turned elsewhere: it changes nothing for whoever asks.
    """
    glance(workspace)
    if not workspace.initialized:
        return (), None
    ledger = workspace.ledger
    if after is None or ledger.state(after) is None:
        return (), ledger.head()
    entries = ledger.since(after)
    own = f"{workspace.repo.worktree_name()}/HEAD"
    found = tuple(
        wire.ForeignOperation(
            operation_id=ids.text(entry.signed.id),
            kind=entry.operation.kind,
            pointers=tuple(move.name for move in entry.operation.moves[:_SHOWN]),
            sentence=sentence(entry.operation),
        )
        for entry in entries
        if entry.state == "published"
        and kinds.is_foreign(entry.operation)
        and any(move.name.startswith("refs/") or move.name == own for move in entry.operation.moves)
    )
    return found, entries[-1].signed.id if entries else after


def sentence(operation: Operation) -> str:
    """What plain Git did, for people."""
    names = [_short(move.name) for move in operation.moves]
    where = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    said = kinds.of(operation).said
    command = operation.details.get("command")
    return f"{said[:1].upper()}{said[1:]} ({where})" + (f": {command}" if isinstance(command, str) else ".")


def _short(name: str) -> str:
    for prefix in ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    if name.startswith("worktrees/"):
        return f"HEAD of {name.removeprefix('worktrees/').removesuffix('/HEAD')}"
    return "HEAD" if name == _MAIN else name


def _mend_notes(workspace: Workspace, watch: _Watch) -> None:
    """Put back the notes that others lost since the last look."""
    now = notes_back.tip(workspace)
    if watch.notes is not None and watch.notes.tip == now:
        return
    # Another process may have looked meanwhile.
    before = _load(workspace.folder / _NOTES, _Notes)
    if before is not None and before.tip == now and notes_back.settled(workspace, before.sequence) == before.sequence:
        watch.notes = before
        return
    if not os.access(workspace.folder, os.W_OK):
        return
    after = before.sequence if before is not None else 0
    until = notes_back.settled(workspace, after)
    try:
        checked = notes_back.put_back(workspace, before.tip if before is not None else None, after)
    except LockedError:
        return
    if checked.back:
        count = len(checked.back)
        _notice(workspace, f"Put back the provenance notes of {count} commits, which another program had lost.")
    watch.notes = _Notes(checked.tip, until)
    _save(workspace.folder / _NOTES, watch.notes)


def _is_unchanged(workspace: Workspace, watch: _Watch) -> bool:
    """Whether no file of pointers and no view moved since they were compared; compares, if that is cheap to know."""
    stamp = watch.files.stamp()
    view = workspace.ledger.view()
    seen = watch.seen
    if seen is not None and seen.view == view.root and seen.stamp == list(stamp):
        return True
    now = watch.files.read()
    if _differences(view.items(), now):
        return False
    if foreign_steps.grew(workspace.repo, now, watch.marks.logs):
        further = foreign_steps.only_ours(workspace.repo, now, watch.marks.logs, _published(workspace))
        if further is None:
            return False
        watch.marks.logs.update(further)
    _remember(workspace, watch, stamp, view.root)
    return True


def _published(workspace: Workspace) -> Callable[[str], bool]:
    return lambda name: workspace.ledger.state(ids.raw(name)) == "published"


def _remember(workspace: Workspace, watch: _Watch, stamp: pointers.Stamp, view: bytes) -> None:
    if pointers.settled(stamp):
        watch.seen = _Seen(list(stamp), view)
        _save(workspace.folder / _SEEN, watch.seen)


def _differences(view: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """The pointers that are not where the view says, each with its value there and now."""
    names = {name for name in view if is_pointer(name)} | now.keys()
    return {name: (view.get(name), now.get(name)) for name in names if view.get(name) != now.get(name)}


def is_pointer(name: str) -> bool:
    """Whether a name of the view is one that Git moves; others are ours alone."""
    return (
        name == pointers.STASH
        or name.startswith(("refs/heads/", "refs/tags/", "refs/remotes/"))
        or (name == _MAIN or (name.startswith("worktrees/") and name.endswith("/HEAD")))
    )


def _import(workspace: Workspace, watch: _Watch) -> list[SignedOperation]:
    stamp = watch.files.stamp()
    now = watch.files.read()
    view = workspace.ledger.view()
    changes = _differences(view.items(), now)
    marks = _marks(workspace)
    if not changes and not foreign_steps.grew(workspace.repo, now, marks.logs):
        watch.marks = marks
        _remember(workspace, watch, stamp, view.root)
        return []
    if view.get(_MAIN) is None:
        done = [_first(workspace, changes)]
        marks = _Marks({name: reflogs.mark_of(workspace.repo, name) for name in now}, marks.map)
    else:
        done = _later(workspace, changes, now, marks)
    _save(workspace.folder / _MARKS, marks)
    watch.marks = marks
    _remember(workspace, watch, stamp, workspace.ledger.view().root)
    return done


def _first(workspace: Workspace, changes: Mapping[str, tuple[str | None, str | None]]) -> SignedOperation:
    """The first look: everything as it is, in one operation."""
    moves = tuple(Move(name, old, new) for name, (old, new) in sorted(changes.items()))
    _keep(workspace, _values(moves))
    return _record(workspace, Step("git-import", int(time.time()), "", moves), (), {})


def _later(
    workspace: Workspace, changes: Mapping[str, tuple[str | None, str | None]], now: Mapping[str, str], marks: _Marks
) -> list[SignedOperation]:
    found = foreign_steps.find(workspace.repo, changes, now, marks.logs, _published(workspace))
    grown = hookfile.read_map(workspace.folder, marks.map)
    linker = Linker(workspace, grown.data)
    linked = [(step, linker.links(step)) for step in found.steps]
    _keep(workspace, _kept(found, changes, [link for _, links in linked for link in links]))
    done = [_record(workspace, step, links, _details(workspace, step)) for step, links in linked]
    marks.logs.update(found.marks)
    for name in [name for name, (_, new) in changes.items() if new is None]:
        marks.logs.pop(name, None)
    marks.map = hookfile.shorten_map(workspace.folder, grown.mark)
    return done


def _kept(found: Found, changes: Mapping[str, tuple[str | None, str | None]], links: list[Rewrite]) -> set[str]:
    """What the new operations name, but for where the pointers were before: that was kept when they came there."""
    values = {value for step in found.steps for value in _values(step.moves)} | found.seen
    values |= {oid for link in links for oid in (link.new, link.old)}
    before = (Move(name, None, old) for name, (old, _) in changes.items())
    return values - _values(before)


def _values(moves: Iterable[Move]) -> set[str]:
    """The Git ids that the moves name."""
    values = (value for move in moves for value in (move.old, move.new) if value is not None)
    return {oid for value in values if not value.startswith("ref: ") for oid in value.split()}


def _keep(workspace: Workspace, values: set[str]) -> None:
    # In order, so that what a fault leaves behind is the same object the next time.
    who = Ident(b"anvcs", b"keep@anvcs.invalid", int(time.time()), 0)
    publish.keep_alive(workspace, tuple(sorted(values)), who)


def _details(workspace: Workspace, step: Step) -> dict[str, str | int | bool]:
    details: dict[str, str | int | bool] = {"when": step.when}
    if step.command:
        details["command"] = step.command
    if step.count > 1:
        details["steps"] = step.count
    made = step.moves[0].new
    if step.kind in _COMMITTED and len(step.moves) == 1 and step.count == 1 and made is not None:
        details |= Linker.identity(workspace, made)
    return details


def _record(
    workspace: Workspace, step: Step, links: Iterable[Rewrite], details: dict[str, str | int | bool]
) -> SignedOperation:
    ledger, kind = workspace.ledger, kinds.KINDS[step.kind]
    named = [value for move in step.moves for value in (move.old, move.new) if value and step.kind != "git-import"]
    causes = [ledger.producer(value) for value in (*named, *(link.old for link in links))]
    draft = Draft(
        kind=step.kind,
        moves=step.moves,
        names=(publish.KEEP,),
        causes=tuple(dict.fromkeys(cause for cause in causes if cause is not None)),
        tier=kind.tier,
        reversibility=kind.reversibility,
        paths=touched(workspace, step),
        details=details,
        worktree=_worktree(step),
        rewrites=tuple(links),
    )
    signer = KeyStore(workspace.caller.config_home).signer(ACTOR)
    identity.enrolled(workspace, signer)
    return ledger.record(draft, signer)


def _worktree(step: Step) -> str:
    """The worktree whose HEAD moved; plain Git's logs of branches do not tell where it was run."""
    heads = {move.name.removesuffix("/HEAD") for move in step.moves if not move.name.startswith("refs/")}
    return heads.pop() if len(heads) == 1 else ""


def _marks(workspace: Workspace) -> _Marks:
    return _load(workspace.folder / _MARKS, _Marks) or _Marks()


def _cannot_write(workspace: Workspace) -> None:
    _notice(workspace, "What plain git did since is not recorded yet: the Git folder cannot be written.")


def _notice(workspace: Workspace, said: str) -> None:
    if said not in workspace.notices:
        workspace.notices.append(said)


def _load(path: Path, kind: type[_T]) -> _T | None:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.msgpack.decode(path.read_bytes(), type=kind)
    return None


def _save(path: Path, value: msgspec.Struct) -> None:
    """Best effort: without the file the next look merely reads more."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with suppress(OSError):
        draft.write_bytes(msgspec.msgpack.encode(value))
        draft.replace(path)
