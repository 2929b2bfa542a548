"""Canonical encoding and ids, against the published vectors, libipld as another encoder, and known BLAKE3 values."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, cast

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs import ids
from anvcs.errors import CorruptStoreError, UsageError
from anvcs.ids import Domain, Value

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def value_of(written: Any) -> Value:
    """A value as the vectors write it in JSON."""
    match written:
        case {"$bytes": str(digits)}:
            return bytes.fromhex(digits)
        case {"$int": str(digits)}:
            return int(digits)
        case dict():
            return {name: value_of(item) for name, item in cast("dict[str, Any]", written).items()}
        case list():
            return [value_of(item) for item in cast("list[Any]", written)]
        case _:
            return written


def looks_like_a_link(data: bytes) -> bool:
    """Bytes that libipld's encoder may take for a CID."""
    return data.startswith((b"\x01", b"\x12\x20"))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.text()
    | st.binary().filter(lambda data: not looks_like_a_link(data)),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=30), inner, max_size=30),
    max_leaves=40,
)


@pytest.mark.promise("ids.vectors")
@pytest.mark.parametrize("case", vectors("encoding.json")["values"], ids=lambda case: case["name"])
def test_a_value_has_the_published_bytes(case: dict[str, Any]) -> None:
    value = value_of(case["value"])
    assert ids.encode(value).hex() == case["bytes"]
    assert ids.decode(bytes.fromhex(case["bytes"])) == value


@pytest.mark.promise("ids.vectors")
@pytest.mark.parametrize("case", vectors("encoding.json")["refused"], ids=lambda case: case["name"])
def test_bytes_that_are_not_canonical_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(CorruptStoreError):
        ids.decode(bytes.fromhex(case["bytes"]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "f6"),
        (0, "00"),
        (-500, "3901f3"),
        (1_000_000, "1a000f4240"),
        ("a", "6161"),
        (b"\x00\xff", "4200ff"),
        ([True, ["a"]], "82f5816161"),
        ({"time": 7, "id": b"\x01"}, "a26269644101" + "6474696d6507"),
        ((1, 2), "820102"),
    ],
)
def test_small_values_have_the_bytes_worked_out_by_hand(value: Value, expected: str) -> None:
    assert ids.encode(value).hex() == expected


@given(values)
def test_encoding_agrees_with_another_implementation(value: Value) -> None:
    assert ids.encode(value) == libipld.encode_dag_cbor(value)


@given(values)
def test_decoding_gives_back_what_was_encoded(value: Value) -> None:
    assert ids.decode(ids.encode(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_to_what_encodes_to_them_or_refused(data: bytes) -> None:
    try:
        value = ids.decode(data)
    except CorruptStoreError:
        return
    assert ids.encode(value) == data


@given(st.dictionaries(st.text(), st.integers(0, 9)))
def test_the_order_in_which_a_map_was_filled_does_not_matter(filled: dict[str, int]) -> None:
    assert ids.encode(filled) == ids.encode(dict(reversed(filled.items())))


def test_bytes_that_parse_as_a_link_are_bytes_all_the_same() -> None:
    link = bytes.fromhex("01551220") + bytes(32)
    assert libipld.encode_dag_cbor(link)[0] == 0xD8  # the trap that the own encoder avoids
    assert ids.encode(link) == b"\x58\x24" + link
    assert ids.decode(ids.encode(link)) == link


@pytest.mark.promise("ids.no-floats")
@pytest.mark.parametrize("number", [1.5, 0.0, float("nan"), float("inf")])
def test_a_float_is_refused_wherever_it_hides(number: float) -> None:
    with pytest.raises(TypeError, match=re.escape("value['tests'][1]['coverage']: a float")):
        ids.encode(cast("Any", {"tests": ["ok", {"coverage": number}]}))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({1, 2}, "a set has no canonical form"),
        (bytearray(b"x"), "a bytearray has no canonical form"),
        (1 << 63, "does not fit 64 bits"),
        (-(1 << 63) - 1, "does not fit 64 bits"),
        ({1: 2}, "the key 1 is not text"),
        ("\ud800", "is not Unicode text"),
        ({"\udcff": 1}, "is not Unicode text"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        ids.encode([value])


def test_nesting_has_a_limit_instead_of_a_crash() -> None:
    value: Value = []
    for _ in range(ids.MAX_DEPTH - 1):
        value = [value]
    assert ids.decode(ids.encode(value)) == value
    with pytest.raises(TypeError, match="deeper than 64"):
        ids.encode([value])
    with pytest.raises(CorruptStoreError):
        ids.decode(b"\x81" * 100_000 + b"\x00")


@pytest.mark.promise("ids.vectors")
def test_each_kind_has_its_published_context() -> None:
    cases = vectors("ids.json")["domains"]
    assert {case["kind"]: case["context"] for case in cases} == {domain.name: domain.value for domain in Domain}
    assert len({domain.value for domain in Domain}) == len(Domain)
    for case in cases:
        assert ids.digest(Domain[case["kind"]], b"").hex() == case["id of no bytes"]
        assert ids.object_id(Domain[case["kind"]], {}).hex() == case["id of the map {}"]


@pytest.mark.promise("ids.vectors")
def test_objects_and_salted_values_have_their_published_ids() -> None:
    found = vectors("ids.json")
    for case in found["objects"]:
        assert ids.text(ids.object_id(Domain[case["kind"]], value_of(case["value"]))) == case["id"]
    for case in found["salted"]:
        salt = cast("bytes", value_of(case["salt"]))
        assert ids.text(ids.salted(Domain[case["kind"]], salt, value_of(case["value"]))) == case["id"]


@pytest.mark.promise("ids.commit-over-raw-bytes")
def test_a_commit_has_its_published_id() -> None:
    for case in vectors("ids.json")["commits"]:
        raw = cast("bytes", value_of(case["raw"]))
        git_id = hashlib.sha1(b"commit %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()
        assert git_id == case["git"]
        assert ids.commit_id(raw) == case["id"]


def test_the_same_bytes_have_another_id_in_each_domain() -> None:
    assert len({ids.digest(domain, b"same") for domain in Domain}) == len(Domain)


def test_a_salted_value_depends_on_salt_and_value() -> None:
    first = ids.salted(Domain.PROMPT, b"salt", "prompt")
    assert first == ids.salted(Domain.PROMPT, b"salt", "prompt")
    assert first != ids.salted(Domain.PROMPT, b"other", "prompt")
    assert first != ids.salted(Domain.PROMPT, b"salt", "other")


@given(st.binary(min_size=32, max_size=32))
def test_an_id_survives_being_written_as_text(raw: bytes) -> None:
    assert ids.raw(ids.text(raw)) == raw


@pytest.mark.parametrize("text", ["", "b3:", "b3:" + "g" * 64, "b3:" + "A" * 64, "b3:" + "a" * 63, "a" * 64, " b3:"])
def test_text_that_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an id"):
        ids.raw(text)


def test_only_32_bytes_are_written_as_an_id() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ids.text(b"short")


def test_change_ids_are_32_letters_from_k_to_z_and_never_repeat() -> None:
    made = {ids.new_change_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("[k-z]{32}", change) for change in made)
    assert set("".join(made)) == set("klmnopqrstuvwxyz")


def test_change_ids_are_hexadecimal_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    for case in vectors("ids.json")["changes"]:

        def bits(_size: int, digits: str = case["bits"]) -> str:
            return digits

        monkeypatch.setattr("secrets.token_hex", bits)
        assert ids.new_change_id() == case["change"]
