"""Metadata as it is given: what is taken, how it is normalised, and how the rest is refused."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs import wire
from anvcs.errors import InvalidMetadataError
from anvcs.provenance import metadata, values
from anvcs.provenance.metadata import from_mapping, validate

SEED = {
    "prompt": "Implement validation",
    "model": "gpt-4o-2025-10",
    "tests_passed": True,
    "test_report_ref": ".ai/meta/commit/1/tests.json",
    "coverage": 87.1,
    "env": {"python": "3.12", "node": "24", "os": "ubuntu-24.04"},
    "agent_id": "agent-foo",
    "artifacts": [{"type": "model", "key": "models/agent_v1.pt", "size": 104857600}],
}

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "$float", "$map", ""]), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.promise("provenance.metadata-checked")
def test_the_seeds_ai_meta_is_taken_as_it_stands() -> None:
    taken = from_mapping(SEED)
    assert taken == wire.Metadata(
        prompt="Implement validation",
        model="gpt-4o-2025-10",
        tests_passed=True,
        test_report_ref=".ai/meta/commit/1/tests.json",
        coverage=87.1,
        env={"python": "3.12", "node": "24", "os": "ubuntu-24.04"},
        agent_id="agent:agent-foo",
        artifacts=({"type": "model", "key": "models/agent_v1.pt", "size": 104857600},),
    )


def test_both_spellings_of_every_name_mean_the_same() -> None:
    camel = {metadata.FIELDS[name]: value for name, value in SEED.items()}
    assert from_mapping(camel) == from_mapping(SEED)


def test_fields_name_what_the_wire_has() -> None:
    known = {field for field in wire.Metadata.__struct_fields__ if field != "extra"}
    assert set(metadata.FIELDS) == known


@pytest.mark.promise("provenance.unknown-fields-kept")
def test_fields_that_are_not_known_are_kept_under_extra() -> None:
    given = {"prompt": "x", "temperature": 0.7, "extra": {"prompt": "of another kind", "run": {"id": 1}}}
    taken = from_mapping(given)
    assert taken.prompt == "x"
    assert taken.extra == {"temperature": 0.7, "prompt": "of another kind", "run": {"id": 1}}


def test_null_and_empty_text_are_absent() -> None:
    assert from_mapping(dict.fromkeys(SEED) | {"extra": None}) == wire.Metadata()
    assert from_mapping({"prompt": " \n", "model": "", "agent_id": " ", "test_report_ref": ""}) == wire.Metadata()


@pytest.mark.promise("provenance.metadata-checked")
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"prompt": 1}, "prompt is a number; text is expected"),
        ({"prompt": "a\0b"}, "prompt has a NUL character"),
        ({"prompt": "\ud800"}, "prompt is not valid Unicode text"),
        ({"prompt": "x" * (metadata.MAX_SIZE + 1)}, "prompt is longer than 1 MiB"),
        ({"model": "a\nb"}, "model has more than one line"),
        ({"model": "m\x1b[2J"}, "model has more than one line or control characters"),
        ({"model": "m" * 1025}, "model is longer than 1024 characters"),
        ({"testsPassed": "yes"}, "testsPassed is text; true or false is expected"),
        ({"tests_passed": 1}, "testsPassed is 1; true or false is expected"),
        ({"coverage": "87"}, "coverage is text; a number from 0 to 100 is expected"),
        ({"coverage": True}, "coverage is true or false; a number"),
        ({"coverage": 100.01}, "coverage is 100.01; a number from 0 to 100"),
        ({"coverage": -1}, "coverage is -1; a number from 0 to 100"),
        ({"coverage": math.nan}, "coverage is nan; a number from 0 to 100"),
        ({"env": ["a"]}, "env is a list; a map is expected"),
        ({"env": {"python": 3.12}}, "env.python is a number; text is expected. Put quotes around it"),
        ({"env": {"a": "b\0"}}, "env.a has a NUL character"),
        ({"agent_id": "two words"}, "agentId does not name an agent"),
        ({"agent_id": "agent:"}, "agentId does not name an agent"),
        ({"agent_id": "human:ada"}, "agentId is human:ada, which is no agent"),
        ({"artifacts": {"a": 1}}, "artifacts is a map; a list of maps is expected"),
        ({"artifacts": ["a"]}, r"artifacts\[0\] is text; a map is expected"),
        ({"schema_version": 2}, "schemaVersion is 2; 1 is expected"),
        ({"schema_version": True}, "schemaVersion is true or false; 1 is expected"),
        ({"extra": "x"}, "extra is text; a map is expected"),
        ({"run": object()}, "extra.run is a object, which JSON cannot say"),
        ({"run": math.inf}, "extra.run is inf, which JSON cannot say"),
        ({"run": 1 << 63}, "extra.run is a whole number that does not fit 64 bits"),
        ({"run": b"x"}, "extra.run is bytes, which JSON cannot say"),
        ({"run": {1: 2}}, "extra.run has a key that is a number; text is expected"),
        ({"run": {"a\0": 2}}, "a key of extra.run has a NUL character"),
        ({"big": ["x" * 1024] * 1100}, "extra is larger than 1 MiB as JSON"),
        ({"agentId": "a", "agent_id": "a"}, "agentId is given twice, in two spellings"),
        ({"run": 1, "extra": {"run": 2}}, "run is given twice, also under extra"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_is_refused_by_a_sentence_that_names_it(given: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidMetadataError, match=f"^The metadata's {says}") as refused:
        from_mapping(given)
    assert refused.value.message.endswith(".")
    assert refused.value.way_out.endswith(".")


def test_values_that_nest_too_deep_are_refused() -> None:
    deep: object = 1
    for _ in range(values.MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(InvalidMetadataError, match="nests deeper than 16 levels"):
        from_mapping({"run": deep})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("reports/junit.xml", "reports/junit.xml"),
        ("./reports//a/../junit.xml", "reports/junit.xml"),
        ("..hidden/x", "..hidden/x"),
        ("https://ci.example/run/1?x=../..", "https://ci.example/run/1?x=../.."),
        ("s3://bucket/key", "s3://bucket/key"),
    ],
)
def test_a_report_is_named_by_a_path_in_the_repository_or_a_url(given: str, kept: str) -> None:
    assert validate(wire.Metadata(test_report_ref=given)).test_report_ref == kept


@pytest.mark.parametrize(
    "given",
    [
        "/etc/passwd",
        "..",
        "a/../../b",
        "../x",
        "file:///etc/passwd",
        "FILE://x/y",
        "C:\\x",
        "c:/x",
        "\\\\h\\x",
        ".",
        "://x",
    ],
)
def test_a_report_outside_the_repository_is_refused(given: str) -> None:
    with pytest.raises(InvalidMetadataError, match="not in the repository"):
        validate(wire.Metadata(test_report_ref=given))


def test_a_reports_path_is_taken_as_given_until_someone_knows_the_folder() -> None:
    assert from_mapping({"test_report_ref": "../junit.xml"}).test_report_ref == "../junit.xml"


def test_coverage_is_kept_to_a_hundredth() -> None:
    assert from_mapping({"coverage": 87.126}).coverage == 87.13
    assert from_mapping({"coverage": 100}).coverage == 100.0


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_checking_twice_changes_nothing_more(extra: dict[str, object]) -> None:
    try:
        once = validate(wire.Metadata(extra=extra))
    except InvalidMetadataError:
        return
    assert validate(once) == once
    assert from_mapping(json.loads(values.canonical(once))) == once


@given(st.dictionaries(st.sampled_from([*metadata.FIELDS, *metadata.FIELDS.values(), "extra", "x"]), JSON, max_size=4))
def test_any_json_is_taken_or_refused_but_never_breaks(given_: dict[str, object]) -> None:
    try:
        taken = from_mapping(given_)
    except InvalidMetadataError:
        return
    with contextlib.suppress(InvalidMetadataError):
        assert validate(taken).extra == taken.extra
