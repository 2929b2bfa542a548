"""Ledgers with anything in them, for the tests of what is made from a ledger."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from anvcs.actors import Signer
from anvcs.history.ledger import Draft, Ledger, Outcome
from anvcs.history.operations import Move, Rewrite
from anvcs.history.rebuild import after
from anvcs.history.segments import End, cut
from anvcs.storage.memory import MemoryStore

NAMES = [f"refs/heads/s{number}" for number in range(20)]
VALUES = [character * 40 for character in "0123456789abcdef"]


@dataclass
class Deed:
    """What happens to a ledger: a new operation, and which of the open ones end then, and how."""

    name: str
    new: str | None
    time: int
    ends: tuple[tuple[int, Outcome], ...]


ENDINGS: st.SearchStrategy[Outcome] = st.sampled_from(["published", "published", "aborted", "unknown"])
DEEDS = st.lists(
    st.builds(
        Deed,
        name=st.sampled_from(NAMES),
        new=st.sampled_from([*VALUES, None]),
        time=st.integers(0, 2**40),
        ends=st.lists(st.tuples(st.integers(0, 3), ENDINGS), max_size=3).map(tuple),
    ),
    max_size=40,
)


def perform(ledger: Ledger, signer: Signer, deeds: list[Deed]) -> None:
    """Make all of it happen; several operations may be open at once, as after a crash."""
    open_: list[bytes] = []
    for deed in deeds:
        old = ledger.view().get(deed.name)
        details: dict[str, str | int | bool] = {"gitCommit": deed.new, "changeId": "k" * 32} if deed.new else {}
        draft = Draft(
            kind="commit",
            moves=(Move(deed.name, old, deed.new),),
            details=details,
            time=deed.time,
            rewrites=(Rewrite(deed.new, old, "reflog"),) if deed.new and old else (),
            worktree="main-worktree",
        )
        open_.append(ledger.prepare(draft, signer).id)
        for which, state in deed.ends:
            if open_:
                operation = open_[which % len(open_)]
                ledger.finish(operation, state, deed.time + 1)
                if state != "unknown":
                    open_.remove(operation)


def sealed(ledger: Ledger, span: int = 4, end: End | None = None) -> list[bytes]:
    """The segments of all that can be sealed, of so many operations."""
    found: list[bytes] = []
    end = end or End()
    replica = ledger.replica
    while True:
        with ledger.store.read() as transaction:
            content = cut(transaction, replica, end, span)
        if content is None:
            return found
        found.append(content)
        end = after(end, content)


def contents(ledger: Ledger, *, all_of_it: bool = False) -> dict[object, object]:
    """Everything in the store of a ledger that its segments must give back."""
    store = ledger.store
    assert isinstance(store, MemoryStore)
    kinds = {"operation", "outcome", "commit", "producer", "rewrite", "view"}
    objects = {key: value for key, value in store.objects.items() if all_of_it or key[0] in kinds}
    logs = {name: list(log) for name, log in store.logs.items() if log}
    return {**objects, **logs, "view": store.pointers.get("view"), "replica": store.pointers.get("replica")}
