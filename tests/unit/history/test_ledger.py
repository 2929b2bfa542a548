"""The ledger on both stores: prepared before, finished after, never half written, never forged unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from anvcs import actors, ids
from anvcs.actors import KeyStore, Signer
from anvcs.errors import CorruptStoreError, StoreConflictError
from anvcs.history import operations, views
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import Move, SignedOperation
from anvcs.storage.memory import MemoryStore
from anvcs.storage.protocol import Store
from anvcs.storage.sqlite import SqliteStore
from tests.unit.storage.stores import opener, python

MAIN = "refs/heads/main"
A, B, C = "a" * 40, "b" * 40, "c" * 40
ROOT = b"r" * 32


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = opener(request.param, request, tmp_path)()
    yield made
    made.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return KeyStore(tmp_path_factory.mktemp("config")).signer("agent:foo")


def move(old: str | None, new: str | None, name: str = MAIN) -> Draft:
    details: dict[str, str | int | bool] = {} if new is None else {"gitCommit": new}
    return Draft(kind="commit", moves=(Move(name, old, new),), commit_point=name, details=details)


def publish(ledger: Ledger, signer: Signer, draft: Draft) -> SignedOperation:
    signed = ledger.prepare(draft, signer)
    ledger.finish(signed.id, "published")
    return signed


def test_an_empty_ledger_knows_nothing(ledger: Ledger) -> None:
    assert ledger.head() is None
    assert ledger.count() == 0
    assert ledger.pending() == []
    assert ledger.unknown() == []
    assert ledger.operations() == []
    assert ledger.view().items() == {}
    assert ledger.find_by_commit(A) is None
    assert ledger.private(ROOT) is None
    assert ledger.state(ROOT) is None
    assert ledger.verify_chain() == []
    with pytest.raises(CorruptStoreError, match="not in the ledger"):
        ledger.get(ROOT)
    with pytest.raises(CorruptStoreError, match="not in the ledger"):
        ledger.finish(ROOT, "published")
    with pytest.raises(CorruptStoreError, match="not in the ledger"):
        ledger.operations(before=ROOT)


def test_a_replica_has_one_random_id(ledger: Ledger, store: Store, signer: Signer) -> None:
    replica = ledger.replica
    assert len(bytes.fromhex(replica)) == 16
    assert Ledger(store).replica == replica
    assert ledger.prepare(Draft(kind="init"), signer).operation.replica == replica
    assert Ledger(MemoryStore()).replica != replica


def test_what_is_prepared_is_complete_before_it_takes_effect(ledger: Ledger, signer: Signer) -> None:
    draft = Draft(
        kind="commit",
        moves=(Move(MAIN, A, B),),
        commit_point=MAIN,
        names=("refs/notes/anvcs",),
        arguments=b"a" * 32,
        prompt=b"p" * 32,
        confidence=9050,
        causes=(b"c" * 32,),
        tier="green",
        paths=(b"caf\xe9",),
        reversibility="compensable",
        details={"gitCommit": B, "noVerify": True},
        time=1_700_000_000_000,
    )
    signed = ledger.prepare(draft, signer, b"plan", {ROOT: b"record"})
    operation = operations.verify(signed)
    for field in ("kind", "moves", "commit_point", "names", "arguments", "prompt", "confidence", "causes", "tier"):
        assert getattr(operation, field) == getattr(draft, field)
    for field in ("paths", "reversibility", "details", "time"):
        assert getattr(operation, field) == getattr(draft, field)
    assert operation.actor == "agent:foo"
    assert operation.parents == ()
    assert ledger.pending() == [(signed, b"plan")]
    assert ledger.state(signed.id) == "prepared"
    assert ledger.head() == signed.id
    assert ledger.count() == 1
    assert ledger.private(ROOT) == b"record"
    assert ledger.view().items() == {}
    assert ledger.find_by_commit(B) is None


def test_a_published_operation_moves_the_view(ledger: Ledger, signer: Signer) -> None:
    signed = ledger.prepare(move(None, A), signer)
    ledger.finish(signed.id, "published", 1_700_000_000_001)
    assert ledger.view().items() == {MAIN: A}
    assert ledger.view().root == signed.operation.view_after
    assert ledger.pending() == []
    assert ledger.state(signed.id) == "published"
    assert ledger.find_by_commit(A) == signed.id
    (entry,) = ledger.operations()
    assert (entry.sequence, entry.signed, entry.state, entry.finished) == (1, signed, "published", 1_700_000_000_001)
    assert entry.operation == signed.operation


def test_an_aborted_operation_moves_nothing_and_stays_in_the_chain(ledger: Ledger, signer: Signer) -> None:
    first = publish(ledger, signer, move(None, A))
    lost = ledger.prepare(move(A, B), signer)
    ledger.finish(lost.id, "aborted")
    assert ledger.view().items() == {MAIN: A}
    assert ledger.find_by_commit(B) is None
    assert ledger.head() == lost.id
    second = publish(ledger, signer, move(A, C))
    assert second.operation.parents == (lost.id,)
    assert second.operation.view_before == first.operation.view_after
    assert ledger.verify_chain() == []


def test_operations_form_a_chain(ledger: Ledger, signer: Signer) -> None:
    first = publish(ledger, signer, move(None, A))
    second = publish(ledger, signer, move(A, B))
    assert second.operation.parents == (first.id,)
    assert second.operation.view_before == first.operation.view_after
    assert ledger.verify_chain() == []


@pytest.mark.promise("ledger.foreign-change")
def test_a_change_by_others_shows_as_a_view_that_is_not_the_last_one(
    ledger: Ledger, store: Store, signer: Signer
) -> None:
    first = publish(ledger, signer, move(None, A))
    second = publish(ledger, signer, move(B, C))  # plain git had moved the stream from A to B
    before = second.operation.view_before
    assert before != first.operation.view_after
    with store.read() as tx:
        assert views.load(tx, first.operation.view_after).diff(views.load(tx, before)) == {MAIN: (A, B)}
    assert ledger.view().items() == {MAIN: C}
    assert ledger.verify_chain() == []


def test_several_names_move_together(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, Draft(kind="x", moves=(Move("a", None, A), Move("b", None, B), Move("c", None, C))))
    publish(ledger, signer, Draft(kind="x", moves=(Move("a", A, None), Move("b", B, C))))
    assert ledger.view().items() == {"b": C, "c": C}
    assert ledger.verify_chain() == []


def test_a_draft_that_moves_a_name_twice_is_a_mistake(ledger: Ledger, signer: Signer) -> None:
    with pytest.raises(ValueError, match="once"):
        ledger.prepare(Draft(kind="x", moves=(Move(MAIN, A, B), Move(MAIN, B, C))), signer)
    assert ledger.count() == 0


@pytest.mark.promise("ledger.one-transaction")
def test_a_draft_that_cannot_be_encoded_leaves_nothing_behind(ledger: Ledger, store: Store, signer: Signer) -> None:
    with pytest.raises(ValueError, match="confidence"):
        ledger.prepare(Draft(kind="x", moves=(Move(MAIN, None, A),), confidence=10_001), signer, b"plan", {ROOT: b"r"})
    assert ledger.count() == 0
    assert ledger.pending() == []
    assert ledger.private(ROOT) is None
    with store.read() as tx:
        assert tx.refs() == {}


def test_finishing_is_said_once_and_for_all(ledger: Ledger, signer: Signer) -> None:
    signed = publish(ledger, signer, move(None, A))
    ledger.finish(signed.id, "published")
    with pytest.raises(StoreConflictError, match="is published already"):
        ledger.finish(signed.id, "aborted")
    assert ledger.state(signed.id) == "published"


def test_an_unknown_outcome_keeps_the_plan_until_it_is_settled(ledger: Ledger, signer: Signer) -> None:
    signed = ledger.prepare(move(None, A), signer, b"plan")
    ledger.finish(signed.id, "unknown")
    assert ledger.pending() == []
    assert ledger.unknown() == [(signed, b"plan")]
    assert ledger.state(signed.id) == "unknown"
    assert ledger.view().items() == {}
    later = publish(ledger, signer, move(None, B, "refs/heads/other"))
    ledger.finish(signed.id, "published")
    assert ledger.unknown() == []
    assert ledger.state(signed.id) == "published"
    assert ledger.view().items() == {MAIN: A, "refs/heads/other": B}
    assert [entry.signed.id for entry in ledger.operations()] == [later.id, signed.id]
    assert ledger.verify_chain() == []


def test_an_operation_recovered_late_does_not_take_back_a_later_one(ledger: Ledger, signer: Signer) -> None:
    publish(ledger, signer, move(None, A))
    crashed = ledger.prepare(Draft(kind="x", moves=(Move(MAIN, A, B), Move("tag", None, B))), signer)
    publish(ledger, signer, move(B, A))  # leads back to where the crashed one began
    ledger.finish(crashed.id, "published")
    assert ledger.view().items() == {MAIN: A, "tag": B}


def test_an_operation_recovered_late_takes_effect_where_no_later_one_did(ledger: Ledger, signer: Signer) -> None:
    crashed = ledger.prepare(move(None, A), signer)
    aborted = ledger.prepare(move(A, B), signer)
    pending = ledger.prepare(move(A, C), signer)
    ledger.finish(aborted.id, "aborted")
    ledger.finish(crashed.id, "published")
    assert ledger.view().items() == {MAIN: A}
    ledger.finish(pending.id, "published")
    assert ledger.view().items() == {MAIN: C}


def test_operations_finished_in_order_after_a_crash_all_take_effect(ledger: Ledger, signer: Signer) -> None:
    first = ledger.prepare(move(None, A), signer)
    second = ledger.prepare(move(A, B), signer)
    third = ledger.prepare(move(None, C, "tag"), signer)
    assert [signed.id for signed, _ in ledger.pending()] == [first.id, second.id, third.id]
    for signed in (first, second, third):
        ledger.finish(signed.id, "published")
    assert ledger.view().items() == {MAIN: B, "tag": C}


def test_operations_are_listed_newest_first_in_pages(ledger: Ledger, signer: Signer) -> None:
    made = [publish(ledger, signer, Draft(kind="x", time=n)).id for n in range(5)][::-1]
    assert [entry.signed.id for entry in ledger.operations()] == made
    assert [entry.signed.id for entry in ledger.operations(2)] == made[:2]
    assert [entry.signed.id for entry in ledger.operations(2, made[1])] == made[2:4]
    assert ledger.operations(2, made[-1]) == []


def test_the_first_operation_of_a_commit_is_found_by_it(ledger: Ledger, signer: Signer) -> None:
    first = publish(ledger, signer, move(None, A))
    publish(ledger, signer, move(None, A, "refs/heads/copy"))
    assert ledger.find_by_commit(A) == first.id
    assert ledger.get(first.id) == first


@pytest.mark.promise("ledger.purge")
def test_a_purged_record_is_gone_from_the_disk_and_the_operation_verifies(tmp_path: Path, signer: Signer) -> None:
    prompt = "the secret prompt that nobody may ever read again"
    salt = b"s" * 16
    hashed = ids.salted(ids.Domain.PROMPT, salt, prompt)
    with closing(SqliteStore(tmp_path / "ledger.db")) as store:
        ledger = Ledger(store)
        signed = ledger.prepare(Draft(kind="commit", prompt=hashed), signer, b"", {hashed: ids.encode([salt, prompt])})
        ledger.finish(signed.id, "published")
        assert prompt.encode() in _on_disk(tmp_path)
        ledger.purge(hashed)
        assert ledger.private(hashed) is None
        assert prompt.encode() not in _on_disk(tmp_path)
        assert operations.verify(ledger.get(signed.id)).prompt == hashed
        assert ledger.verify_chain() == []


def test_a_record_that_is_there_already_stays(ledger: Ledger, signer: Signer) -> None:
    ledger.prepare(Draft(kind="x"), signer, b"", {ROOT: b"partly purged"})
    ledger.prepare(Draft(kind="x"), signer, b"", {ROOT: b"full"})
    assert ledger.private(ROOT) == b"partly purged"


def _on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm"))


@pytest.mark.promise("ledger.signed-operations")
def test_every_operation_is_signed_by_its_actor(ledger: Ledger, signer: Signer) -> None:
    signed = ledger.get(publish(ledger, signer, move(None, A)).id)
    assert signed.public_key == signer.public_key
    message = operations.signed_message(signed.id, signed.public_key)
    assert actors.verify(signer.public_key, message, signed.signature)
    assert operations.verify(signed).actor == signer.actor


@pytest.mark.promise("ledger.signed-operations")
def test_tampering_is_found(signer: Signer) -> None:
    store = MemoryStore()
    ledger = Ledger(store)
    first = publish(ledger, signer, move(None, A))
    second = publish(ledger, signer, move(A, B))
    sound = dict(store.objects)

    stored = ("operation", first.id)
    store.objects[stored] = ids.encode([first.body.replace(b"aaaa", b"aaab"), first.public_key, first.signature])
    assert ledger.verify_chain() == [f"Operation 1: The content of operation b3:{first.id.hex()[:12]} was changed."]
    with pytest.raises(CorruptStoreError, match="was changed"):
        ledger.get(first.id)

    store.objects[stored] = ids.encode([first.body, first.public_key, second.signature])
    assert ledger.verify_chain() == [f"Operation 1: The signature of operation b3:{first.id.hex()[:12]} is false."]

    store.objects = {key: value for key, value in sound.items() if key != stored}
    assert ledger.verify_chain() == [f"Operation 1: Operation b3:{first.id.hex()[:12]} is not in the ledger."]

    store.objects = sound
    store.logs["operations"].reverse()
    assert ledger.verify_chain() == [
        "Operation 1: its parent is not the operation before it.",
        "Operation 2: its parent is not the operation before it.",
    ]

    store.logs["operations"].reverse()
    del store.objects["outcome", second.id]
    assert ledger.verify_chain() == ["Operation 2: it is neither pending nor finished."]


def test_a_signed_lie_about_views_is_found(signer: Signer) -> None:
    store = MemoryStore()
    ledger = Ledger(store)
    honest = publish(ledger, signer, move(None, A)).operation
    lie = operations.sign(msgspec.structs.replace(honest, parents=(ledger.head(),), moves=(Move(MAIN, A, B),)), signer)
    with store.write() as tx:
        sequence = tx.append("operations", lie.id)
        tx.put("operation", lie.id, ids.encode([lie.body, lie.public_key, lie.signature]))
        tx.put("outcome", lie.id, ids.encode([sequence, "published", 0]))
    assert ledger.verify_chain() == [
        "Operation 2: its moves do not start from the view before it.",
        "Operation 2: its moves do not lead to the view after it.",
    ]


PREPARE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from anvcs.actors import KeyStore
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import Move
from anvcs.storage.sqlite import SqliteStore
folder = Path(sys.argv[1])
ledger = Ledger(SqliteStore(folder / "ledger.db"))
draft = Draft(kind="commit", moves=(Move("refs/heads/main", None, "a" * 40),), commit_point="refs/heads/main")
signed = ledger.prepare(draft, KeyStore(folder).signer("agent:foo"), b"the plan", {b"r" * 32: b"record"})
if sys.argv[2] != "prepared":
    ledger.finish(signed.id, sys.argv[2])
print(signed.id.hex(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.promise("ledger.pending-survives")
@pytest.mark.parametrize("state", ["prepared", "published", "aborted"])
def test_the_ledger_is_as_it_was_after_a_kill(tmp_path: Path, state: str) -> None:
    with python(PREPARE_AND_DIE, tmp_path, state) as other:
        name = bytes.fromhex(other.communicate(timeout=60)[0].decode().strip())
    with closing(SqliteStore(tmp_path / "ledger.db")) as store:
        ledger = Ledger(store)
        assert ledger.head() == name
        assert ledger.state(name) == state
        assert [(signed.id, plan) for signed, plan in ledger.pending()] == (
            [(name, b"the plan")] if state == "prepared" else []
        )
        assert ledger.private(ROOT) == b"record"
        assert ledger.view().items() == ({MAIN: A} if state == "published" else {})
        assert ledger.verify_chain() == []


PREPARE_MANY = """
import sys
from pathlib import Path
from anvcs.actors import KeyStore
from anvcs.history.ledger import Draft, Ledger
from anvcs.history.operations import Move
from anvcs.storage.sqlite import SqliteStore
folder = Path(sys.argv[1])
ledger = Ledger(SqliteStore(folder / "ledger.db"))
signer = KeyStore(folder).signer("agent:" + sys.argv[2])
for n in range(25):
    old = None if n == 0 else str(n - 1)
    signed = ledger.prepare(Draft(kind="x", moves=(Move("stream-" + sys.argv[2], old, str(n)),)), signer)
    ledger.finish(signed.id, "published")
"""


@pytest.mark.promise("storage.processes")
def test_processes_that_write_one_ledger_make_one_chain(tmp_path: Path) -> None:
    workers = [python(PREPARE_MANY, tmp_path, name) for name in "abc"]
    for worker in workers:
        worker.communicate(timeout=90)
    with closing(SqliteStore(tmp_path / "ledger.db")) as store:
        ledger = Ledger(store)
        assert ledger.count() == 75
        assert ledger.view().items() == {"stream-a": "24", "stream-b": "24", "stream-c": "24"}
        assert ledger.verify_chain() == []


@pytest.mark.promise("views.small-copies")
def test_an_operation_in_a_large_repository_stores_little(signer: Signer) -> None:
    written: dict[int, int] = {}
    for count in (10, 10_000):
        store = MemoryStore()
        ledger = Ledger(store)
        publish(ledger, signer, Draft(kind="x", moves=tuple(Move(f"stream-{n}", None, A) for n in range(count))))
        before = sum(kind == views.KIND for kind, _ in store.objects)
        publish(ledger, signer, Draft(kind="x", moves=(Move("stream-7", A, B),)))
        written[count] = sum(kind == views.KIND for kind, _ in store.objects) - before
    assert written[10] == 1
    assert written[10_000] <= 5
