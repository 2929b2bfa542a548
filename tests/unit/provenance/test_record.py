"""Metadata records: their root, purging, and their one JSON form."""

from __future__ import annotations

import json
import secrets
import struct
from pathlib import Path
from typing import Any, cast

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from anvcs import ids, wire
from anvcs.errors import CorruptStoreError, InvalidMetadataError, StoreTooNewError, UsageError
from anvcs.provenance import record, values
from anvcs.provenance.metadata import validate
from anvcs.provenance.record import Record, from_json, make_record

from .test_metadata import JSON

VECTORS = json.loads((Path(__file__).parents[3] / "protocol" / "vectors" / "records.json").read_text("utf-8"))
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
FULL = wire.Metadata(
    prompt="Why",
    model="m-1",
    tests_passed=False,
    test_report_ref="r.xml",
    coverage=99.99,
    env={"python": "3.12", "os": "linux"},
    agent_id="agent:foo",
    artifacts=({"key": "a"},),
    extra={"run.id": 7, "list": [0.5, None, {"$float": "x"}]},
)

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
METADATA = st.builds(
    wire.Metadata,
    prompt=st.none() | TEXT,
    tests_passed=st.none() | st.booleans(),
    coverage=st.none() | st.integers(0, 10000).map(lambda points: points / 100),
    env=st.dictionaries(TEXT, TEXT, max_size=3),
    agent_id=st.none() | st.just("agent:foo"),
    extra=st.dictionaries(TEXT, JSON, max_size=3),
)


def made(metadata: wire.Metadata = FULL, **details: object) -> Record:
    return make_record(metadata, TREE, secrets.token_bytes, details)


def by_hand(context: str, cbor: bytes) -> bytes:
    return blake3(cbor, derive_key_context=context).digest()


@pytest.mark.promise("provenance.record-vectors")
@pytest.mark.parametrize("vector", VECTORS["records"], ids=lambda vector: vector["name"])
def test_records_hash_as_published(vector: dict[str, Any]) -> None:
    found = record.from_builtins(vector["record"])
    assert found.root == vector["root"]
    assert found.to_json().decode() == vector["json"]
    hashed = found.hashes_only().to_builtins()["fields"]
    assert {name: field["hash"] for name, field in cast("dict[str, Any]", hashed).items()} == vector["fieldHashes"]


def test_a_root_can_be_computed_by_hand() -> None:
    """With nothing of ours: one field, one float, CBOR written out."""
    salt = bytes(16)
    found = make_record(wire.Metadata(extra={"t": 0.5}), TREE, bytes)
    half = struct.pack(">d", 0.5).hex().encode()
    value = b"\xa1" + b"\x66$float" + b"\x70" + half
    field = by_hand("anvcs 2026-11 metadata field v1", b"\x82\x50" + salt + b"\x82" + b"\x67extra.t" + value)
    fields = b"\xa1" + b"\x67extra.t" + b"\x58\x20" + field
    body = b"\xa3" + b"\x64tree" + b"\x78\x28" + TREE.encode() + b"\x66fields" + fields + b"\x67version" + b"\x01"
    assert found.root == "b3:" + by_hand("anvcs 2026-11 metadata record v1", body).hex()


@given(METADATA)
def test_a_record_gives_its_metadata_back(metadata: wire.Metadata) -> None:
    valid = validate(metadata)
    found = made(valid)
    assert found.metadata() == valid
    assert from_json(found.to_json()) == found
    assert from_json(found.to_json()).to_json() == found.to_json()


def test_every_field_survives() -> None:
    found = made(FULL, hooks_skipped=True, redacted=["prompt"], no_verify=False)
    assert found.metadata() == FULL
    assert found.details() == {"hooks_skipped": True, "redacted": ["prompt"]}
    assert found.verify(found.root)
    assert not found.verify(made(FULL).root), "salts differ, so equal metadata has no equal root"


def test_coverage_is_hashed_in_basis_points() -> None:
    fields = cast("dict[str, Any]", made().to_builtins()["fields"])
    assert fields["coverage"]["value"] == 9999
    for points in range(10001):
        assert round(points / 100 * 100) == points


@pytest.mark.promise("provenance.one-value-purged")
@given(METADATA, st.data())
def test_after_a_purge_the_value_is_gone_and_the_rest_verifies(metadata: wire.Metadata, data: st.DataObject) -> None:
    found = made(validate(metadata.__class__(prompt="secret words", env=metadata.env, extra=metadata.extra)))
    name = data.draw(st.sampled_from(sorted(found.fields)))
    purged = found.purge(name)
    assert purged.verify(found.root)
    assert purged.purged == (name,)
    assert purged.purge(name) == purged
    kept = cast("dict[str, Any]", purged.to_builtins()["fields"])
    assert kept[name].keys() == {"hash"}
    others = cast("dict[str, Any]", found.to_builtins()["fields"])
    assert all(kept[other] == others[other] for other in kept if other != name)


def test_a_purged_prompt_is_absent_and_its_salt_is_gone() -> None:
    found = made()
    purged = found.purge("prompt")
    assert purged.metadata().prompt is None
    assert purged.metadata().model == "m-1"
    field = found.fields["prompt"]
    assert isinstance(field, record.Field)
    assert b"Why" not in purged.to_json()
    assert field.salt.hex().encode() not in purged.to_json()
    with pytest.raises(UsageError, match="no field nothing"):
        found.purge("nothing")


def test_the_projection_of_hashes_verifies_and_says_nothing() -> None:
    found = made()
    hashes = found.hashes_only()
    assert hashes.verify(found.root)
    assert hashes.metadata() == wire.Metadata()
    assert set(hashes.purged) == set(found.fields)


def test_any_change_of_a_value_name_tree_or_salt_changes_the_root() -> None:
    found = made(wire.Metadata(prompt="a", model="b"))
    swapped = Record(TREE, {"prompt": found.fields["model"], "model": found.fields["prompt"]})
    other_tree = Record("0" * 40, found.fields)
    fewer = Record(TREE, {"prompt": found.fields["prompt"]})
    assert len({found.root, swapped.root, other_tree.root, fewer.root}) == 4


@given(JSON, JSON)
def test_two_values_hash_alike_only_if_they_are_the_same(one: object, two: object) -> None:
    first, second = values.checked(one, "x"), values.checked(two, "x")
    alike = ids.encode(values.hashable(first)) == ids.encode(values.hashable(second))
    assert alike == (values.canonical(first) == values.canonical(second) and first == second)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b'{"version":1}',
        b'{"version":true,"tree":"%s","fields":{}}' % TREE.encode(),
        b'{"version":1,"tree":"nonsense","fields":{}}',
        b'{"version":1,"tree":"%s","fields":[]}' % TREE.encode(),
        b'{"version":1,"tree":"%s","fields":{"a":1}}' % TREE.encode(),
        b'{"version":1,"tree":"%s","fields":{"a":{"salt":"00","value":1}}}' % TREE.encode(),
        b'{"version":1,"tree":"%s","fields":{"a":{"salt":"zz","value":1}}}' % TREE.encode(),
        b'{"version":1,"tree":"%s","fields":{"a":{"hash":"b3:12"}}}' % TREE.encode(),
        b'{"version":1,"tree":"%s","fields":{"a":{"hash":"b3:%s","value":1}}}' % (TREE.encode(), b"0" * 64),
    ],
)
def test_a_damaged_record_is_refused_in_a_sentence(damage: bytes) -> None:
    with pytest.raises(CorruptStoreError, match="cannot be read"):
        from_json(damage)


def test_a_record_of_a_later_version_asks_for_an_update() -> None:
    with pytest.raises(StoreTooNewError, match="version 2"):
        from_json(b'{"version":2}')


def test_a_record_that_holds_no_valid_metadata_is_refused_in_a_sentence() -> None:
    fields: dict[str, record.Field | record.Purged] = {"coverage": record.Field(bytes(16), "many")}
    with pytest.raises(CorruptStoreError, match="coverage is not in basis points"):
        Record(TREE, fields).metadata()
    fields = {"agent_id": record.Field(bytes(16), "human:ada")}
    with pytest.raises(CorruptStoreError, match="agentId"):
        Record(TREE, fields).metadata()


def test_details_that_json_cannot_say_are_refused() -> None:
    with pytest.raises(InvalidMetadataError):
        made(wire.Metadata(), odd=object())
