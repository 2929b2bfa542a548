"""A window's language server: the room's copy, the binding, and the ways to editor and relay."""

from __future__ import annotations

from collections.abc import Callable

from anvcs.rooms.binding import Binding, Push
from anvcs.rooms.delta import Delta
from anvcs.rooms.shadow import text_hash
from anvcs.rooms.text import TextDoc
from tests.unit.rooms.simulation.clock import Clock
from tests.unit.rooms.simulation.relay import Relay
from tests.unit.rooms.simulation.window import Event, Host, Window

LEASE = 600.0
"""Milliseconds after which a save that never came is given up."""

CATCHING_UP = 200.0
"""Milliseconds that an editor waits with its save for what others wrote."""


class Server:
    """One window's."""

    def __init__(
        self, clock: Clock, name: str, window: Window, relay: Relay, update: bytes, bind: Callable[[str], Binding]
    ) -> None:
        self._clock, self._window, self._relay = clock, window, relay
        self.name = name
        self.doc = TextDoc(100 + int(name[1:]))
        self.doc.apply(update)
        self.binding = bind(self.doc.text)
        self.up, self.down = clock.channel(5, 40), clock.channel(5, 40)
        self.control = clock.channel(5, 40)
        self._ask = clock.channel(5, 40)
        """Another connection than that of edits."""
        self.pushes = 0
        self.kinds: dict[str, int] = {}
        self._host: Host = window.host
        self._dirty = False
        self._seen = 0
        self._written = self._acked = 0
        self._later: list[tuple[Callable[[], bool], Callable[[], None]]] = []
        self._shown: list[str] | None = None
        """What the document has been since it was about to be saved."""
        self._save = 0
        window.host.server = self
        relay.members.append(self)

    # From the editor

    def changed(self, event: Event) -> None:
        """The document changed."""
        found = self.binding.changed(event.version, event.changes, dirty=event.dirty, reason=event.reason)
        self.kinds[found.kind] = self.kinds.get(found.kind, 0) + 1
        if event.dirty and not self._dirty:
            self._dirty = True
            self._ask(lambda: self._relay.dirty.add(self.name))
        if self._shown is not None:
            self._shown.append(self.binding.text)
        self._write(found.delta)
        if found.undo is not None:
            self._when_acked(lambda: self._ask(lambda: self._relay.undo(self, self._undone)))
        if found.look:
            self._ask(lambda: self._relay.look(lambda seq: self.control(lambda: self._looked(seq))))
        self._pump()

    def will_save(self, reply: Callable[[], None]) -> None:
        """The document is about to be saved."""
        self.binding.will_save()
        self._shown = [self.binding.text, *(self._shown or ())]
        self._save += 1
        save = self._save

        def go_on() -> None:
            self._write(self.binding.granted())
            self._clock.at(LEASE, lambda: self._give_up(save))
            self._pump()
            until = self._clock.now + CATCHING_UP
            self._clock.at(CATCHING_UP, self._pump)
            self._when(lambda: self.binding.caught_up or self._clock.now >= until, reply)

        def granted(seq: int) -> None:
            self._when(lambda: self._seen >= seq, go_on)

        self._when_acked(lambda: self._ask(lambda: self._relay.lease(self, granted)))

    def did_save(self, version: int, *, followed: bool) -> None:
        """The document was saved."""
        texts = self._shown or [self.binding.text]
        self._end_save(version, texts, followed=followed)

    def _give_up(self, save: int) -> None:
        if self._save == save and self._shown is not None:
            self._end_save(None, [], followed=False)

    def _end_save(self, version: int | None, texts: list[str], *, followed: bool) -> None:
        self._shown = None
        self._save += 1
        self._write(self.binding.saved(version))
        self._pump()

        if texts:
            self._dirty = False

        def tell() -> None:
            if texts:
                self._relay.dirty.discard(self.name)
            self._relay.saved(self, texts, followed=followed)

        # The room is to know what was saved before it hears that it was.
        self._when_acked(lambda: self._ask(tell))

    # From the relay

    def update(self, update: bytes, seq: int, *, saving: bool | None) -> None:
        """Somebody else's edit."""
        delta = self.doc.apply(update)
        if delta:
            self.binding.remote(delta, saving=saving)
        self._seen = seq
        self._pump()

    def acked(self, seq: int) -> None:
        """The room has an edit of this editor."""
        self._seen = seq
        self._acked += 1
        self._pump()

    def saved(self, hashed: str, seq: int, *, own: bool, followed: bool) -> None:
        """The file has got another text."""

        def know() -> None:
            self._write(self.binding.known(hashed))
            if not own and not followed and text_hash(self.binding.text) == hashed:
                version = self.binding.version
                self._host.inbound(lambda: self._window.down(lambda: self._window.follow(version)))
            self._pump()

        self._when(lambda: self._seen >= seq, know)

    def _looked(self, seq: int) -> None:
        def release() -> None:
            self._write(self.binding.release())
            self._pump()

        self._when(lambda: self._seen >= seq, release)

    def _undone(self, seq: int) -> None:
        def release() -> None:
            self.binding.undone()
            self._pump()

        self._when(lambda: self._seen >= seq, release)

    # Between

    def _write(self, delta: Delta) -> None:
        if delta:
            update = self.doc.edit(delta)
            self._written += 1
            saving = self.binding.saving
            self.up(lambda: self._relay.take(self, update, saving=saving))

    def _pump(self) -> None:
        push = self.binding.push()
        if push is not None:
            self.pushes += 1
            self._host.inbound(lambda: self._host.edit(push, lambda applied: self._answered(push, applied=applied)))
        ready = [each for each in self._later if each[0]()] if self._later else []
        for each in ready:
            if each in self._later:
                self._later.remove(each)
                each[1]()

    def _answered(self, push: Push, *, applied: bool) -> None:
        self._write(self.binding.answered(push, applied))
        self._pump()

    def _when_acked(self, work: Callable[[], None]) -> None:
        """Do something when the room has all that is written by now; what is typed meanwhile does not count."""
        written = self._written
        self._when(lambda: self._acked >= written, work)

    def _when(self, ready: Callable[[], bool], work: Callable[[], None]) -> None:
        if ready():
            work()
        else:
            self._later.append((ready, work))
