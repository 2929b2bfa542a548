"""Finds a ledger that is gone, cut short or damaged, and makes it anew from its sealed segments; what is lost is named.

Looked for at every open, so cheaply: the file's header and size, and whether the ledger holds what Git says was sealed.
Damage further inside shows when it is read; the file is then marked, and the next open examines all of it. A damaged
file is moved aside, never deleted.

A ledger made anew goes on as the same replica: others know it by its sealed log only, and all of that is in it. Where
it cannot hold its whole log (a segment is damaged too), it goes on as another one.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from anvcs.actions import fresh, installed, seal
from anvcs.errors import AnvcsError, CorruptStoreError, StoreTooNewError
from anvcs.gitmirror import segments as git
from anvcs.history import rebuild
from anvcs.history.ledger import Ledger
from anvcs.history.segments import End
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

REPLICA = "replica"
"""The file that says which replica this clone is."""
SUSPECT = "suspect"
"""The file that says that something in the ledger could not be read."""
STEPS = ("rebuild-aside", "rebuild-fill", "rebuild-place", "rebuild-note")
"""The fault points, each reached just before the step of its name."""
_MAGIC = b"SQLite format 3\0"
_MARK = re.compile(rb" (\d+) [+-]\d{4}\t(?:[^\n]*\()?anvcs (b3:[0-9a-f]{64})")
_NAMED = 5
"""Lost operations named in a notice; the rest is counted."""


def mend(workspace: Workspace) -> None:
    """Make the ledger anew where it is lost, and tell so in the workspace's notices.

    Raises StoreTooNewError where a newer ANVCS wrote it, LockedError, StoreError.
    """
    if not _was_here(workspace):
        if not (workspace.initialized and installed.is_begun(workspace.folder)):
            return
        # An init that died when everything was there already.
        installed.complete(workspace.folder)
    if problem(workspace):
        with exclusive(workspace.lock_path):
            # Another process may have been faster.
            found = problem(workspace)
            if found:
                workspace.notices += _rebuild(workspace, found)
        (workspace.folder / SUSPECT).unlink(missing_ok=True)
    elif (workspace.folder / SUSPECT).exists():
        (workspace.folder / SUSPECT).unlink(missing_ok=True)
    note_replica(workspace)
    workspace.notices += _tail(workspace)


def problem(workspace: Workspace) -> str | None:
    """What is wrong with the ledger, as the end of a sentence; none if it can be used as it is."""
    path = workspace.ledger_path
    shape = _shape(path)
    if shape is not None:
        return shape
    try:
        ledger = workspace.ledger
        if (workspace.folder / SUSPECT).exists():
            examined = ledger.store.check() or ledger.verify_chain()
            if examined:
                return f"was damaged ({examined[0].rstrip('.')})"
        tip = git.tip(workspace.repo, ledger.replica)
        if git.count(workspace.repo, tip) > rebuild.sealed(ledger.store).segments and not rebuild.holds(
            ledger.store, seal.log_end(workspace, tip)
        ):
            return "had lost operations that were sealed already"
    except StoreTooNewError:
        raise
    except CorruptStoreError as error:
        return f"was damaged ({error.message.rstrip('.')})"
    return None


def suspect(workspace: Workspace) -> None:
    """Have the whole ledger examined when the repository is next opened."""
    with suppress(OSError):
        if workspace.initialized:
            (workspace.folder / SUSPECT).touch()


def _was_here(workspace: Workspace) -> bool:
    folder = workspace.folder
    return any((folder / name).exists() for name in (REPLICA, installed.INSTALLED))


def _shape(path: Path) -> str | None:
    """What is wrong with the file as a whole."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return "was gone"
    if not header:
        return "was empty"
    if len(header) < 100 or not header.startswith(_MAGIC):
        return "was damaged (it is no database)"
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    # SQLite does not trust the number of pages either where these two differ, nor does it matter while a log is there.
    if header[24:28] == header[92:96] and not _filled(path.with_name(path.name + "-wal")):
        return "was cut short" if size < pages * (1 << 16 if page == 1 else page) else None
    return None


def _filled(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size > 0
    return False


def _rebuild(workspace: Workspace, found: str) -> list[str]:
    replica = _own(workspace)
    at = workspace.caller.at
    workspace.forget_ledger()
    at("rebuild-aside")
    aside = _move_aside(workspace.ledger_path)
    at("rebuild-fill")
    broken: AnvcsError | None = None
    with fresh.filled(workspace) as store:
        try:
            rebuild.rebuild(store, replica, _segments(workspace, replica))
        except StoreTooNewError:
            raise
        except AnvcsError as error:
            broken = error
            Ledger(store).become(secrets.token_hex(16))
            with store.write() as transaction:
                rebuild.mark(transaction, End())
    at("rebuild-place")
    fresh.place(workspace)
    at("rebuild-note")
    note_replica(workspace)
    return [*_told(workspace, found, aside, broken)]


def _segments(workspace: Workspace, replica: str) -> Iterator[bytes]:
    """The sealed log in Git, with progress: a long one takes a while."""
    tip = git.tip(workspace.repo, replica)
    total = git.count(workspace.repo, tip)
    for number, content in enumerate(git.read(workspace.repo, tip)):
        workspace.caller.progress("Making the ledger anew from its sealed operations", 100 * number // total)
        yield content


def _own(workspace: Workspace) -> str:
    """Which replica this clone is: as its file says, else the one whose log is the only one here, else a new one."""
    with suppress(OSError, UnicodeDecodeError):
        said = (workspace.folder / REPLICA).read_text("utf-8").strip()
        if re.fullmatch("[0-9a-f]{32}", said):
            return said
    known = list(git.logs(workspace.repo))
    return known[0] if len(known) == 1 else secrets.token_hex(16)


def _move_aside(path: Path) -> Path | None:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}")
    moved = False
    # The database last: while it is there, a death in between leaves something to be found at the next open.
    for suffix in reversed(fresh.SUFFIXES):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
            moved = True
    return aside if moved else None


def note_replica(workspace: Workspace) -> None:
    """Write down which replica this clone is, where that is not written yet or was another one before."""
    path, own = workspace.folder / REPLICA, workspace.ledger.replica.encode() + b"\n"
    with suppress(FileNotFoundError):
        if path.read_bytes() == own:
            return
    draft = path.with_name(f".{REPLICA}.{secrets.token_hex(4)}")
    draft.write_bytes(own)
    draft.replace(path)


def _told(workspace: Workspace, found: str, aside: Path | None, broken: AnvcsError | None) -> list[str]:
    newest = workspace.ledger.operations(limit=1)
    said = f"The ledger {found}; it was made anew from {workspace.ledger.count()} sealed operations."
    if aside is not None:
        said += f" What was there is kept as {aside}."
    if newest:
        operation = newest[0].operation
        said += (
            f" The last sealed operation is b3:{newest[0].signed.id.hex()[:12]} "
            f"({operation.kind} by {operation.actor}, {_when(operation.time // 1000)})."
        )
    notices = [said]
    if broken is not None:
        notices.append(f"The sealed log goes on, but cannot be read: {broken.message} This clone is a new replica now.")
    lost = _unknown(workspace, 0 if not newest else newest[0].operation.time // 1000)
    if lost:
        names = ", ".join(name[:15] for _, name in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        count = "1 operation was" if len(lost) == 1 else f"{len(lost)} operations were"
        notices.append(
            f"At least {count} not sealed yet and lost with the ledger, since {_when(lost[0][0])}: {names}{more}. "
            f"The commits and refs they made are there and are found again as changes of plain Git."
        )
    else:
        notices.append("No reflog names an operation that is missing.")
    return notices


def _unknown(workspace: Workspace, since: int) -> list[tuple[int, str]]:
    """The operations that reflogs name and the ledger does not know: their times in seconds and ids, oldest first."""
    found: dict[str, int] = {}
    for log in (workspace.repo.common_dir / "logs").rglob("*"):
        with suppress(OSError):
            for moment, name in _MARK.findall(log.read_bytes() if log.is_file() else b""):
                found.setdefault(name.decode(), int(moment))
    ledger = workspace.ledger
    return sorted(
        (moment, name)
        for name, moment in found.items()
        # A second's difference between the clocks of operation and reflog is none.
        if moment >= since - 1 and ledger.state(bytes.fromhex(name[3:])) is None
    )


def _tail(workspace: Workspace) -> list[str]:
    """A notice if the newest entry of HEAD's reflog names an operation that the ledger lacks, told once."""
    with suppress(OSError):
        with (workspace.repo.git_dir / "logs" / "HEAD").open("rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - 4096, 0))
            lines = file.read().splitlines()
        mark = _MARK.search(lines[-1]) if lines else None
        if mark is None:
            return []
        name = bytes.fromhex(mark[2][3:].decode())
        ledger = workspace.ledger
        with ledger.store.read() as transaction:
            if transaction.get("operation", name) is not None or transaction.ref("missing") == name:
                return []
            ((_, first),) = transaction.entries("operations", 0, 1) or [(0, b"")]
        if first and int(mark[1]) < ledger.get(first).operation.time // 1000 - 1:
            # It belongs to a ledger of before an uninstall.
            return []
        lost = _unknown(workspace, 0 if not first else ledger.get(first).operation.time // 1000)
        with ledger.store.write() as transaction:
            transaction.swap("missing", transaction.ref("missing"), name)
        said = (
            f"The ledger lacks {len(lost)} operation{'s'[: len(lost) != 1]} that a reflog names, the last one "
            f"{mark[2].decode()[:15]} of {_when(int(mark[1]))}: somebody removed or replaced a file of the ledger. "
            f"What they did is there and is found again as changes of plain Git."
        )
        return [said]
    return []


def _when(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
