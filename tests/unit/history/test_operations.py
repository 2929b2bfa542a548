"""The signed encoding of operations: final, published, and kept byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anvcs import ids
from anvcs.actors import KeySigner
from anvcs.errors import CorruptStoreError, StoreTooNewError
from anvcs.history import operations
from anvcs.history.operations import Move, Operation, Rewrite, SignedOperation
from tests.unit.test_ids import value_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "protocol" / "vectors" / "operations.json").read_text(encoding="utf-8")
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["key"]["private"]))
SIGNER = KeySigner("agent:foo", KEY, KEY.public_key().public_bytes_raw())


def published(name: str) -> Operation:
    (case,) = [case for case in VECTORS["operations"] if case["name"] == name]
    return operations.decode(bytes.fromhex(case["body"]))


@pytest.mark.promise("ids.vectors")
@pytest.mark.parametrize("case", VECTORS["operations"], ids=lambda case: case["name"])
def test_an_operation_has_its_published_body_id_and_signature(case: dict[str, Any]) -> None:
    fields = value_of(case["fields"])
    operation = msgspec.convert(fields, Operation, builtin_types=(bytes,))
    assert operations.encode(operation).hex() == case["body"]
    assert ids.text(operations.operation_id(operation)) == case["id"]
    signed = operations.sign(operation, SIGNER)
    assert signed.public_key.hex() == VECTORS["key"]["public"]
    assert operations.signed_message(signed.id, signed.public_key).hex() == case["signed"]
    assert signed.signature.hex() == case["signature"]
    assert operations.verify(signed) == operation


def test_every_field_is_always_in_the_body() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(Operation)}
    for case in VECTORS["operations"]:
        assert case["fields"].keys() == names


@pytest.mark.parametrize("case", VECTORS["without later fields"], ids=lambda case: case["name"])
def test_a_body_from_before_a_field_was_added_is_read_and_its_bytes_stay_signed(case: dict[str, Any]) -> None:
    signed = SignedOperation(
        id=ids.raw(case["id"]),
        body=bytes.fromhex(case["body"]),
        public_key=SIGNER.public_key,
        signature=bytes.fromhex(case["signature"]),
    )
    operation = operations.verify(signed)
    assert (operation.worktree, operation.rewrites) == ("", ())


def test_an_operation_survives_its_encoding() -> None:
    operation = published("every field")
    assert operation.moves == (Move("refs/heads/main", "a" * 40, "b" * 40),)
    assert operation.paths == (b"src/a.py", b"caf\xe9.txt")
    assert operation.worktree == "main-worktree"
    assert operation.rewrites == (Rewrite("b" * 40, "a" * 40, "reflog"),)
    assert operation.details == {
        "gitCommit": "b" * 40,
        "changeId": "zyxwvutsrqponmlkzyxwvutsrqponmlk",
        "pathCount": 2,
        "noVerify": True,
    }
    assert operations.decode(operations.encode(operation)) == operation


@pytest.mark.promise("ledger.later-encoding")
def test_a_field_of_a_later_anvcs_is_passed_over_and_its_bytes_stay_signed() -> None:
    body = bytes.fromhex(VECTORS["with a field of a later ANVCS"]["body"])
    name = ids.digest(ids.Domain.OPERATION, body)
    assert ids.text(name) == VECTORS["with a field of a later ANVCS"]["id"]
    signature = SIGNER.sign(operations.signed_message(name, SIGNER.public_key))
    signed = SignedOperation(id=name, body=body, public_key=SIGNER.public_key, signature=signature)
    assert operations.verify(signed) == published("every field")
    assert signed.body == body


def test_a_version_that_would_be_misread_is_refused() -> None:
    with pytest.raises(StoreTooNewError, match="version 2"):
        operations.decode(bytes.fromhex(VECTORS["of a version that must be refused"]["body"]))


@pytest.mark.promise("ledger.signed-operations")
@pytest.mark.parametrize("part", ["id", "body", "public_key", "signature"])
@pytest.mark.parametrize("at", [0, -1])
def test_any_changed_byte_is_found(part: str, at: int) -> None:
    signed = operations.sign(published("every field"), SIGNER)
    changed = bytearray(getattr(signed, part))
    changed[at] ^= 1
    with pytest.raises(CorruptStoreError):
        operations.verify(msgspec.structs.replace(signed, **{part: bytes(changed)}))


@pytest.mark.promise("ledger.signed-operations")
def test_a_signature_of_another_operation_or_by_another_key_is_found() -> None:
    signed = operations.sign(published("every field"), SIGNER)
    other = operations.sign(published("the smallest"), SIGNER)
    with pytest.raises(CorruptStoreError, match="signature"):
        operations.verify(msgspec.structs.replace(signed, signature=other.signature))
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    stranger = KeySigner("agent:foo", key, key.public_key().public_bytes_raw())
    with pytest.raises(CorruptStoreError, match="signature"):
        operations.verify(msgspec.structs.replace(signed, public_key=stranger.public_key))
    assert operations.sign(published("every field"), stranger).id == signed.id


@pytest.mark.promise("ledger.signed-operations")
def test_nobody_signs_for_another_actor() -> None:
    with pytest.raises(ValueError, match="agent:foo cannot sign"):
        operations.sign(msgspec.structs.replace(published("the smallest"), actor="human:ada@example.org"), SIGNER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("confidence", 10_001),
        ("confidence", -1),
        ("confidence", 0.5),
        ("tier", "blue"),
        ("reversibility", "maybe"),
        ("kind", ""),
        ("parents", (b"short",)),
        ("prompt", b"short"),
        ("view_after", b""),
        ("paths", ("text",)),
        ("details", {"coverage": 0.5}),
        ("details", {"nested": {}}),
        ("moves", (Move("refs/heads/\udcff", None, "x"),)),
        ("arguments", "text"),
        ("time", None),
    ],
)
def test_an_operation_with_a_value_of_the_wrong_kind_is_never_encoded(field: str, value: object) -> None:
    operation = msgspec.structs.replace(published("every field"), **{field: value})
    with pytest.raises((ValueError, TypeError)):
        operations.encode(operation)


@pytest.mark.parametrize("value", [None, [], {}, {"version": 1}, {"version": "x"}])
def test_a_body_that_is_no_operation_is_refused(value: ids.Value) -> None:
    with pytest.raises(CorruptStoreError, match="An operation cannot be read"):
        operations.decode(ids.encode(value))
