"""The joint of one editor's document and the local copy of its room: nothing lost, doubled or put elsewhere.

The editor shows the *shadow*; the room's copy holds what the shadow and the *parts* (deltas that the editor lacks)
make together. One edit at a time goes to the editor, valid for one version only ("compare and set"). Whatever the
editor reports is told apart: the edit coming back, the user's own edit, a reload from disk, its native undo.

Pure: the caller moves the deltas. Every method that returns a delta returns the user's edits for the room's copy, to
be written there at once, before anything else is told to the binding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from anvcs.rooms.delta import IDENTITY, Delta, apply, compose, length_change, transform
from anvcs.rooms.diffing import cost, fine_diff
from anvcs.rooms.outside import merged, outside
from anvcs.rooms.shadow import Change, Replacement, Shadow, Taken, plain, text_hash

PATIENCE = 8
"""Events to wait for an edit that the editor says it applied and that has not been recognised."""
Kind: TypeAlias = Literal["echo", "late", "user", "reload", "undo", "redo"]
Reason: TypeAlias = Literal["undo", "redo"]


class Push(NamedTuple):
    """An edit for the editor, if its document is still at this version."""

    version: int
    edits: tuple[Replacement, ...]


class Found(NamedTuple):
    """What an event of the editor was."""

    kind: Kind
    delta: Delta = IDENTITY
    """What the user wrote, for the room."""
    undo: Reason | None = None
    """The editor took back something by itself: have the room do its own, then call :meth:`Binding.undone`."""
    look: bool = False
    """The editor shows a text from disk that may be unknown to the room: have it look, then release."""
    saving: bool = False
    """The edit is part of a save."""


class Opened(NamedTuple):
    """A document that joined its room."""

    binding: Binding
    delta: Delta = IDENTITY
    """What the editor's unsaved text has beyond the room, for the room."""
    copy: str | None = None
    """An unsaved text that nothing is known to be the base of; the room's text takes its place in the editor."""


class _Part(NamedTuple):
    """Something the editor lacks."""

    delta: Delta
    saving: bool | None = None
    """It was made by another editor's save; None where that is not known."""


class _Sent:
    """An edit that was given to the editor and is not settled."""

    def __init__(self, push: Push, delta: Delta, parts: tuple[_Part, ...]) -> None:
        self.push = push
        self.delta = delta
        self.parts: tuple[_Part, ...] = parts
        """What it was made of; empty once the editor shows it, or once it must have been refused."""
        self.ghost = False
        """Something came before it: it was refused, or comes late, at its old places."""
        self.seen = False
        self.reloaded = False
        """The editor read just what was sent from the disk."""
        self.accepted = False
        self.passed = 0
        """Events since it was accepted that were not it."""


class Binding:
    """One document from its joining to its leaving."""

    def __init__(self, text: str, version: int, lacks: Delta = IDENTITY) -> None:
        self._shadow = Shadow(text, version)
        self._parts: tuple[_Part, ...] = _joined([_Part(lacks, saving=False)])
        self._sent: _Sent | None = None
        self._unsure: Taken | None = None
        """What seemed to come back, until the editor's answer: its user may have written just the same."""
        self._held: Delta = IDENTITY
        """What the user wrote and the room has not got: it comes before the parts."""
        self._unheld: Delta = IDENTITY
        self._formatted = False
        """Not all that is held is typed key by key: a formatter may have made it, here as in another editor."""
        self._folded: list[Delta] = []
        """What the editor took back by itself before the room got it, as it was."""
        self._save: Literal["waiting", "granted", "frozen"] | None = None
        """Held until the room grants the save; brought up to date; left alone while it is formatted and written."""
        self._looking = False
        self._read = False
        """The editor read a text from the disk, and has not shown the room's since."""
        self._looks = 0
        """Looks of the room that are not answered."""
        self._undoing = 0
        self._known: str | None = None

    @staticmethod
    def open(buffer: str, version: int, room: str, base: str | None) -> Opened:
        """Join an editor's text with the room's; ``base`` is the text that the editor's unsaved changes stand on."""
        text = plain(buffer)
        if text == room:
            return Opened(Binding(text, version))
        if base is None:
            return Opened(Binding(text, version, fine_diff(text, room)), copy=buffer)
        delta = outside(plain(base), text, room)
        return Opened(Binding(text, version, fine_diff(text, apply(room, delta))), delta)

    # What is known

    @property
    def text(self) -> str:
        """What the editor shows, with LF line ends."""
        return self._shadow.text

    @property
    def version(self) -> int:
        """The editor's version of that."""
        return self._shadow.version

    @property
    def hash(self) -> str:
        """The hash of :attr:`text`."""
        return text_hash(self.text)

    @property
    def is_known(self) -> bool:
        """The room has all that the editor shows: it may lack what was read from the disk, until they agree again."""
        return not self._read

    @property
    def coming(self) -> str | None:
        """What the editor will show once the edit on its way is in; None if none is."""
        sent = self._sent
        return None if sent is None or sent.ghost or sent.seen else apply(self.text, sent.delta)

    @property
    def settled(self) -> bool:
        """The editor shows the room's text and nothing is on its way."""
        return not self._parts and self._sent is None and not self._held

    @property
    def caught_up(self) -> bool:
        """As settled, or left alone for its save: there is no reason to let the editor wait with that."""
        return self.settled or self._save == "frozen"

    @property
    def _holding(self) -> bool:
        """What the user writes does not go to the room now."""
        return self._looking or self._save == "waiting" or self._unsure is not None

    @property
    def saving(self) -> bool:
        """A save of this editor is under way."""
        return self._save is not None

    def check(self, hashed: str) -> bool:
        """Whether the editor's text, of which this is the hash at :attr:`version`, is what it is believed to be."""
        return self.hash == hashed

    # From the room

    def remote(self, delta: Delta, *, saving: bool | None = None) -> None:
        """Others changed the room's copy. ``saving``: in an editor's save; None where that is not known."""
        self._parts = _joined([*self._parts, _Part(delta, saving)])

    # To the editor

    def push(self) -> Push | None:
        """The next edit for the editor, if there is one and this is the time for it."""
        if self._sent is not None or self._looking or self._undoing or self._held or self._save == "frozen":
            return None
        delta = self._shadow.tidy(_composed(self._parts))
        if not delta:
            self._parts = ()
            self._read = False
            if self._save == "granted":
                self._save = "frozen"
            return None
        push = Push(self._shadow.version, self._shadow.edits(delta))
        self._sent = _Sent(push, delta, self._parts)
        self._parts = ()
        return push

    def answered(self, push: Push, applied: bool | None) -> Delta:
        """The editor's answer to a push, which may come before the event or after it; None if there was none."""
        sent = self._sent
        if sent is None or sent.push is not push:
            return IDENTITY
        if applied is False:
            delta = self._sure(came=False)
            self._parts = _joined([*sent.parts, *self._parts])
            self._sent = None
        elif sent.seen or sent.reloaded:
            delta = self._sure()
            self._sent = None
        else:
            delta = IDENTITY
            sent.accepted = True
            if applied is None:
                self._give_up()
        return delta

    def _give_up(self) -> None:
        """What was sent counts as refused, though it may still come."""
        sent = self._sent
        if sent is not None and not sent.ghost and not sent.seen:
            sent.ghost = True
            self._parts = _joined([*sent.parts, *self._parts])
            sent.parts = ()

    # From the editor

    def changed(
        self, version: int, changes: Sequence[Change], *, dirty: bool | None = None, reason: Reason | None = None
    ) -> Found:
        """Take an event: its version and changes, whether it left unsaved changes, whether it was a native undo."""
        sent = self._sent
        first = IDENTITY
        if self._unsure is not None and (dirty is False or reason is not None or self._impatient()):
            first = self._sure()
        late = self._late_form()
        # Versions rise, but not in all editors by one.
        is_next = sent is not None and self._shadow.version == sent.push.version
        taken = self._shadow.take(version, changes)
        if reason is not None:
            found = self._took_back(taken, reason)
        elif sent is not None and late and dirty is not False and self._is(taken, late):
            # What seemed to come back before was the user's then.
            first = self._sure(came=False)
            sent.ghost = True
            found = self._came_late(sent, taken)
        elif sent is not None and is_next and self._may_be(sent) and self._is(taken, sent.delta):
            found = self._came_back(sent, taken, dirty)
        elif dirty is False:
            found = self._reloaded(taken)
        else:
            found = Found("user", self._wrote(taken), saving=self.saving)
        return found._replace(delta=compose(first, found.delta)) if first else found

    def _late_form(self) -> Delta | None:
        """What the edit on its way does if it comes at its old places now."""
        sent = self._sent
        if sent is None or sent.ghost == sent.seen or (sent.seen and self._unsure is None):
            return None
        return self._shadow.resolve(sent.push.edits)

    @staticmethod
    def _may_be(sent: _Sent) -> bool:
        return not sent.ghost and not sent.seen

    def _is(self, taken: Taken, delta: Delta) -> bool:
        """Whether an event that was taken did what the delta does."""
        if taken.delta == delta:
            return True
        if length_change(taken.delta) != length_change(delta):
            return False
        after = self.text
        return apply(apply(after, taken.inverse), delta) == after

    def _came_back(self, sent: _Sent, taken: Taken, dirty: bool | None) -> Found:
        if dirty is False:
            # An edit leaves a document unsaved; one that may still come late would bring the text a second time.
            sent.reloaded = True
            found = self._reloaded(taken)
            if sent.accepted:
                self._sent = None
            return found
        self._see(sent, taken)
        return Found("echo")

    def _came_late(self, sent: _Sent, taken: Taken) -> Found:
        held = self._let_go()
        self._see(sent, taken)
        return Found("late", held)

    def _see(self, sent: _Sent, taken: Taken) -> None:
        sent.seen = True
        self._unsure = taken
        if sent.accepted:
            self._sure()
            self._sent = None

    def _sure(self, *, came: bool = True) -> Delta:
        """What seemed to come back did, or was the user's; gives what was held only because that was not known."""
        taken, sent = self._unsure, self._sent
        if taken is None or sent is None:
            return IDENTITY
        self._unsure = None
        if not came:
            self._held = compose(taken.delta, self._held)
            self._unheld = compose(self._unheld, taken.inverse)
            self._formatted = self._formatted or cost(taken.delta) > 1
            self._parts = _joined([*sent.parts, *self._parts])
        elif sent.ghost:
            shown = apply(self.text, self._unheld)
            room = apply(apply(shown, taken.inverse), _composed(self._parts))
            self._parts = _joined([_Part(fine_diff(shown, room))])
        sent.parts = ()
        return IDENTITY if self._holding else self._let_go()

    def _impatient(self) -> bool:
        """The editor owes an answer for too long."""
        if self._sent is None:
            return False
        self._sent.passed += 1
        return self._sent.passed >= PATIENCE

    def _wrote(self, taken: Taken) -> Delta:
        """The user's edit: what of it goes to the room now."""
        self._pass()
        self._folded.clear()
        self._held = compose(self._held, taken.delta)
        self._unheld = compose(taken.inverse, self._unheld)
        self._formatted = self._formatted or cost(taken.delta) > 1
        return IDENTITY if self._holding else self._let_go()

    def _reloaded(self, taken: Taken) -> Found:
        """The editor read its file again: its user did nothing."""
        before = apply(self.text, taken.inverse)
        self._pass()
        held = self._let_go()
        text = self.text
        room = apply(before, _composed(self._parts))
        self._parts = _joined([_Part(fine_diff(text, room))])
        # A text that was cut off is a file in the middle of being written: what is missing comes back at once.
        whole = not before.startswith(text) or text == before
        self._read = text != room
        self._looking = whole and text != room and text_hash(text) != self._known
        self._looks += self._looking
        return Found("reload", held, look=self._looking)

    def _took_back(self, taken: Taken, reason: Reason) -> Found:
        """The editor undid by itself, others' edits perhaps: the room keeps its text until it does its own undo."""
        self._pass()
        if self._within_held(taken, reason):
            return Found(reason, IDENTITY if self._holding else self._let_go())
        if self._looking:
            self._reckon(apply(apply(self.text, taken.inverse), self._unheld))
        held = self._let_go()
        # Not known to be no save's: a formatter that writes anew what was taken back means the same text.
        self._parts = _joined([_Part(taken.inverse), *self._parts])
        self._undoing += 1
        return Found(reason, held, undo=reason)

    def _within_held(self, taken: Taken, reason: Reason) -> bool:
        """Whether a native undo or redo is of what the room has not got; then it has nothing to undo."""
        held = compose(self._held, taken.delta)
        if reason == "undo" and self._held and cost(held) == cost(self._held) - cost(taken.delta):
            self._folded.append(taken.inverse)
        elif reason == "redo" and self._folded and self._folded[-1] == taken.delta:
            self._folded.pop()
        else:
            self._folded.clear()
            return False
        self._held, self._unheld = held, compose(taken.inverse, self._unheld)
        return True

    def _pass(self) -> None:
        """Something came that was not what was sent."""
        self._give_up()
        if self._sent is not None and self._sent.accepted and self._impatient():
            self._sent = None

    def undone(self) -> None:
        """The room did its own undo (or had none to do), and its copy here has it."""
        self._undoing = max(0, self._undoing - 1)

    # Saves

    def will_save(self) -> None:
        """The editor is about to save: what it changes from here on waits until the room grants the save."""
        if self._save is None:
            self._save = "waiting"

    def granted(self) -> Delta:
        """The save may go on; the room's copy here has all that other saves did, and what the file held before.

        What waited goes to the room, without what another editor's save did in just the same way. Let the editor go
        on when it has caught up.
        """
        if self._save is None:
            return IDENTITY
        if self._save == "waiting" or self._looking:
            self._save = "granted"
        if self._looking:
            return self._look_no_more()
        return IDENTITY if self._holding else self._let_go()

    def saved(self, version: int | None = None) -> Delta:
        """The save is over, or given up; ``version`` is what the file has now, if it is known."""
        delta = IDENTITY if self._looking or self._unsure else self._let_go()
        self._save = None
        if version is not None and version == self._shadow.version:
            self._known = self.hash
        return delta

    # Text from disk

    def known(self, hashed: str) -> Delta:
        """The room knows the text with this hash as what is in the file."""
        self._known = hashed
        if self._looking and text_hash(apply(self.text, self._unheld)) == hashed:
            return self._look_no_more()
        return IDENTITY

    def release(self) -> Delta:
        """The room has looked at the file, and its copy here has what it found; once for each look asked for."""
        self._looks = max(0, self._looks - 1)
        return self._look_no_more() if self._looking and not self._looks else IDENTITY

    def _look_no_more(self) -> Delta:
        self._sure()
        self._looking = False
        self._reckon(apply(self.text, self._unheld))
        return IDENTITY if self._holding else self._let_go()

    def _reckon(self, shown: str) -> None:
        """See anew what the editor lacks: the room may have got what was on the disk and in the editor."""
        self._parts = _joined([_Part(fine_diff(shown, apply(shown, _composed(self._parts))))])

    # Repair

    def resync(self, version: int, text: str) -> Found:
        """Believe this text of the editor; what it has beyond what was believed is the user's edit."""
        text = plain(text)
        sent = self._sent
        self._looking, self._looks, self._undoing = False, 0, 0
        self._sure()
        delta = self._let_go()
        self._save = None
        coming = self._shadow.resolve(sent.push.edits) if sent is not None and not sent.seen else None
        self._give_up()
        self._sent = None
        shown = self.text
        changes = fine_diff(shown, text)
        if coming is not None and cost(fine_diff(apply(shown, coming), text)) < cost(changes):
            # What was sent did arrive, unseen.
            room = apply(shown, _composed(self._parts))
            shown = apply(shown, coming)
            self._parts = _joined([_Part(fine_diff(shown, room))])
            changes = fine_diff(shown, text)
        self._shadow.replace(version, text)
        self._held = changes
        return Found("user", compose(delta, self._let_go()))

    # The sums

    def _let_go(self) -> Delta:
        """What the user wrote, made fit for the room; the parts are made fit for what the editor shows."""
        delta, parts = _through(self._held, self._parts, once=self._formatted and self.saving)
        self._parts = _joined(parts)
        self._held = self._unheld = IDENTITY
        self._formatted = False
        return delta


def _through(delta: Delta, parts: Iterable[_Part], *, once: bool = False) -> tuple[Delta, list[_Part]]:
    """The user's delta after the parts, and the parts after it. ``once``: what both did in the same way counts once."""
    after: list[_Part] = []
    for part in parts:
        if once and part.saving is not False:
            delta, rest = merged(delta, part.delta)
        else:
            delta, rest = transform(delta, part.delta, first=True), transform(part.delta, delta, first=False)
        after.append(_Part(rest, part.saving))
    return delta, after


def _composed(parts: Iterable[_Part]) -> Delta:
    delta = IDENTITY
    for part in parts:
        delta = compose(delta, part.delta)
    return delta


def _joined(parts: Iterable[_Part]) -> tuple[_Part, ...]:
    """Neighbours of one kind as one, and none that does nothing."""
    out: list[_Part] = []
    for part in parts:
        last = out.pop().delta if out and out[-1].saving == part.saving else IDENTITY
        if delta := compose(last, part.delta):
            out.append(_Part(delta, part.saving))
    return tuple(out)
