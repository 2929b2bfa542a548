"""One seeded run, and what was wrong in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from anvcs.errors import EditError
from anvcs.rooms.binding import Binding
from anvcs.rooms.text import seed as seeded
from tests.unit.rooms.simulation.clock import Clock
from tests.unit.rooms.simulation.disk import Disk
from tests.unit.rooms.simulation.people import COMPLETE, TOKEN, Agent, Book, Person
from tests.unit.rooms.simulation.relay import AGENT, Relay
from tests.unit.rooms.simulation.server import Server
from tests.unit.rooms.simulation.window import Window

TEXT = "L0\nL1\nL2\nL3\nZ\n"
STEPS = 60_000
ROUNDS = 12
CALM = 400.0
"""Milliseconds between the saves at the end."""


class Setting(NamedTuple):
    """What kind of run it is."""

    keys: bool
    """People type key by key, not line by line."""
    undoes: bool
    agent: bool
    reports: bool
    """The agent says what it read."""
    race: bool
    """The editor applies an edit a little after it looked at the version: now and then in the middle of a word."""
    overtaking: bool
    """Answers may come before the events that they are about."""
    eol: str
    formats: bool
    """The formatter changes lines; nobody deletes any then, for what it inserts would outlive them."""
    hasty: bool
    """Editors format without waiting until they may save.

    Not with an agent among half-written lines, with ``undoes`` or with ``race``: what belongs
    together is then only guessed, or the editor itself has it twice.
    """
    tells: bool
    """The relay tells which edits are of a save; else nobody's words begin alike."""
    calm: bool
    """People write seldom and save often, so that documents are read again from the disk."""
    flushes: bool
    """Somebody has the bridge save now and then."""

    @property
    def deletes(self) -> bool:
        """Whether anybody deletes lines."""
        # Typing goes on behind what was deleted there, as in every Yjs text: so beside another's word at that place.
        return not self.formats and not self.keys

    @staticmethod
    def of(rng: Random) -> Setting:
        """Any."""
        keys, undoes, race = rng.random() < 0.4, rng.random() < 0.5, rng.random() < 0.3
        agent = rng.random() < 0.8
        return Setting(
            keys=keys,
            undoes=undoes and not keys,
            agent=agent,
            reports=rng.random() < 0.5,
            race=race,
            overtaking=rng.random() < 0.5 and not race,
            eol=rng.choice(("\n", "\r\n")),
            formats=rng.random() < 0.6 and (not race if keys else not undoes),
            hasty=rng.random() < 0.25 and not (race or undoes or (agent and keys)),
            tells=rng.random() < 0.5,
            calm=rng.random() < 0.4,
            flushes=rng.random() < 0.3,
        )


def bind(text: str) -> Binding:
    """Our binding."""
    return Binding.open(text, 1, text, text).binding


class World:
    """Three windows with their people, the relay, the file and the agent."""

    def __init__(
        self, seed: int, *, strategy: Callable[[str], Binding] = bind, setting: Setting | None = None, end: float = 700
    ) -> None:
        rng = Random(seed)  # noqa: S311 - a seeded run, no secret
        self.setting = setting = setting or Setting.of(rng)
        if setting.calm:
            end *= 3
        self.clock = clock = Clock(rng)
        self.disk = Disk(clock, TEXT)
        self.book = Book()
        update = seeded(TEXT)
        self.relay = Relay(clock, self.disk, update, tells=setting.tells)
        self.windows = [
            Window(
                clock,
                rng,
                self.disk,
                eol=setting.eol,
                race=setting.race,
                overtaking=setting.overtaking,
                formats=setting.formats,
                hasty=setting.hasty,
            )
            for _ in range(3)
        ]
        self.servers = [
            Server(clock, f"u{index}", window, self.relay, update, strategy)
            for index, window in enumerate(self.windows)
        ]
        for server, window in zip(self.servers, self.windows, strict=True):
            Person(
                clock,
                rng,
                self.book,
                window,
                server.name if setting.tells else "uvw"[int(server.name[1])] + server.name[1],
                end,
                keys=setting.keys,
                undoes=setting.undoes,
                deletes=setting.deletes,
                calm=setting.calm,
            )
        if setting.agent:
            stale = 0 if setting.keys else 200
            Agent(clock, rng, self.book, self.disk, end, stale=stale, reports=setting.reports, deletes=setting.deletes)
        if setting.flushes:
            for time in range(200, int(end), 300):
                clock.at(time, self.relay.flush)
        for number in range(ROUNDS):
            for index, window in enumerate(self.windows):
                clock.at(end + 1500 + (3 * number + index) * CALM, lambda window=window: self._save(window))
        self.problems: list[str] = []
        self._quiet: tuple[int, str] | None = None
        self._rounds = 0

    def _save(self, window: Window) -> None:
        self._rounds += 1
        # Everybody saves once, so that what came from elsewhere is formatted; then once more, and nothing may change.
        if self._rounds == 3 * (ROUNDS - 1) + 1:
            self._quiet = (self.relay.seq, self.disk.text)
        if window.dirty or self._rounds > 3 * (ROUNDS - 2):
            window.save()

    def run(self) -> list[str]:
        """Let everything happen; what was wrong."""
        try:
            if not self.clock.run(STEPS):
                return ["no end of it"]
        except EditError as error:
            return [f"refused: {error}"]
        self._agreement()
        if self.setting.race and self.setting.keys:
            self._characters()
        else:
            self._words()
            self._attribution()
        dialogs = sum(window.dialogs for window in self.windows)
        if dialogs:
            self.problems.append(f"{dialogs} dialogs")
        if self._quiet is not None and self._quiet != (self.relay.seq, self.disk.text):
            self.problems.append("saving again changed something")
        return [*self.relay.problems, *self.problems]

    def _agreement(self) -> None:
        text = self.relay.doc.text
        for server, window in zip(self.servers, self.windows, strict=True):
            if window.text != text:
                self.problems.append(f"{server.name} shows another text")
            if server.doc.text != text:
                self.problems.append(f"{server.name} has another copy")
            if not server.binding.settled:
                self.problems.append(f"{server.name} is not settled")
            if server.binding.text != window.text:
                self.problems.append(f"{server.name} does not know what it shows")
            if window.dirty:
                self.problems.append(f"{server.name} has unsaved text")
        if self.disk.text != text:
            self.problems.append("the file has another text")

    def _characters(self) -> None:
        """Nothing is lost and nothing doubled, wherever it got to."""
        count = Counter(self.relay.doc.text.replace(" ", "").replace("#fmt\n", ""))
        due = Counter(TEXT + "".join(self.book.wrote))
        if count != due:
            self.problems.append(f"characters lost {due - count} or doubled {count - due}")

    def _words(self) -> None:
        text, book = self.relay.doc.text, self.book
        undone = {token for piece in self.relay.undone for token in TOKEN.findall(piece)}
        lines = text.split("\n")
        count = Counter(TOKEN.findall(text))
        for token in book.typed:
            if count[token] > 1:
                self.problems.append(f"{token} is there {count[token]} times")
            elif token in undone or token in book.doubtful:
                continue
            elif count[token] and token in book.deleted and not self.setting.race:
                # A line that came late to a wrong place may be deleted there before it is put right.
                self.problems.append(f"{token} came back")
            elif not count[token] and token not in book.deleted:
                self.problems.append(f"{token} is lost")
        for line in lines[:-1]:
            if not COMPLETE.match(line) and line not in ("L0", "L1", "L2", "L3", "Z", "#fmt"):
                self.problems.append(f"broken: {line!r}")
        if lines[-1]:
            self.problems.append(f"broken end: {lines[-1]!r}")
        for line in ("L0", "L1", "L2", "L3", "Z"):
            if lines.count(line) != 1:
                self.problems.append(f"{line} is there {lines.count(line)} times")

    def _attribution(self) -> None:
        text = self.relay.doc.text
        authors = [self.relay.authors[run.seq] for run in self.relay.attribution.runs() for _ in range(run.length)]
        for match in TOKEN.finditer(text):
            due = AGENT if match[0].startswith("a") else f"u{match[0][1]}"
            found = set(authors[match.start() : match.end()])
            if found != {due}:
                self.problems.append(f"{match[0]} is credited to {sorted(found)}")
