"""The CRDT text of a room: code points outside, the engine's UTF-8 bytes inside; the only module that knows pycrdt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast

import pycrdt

from anvcs.errors import BadUpdateError, EditError
from anvcs.rooms import carets
from anvcs.rooms.delta import Delta, compose, diff, normal
from anvcs.rooms.lines import Lines
from anvcs.rooms.updates import ROOT, Contents, clients, contents, cuts, pairs, state_vector

GROUP = 500
"""Changes in one transaction: the engine's cost grows with the square of their number."""
if len(_probe := pycrdt.Doc[Any]({"probe": pycrdt.Text("é")}).get("probe", type=pycrdt.Text)) != 2:
    raise ImportError(
        f"pycrdt counts {len(_probe)} units for 'é' where ANVCS counts on 2 UTF-8 bytes: use pycrdt 0.14."
    )
WAITING = 1_000
"""Updates that wait for others before them; with more of them, only a state vector gets this copy on."""
_EMPTY = pycrdt.Doc[Any]().get_update()


class TextDoc:
    """One plain text that others change too."""

    def __init__(self, client: int | None = None) -> None:
        self._lines = Lines()
        self._base = _EMPTY
        self._tail: list[bytes] = []
        """With ``_base`` all that this copy holds, for the day when the engine breaks in the middle of an update."""
        self._tail_size = 0
        self._clocks: dict[int, int] = {}
        """What is here of each client's edits, as in the state vector."""
        self._waiting: list[tuple[bytes, Contents]] = []
        """Updates that stand on what is not here. The engine would take them, and lose text of some for ever."""
        self._pairs: set[tuple[int, int]] = set()
        """Where text of two UTF-16 units each cannot be cut: the engine and Yjs would go apart there for ever."""
        self._open(client)

    @classmethod
    def restored(cls, update: bytes, client: int | None = None) -> TextDoc:
        """A copy with all that another had when it gave ``since()``: kept by ourselves, so not read in full before.

        Raises BadUpdateError.
        """
        doc = cls(client)
        try:
            doc._doc.apply_update(update)
        except BaseException as error:
            if not _is_engines(error):
                raise
            raise BadUpdateError("What was stored of the text cannot be read.", "Use an older copy.") from error
        text = str(doc._text)
        doc._lines = Lines(text)
        doc._base = update
        doc._clocks = state_vector(doc.state())
        if pairs(text, 0, 0):
            doc._pairs.update(contents(update).pairs)
        return doc

    @property
    def client(self) -> int:
        """The id under which this copy writes."""
        return self._client

    @property
    def text(self) -> str:
        """The whole text."""
        return self._lines.text

    def __len__(self) -> int:
        return len(self._lines)

    def edit(self, delta: Delta) -> bytes:
        """Change the text; gives the update for others. Raises EditError for a change that goes past the end."""
        needed = typed = 0
        halves: list[tuple[int, int]] = []
        for op in delta:
            if not isinstance(op, str):
                needed += op if op > 0 else -op
            elif op.isascii():
                typed += len(op)
            else:
                halves += pairs(op, self.client, self._clocks.get(self.client, 0) + typed)
                typed += _units(op)
        if needed > len(self):
            raise EditError("The edit goes past the end of the text.", "Read the text again.")
        self._caret = None
        # Not the difference of two states: that repeats every deletion there ever was.
        made = self._updates = []
        place = 0
        try:
            for start in range(0, len(delta), GROUP):
                ops = delta if len(delta) <= GROUP else delta[start : start + GROUP]
                transaction = self._engine.create_transaction()
                try:
                    place = self._write(transaction, ops, place)
                    transaction.commit()
                finally:
                    transaction.drop()
        except BaseException as error:
            if not _is_engines(error):
                raise
            self._rebuild()
            raise EditError(f"The edit broke the engine: {error}.", "Read the text again.") from error
        finally:
            self._updates = None
        update = made[0] if len(made) == 1 else merge(made) if made else _EMPTY
        if halves:
            self._pairs.update(halves)
        if typed:
            self._clocks[self._client] = self._clocks.get(self._client, 0) + typed
        self._keep(update)
        return update

    def apply(self, update: bytes, *, held: Contents | None = None) -> Delta:
        """Take an update; gives what changed. Raises BadUpdateError, and the text is as it was then.

        One that comes before others that it stands on waits for them, and changes nothing until then.
        ``held`` is what was read from it before, if all that it stands on is known to be here.
        """
        if held is None:
            held = contents(update)
            if not held.whole:
                raise BadUpdateError("The update leaves out edits between its own.", "Send all that there is.")
            if not held.stands_on(self._clocks):
                self._waiting = [*self._waiting, (update, held)] if len(self._waiting) < WAITING else []
                return ()
        delta = self._take(update, held)
        return compose(delta, self._take_waiting()) if self._waiting else delta

    def _take_waiting(self) -> Delta:
        """Take what has waited for what just came, and what has waited for that."""
        whole: Delta = ()
        ready = True
        while ready:
            ready = [each for each in self._waiting if each[1].stands_on(self._clocks)]
            self._waiting = [each for each in self._waiting if each not in ready]
            for update, held in ready:
                with suppress(BadUpdateError):
                    whole = compose(whole, self._take(update, held))
        return whole

    def _take(self, update: bytes, held: Contents) -> Delta:
        if held.pairs or self._pairs:
            borders = cuts(update)
            if not (self._pairs.isdisjoint(borders) and set(held.pairs).isdisjoint(borders)):
                raise BadUpdateError("The update cuts a character in two.", "Edit at the borders of characters.")
        guess = carets.follow(self._caret, held)
        self._caret = None
        events: list[Any] = []
        try:
            transaction = self._engine.create_transaction()
            try:
                if guess is None and held.removal is not None and held.removal[2] == 1:
                    guess = self._located(transaction, held.removal)
                before = self._native.len(transaction) if guess else 0
                self._events = None if guess else events
                self._engine.apply_update(transaction, update)
                grown = self._native.len(transaction) - before if guess else 0
                transaction.commit()
            finally:
                self._events = None
                transaction.drop()
            delta = self._follow(events) if guess is None else self._followed(guess, grown)
        except BaseException as error:
            if not _is_engines(error):
                raise
            self._rebuild()
            raise BadUpdateError(f"The update cannot be read: {error}.", "Send a Yjs update of a text.") from error
        if guess is None and held.insertion is not None:
            self._caret = carets.after(held.insertion, delta)
        for client, (_, end) in held.clients.items():
            if end > self._clocks.get(client, 0):
                self._clocks[client] = end
        self._pairs.update(held.pairs)
        self._keep(update)
        return delta

    def _located(self, transaction: Any, removal: tuple[int, int, int]) -> carets.Guess | None:
        """What the deletion of one character does, where the engine finds it right, as it does in ASCII alone."""
        if not self._lines.is_ascii:
            return None
        client, clock, _ = removal
        named: dict[str, Any] = {"item": {"client": client, "clock": clock}, "assoc": 0}
        sticky = cast("Any", pycrdt.StickyIndex).from_json(named)
        place: int = sticky._sticky_index.get_offset(transaction)  # noqa: SLF001 - the wrapper wants another transaction
        return carets.Guess(place, place + 1, "", None) if place < len(self) else None

    def _followed(self, guess: carets.Guess, grown: int) -> Delta:
        """What changed, where that follows from what was typed just before; the engine must have it as long."""
        start, end, text = guess.start, guess.end, guess.text
        gone = end - start
        if grown == len(text.encode()) - (len(self._lines.slice(start, end).encode()) if gone else 0):
            self._lines.splice(start, end, text)
            self._caret = guess.caret
            return normal((start, text, -gone))
        if grown == 0:
            return ()
        now = str(self._text)
        delta = diff(self._lines.text, now)
        self._lines = Lines(now)
        return delta

    def state(self) -> bytes:
        """What this copy has, as a state vector."""
        return self._doc.get_state()

    def since(self, state: bytes | None = None) -> bytes:
        """The update that brings a copy with this state vector here. Raises BadUpdateError for what is none."""
        try:
            return self._doc.get_update(state)
        except BaseException as error:
            if not _is_engines(error):
                raise
            raise BadUpdateError("The state vector cannot be read.", "Send a Yjs state vector.") from error

    def _write(self, transaction: Any, ops: Delta, place: int) -> int:
        lines, text = self._lines, self._native
        for op in ops:
            if isinstance(op, str):
                text.insert(transaction, lines.byte(place), op)
                lines.splice(place, place, op)
                place += len(op)
            elif op > 0:
                place += op
            else:
                start, end = lines.byte(place), lines.byte(place - op)
                text.remove_range(transaction, start, end - start)
                lines.splice(place, place - op, "")
        return place

    def _follow(self, events: list[Any]) -> Delta:
        whole: Delta = ()
        for event in events:
            ops: list[int | str] = []
            byte = place = 0
            for step in cast("list[dict[str, Any]]", event):
                if "retain" in step:
                    byte += step["retain"]
                    ops.append(self._lines.cp(byte) - place)
                    place = self._lines.cp(byte)
                elif "insert" in step:
                    inserted: str = step["insert"]
                    ops.append(inserted)
                    self._lines.splice(place, place, inserted)
                    place += len(inserted)
                    byte += len(inserted.encode())
                else:
                    end = self._lines.cp(byte + step["delete"])
                    ops.append(place - end)
                    self._lines.splice(place, end, "")
            whole = compose(whole, normal(ops)) if whole else normal(ops)
        return whole

    def _open(self, client: int | None) -> None:
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client) if client is not None else pycrdt.Doc()
        self._client: int = self._doc.client_id
        self._text = self._doc.get(ROOT.decode(), type=pycrdt.Text)
        # The engine's own objects: the package's wrappers take longer for each event than the engine for an edit.
        self._engine = self._doc._doc  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - as above
        self._native = self._text.integrated
        self._caret: carets.Caret | None = None
        """Where the last update typed, if it did nothing else."""
        self._events: list[Any] | None = None
        """Where what changes in the text is noted, while an update is applied."""
        self._updates: list[bytes] | None = None
        """Where updates are noted, while the text is edited."""

        def changed(event: Any) -> None:
            if self._events is not None:
                self._events.append(event.delta)

        def committed(event: Any) -> None:
            if self._updates is not None:
                self._updates.append(event.update)

        # For good, since to come and go costs more than to look on.
        self._watching = self._native.observe(changed), self._engine.observe(committed)

    def _keep(self, update: bytes) -> None:
        self._tail.append(update)
        self._tail_size += len(update) + 64
        if self._tail_size > len(self._base) + (1 << 16):
            self._base, self._tail, self._tail_size = self._doc.get_update(), [], 0

    def _rebuild(self) -> None:
        """Begin anew from what was good; an update that broke half-way is not in it."""
        self._open(self.client)
        for update in (self._base, *self._tail):
            self._doc.apply_update(update)
        self._lines = Lines(str(self._text))
        self._clocks = state_vector(self._doc.get_state())


def seed(text: str) -> bytes:
    """The update that begins a room with a text: the same bytes for the same text, wherever it is made."""
    client = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big") >> 11
    doc = TextDoc(client)
    return doc.edit((text,)) if text else _EMPTY


def merge(updates: Iterable[bytes]) -> bytes:
    """One update that says what all of them say."""
    return pycrdt.merge_updates(*updates)


def contains(state: bytes, update: bytes) -> bool:
    """Whether a copy with this state vector has all the edits in the update; what it deletes is not looked at."""
    have = state_vector(state)
    return all(have.get(client, 0) >= end for client, (_, end) in clients(update).items())


def _units(text: str) -> int:
    """How many clocks a text takes: the engine counts them in UTF-16. Raises EditError for what is no Unicode text."""
    try:
        return len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError as error:
        raise EditError("The edit holds half of a surrogate pair.", "Insert whole characters.") from error


def _is_engines(error: BaseException) -> bool:
    """The engine's own panics are BaseExceptions of a class that cannot be imported."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"
