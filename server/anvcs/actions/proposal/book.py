"""Where merge proposals are kept: one append-only log for each, and the larger things that their events name.

It is a store of its own beside the ledger (``proposals.db``): proposals are not part of what undo brings back, and they
outlive a ledger that has to be made anew. In it: the log ``proposals`` (the id of each), the logs ``proposal/ID`` (its
events), the refs ``open/ID`` and ``aside/ID`` (a damaged one), and objects named by their hash. The log ``queue`` has
the id of each that was put into a merge queue; the refs ``queued/ID``, of those that wait, say which entry counts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from anvcs import ids
from anvcs.actions import identity
from anvcs.errors import AmbiguousProposalError, CorruptStoreError, StoreConflictError, UnknownProposalError
from anvcs.governance import proposal_events as events
from anvcs.governance.proposal_events import AnyEvent, SignedEvent
from anvcs.governance.proposals import State, after, fold
from anvcs.ids import Domain
from anvcs.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from anvcs.actions.acting import Acting
    from anvcs.actions.workspace import Workspace
    from anvcs.storage.protocol import Reader, Store, Writer

DATABASE = "proposals.db"
ALL = "proposals"
"""The log of all proposals."""
QUEUE = "queue"
"""The log of all that were ever put in line."""
SHORT = 8
"""How many digits of an id are shown."""
STEPS = ("proposal-event",)
"""The fault points, each reached just before the step of its name."""
BOOK = "proposals"
"""Under what name a workspace keeps it warm."""
_QUEUED = "queued/"
_ID = re.compile(r"(?:b3:)?([0-9a-f]{4,64})")


class Book:
    """All proposals of one repository."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()

    def states(self, *, only_open: bool = False, damaged: list[bytes] | None = None) -> Iterator[State]:
        """Every proposal, newest first; those that cannot be read are passed over, and noted in ``damaged``."""
        with self.store.read() as reader:
            still = set(reader.refs("open/"))
            names = [name for _, name in reader.entries(ALL, backwards=True)]
        for name in names:
            if only_open and f"open/{name.hex()}" not in still:
                continue
            try:
                state = self.load(name)
            except CorruptStoreError:
                if damaged is not None:
                    damaged.append(name)
                continue
            yield state

    def load(self, name: bytes) -> State:
        """A proposal as it stands. Raises UnknownProposalError, and CorruptStoreError for a damaged one."""
        with self.store.read() as reader:
            return _load(reader, name)

    def events(self, name: bytes) -> list[SignedEvent]:
        """Its events, oldest first."""
        with self.store.read() as reader:
            return self.events_in(reader, name)

    def events_in(self, reader: Reader, name: bytes) -> list[SignedEvent]:
        """The same within a transaction."""
        return _events(reader, name)

    def names(self, reader: Reader) -> list[bytes]:
        """The ids of all proposals there ever were, oldest first."""
        return [name for _, name in reader.entries(ALL)]

    def queued(self, damaged: list[bytes] | None = None) -> list[State]:
        """Those that wait in merge queues, in the order in which they were put there; ``damaged`` as for ``states``."""
        with self.store.read() as reader:
            waiting = reader.refs(_QUEUED)
        found: list[State] = []
        for ref in sorted(waiting, key=lambda each: int(waiting[each])):
            name = bytes.fromhex(ref.removeprefix(_QUEUED))
            try:
                found.append(self.load(name))
            except CorruptStoreError:
                if damaged is not None:
                    damaged.append(name)
        return found

    def ended(self, opened: events.Opened, most: int) -> Iterator[State]:
        """The newest proposals for the same streams that have ended, newest first; damaged ones are passed over."""
        with self.store.read() as reader:
            still = set(reader.refs("open/"))
            names = [name for _, name in reader.entries(ALL, backwards=True)]
        for name in names:
            if f"open/{name.hex()}" in still or not most:
                continue
            try:
                if self._merges(name, opened):
                    most -= 1
                    yield self.load(name)
            except CorruptStoreError:
                continue

    def _merges(self, name: bytes, opened: events.Opened) -> bool:
        """A proposal is for the same streams; its first event alone says so."""
        with self.store.read() as reader:
            first = [events.read(content).what for _, content in reader.entries(_log(name), limit=1)]
        return any(
            isinstance(what, events.Opened) and (what.target, set(what.sources)) == (opened.target, set(opened.sources))
            for what in first
        )

    def marks(self, known: Iterable[bytes] = ()) -> dict[bytes, int]:
        """How many events the open proposals have, and those that were known as open before."""
        with self.store.read() as reader:
            names = {bytes.fromhex(ref.removeprefix("open/")) for ref in reader.refs("open/")} | set(known)
            return {name: reader.last(_log(name)) for name in names}

    def count(self) -> int:
        """How many proposals there ever were."""
        with self.store.read() as reader:
            return reader.last(ALL)

    def find(self, name: str) -> bytes:
        """The proposal with that id or the start of one. Raises UnknownProposalError, AmbiguousProposalError."""
        known = _ID.fullmatch(name)
        if known is None:
            raise unknown(name)
        with self.store.read() as reader:
            found = [each for _, each in reader.entries(ALL) if each.hex().startswith(known[1])]
        if not found:
            raise unknown(name)
        if len(found) > 1:
            raise AmbiguousProposalError(f"{name} is the start of several proposals.", "Give more of its digits.")
        return found[0]

    def open(self, actor: Acting, what: events.Opened, known: int) -> State:
        """Begin a proposal. Raises StoreConflictError if there are more of them than those that are ``known``."""
        event = _signed(actor, what, None)
        actor.workspace.caller.at("proposal-event")
        with self.store.write() as writer:
            if writer.last(ALL) != known:
                raise StoreConflictError("Another merge was proposed meanwhile.", "Try again.")
            writer.append(ALL, event.id)
            writer.append(_log(event.id), event.content)
            writer.swap(f"open/{event.id.hex()}", None, b"1")
        return fold([event])

    def add(
        self, actor: Acting, state: State, what: AnyEvent, objects: tuple[bytes, ...] = (), *, durable: bool = True
    ) -> State:
        """Write down what happened next, with the objects it names.

        Raises StoreConflictError if something else happened since ``state`` was read.
        """
        return self.add_all(actor, state, (what,), objects, durable=durable)

    def add_all(
        self,
        actor: Acting,
        state: State,
        whats: Sequence[AnyEvent],
        objects: tuple[bytes, ...] = (),
        *,
        durable: bool = True,
    ) -> State:
        """The same for several events of one moment: all of them are written, or none."""
        signed: list[SignedEvent] = []
        now = state
        for what in whats:
            signed.append(_signed(actor, what, now.last.id))
            now = after(now, signed[-1])
        actor.workspace.caller.at("proposal-event")
        with self.store.write(durable=durable) as writer:
            if writer.last(_log(state.id)) != state.count:
                raise StoreConflictError(f"The proposal {short(state.id)} was changed meanwhile.", "Try again.")
            for data in objects:
                _keep(writer, data)
            for event in signed:
                writer.append(_log(state.id), event.content)
            still = f"open/{state.id.hex()}"
            if now.closed is not None and writer.ref(still) is not None:
                writer.swap(still, b"1", None)
            _line_up(writer, now)
        return now

    def object(self, name: bytes) -> bytes:
        """What an event names. Raises CorruptStoreError where it is not there or not itself."""
        with self.store.read() as reader:
            data = reader.get("object", name)
        if data is None or key(data) != name:
            raise CorruptStoreError(
                "A part of a merge proposal is missing or damaged.", "Reject it, and propose the merge again."
            )
        return data

    def damaged(self) -> dict[bytes, str]:
        """The proposals that cannot be read, each with the reason; those that were set aside are known already."""
        with self.store.read() as reader:
            names = [name for _, name in reader.entries(ALL)]
            aside = reader.refs("aside/")
        found: dict[bytes, str] = {}
        for name in names:
            try:
                if f"aside/{name.hex()}" not in aside:
                    self.load(name)
            except CorruptStoreError as error:
                found[name] = error.message
        return found

    def set_aside(self, name: bytes) -> None:
        """Count a damaged proposal as open no more; its events stay as they are."""
        with self.store.write() as writer:
            writer.swap(f"aside/{name.hex()}", writer.ref(f"aside/{name.hex()}"), b"1")
            writer.swap(f"open/{name.hex()}", writer.ref(f"open/{name.hex()}"), None)
            writer.swap(_QUEUED + name.hex(), writer.ref(_QUEUED + name.hex()), None)


def book(workspace: Workspace, *, make: bool = True) -> Book | None:
    """The proposals of a repository; None where there are none yet and none are to be made."""
    known = workspace.cache.get(BOOK)
    path = path_of(workspace)
    if isinstance(known, Book) and path.exists():
        return known
    # Raises where ANVCS is not at home here.
    workspace.ledger.head()
    if not make and not path.exists():
        return None
    made = Book(SqliteStore(path))
    workspace.cache[BOOK] = made
    return made


def open_book(workspace: Workspace) -> Book:
    """The proposals of a repository, made on need."""
    found = book(workspace)
    assert found is not None  # noqa: S101 - for the type checker
    return found


def path_of(workspace: Workspace) -> Path:
    """The file in which they are."""
    return workspace.folder / DATABASE


def key(data: bytes) -> bytes:
    """What an object is named by."""
    return ids.digest(Domain.PROPOSAL_OBJECT, data)


def short(name: bytes) -> str:
    """An id as people read and type it."""
    return name.hex()[:SHORT]


def unknown(name: str) -> UnknownProposalError:
    """The refusal of a name that no proposal has."""
    return UnknownProposalError(
        f"No merge proposal {name} is open, and none has such an id.",
        "See those that are open with: ai-vcs proposal list, and those that have ended with --all",
    )


def retrying(change: Callable[[], State], attempts: int = 20) -> State:
    """What a change gives that is worked out anew as often as somebody else was faster."""
    for _ in range(attempts - 1):
        try:
            return change()
        except StoreConflictError:
            continue
    return change()


def _signed(actor: Acting, what: AnyEvent, before: bytes | None) -> SignedEvent:
    identity.enrolled(actor.workspace, actor.signer)
    return events.sign(what, before, time.time_ns() // 1_000_000, actor.signer)


def _log(name: bytes) -> str:
    return f"proposal/{name.hex()}"


def _line_up(writer: Writer, state: State) -> None:
    """Let the line say what the event said."""
    name = _QUEUED + state.id.hex()
    place = writer.ref(name)
    if state.queued is not None and place is None:
        writer.swap(name, None, str(writer.append(QUEUE, state.id)).encode())
    elif state.queued is None and place is not None:
        writer.swap(name, place, None)


def _keep(writer: Writer, data: bytes) -> None:
    writer.put("object", key(data), data)


def _events(reader: Reader, name: bytes) -> list[SignedEvent]:
    found = [events.read(content) for _, content in reader.entries(_log(name))]
    if not found:
        raise unknown(short(name))
    if found[0].id != name:
        raise CorruptStoreError(
            f"The proposal {short(name)} does not begin with itself.", "Run ai-vcs doctor to see what is damaged."
        )
    return found


def _load(reader: Reader, name: bytes) -> State:
    return fold(_events(reader, name))
