"""What only a store in S3 has to promise: dead writers, lost answers, orphans, costs, servers that are no good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from anvcs.errors import (
    CorruptStoreError,
    LockedError,
    OutcomeUnknownError,
    StoreError,
    StoreTooNewError,
    StoreUnreachableError,
)
from anvcs.storage import s3 as module
from anvcs.storage import s3_transaction
from anvcs.storage.bucket import Address, Bucket, UnansweredError
from anvcs.storage.protocol import FORMAT
from anvcs.storage.s3 import S3Store
from anvcs.storage.s3_transaction import decode_head, encode_head
from tests.servers import S3
from tests.unit.storage.stores import address, python


@pytest.fixture
def where(s3: S3) -> Address:
    return address(s3)


@pytest.fixture
def store(where: Address) -> Iterator[S3Store]:
    with closing(S3Store(where)) as made:
        yield made


def names(server: S3, where: Address) -> list[str]:
    client = server.client()
    with closing(client):
        found = client.list_objects_v2(Bucket=where.bucket, Prefix=f"{where.prefix}/").get("Contents", [])
        return [entry["Key"].removeprefix(f"{where.prefix}/") for entry in found]


OPEN = """
import sys
from anvcs.storage.bucket import Address
from anvcs.storage.s3 import S3Store
store = S3Store(Address(*sys.argv[1:4], access_key=sys.argv[4], secret_key=sys.argv[5]))
"""
COUNT = (
    OPEN
    + """
for n in range(int(sys.argv[6])):
    with store.write() as tx:
        old = tx.ref("count")
        tx.swap("count", old, b"%d" % (int(old or b"0") + 1))
        tx.append("log", b"x")
store.close()
"""
)
HANG = (
    OPEN
    + """
with store.write() as tx:
    tx.put("kind", b"new", b"value" * 100_000)
    tx.swap("ref", b"before", b"after")
    print("in the middle", flush=True)
    sys.stdin.read()
"""
)


def words(where: Address) -> list[str]:
    return [where.bucket, where.prefix, where.endpoint or "", where.access_key or "", where.secret_key or ""]


@pytest.mark.promise("storage.processes")
def test_several_processes_write_at_once_and_nothing_is_lost(where: Address) -> None:
    # The store does not exist yet: making it is part of the race.
    workers = [python(COUNT, *words(where), "15") for _ in range(3)]
    for worker in workers:
        worker.communicate(timeout=100)
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    with closing(S3Store(where)) as store, store.read() as tx:
        assert tx.ref("count") == b"45"
        assert tx.last("log") == 45


@pytest.mark.promise("storage.dead-writer")
def test_a_killed_writers_place_is_taken_and_its_transaction_is_gone(
    store: S3Store, where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as tx:
        tx.swap("ref", None, b"before")
    with python(HANG, *words(where)) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in the middle\n"
        with store.read() as tx:
            assert tx.ref("ref") == b"before"
        monkeypatch.setattr(module, "PATIENCE", 0.1)
        with pytest.raises(LockedError, match="in use by another writer"), store.write():
            pass
        other.kill()
    monkeypatch.setattr(module, "PATIENCE", 5.0)
    monkeypatch.setattr(module, "LEASE", 0.2)
    with store.write() as tx:
        assert tx.refs() == {"ref": b"before"}
        assert tx.get("kind", b"new") is None
        tx.append("log", b"entry")


@pytest.mark.promise("storage.dead-writer")
def test_a_writer_whose_place_was_taken_is_refused(
    store: S3Store, where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE", 0.1)
    with (  # noqa: PT012 - the whole transaction is what fails
        closing(S3Store(where)) as other,
        pytest.raises(LockedError, match="taken over by another writer"),
        store.write() as slow,
    ):
        slow.append("log", b"slow")
        with other.write() as tx:
            tx.append("log", b"quick")
    with store.read() as tx:
        assert tx.entries("log") == [(1, b"quick")]


def breaking(monkeypatch: pytest.MonkeyPatch, at: int, *, arrives: bool, answers: int = 1) -> None:
    """Let ``answers`` swaps, from the one numbered ``at`` on, go without an answer."""
    swap = Bucket.swap
    count = 0

    def broken(self: Bucket, name: str, value: bytes, tag: str) -> str | None:
        nonlocal count
        count += 1
        lost = at <= count < at + answers
        result = swap(self, name, value, tag) if arrives or not lost else None
        if lost:
            raise UnansweredError("The server does not answer.", "Wait.", sent=True)
        return result

    monkeypatch.setattr(Bucket, "swap", broken)


@pytest.mark.promise("storage.lost-answer")
@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("at", [1, 2])
def test_a_request_whose_answer_was_lost_is_asked_about_and_not_repeated_blindly(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, at: int, arrives: bool
) -> None:
    breaking(monkeypatch, at, arrives=arrives)
    with store.write() as tx:
        tx.append("log", b"entry")
    with store.read() as tx:
        assert tx.entries("log") == [(1, b"entry")]


@pytest.mark.promise("storage.lost-answer")
@pytest.mark.parametrize("arrives", [True, False])
def test_a_commit_nobody_can_ask_about_is_named_and_known_later(
    store: S3Store, where: Address, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    monkeypatch.setattr(module, "RETURN", 0.0)
    breaking(monkeypatch, 2, arrives=arrives)
    with pytest.raises(OutcomeUnknownError, match="not known yet") as unknown, store.write() as tx:
        tx.append("log", b"entry")
    monkeypatch.undo()
    assert store.happened(unknown.value.token) is arrives
    # A commit that was never sent is not waited for: asking has given the place back.
    with closing(S3Store(where)) as other, other.write() as tx:
        assert tx.append("log", b"next") == (2 if arrives else 1)
    for _ in range(s3_transaction.TOKENS):
        with store.write() as tx:
            tx.append("log", b"more")
    with pytest.raises(OutcomeUnknownError):
        store.happened(unknown.value.token)


@pytest.mark.promise("storage.server-restart")
def test_a_server_killed_and_started_again_has_everything_acknowledged(
    store: S3Store, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        with store.write() as tx:
            tx.append("log", b"%d" % number)
            tx.put("kind", b"%d" % number, b"x" * 5000)
    monkeypatch.setattr(module, "RETURN", 0.0)
    try:
        with pytest.raises(StoreUnreachableError, match="does not answer"), store.write() as tx:  # noqa: PT012 - whole
            tx.append("log", b"lost")
            s3.kill()
    finally:
        s3.start()
    monkeypatch.setattr(module, "LEASE", 0.2)
    with store.write() as tx:
        assert tx.entries("log") == [(number + 1, b"%d" % number) for number in range(20)]
        assert all(tx.get("kind", b"%d" % number) == b"x" * 5000 for number in range(20))
        tx.append("log", b"again")


@pytest.mark.promise("storage.orphans")
def test_what_a_lost_transaction_left_behind_is_harmless_and_swept(
    store: S3Store, s3: S3, where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as tx:
        tx.put("kind", b"key", b"kept" * 2000)
    before = names(s3, where)

    def refuse(*_: object) -> None:
        raise StoreError("No.", "Never.")

    with pytest.raises(StoreError, match="No"), store.write() as tx:  # noqa: PT012 - the commit is what fails
        tx.put("kind", b"other", b"lost" * 2000)
        monkeypatch.setattr(Bucket, "swap", refuse)
    monkeypatch.undo()
    monkeypatch.setattr(module, "LEASE", 0.1)
    assert len(names(s3, where)) == len(before) + 1
    with store.read() as tx:
        assert tx.get("kind", b"other") is None
        assert tx.get("kind", b"key") == b"kept" * 2000
    store.scrub()
    assert len(names(s3, where)) == 3  # the head, the one node, and the one large value
    assert store.check() == []


def test_a_scrubbed_store_holds_no_trace_of_what_was_deleted(store: S3Store, s3: S3, where: Address) -> None:
    secret = b"the secret prompt" * 50
    with store.write() as tx:
        tx.put("record", b"small", secret)
        tx.put("record", b"large", secret * 10)
        tx.put("record", b"other", b"stays")
    store.scrub()
    with store.write() as tx:
        tx.delete("record", b"small")
        tx.delete("record", b"large")
    store.scrub()
    client = s3.client()
    with closing(client):
        contents = [
            client.get_object(Bucket=where.bucket, Key=f"{where.prefix}/{name}")["Body"].read()
            for name in names(s3, where)
        ]
    assert not any(b"secret prompt" in content for content in contents)
    with store.read() as tx:
        assert tx.get("record", b"other") == b"stays"


def test_replaced_segments_are_removed_after_a_while(
    store: S3Store, s3: S3, where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_transaction, "BUFFER", 0)
    monkeypatch.setattr(s3_transaction, "GRACE", -1.0)
    for number in range(12):
        with store.write() as tx:
            tx.append("log", b"%d" % number * 1000)
    assert len(names(s3, where)) <= 6
    assert store.check() == []


class Counted:
    """Counts the requests of a store."""

    def __init__(self, store: S3Store) -> None:
        self.requests: list[str] = []
        store._bucket._client.meta.events.register("before-call.s3", self._note)

    def _note(self, model: Any, **_: object) -> None:
        self.requests.append(model.name)


@pytest.mark.promise("storage.costs")
def test_a_transaction_costs_the_same_in_a_large_store(store: S3Store, where: Address) -> None:
    with store.write() as tx:
        for number in range(20_000):
            tx.append("log", b"%d" % number * 20)
    with closing(S3Store(where)) as fresh:
        counted = Counted(fresh)
        with fresh.read() as tx:
            assert tx.last("log") == 20_000
            assert tx.entries("log", 10_000, 1) == [(10_001, b"10000" * 20)]
        assert len(counted.requests) <= 8
        with fresh.write() as tx:
            tx.append("log", b"first")
        counted.requests.clear()
        with fresh.write() as tx:
            tx.append("log", b"second")
        assert counted.requests == ["PutObject", "PutObject"]
        counted.requests.clear()
        with fresh.write() as tx:
            for number in range(300):
                tx.append("log", b"%d" % number * 100)
        assert len(counted.requests) < 40


@pytest.mark.promise("storage.server-errors")
@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"secret_key": "stolen-secret"}, StoreError, "refused these credentials: SignatureDoesNotMatch"),
        ({"access_key": "nobody"}, StoreError, "refused these credentials: InvalidAccessKeyId"),
        ({"bucket": "missing"}, StoreError, "There is no bucket missing"),
        ({"bucket": "No such name!"}, StoreError, "cannot be asked"),
        ({"endpoint": "http://127.0.0.1:1"}, StoreUnreachableError, "does not answer"),
        ({"endpoint": "no url"}, StoreError, "no URL"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_named_without_the_secret(
    where: Address, change: dict[str, str], kind: type[StoreError], said: str
) -> None:
    with pytest.raises(kind, match=said) as refused:
        S3Store(replace(where, **change))
    assert refused.value.way_out
    assert "stolen-secret" not in str(refused.value)
    assert (where.secret_key or "") not in f"{refused.value} {where!r}"


@pytest.mark.promise("storage.server-errors")
def test_a_server_that_ignores_conditions_is_refused(where: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    put = Bucket._put

    def careless(self: Bucket, name: str, value: bytes, **_: str) -> str | None:
        return put(self, name, value)

    monkeypatch.setattr(Bucket, "_put", careless)
    with pytest.raises(StoreError, match="too old"):
        S3Store(where)


@pytest.mark.promise("storage.versions")
def test_a_store_of_a_later_format_is_refused_or_only_read(store: S3Store, s3: S3, where: Address) -> None:
    client = s3.client()
    head = f"{where.prefix}/head"

    def say(min_reader: int, min_writer: int) -> None:
        now = decode_head(client.get_object(Bucket=where.bucket, Key=head)["Body"].read())
        later = msgspec.structs.replace(
            now, format=FORMAT + 1, min_reader=min_reader, min_writer=min_writer, stamp=bytes([min_reader])
        )
        client.put_object(Bucket=where.bucket, Key=head, Body=encode_head(later))

    with closing(client):
        say(FORMAT, FORMAT + 1)
        with store.read() as tx:
            assert tx.last("log") == 0
        with pytest.raises(StoreTooNewError, match="may only read"), store.write():
            pass
        say(FORMAT + 1, FORMAT + 1)
        with pytest.raises(StoreTooNewError), store.read():
            pass
        with pytest.raises(StoreTooNewError):
            S3Store(where)


def test_damage_is_found_and_said(store: S3Store, s3: S3, where: Address) -> None:
    with store.write() as tx:
        tx.put("kind", b"key", b"x" * 5000)
    client = s3.client()
    with closing(client):
        (segment,) = (name for name in names(s3, where) if name.startswith("segments/"))
        client.put_object(Bucket=where.bucket, Key=f"{where.prefix}/{segment}", Body=b"y" * 5000)
        assert "damaged segment" in store.check()[0]
        with pytest.raises(CorruptStoreError, match="damaged segment"), store.read() as tx:
            tx.get("kind", b"key")
        client.delete_object(Bucket=where.bucket, Key=f"{where.prefix}/head")
        with pytest.raises(CorruptStoreError, match="lost its head"), store.read():
            pass
        with pytest.raises(CorruptStoreError, match="segments, but no head"):
            S3Store(where)
        client.put_object(Bucket=where.bucket, Key=f"{where.prefix}/head", Body=b"something else")
        with pytest.raises(CorruptStoreError, match="not ours"):
            S3Store(where)
