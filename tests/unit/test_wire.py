"""The protocol's one source, its published schema, its examples and its reference agree."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from anvcs import wire
from anvcs.errors import all_errors
from anvcs.lsp.messages import REFUSALS
from anvcs.wire import EDITOR_NOTIFICATIONS, EDITOR_REQUESTS, NOTIFICATIONS, SERVER_REQUESTS, VERBS, Problem
from anvcs.wire.schema import published, schema

PROTOCOL = Path(__file__).parents[2] / "protocol"
SCHEMA: dict[str, Any] = json.loads((PROTOCOL / "anvcs.schema.json").read_bytes())
EXAMPLES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_bytes()) for path in sorted((PROTOCOL / "examples").glob("*.json"))
}


def name_of(method: str) -> str:
    """The example of a message without a verb is named after its method."""
    return method.removeprefix("anvcs/").replace("/", "-")


def messages() -> dict[str, dict[str, type[Any]]]:
    """What each example holds, by its name."""
    verbs = {verb: {"params": request.params, "result": request.result} for verb, request in VERBS.items()}
    notifications = {**NOTIFICATIONS, **EDITOR_NOTIFICATIONS}
    told = {name_of(method): {"params": notification.params} for method, notification in notifications.items()}
    exchanges = {**EDITOR_REQUESTS, **SERVER_REQUESTS}
    asked = {name_of(method): {"params": each.params, "result": each.result} for method, each in exchanges.items()}
    return {**verbs, **told, **asked}


def fits(name: str, value: Any) -> bool:
    """Whether the published schema takes the value for one of this type."""
    whole = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    return Draft202012Validator(whole).is_valid(value)  # pyright: ignore[reportUnknownMemberType] - untyped there


@pytest.mark.promise("protocol.schema-is-current")
def test_the_published_schema_is_current() -> None:
    assert (PROTOCOL / "anvcs.schema.json").read_bytes() == published(), "run: python -m anvcs.wire"


def test_the_module_writes_what_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["anvcs.wire", str(tmp_path / "schema.json")])
    runpy.run_module("anvcs.wire", run_name="__main__")
    assert (tmp_path / "schema.json").read_bytes() == published()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema({"$defs": SCHEMA["$defs"]})
    assert set(SCHEMA["commands"]) == {f"ai-vcs.{verb}" for verb in VERBS}
    assert set(SCHEMA["requests"]) == {request.method for request in VERBS.values() if request.method}
    assert set(SCHEMA["notifications"]) == set(NOTIFICATIONS)
    assert set(SCHEMA["editorNotifications"]) == set(EDITOR_NOTIFICATIONS)
    assert set(SCHEMA["editorRequests"]) == set(EDITOR_REQUESTS)
    assert set(SCHEMA["serverRequests"]) == set(SERVER_REQUESTS)
    for table in ("requests", "commands", "notifications", "editorRequests", "editorNotifications", "serverRequests"):
        for entry in SCHEMA[table].values():
            assert {entry["params"], entry.get("result", entry["params"])} <= set(SCHEMA["$defs"])


def test_every_type_and_every_described_field_says_what_it_is() -> None:
    for name, definition in schema()["$defs"].items():
        assert definition["description"], name
    fields = SCHEMA["$defs"]["CommitParams"]["properties"]
    assert fields["message"]["description"].startswith("Needed unless")
    # Inherited fields too.
    assert fields["folder"]["description"].startswith("URI or path")


@pytest.mark.promise("protocol.examples")
def test_every_message_has_an_example() -> None:
    assert {name: set(example) for name, example in EXAMPLES.items()} == {
        name: set(parts) for name, parts in messages().items()
    }


CASES = [(name, part) for name, example in EXAMPLES.items() for part in example]


@pytest.mark.promise("protocol.examples")
@pytest.mark.parametrize(("name", "part"), CASES)
def test_an_example_is_read_and_written_back_unchanged(name: str, part: str) -> None:
    example = EXAMPLES[name][part]
    cls = messages()[name][part]
    read = msgspec.json.decode(json.dumps(example), type=cls)
    assert json.loads(msgspec.json.encode(read)) == example
    assert fits(cls.__name__, example)


@pytest.mark.promise("protocol.examples")
@pytest.mark.parametrize(("name", "part"), CASES)
def test_an_example_shows_every_field(name: str, part: str) -> None:
    # Some fields exclude each other or repeat the default; the rest must be seen at least once.
    hidden = {"folder", "staged", "cursor", "alreadyInitialized", "repositoryCreated"}
    cls = messages()[name][part]
    assert set(cls.__struct_encode_fields__) - set(EXAMPLES[name][part]) <= hidden


@pytest.mark.parametrize(("name", "part"), CASES)
def test_the_schema_refuses_what_the_server_refuses(name: str, part: str) -> None:
    example = EXAMPLES[name][part]
    cls = messages()[name][part]
    for field, value in example.items():
        broken = {**example, field: 3 if isinstance(value, dict) else {"not": "this"}}
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(broken, cls)
        assert not fits(cls.__name__, broken)


def test_a_problem_fits_its_schema() -> None:
    problem = Problem(code="usage", message="No.", way_out="Yes.", output="x", log_id="y")
    assert fits("Problem", json.loads(msgspec.json.encode(problem)))


def test_messages_can_grow() -> None:
    # An older server must read what a newer client sends, and the other way round.
    assert msgspec.convert({"limit": 3, "later": 1}, wire.GraphParams) == wire.GraphParams(limit=3)
    assert all("additionalProperties" not in definition for definition in SCHEMA["$defs"].values())


@pytest.mark.promise("protocol.reference")
def test_the_reference_names_every_message_and_every_error() -> None:
    text = (PROTOCOL / "README.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in (
            *SCHEMA["requests"],
            *SCHEMA["commands"],
            *SCHEMA["notifications"],
            *SCHEMA["editorRequests"],
            *SCHEMA["editorNotifications"],
            *SCHEMA["serverRequests"],
            *(str(number) for _, number in REFUSALS),
            *(f"`{error.code}`" for error in all_errors()),
        )
        if name not in text
    ]
    assert missing == []


@pytest.mark.promise("protocol.reference")
def test_the_reference_gives_every_error_its_number() -> None:
    text = (PROTOCOL / "README.md").read_text(encoding="utf-8")
    for error in all_errors():
        number = next(code for family, code in REFUSALS if issubclass(error, family))
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{error.code}` |")]
        assert f"| {number} |" in row
