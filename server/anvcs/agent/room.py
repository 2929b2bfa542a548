"""A file's room as an agent works in it: it reads, edits what it read, shows its cursor, and waits for others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from anvcs import actors
from anvcs.actions.caller import Caller
from anvcs.actions.places import config_home
from anvcs.actions.rooms.standing import Standing, standing
from anvcs.agent.loop import Loop
from anvcs.errors import EditError, RelayError, RoomRefusedError, RoomsOffError
from anvcs.gitmirror.paths import to_repo_path
from anvcs.link import start
from anvcs.link.control import Control
from anvcs.link.discovery import Discovery
from anvcs.link.roomclient import Address, RoomClient
from anvcs.rooms import delta as deltas
from anvcs.rooms.delta import IDENTITY, Delta
from anvcs.rooms.lines import Lines
from anvcs.rooms.text import TextDoc

TIMEOUT = 30.0
"""Seconds that a call takes at most, if it is not told otherwise."""


class Participant(NamedTuple):
    """Somebody else in the room."""

    actor: str
    name: str


def open_room(
    path: str | os.PathLike[str],
    *,
    as_: str,
    timeout: float = TIMEOUT,
    env: Mapping[str, str] | None = None,
) -> Room:
    """Join the room of a file, as an agent (``agent:foo`` or ``foo``); a relay is started if none runs.

    Close the room when done, or use it in a ``with`` statement. ``env`` takes the place of the process's environment.

    Raises RoomsOffError where rooms are off, RoomRefusedError for a file that cannot be a room, RoomsLeftError for an
    agent that left, RelayError, UsageError for what is no agent's name, and what opening a repository raises.
    """
    env = dict(os.environ) if env is None else env
    file = Path(path).absolute()
    caller = Caller(cwd=Path.cwd(), env=env, config_home=config_home(env))
    try:
        stands = standing(caller, str(file.parent), actors.agent(as_))
    finally:
        caller.close()
    if stands.settings.mode == "off":
        raise RoomsOffError("Rooms are off in this repository.", "Switch them on with: ai-vcs rooms on")
    where = os.fsdecode(to_repo_path(stands.root, Path.cwd(), str(file)))
    loop = Loop(f"room of {where}")
    try:
        session = _Session(stands, where, env, caller.config_home)
        loop.run(session.join(), timeout)
    except TimeoutError as error:
        loop.close()
        raise RelayError(
            f"{where} could not be joined in {timeout:g} s.", "Try again with a longer timeout."
        ) from error
    except BaseException:
        loop.close()
        raise
    return Room(loop, session)


class Room:
    """A file's room. Places are in characters (code points), and lines end with a line feed whatever the file has.

    Edits are meant as places in the text that was read last, by :meth:`read`: what others wrote since is not touched
    by them and moves them along. For one thread at a time.
    """

    def __init__(self, loop: Loop, session: _Session) -> None:
        self._loop = loop
        self._session = session
        self._closed = False

    @property
    def actor(self) -> str:
        """As whom the agent is here."""
        return self._session.stands.actor

    @property
    def path(self) -> str:
        """The file, from the worktree's root."""
        return self._session.path

    @property
    def others(self) -> tuple[Participant, ...]:
        """Who else is here, as they say."""
        return self._run(self._session.participants(), TIMEOUT, "The room did not answer")

    def read(self) -> str:
        """The text as it is now, with what others have not saved yet; edits from now on are meant in it."""
        return self._run(self._session.read(), TIMEOUT, "The text could not be read")

    def edit(self, start: int, end: int, text: str, *, timeout: float = TIMEOUT) -> None:
        """Put a text in the place of the characters from ``start`` up to ``end``; it is durable when this returns.

        Raises EditError for a place that is not in the text, and RelayError if it is not durable in time; it is in the
        room then and goes out as soon as the relay takes it.
        """
        self._run(self._session.edit(start, end, text), timeout, "The edit is not durable yet")

    def replace(self, old: str, new: str, *, timeout: float = TIMEOUT) -> None:
        """Put a text in the place of another that occurs once; as :meth:`edit`.

        Raises EditError if it does not occur in the text that was read last, or more than once.
        """
        self._run(self._session.replace(old, new), timeout, "The edit is not durable yet")

    def cursor(self, start: int | None, end: int | None = None) -> None:
        """Show others where the agent is: a place, or what is selected up to ``end``; nowhere, if None."""
        self._run(self._session.cursor(start, end), TIMEOUT, "The cursor could not be shown")

    def wait_for_change(self, timeout: float = TIMEOUT) -> bool:
        """Wait until somebody else has changed the text since it was read; false if nobody did in time."""
        try:
            self._run(self._session.changed(), timeout, "")
        except _TookTooLongError:
            return False
        return True

    def save(self, *, timeout: float = TIMEOUT) -> None:
        """Have the room's text written into its file. Raises RoomError where an editor holds unsaved text of it."""
        self._run(self._session.save(), timeout, "The file is not saved yet")

    def close(self) -> None:
        """Leave."""
        if not self._closed:
            self._closed = True
            try:
                self._loop.run(self._session.leave(), TIMEOUT)
            finally:
                self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, work: Any, timeout: float, otherwise: str) -> Any:
        if self._closed:
            work.close()
            raise RelayError("The room was closed.", "Open it again.")
        try:
            return self._loop.run(work, timeout)
        except TimeoutError as error:
            reason = self._session.reason
            raise _TookTooLongError(f"{otherwise}{f': {reason}' if reason else ''}.", "Wait, or try again.") from error


class _TookTooLongError(RelayError):
    """The time that was given is over."""


class _Session:
    """What a room does on the event loop."""

    def __init__(self, stands: Standing, path: str, env: Mapping[str, str], config_home: Path) -> None:
        self.stands = stands
        self.path = path
        self._env = env
        self._config_home = config_home
        self._doc = TextDoc()
        self._client = RoomClient(self._doc, stands.actor, self._find, on_remote=self._take)
        self._read = ""
        """The text that edits are meant in."""
        self._since: Delta = IDENTITY
        """What others have made of it since."""
        self._room = ""

    @property
    def reason(self) -> str:
        """Why the room cannot be reached at the moment, if so."""
        return self._client.reason

    async def join(self) -> None:
        await self._find()
        self._client.start()
        try:
            await self._client.until(lambda: self._client.state in ("joined", "closed"))
            self._check()
        except BaseException:
            await self._client.close()
            raise
        self._client.say(self._state(None))
        await self.read()

    async def leave(self) -> None:
        await self._client.close()

    async def read(self) -> str:
        self._read, self._since = self._doc.text, IDENTITY
        return self._read

    async def edit(self, start: int, end: int, text: str) -> None:
        self._check()
        if not 0 <= start <= end <= len(self._read):
            raise EditError(
                f"From {start} to {end} is not in a text of {len(self._read)} characters.", "Read it again, then edit."
            )
        mine = deltas.from_edits([(start, end, text)])
        if not mine:
            return
        # Others may be in the middle of a line that they began at the same place: whole lines go before it.
        before = text.endswith("\n")
        now = deltas.transform(mine, self._since, first=before)
        update = self._doc.edit(now) if now else None
        self._since = deltas.transform(self._since, mine, first=not before)
        self._read = deltas.apply(self._read, mine)
        if update is not None:
            self._client.send(update)
        await self._durable()

    async def replace(self, old: str, new: str) -> None:
        count = self._read.count(old) if old else 0
        if count != 1:
            found = f"occurs {count} times" if count else "does not occur"
            raise EditError(f"{old[:80]!r} {found} in {self.path}.", "Read the text again, and name more of it.")
        start = self._read.index(old)
        await self.edit(start, start + len(old), new)

    async def cursor(self, start: int | None, end: int | None) -> None:
        self._check()
        selection: dict[str, Any] | None = None
        if start is not None:
            anchor, active = start, start if end is None else end
            if not (0 <= anchor <= len(self._read) and 0 <= active <= len(self._read)):
                raise EditError(f"The text has {len(self._read)} characters.", "Read it again.")
            lines = Lines(self._doc.text)
            selection = {"anchor": self._position(lines, anchor), "active": self._position(lines, active)}
        self._client.say(self._state(selection))

    async def changed(self) -> None:
        await self._client.until(lambda: bool(self._since) or self._client.state == "closed")
        self._check()

    async def save(self) -> None:
        await self._durable()
        found = await self._found()
        control = await Control(self.stands.state, found).open()
        try:
            answer = await control.ask("save", {"actor": self.stands.actor, "rooms": [self._room]})
        finally:
            await control.close()
        for refused in answer.get("refused", ()):
            raise RoomRefusedError(f"{self.path} is not saved: {refused['reason']}", "Save it in the editor.")

    async def participants(self) -> tuple[Participant, ...]:
        states = (state for _, state in sorted(self._client.others.items()))
        return tuple(Participant(str(each.get("actor", "")), str(each.get("name", ""))) for each in states)

    def _take(self, delta: Delta) -> None:
        self._since = deltas.compose(self._since, delta)

    async def _durable(self) -> None:
        await self._client.until(lambda: not self._client.undurable or self._client.state == "closed")
        self._check()

    def _check(self) -> None:
        if self._client.state == "closed":
            raise RelayError(f"The room was left: {self._client.reason or 'its relay ended'}.", "Open it again.")

    def _state(self, selection: Mapping[str, Any] | None) -> dict[str, Any]:
        name = self.stands.actor.partition(":")[2]
        state: dict[str, Any] = {"actor": self.stands.actor, "name": name, "user": {"name": name}}
        return state if selection is None else state | {"selections": [selection]}

    def _position(self, lines: Lines, place: int) -> dict[str, int]:
        kept = deltas.transform((place, "|") if place else ("|",), self._since, first=False)
        line, character = lines.position(kept[0] if isinstance(kept[0], int) else 0)
        return {"line": line, "character": character}

    async def _found(self) -> Discovery:
        return await asyncio.to_thread(start.ensure, self.stands.state, self._config_home, env=self._env)

    async def _find(self) -> Address:
        found = await self._found()
        control = await Control(self.stands.state, found).open()
        try:
            where = {"worktree": str(self.stands.root), "path": self.path, "actor": self.stands.actor}
            answer = await control.ask("open", where)
        finally:
            await control.close()
        if "refused" in answer:
            raise RoomRefusedError(str(answer["refused"]), str(answer.get("wayOut", "")))
        self._room = str(answer["room"])
        return Address(found, self._room)
