"""The worktrees of the repository in which rooms are open, and how a file becomes a room: once, whoever asks first."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from anvcs.actions.caller import Caller
from anvcs.actions.collab.worktree import Standing, Worktree
from anvcs.actions.rooms import recorded, settings
from anvcs.actions.rooms.settings import RoomSettings
from anvcs.errors import AnvcsError, PathOutsideError, RelayError, RoomRefusedError
from anvcs.relay import fileio
from anvcs.relay.disk import Bridge, known_versions
from anvcs.relay.hub import LEFT, Hub
from anvcs.relay.live import LiveRoom
from anvcs.relay.tracked import Tracked
from anvcs.rooms import admission, replay
from anvcs.rooms import room as rooms
from anvcs.rooms.entries import RoomChange, Session
from anvcs.rooms.log import RoomLog
from anvcs.wire.rooms import Retention

_log = logging.getLogger(__name__)

_GOING = 1.0
"""Seconds that those who are sent away have to close their connections."""


class Places:
    """The bridges of this repository's worktrees, by their folders."""

    def __init__(self, hub: Hub, common_dir: Path, config_home: Path, env: Mapping[str, str]) -> None:
        self._hub = hub
        self._common_dir = common_dir
        self._config_home = config_home
        self._env = env
        self._bridges: dict[Path, Bridge] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._opening: dict[Path | tuple[str, str], asyncio.Lock] = {}
        self._state = common_dir / "anvcs"
        self._settings = settings.read(config_home, common_dir)
        settings.mark(self._state, self._settings)
        hub.spool.prepare()
        self._hub.paused_actors.update(self._settings.paused_actors)
        self._hub.left.update(self._settings.left)

    @property
    def paused(self) -> bool:
        """Nothing is recorded at the moment."""
        return self._settings.paused

    @property
    def retention(self) -> Retention:
        """How long edits are kept."""
        return self._settings.retention

    def configure(self, raw: msgspec.Raw) -> None:
        """Take new settings; whoever may not go on is sent away now."""
        changed = msgspec.json.decode(raw, type=RoomSettings)
        self._settings = changed
        self._hub.paused_actors.clear()
        self._hub.paused_actors.update(changed.paused_actors)
        self._hub.left.clear()
        self._hub.left.update(changed.left)
        for live in list(self._hub.live.values()):
            if live.has_asides:
                self._spawn(self._hub.reconsider(live))
            if any(member.actor in changed.left for member in live.members):
                self._spawn(self._send_away(live))
        self._hub.report("paused" if changed.paused else "resumed", {"actors": changed.paused_actors})
        if changed.paused:
            for live in list(self._hub.live.values()):
                live.dismiss(4409, "paused")

    async def _send_away(self, live: LiveRoom) -> None:
        """Those who left go; a room in which nobody is then records nothing more from its file either."""
        for member in list(live.members):
            if member.actor in self._hub.left:
                member.dismiss(*LEFT)
        if all(member.actor in self._hub.left for member in live.members):
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOING):
                    await live.empty.wait()
            await live.settled()
            if not live.members:
                self.release(live)
                self._hub.forget(live)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tracked(self, rooms: tuple[str, ...] | None) -> Iterator[tuple[Bridge, Tracked]]:
        """The open files of these rooms, or of all."""
        for place in list(self._bridges.values()):
            for tracked in list(place.rooms.values()):
                if rooms is None or tracked.room in rooms:
                    yield place, tracked

    async def open(self, worktree: Path, path: str) -> tuple[Bridge, Tracked, LiveRoom]:
        """A file's room, made now if it never was one. Raises RoomRefusedError with the reason why it cannot be one."""
        if self._settings.paused:
            raise RoomRefusedError(
                "Rooms are paused in this repository.", "Resume them with: ai-vcs rooms pause --resume"
            )
        place = await self._bridge(worktree)
        await place.at_work()
        known = place.rooms.get(path)
        if known is None:
            async with self._lock((place.session, path)):
                known = place.rooms.get(path) or await self._begin(place, path)
        return place, known, await self._hub.get(known.room)

    async def open_all(self, worktree: Path) -> None:
        """Open every room that the log has of a worktree's session; files that cannot be rooms any more are left."""
        place = await self._bridge(worktree)
        for record in await self._hub.reader.run(RoomLog.rooms, place.session):
            if not record.closed:
                with suppress(RoomRefusedError):
                    await self.open(worktree, record.path)

    async def look_since(self, worktree: Path, moment: int) -> None:
        """Take in what stands in files of rooms, open ones or not, that were written since a moment (nanoseconds)."""
        place = await self._bridge(worktree)
        for record in await self._hub.reader.run(RoomLog.rooms, place.session):
            with suppress(RoomRefusedError, OSError):
                written = await asyncio.to_thread((place.root / record.path).stat, follow_symlinks=False)
                if not record.closed and written.st_mtime_ns >= moment:
                    _, tracked, _ = await self.open(worktree, record.path)
                    await place.look(tracked)

    async def trimmed(self, room: str, path: str, edits: int, upto: int) -> None:
        """Have the operation log say that old edits went; where it cannot, the room log still says so."""
        root = next(iter(self._bridges), None)
        if root is None:
            return

        def record() -> None:
            caller = Caller(cwd=root, env=self._env, config_home=self._config_home)
            try:
                recorded.trimmed(caller, str(root), room, path, edits, upto)
            finally:
                caller.close()

        try:
            await asyncio.to_thread(record)
        except (AnvcsError, OSError) as error:
            _log.warning("that edits of %s went is not in the operation log: %s", path, error)

    def release(self, live: LiveRoom) -> None:
        """A room is let go of: its file is not watched any more."""
        for place in self._bridges.values():
            place.release(live.id)

    async def close(self) -> None:
        """End every bridge."""
        for place in self._bridges.values():
            await place.close()

    @staticmethod
    def text_at(log: RoomLog, room: str, seq: int) -> str:
        """A room's text as it was at an edit. Raises NotKeptError, DamagedEditError, RoomError."""
        return replay.at(log, room, seq).text

    async def _bridge(self, worktree: Path) -> Bridge:
        root = await asyncio.to_thread(worktree.resolve)
        async with self._lock(root):
            found = self._bridges.get(root)
            if found is None:
                tree, standing = await asyncio.to_thread(self._open_tree, root)
                found = self._bridges[root] = Bridge(self._hub, tree, standing, lambda path: self.open(root, path))
            return found

    def _open_tree(self, root: Path) -> tuple[Worktree, Standing]:
        tree = Worktree.open(root, self._env)
        if tree.common_dir.resolve() != self._common_dir.resolve():
            raise RelayError(f"{root} belongs to another repository.", "Ask that repository's relay.")
        if tree.root.resolve() != root:
            raise RelayError(f"{root} is not the top folder of a worktree.", f"Ask for {tree.root}.")
        return tree, tree.standing()

    async def _begin(self, place: Bridge, path: str) -> Tracked:
        seen = await place.in_tree(self._admit, place, path)
        record = await self._hub.reader.run(RoomLog.find, place.session, path)
        if record is None:
            name = await self._create(place, path, seen)
        else:
            name = record.room
            if record.closed:
                await self._hub.writer.append(RoomChange(room=name, closed=False))
        return place.track(name, path, await known_versions(self._hub, name))

    def _admit(self, place: Bridge, path: str) -> fileio.Seen:
        """The file, if it may be a room. Blocks; runs git."""
        parts = Path(path).parts
        if not parts or Path(path).is_absolute() or ".." in parts:
            raise PathOutsideError(f"{path} is not below {place.root}.", "Name a file of the worktree.")
        admission.check_path(path, self._settings.exclude)
        if any((place.root / Path(*parts[:count])).is_symlink() for count in range(1, len(parts) + 1)):
            raise RoomRefusedError(f"{path} is or lies behind a symbolic link.", "Open the file itself.")
        seen = fileio.read(place.root / path)
        if seen is None:
            raise RoomRefusedError(f"{path} is not on disk.", "Save it first.")
        admission.admit(seen.data)
        place.check(path)
        return seen

    async def _create(self, place: Bridge, path: str, seen: fileio.Seen) -> str:
        found = admission.admit(seen.data)
        name, now = f"r{secrets.token_hex(8)}", time.time_ns() // 1_000_000
        stream = place.session.removeprefix("stream:")
        session = Session(session=place.session, worktree=str(place.root), stream=stream, created=now)
        commit = place.commit or ""
        entries = rooms.found(
            name, place.session, path, found.text, now=now, eol=found.eol, bom=found.bom, commit=commit
        )
        await asyncio.gather(*(self._hub.writer.append(entry) for entry in (session, *entries)))
        return name

    def _lock(self, key: Path | tuple[str, str]) -> asyncio.Lock:
        return self._opening.setdefault(key, asyncio.Lock())
