"""What agents' hooks noted of one worktree's files, as the disk bridge asks for it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from anvcs.errors import RoomRefusedError
from anvcs.relay import fileio
from anvcs.relay.live import LiveRoom
from anvcs.relay.spool import Spool
from anvcs.relay.tracked import KEPT, Author, Tracked
from anvcs.rooms import admission, bridge, outside
from anvcs.rooms.admission import Admitted
from anvcs.rooms.entries import Version
from anvcs.rooms.hooks import Step, Write
from anvcs.rooms.replay import text_hash
from anvcs.rooms.running import TICK

BETWEEN = 1000
"""Milliseconds from a hook's look at a file to its agent's own, at most."""
LATE = 3000
"""Milliseconds by which the note of a write may come after a later text was taken in."""
Take: TypeAlias = Callable[[Admitted, Author | None, int], Awaitable[object]]
"""Has the room take in a text that stood in its file, by whom, and when, in milliseconds."""


class Noted:
    """What hooks noted of one worktree's files."""

    def __init__(self, spool: Spool, root: Path) -> None:
        self._spool = spool
        self._root = root

    @property
    def folder(self) -> Path:
        """Where hooks leave their notes."""
        return self._spool.folder

    async def files(self) -> list[str]:
        """The files of which something was noted that nobody has looked at; read anew."""
        await self._spool.refresh()
        return self._spool.claims.paths()

    async def catch_up(self, tracked: Tracked, live: LiveRoom, take: Take) -> Step | None:
        """Take in, one by one, what hooks saw in the file that nobody has looked at: each write is its agent's.

        Gives the last of it: when the file itself has been looked at, nothing up to there is of interest any more.
        """
        await self._spool.refresh()
        path = self._path(tracked)
        due = self._spool.claims.due(path)
        writes = [step.time for step in due if isinstance(step, Write)]
        for step in due:
            # What only stood there matters as the ground of a write.
            if step.time <= max(writes, default=0) and await self._take_step(tracked, live, step, take):
                self._spool.claims.settle(path, step)
        if due:
            await self._spool.tidy()
        return due[-1] if due else None

    async def is_newer(self, tracked: Tracked, step: Step | None) -> bool:
        """Whether something has been noted since ``step``, which was the last before."""
        await self._spool.refresh()
        return self._spool.claims.due(self._path(tracked))[-1:] not in ([], [step])

    def settle(self, tracked: Tracked, step: Step | None) -> None:
        """The file has been looked at after this."""
        if step is not None:
            self._spool.claims.settle(self._path(tracked), step)

    def writer(self, tracked: Tracked, data: bytes) -> Write | None:
        """The agent of which is noted that it wrote, or is about to write, just this."""
        return self._spool.claims.writer(self._path(tracked), sha256(data).hexdigest(), time.time_ns())

    def writing(self, tracked: Tracked, seen: fileio.Seen) -> Write | None:
        """Whose text stands in the file; with an unknown text, whose it may be."""
        write = self.writer(tracked, seen.data)
        if write is not None:
            return write
        write = self._spool.claims.open(self._path(tracked), time.time_ns())
        return None if write is None or seen.modified < write.began - TICK else write._replace(new=None)

    async def written_over(self, tracked: Tracked, seen: fileio.Seen) -> Write | None:
        """Whose text stood in the file for a moment; with an unknown text, whose it may be."""
        await self._spool.refresh()
        write = self.writer(tracked, seen.data)
        if write is not None:
            return write
        write = self._spool.claims.during(self._path(tracked), seen.modified)
        return None if write is None else write._replace(new=None)

    async def author(self, tracked: Tracked, live: LiveRoom, write: Write, text: str) -> Author:
        """Who wrote a text, and the text that it was made of."""
        base = None if write.base is None else await self._known_text(tracked, live, write.base)
        known = [version.text for version in tracked.versions]
        if base is not None and base not in known and bridge.is_cut_off(base, tracked.versions):
            # The hook looked while an editor was writing the file; the agent may have read it a moment later.
            base = [*known, base][outside.guess_base([*known, base], text)]
        elif write.firm:
            # The hook looks first, then the agent: somebody may save in between.
            since = range(write.read // 10**6, write.read // 10**6 + BETWEEN) if write.read else ()
            possible = [version.text for version in tracked.versions if version.time in since]
            if base is not None and possible:
                base = [base, *possible][outside.guess_base([base, *possible], text)]
        else:
            # It took what stood there when it came to write, which others may have changed since it was noted.
            newer = [version.text for version in tracked.versions if version.time >= write.began // 10**6]
            possible = [*newer, *([] if base is None else [base])]
            base = possible[outside.guess_base(possible, text)] if possible else None
        return Author(write.actor, "inferred" if write.new is None else "reported", None, write.meta, base=base)

    async def _take_step(self, tracked: Tracked, live: LiveRoom, step: Step, take: Take) -> bool:
        """Whether the room has now what stood in the file then; not if nobody kept that text."""
        digest, began = (step.new, step.began) if isinstance(step, Write) else (step.hash, step.time)
        newest = tracked.versions[0].time if tracked.versions else 0
        if digest is None or step.time // 10**6 < newest - (LATE if isinstance(step, Write) else 0):
            return True
        known = [version for version in tracked.versions if _stored(tracked, live, version) == digest]
        if known and (known[0] is tracked.versions[0] or (isinstance(step, Write) and known[0].time >= began // 10**6)):
            return True
        data = await self._spool.text(digest)
        if data is None:
            return False
        try:
            found = admission.admit(data)
        except RoomRefusedError:
            return True
        if isinstance(step, Write):
            if tracked.may_save.has(text_hash(found.text), time.monotonic()):
                # An editor has written over it.
                return True
            if _is_half_saved(tracked, found.text):
                # What its agent did leave there is seen in the file itself, by its writer's name.
                return False
        elif bridge.is_cut_off(found.text, tracked.versions):
            # An editor was writing the file: nobody deleted the rest.
            return True
        author = await self.author(tracked, live, step, found.text) if isinstance(step, Write) else None
        await take(found, author, step.time // 10**6)
        return True

    async def _known_text(self, tracked: Tracked, live: LiveRoom, digest: str) -> str | None:
        for version in tracked.versions:
            if _stored(tracked, live, version) == digest:
                return version.text
        data = await self._spool.text(digest)
        try:
            return None if data is None else admission.admit(data).text
        except RoomRefusedError:
            return None

    def _path(self, tracked: Tracked) -> str:
        return str(self._root / tracked.path)


def _is_half_saved(tracked: Tracked, text: str) -> bool:
    """Whether a hook may have looked while an editor was writing over what its agent had left there."""
    if not tracked.may_save.is_busy(time.monotonic()):
        return False
    return any(bridge.is_cut_off(text, (each,)) for each in (*list(tracked.versions)[:1], *tracked.shown))


def _stored(tracked: Tracked, live: LiveRoom, version: Version) -> str:
    """The hash of a version's file, as hooks name it."""
    record = live.room.record
    key = version.hash, record.eol, record.bom
    found = tracked.hashes.get(key)
    if found is None:
        if len(tracked.hashes) > 4 * KEPT:
            tracked.hashes.clear()
        data = admission.to_bytes(version.text, eol=record.eol, bom=record.bom)
        found = tracked.hashes[key] = sha256(data).hexdigest()
    return found
