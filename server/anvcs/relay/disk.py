"""The disk bridge of one worktree: sees its rooms' files change and brings that in, and writes rooms into files.

What to do is decided in rooms/bridge.py; here it is seen and done, one room at a time, off the event loop where the
disk is touched.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from anvcs.actions.collab.worktree import Standing, Worktree
from anvcs.errors import AnvcsError, RoomError, RoomRefusedError
from anvcs.relay import fileio
from anvcs.relay.guard import Guard
from anvcs.relay.hub import Hub
from anvcs.relay.live import LiveRoom
from anvcs.relay.noted import Noted
from anvcs.relay.tracked import GIT, KEPT, UNKNOWN, Author, Cut, Looked, Saying, Tracked, now_ms
from anvcs.relay.watching import Watch
from anvcs.rooms import admission, bridge, carrying, log_reading, shown
from anvcs.rooms.admission import Admitted
from anvcs.rooms.bridge import Finding, GitPhase, Signs
from anvcs.rooms.entries import RoomChange, Save, Version
from anvcs.rooms.hooks import Step
from anvcs.rooms.replay import text_hash

LOOKS = 5
"""How often a file is made ready for a save that is written meanwhile, or that is not ours to touch."""
HOLD_STEP = 0.5
"""Seconds between looks while git holds a lock that nobody told of letting go."""
REST = 5.0
"""Seconds for which somebody may wait until git is at rest."""

_log = logging.getLogger(__name__)


Reopen: TypeAlias = "Callable[[str], Awaitable[tuple[Bridge, Tracked, LiveRoom]]]"
"""Opens the room of a path in the session of now. Raises RoomRefusedError."""


class Bridge:
    """One worktree's rooms and their files."""

    def __init__(self, hub: Hub, tree: Worktree, standing: Standing, reopen: Reopen) -> None:
        self._reopen = reopen
        self.root = tree.root
        self.session = standing.session
        self.commit = standing.commit
        self.rooms: dict[str, Tracked] = {}
        """By path."""
        self._hub = hub
        self._noted = Noted(hub.spool, tree.root)
        self._tree = tree
        self._staged = standing.staged
        self._git = asyncio.Lock()
        self._phase = GitPhase(_signs(standing), time.monotonic())
        self._again: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._git_folders = frozenset(tree.git_paths())
        self._watch = Watch(self._changed)
        self._cover()

    async def close(self) -> None:
        """End watching; what is under way is finished first."""
        if self._again is not None:
            self._again.cancel()
        await self._watch.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def in_tree(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function over the worktree's repository gives, called in a thread, one at a time."""
        async with self._git:
            return await asyncio.to_thread(function, *arguments)

    def check(self, path: str) -> None:
        """Raises RoomRefusedError for a file that git ignores or stores otherwise than it is. Blocks."""
        if self._tree.is_ignored(path):
            raise RoomRefusedError(f"{path} is ignored by Git.", "Ignored files never become rooms.")
        if self._tree.is_converted(path):
            raise RoomRefusedError(f"{path} is stored by Git in another form.", "Its attributes say so.")

    def track(self, room: str, path: str, versions: Iterable[Version]) -> Tracked:
        """Keep an eye on a room's file from now on."""
        tracked = self.rooms[path] = Tracked(room, path, versions)
        tracked.staged = self._staged
        self._cover()
        return tracked

    def release(self, room: str) -> None:
        """Nobody is in the room any more."""
        for path, tracked in list(self.rooms.items()):
            if tracked.room == room:
                del self.rooms[path]
        self._cover()

    def of(self, room: str) -> Tracked | None:
        """What is tracked of a room here."""
        return next((each for each in self.rooms.values() if each.room == room), None)

    async def look(self, tracked: Tracked, author: Author | None = None) -> Looked:
        """Read the file now; what somebody wrote there is in the room, durably, when this returns."""
        async with tracked.lock:
            return await self.look_locked(tracked, author)

    async def look_locked(
        self, tracked: Tracked, author: Author | None = None, *, saving: bool = False, looks: int = LOOKS
    ) -> Looked:
        """As :meth:`look`, for one who holds the room's lock; ``saving``: and its lease, and has not yet saved."""
        held = await self.at_work()
        live = await self._hub.get(tracked.room)
        if self.rooms.get(tracked.path) is not tracked:
            # Another stream is checked out by now: what is on disk is not this room's.
            return Looked(None, live.room.seq, f"{self.session} is checked out here")
        lease = live.leases.current(time.monotonic())
        # Whoever saves says what is theirs; what hooks noted meanwhile is looked at afterwards.
        listening = held is None and author is None and tracked.epoch is None and (saving or lease is None)
        noted = await self._catch_up(tracked, live) if listening else None
        seen = await asyncio.to_thread(fileio.read_steady, self.root / tracked.path)
        if seen is None:
            return await self._missing(tracked, live)
        tracked.inode, tracked.modified, tracked.gone = seen.inode, seen.modified, False
        try:
            found = admission.admit(seen.data)
        except RoomRefusedError as error:
            self._hub.report("refused", {"room": live.id, "path": tracked.path, "reason": error.message})
            return Looked(None, live.room.seq, error.message)
        if held is None and tracked.epoch is not None:
            author = Author(GIT, "base", epoch=tracked.epoch)
        digest = text_hash(found.text)
        finding = bridge.judge(found.text, tracked.versions, live.room.text)
        if finding is Finding.WRITTEN and author is None and await self._is_late_save(tracked, found.text, seen.data):
            finding = Finding.SAVED
        if finding is Finding.SAME:
            if held is None:
                self._noted.settle(tracked, noted)
                await self._stand(tracked, live)
            return Looked(digest, live.room.seq)
        if held is None and bridge.is_cut_off(found.text, tracked.versions) and tracked.goes_on(seen, time.monotonic()):
            # It was emptied to be written anew, and the rest is still to come.
            held = f"{tracked.path} is being written"
            self._later(fileio.FRESH)
        if held is None and lease is not None and author is None and not saving and finding is Finding.WRITTEN:
            held = f"{lease.holder} is saving"
        if held is None and listening and finding is Finding.WRITTEN and tracked.expected is None:
            # What was noted just before this was written may have come after the notes were read.
            if await self._noted.is_newer(tracked, noted) and looks:
                return await self.look_locked(tracked, author, saving=saving, looks=looks - 1)
            write = self._noted.writing(tracked, seen)
            if write is not None and write.new is None and not saving and fileio.is_fresh(seen):
                held = f"{write.actor} is writing {tracked.path}"
                self._later(fileio.FRESH)
            elif write is not None:
                author = await self._noted.author(tracked, live, write, found.text)
        if held is not None:
            return Looked(digest, live.room.seq, held)
        seq = await self._take(tracked, live, found, finding, author)
        self._noted.settle(tracked, noted)
        await self._stand(tracked, live)
        return Looked(digest, seq)

    async def _catch_up(self, tracked: Tracked, live: LiveRoom) -> Step | None:
        """Take in what hooks saw in the file and nobody has looked at."""

        async def take(found: Admitted, author: Author | None, moment: int) -> None:
            finding = bridge.judge(found.text, tracked.versions, live.room.text)
            await self._take(tracked, live, found, finding, author, moment)

        return await self._noted.catch_up(tracked, live, take)

    async def _is_late_save(self, tracked: Tracked, text: str, data: bytes) -> bool:
        """Whether an editor took what it showed, and was slow to write it."""
        return await self._may_be_saved(tracked, text) and self._noted.writer(tracked, data) is None

    async def _may_be_saved(self, tracked: Tracked, text: str) -> bool:
        """Whether a text is one that only editors know: they showed it while they saved, or after all that was saved.

        The second is for saves that nobody told of, as of a window that ends.
        """
        if tracked.may_save.has(text_hash(text), time.monotonic()):
            return True
        when = await asyncio.to_thread(shown.last_shown, self._hub.editors, tracked.path, tracked.room, text)
        return when is not None and bool(tracked.versions) and when > tracked.versions[0].time

    async def _stand(self, tracked: Tracked, live: LiveRoom) -> None:
        """The room stands on the commit that git has checked out, also where that changed nothing in its file."""
        epoch, tracked.epoch, tracked.staged = tracked.epoch, None, self._staged
        if epoch:
            await live.enter(live.room.rebase(epoch, "", "", now=now_ms()))

    async def _take(
        self,
        tracked: Tracked,
        live: LiveRoom,
        found: Admitted,
        finding: Finding,
        author: Author | None,
        moment: int | None = None,
    ) -> int:
        if finding is Finding.SAVED:
            self.remember(tracked, live, found.text, moment)
            return live.room.seq
        who = author or tracked.expected or await self._guess(tracked, found.text)
        if who == UNKNOWN:
            who = self._running(tracked)
        tracked.expected = None
        base = self._base(tracked, found.text, who)
        record = live.room.record
        if (found.eol, found.bom) != (record.eol, record.bom):
            live.room.record = msgspec.structs.replace(record, eol=found.eol, bom=found.bom)
            await self._hub.writer.append(RoomChange(room=live.id, eol=found.eol, bom=found.bom))
        if who.epoch is not None:
            tracked.epoch = None
            taken = live.room.rebase(who.epoch, base, found.text, now=now_ms())
        else:
            taken = live.room.take_outside(base, found.text, actor=who.actor, how=who.how, meta=who.meta, now=now_ms())
        entered = live.enter(taken)
        self.remember(tracked, live, found.text, moment)
        seq = await entered
        self._hub.report(
            "disk", {"room": live.id, "path": tracked.path, "actor": who.actor, "how": who.how, "seq": seq}
        )
        return seq

    def _base(self, tracked: Tracked, text: str, who: Author) -> str:
        if who.base is not None:
            return who.base
        if who.actor == GIT and tracked.versions:
            return tracked.versions[0].text
        return bridge.base_of(text, [*tracked.versions, *tracked.shown], who.read, now_ms())

    async def _guess(self, tracked: Tracked, text: str) -> Author:
        """Git wrote a file that is now as in HEAD, or as it once was while git did something: stash, restore, reset."""
        if self._staged != tracked.staged and any(text == version.text for version in tracked.versions):
            return Author(GIT, "base", None, {"commit": self.commit})
        blob = await self.in_tree(self._tree.blob, self.commit, tracked.path)
        if blob is None:
            return UNKNOWN
        try:
            same = admission.admit(blob).text == text
        except RoomRefusedError:
            return UNKNOWN
        return Author(GIT, "base", None, {"commit": self.commit}) if same else UNKNOWN

    def _running(self, tracked: Tracked) -> Author:
        """Whoever's program was running when the file was written."""
        run = self._hub.runs.writer(str(self.root), tracked.path, tracked.modified)
        return UNKNOWN if run is None else Author(run.actor, "inferred", None, {"session": run.session})

    def remember(
        self, tracked: Tracked, live: LiveRoom, text: str, moment: int | None = None, *, newest: str | None = None
    ) -> None:
        """A text is on disk now, or was at a moment, or just before the ``newest``, if that is known already."""
        first = tracked.versions[0].text if tracked.versions else None
        if first == text:
            return
        when = now_ms() if moment is None else moment
        version = Version(room=live.id, seq=live.room.seq, hash=text_hash(text), text=text, time=when)
        if newest is not None and first == newest:
            tracked.versions.extendleft((version, tracked.versions.popleft()))
        else:
            tracked.versions.appendleft(version)
        self.spawn(_logged(self._hub.writer.append(version)))

    async def saved(self, tracked: Tracked, live: LiveRoom, said: Saying) -> Looked:
        """An editor says that it saved this text; if the disk has another by now, somebody wrote after it."""
        live.leases.saved(said.holder, time.monotonic())
        async with tracked.lock:
            seen = await asyncio.to_thread(fileio.read, self.root / tracked.path)
            written = None if seen is None else _text_of(seen.data)
            text = said.text
            if written is not None and (digest := text_hash(written)) in said.shown:
                text, said = written, said._replace(hash=digest)
            elif text is None or text_hash(text) != said.hash:
                text = written
            await self._written_over(tracked, live, written or said.text)
            if text is not None and text_hash(text) == said.hash:
                # Even if the file holds something else by now: whoever wrote that may have read this.
                self.remember(tracked, live, text, newest=written)
                await self._record_save(live, live.room.seq, said)
            tracked.aged = None
            if said.lease is not None and live.leases.give_back(said.lease):
                live.released.set()
            return await self.look_locked(tracked)

    async def _written_over(self, tracked: Tracked, live: LiveRoom, saved: str | None) -> None:
        """Take in what somebody wrote during a save, and the save wrote over."""
        guard, tracked.guard = tracked.guard, None
        if guard is None:
            return
        seen = await asyncio.to_thread(guard.stop)
        if await self.at_work() is not None:
            return
        texts = [*(_text_of(each.data) for each in seen), saved]
        for place, (each, text) in enumerate(zip(seen, texts, strict=False)):
            known = text == live.room.text or any(text == version.text for version in tracked.versions)
            if text is None or known:
                continue
            if await self._may_be_saved(tracked, text):
                # No news, but whoever wrote next has read it. The other time is changed while a save lasts.
                self.remember(tracked, live, text, each.changed // 10**6, newest=saved)
                continue
            # What goes on later was seen half.
            if any(later is not None and later.startswith(text) for later in texts[place + 1 :]):
                continue
            write = await self._noted.written_over(tracked, each)
            author = None if write is None else await self._noted.author(tracked, live, write, text)
            found = admission.admit(each.data)
            await self._take(tracked, live, found, Finding.WRITTEN, author, each.modified // 10**6)

    async def _record_save(self, live: LiveRoom, seq: int, said: Saying) -> None:
        await self._hub.writer.append(Save(room=live.id, seq=seq, hash=said.hash, actor=said.actor, time=now_ms()))
        self._hub.report(
            "saved",
            {
                "room": live.id,
                "hash": said.hash.hex(),
                "actor": said.actor,
                "holder": said.holder,
                "followed": said.followed,
                "seq": seq,
            },
        )

    async def write(self, tracked: Tracked, actor: str, cut: Cut | None = None) -> Looked:
        """Put the room's text, or the one of a moment, into the file.

        Raises RoomError where an editor must do that (never with a ``cut``: editors follow it), and OSError.
        """
        async with tracked.lock:
            live = await self._hub.get(tracked.room)
            looked = await self.look_locked(tracked)
            if looked.held is not None:
                raise RoomError(f"{tracked.path} cannot be saved now: {looked.held}.", "Try again in a moment.")
            holders = [holder for holder, dirty in live.dirty.items() if dirty]
            text, seq = cut or Cut(live.room.text, live.room.seq)
            disk = tracked.versions[0].text if tracked.versions and looked.hash is not None else None
            plan = bridge.plan_save(disk, tracked.versions, text, held=bool(holders) and cut is None)
            if plan is bridge.Save.NOTHING:
                return looked
            if plan is bridge.Save.EDITOR:
                self._hub.report("save", {"room": live.id, "holders": holders})
                raise RoomError(f"{holders[0]} holds unsaved text of {tracked.path}.", "It has been asked to save.")
            # Nothing that is not durable reaches the disk, where nobody could tell any more whose it is.
            await live.settled()
            data = admission.to_bytes(text, eol=live.room.record.eol, bom=live.room.record.bom)
            await asyncio.to_thread(fileio.write, self.root / tracked.path, data)
            self.remember(tracked, live, text)
            digest = text_hash(text)
            await self._record_save(live, seq, Saying(digest, actor))
            return Looked(digest, live.room.seq)

    async def rename(self, tracked: Tracked, live: LiveRoom, path: str) -> None:
        """The room's file has another path now."""
        async with tracked.lock:
            await self._rename(tracked, live, path)

    async def _rename(self, tracked: Tracked, live: LiveRoom, path: str) -> None:
        if tracked.path == path:
            return
        live.room.record = msgspec.structs.replace(live.room.record, path=path)
        await self._hub.writer.append(RoomChange(room=live.id, path=path))
        if self.rooms.get(tracked.path) is tracked:
            del self.rooms[tracked.path]
        before, tracked.path = tracked.path, path
        self.rooms[path] = tracked
        self._cover()
        self._hub.report("renamed", {"room": live.id, "path": path, "before": before})

    async def prepare_save(self, tracked: Tracked) -> Looked:
        """Take in what is there, then let the save of the lease's holder see no newer file than its editor knows.

        What is written in between is looked at too: a file that looks old is written over without a question.
        """
        async with tracked.lock:
            if tracked.guard is None:
                tracked.guard = await asyncio.to_thread(Guard, self.root / tracked.path, bridge.LEASE)
            looked = await self.look_locked(tracked, tracked.expected, saving=True)
            for _ in range(LOOKS):
                if looked.hash is None or looked.held is not None:
                    break
                before = looked.hash
                times = await asyncio.to_thread(fileio.age, self.root / tracked.path, tracked.modified)
                if times is not None:
                    tracked.aged = tracked.aged or times
                looked = await self.look_locked(tracked, tracked.expected, saving=True)
                if times is not None and looked.hash == before:
                    break
            return looked

    async def restore_age(self, tracked: Tracked) -> None:
        """The save did not come: the file has its real times again."""
        if tracked.guard is not None:
            guard, tracked.guard = tracked.guard, None
            await asyncio.to_thread(guard.stop)
        if tracked.aged is not None:
            times, tracked.aged = tracked.aged, None
            await asyncio.to_thread(fileio.restore_age, self.root / tracked.path, times)

    async def rest(self, patience: float = REST) -> None:
        """Wait until git is at rest in this worktree. Raises RoomError if it is not in time."""
        deadline = time.monotonic() + patience
        while (why := await self.at_work()) is not None:
            if time.monotonic() >= deadline:
                raise RoomError(f"Rooms wait while {why}.", "Try again when git has finished.")
            await asyncio.sleep(min(HOLD_STEP, self._phase.wait(time.monotonic()) or HOLD_STEP))

    async def at_work(self) -> str | None:
        """What git is doing in this worktree; when it is at rest and HEAD has moved, a new epoch has begun."""
        standing: Standing = await self.in_tree(self._tree.standing)
        now = time.monotonic()
        self._phase.observe(_signs(standing), now)
        self._staged = standing.staged
        why = self._phase.at_work(now)
        if why is not None:
            self._later(self._phase.wait(now) or HOLD_STEP)
            return why
        epoch = self._phase.settle(now)
        if epoch is not None:
            self._begin(standing)
        return None

    def _begin(self, standing: Standing) -> None:
        before, self.session, self.commit = self.session, standing.session, standing.commit
        params = {"worktree": str(self.root), "session": self.session, "commit": self.commit, "before": before}
        if before != self.session:
            # The files of another stream: its rooms are others, and these stay as they are.
            left = list(self.rooms.values())
            self.rooms.clear()
            self._cover()
            self._hub.report("session", params)
            for tracked in left:
                self.spawn(self._carry(tracked))
            return
        self._hub.report("epoch", params)
        for tracked in self.rooms.values():
            tracked.epoch = standing.commit
        # What git brought: from what was on disk before it began to what is there now, merged into each room.
        self.spawn(self._look_at_all())

    async def _carry(self, left: Tracked) -> None:
        """Unsaved text goes along into the room that the same file has in the session of now."""
        old = await self._hub.get(left.room)
        if not left.versions or old.room.text == left.versions[0].text:
            return
        saved, text, attribution = left.versions[0], old.room.text, old.room.attribution
        seqs = {seq for _, events in attribution.segments() for seq in events if seq > saved.seq}
        sources = await self._hub.reader.run(log_reading.sources_of, left.room, seqs)
        found = carrying.parts(saved.text, text, attribution, saved.seq, sources)
        try:
            _, tracked, live = await self._reopen(left.path)
        except RoomRefusedError as error:
            # It stays in the other stream's room, and comes back with it.
            _log.info("unsaved text of %s stays where it is: %s", left.path, error)
            return
        async with tracked.lock:
            for part in found:
                took = live.room.take_outside(
                    saved.text, part.text, actor=part.actor, now=now_ms(), how=part.how, meta={"carried": left.room}
                )
                await live.enter(took)

    async def _missing(self, tracked: Tracked, live: LiveRoom) -> Looked:
        """The file is gone, or it has another name: the same file somewhere among the folders that are watched."""
        if not tracked.gone:
            folders = [(self.root / each.path).parent for each in self.rooms.values()]
            found = await asyncio.to_thread(fileio.find, folders, tracked.inode)
            if found is not None and (path := found.relative_to(self.root).as_posix()) not in self.rooms:
                await self._rename(tracked, live, path)
                return Looked(None, live.room.seq)
            tracked.gone = True
            self._hub.report("gone", {"room": live.id, "path": tracked.path})
        return Looked(None, live.room.seq)

    def _changed(self, paths: set[Path] | None) -> None:
        """Files changed, or anything may have."""
        if paths is None or any(path.parent in self._git_folders for path in paths):
            self.spawn(self._look_at_all())
            return
        if any(path.parent == self._noted.folder for path in paths):
            self.spawn(self._hear())
        for tracked in self.rooms.values():
            if self.root / tracked.path in paths:
                self.spawn(self.look_and_log(tracked))

    async def _hear(self) -> None:
        """Hooks noted something."""
        for path in await self._noted.files():
            tracked = next((each for each in self.rooms.values() if str(self.root / each.path) == path), None)
            if tracked is not None:
                await self.look_and_log(tracked)

    async def _look_at_all(self) -> None:
        if await self.at_work() is None:
            for tracked in list(self.rooms.values()):
                await self.look_and_log(tracked)

    async def look_and_log(self, tracked: Tracked) -> None:
        """As :meth:`look`, where nobody waits for the outcome."""
        try:
            await self.look(tracked)
        except (AnvcsError, OSError) as error:
            _log.warning("%s: %s", tracked.path, error)
        except Exception:  # noqa: BLE001 - the other files are looked at all the same
            _log.exception("looking at %s", tracked.path)

    def _later(self, seconds: float) -> None:
        if self._again is not None:
            self._again.cancel()
        self._again = asyncio.get_running_loop().call_later(seconds, lambda: self.spawn(self._look_at_all()))

    def _cover(self) -> None:
        folders = {(self.root / tracked.path).parent for tracked in self.rooms.values()}
        self._watch.cover(folders | self._git_folders | {self._noted.folder} if folders else ())

    def spawn(self, work: Any) -> None:
        """Do something beside, and be done with it before :meth:`close` returns."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def known_versions(hub: Hub, room: str) -> list[Version]:
    """The newest texts that were on disk, newest first."""
    return await hub.reader.run(lambda log: list(log_reading.versions(log, room, KEPT)))


async def _logged(writing: asyncio.Future[None]) -> None:
    try:
        await writing
    except AnvcsError as error:
        _log.warning("a version of the disk is not remembered: %s", error)


def _text_of(data: bytes) -> str | None:
    try:
        return admission.admit(data).text
    except RoomRefusedError:
        return None


def _signs(standing: Standing) -> Signs:
    return Signs(standing.head, standing.commit, standing.locks, standing.marks, standing.staged)
