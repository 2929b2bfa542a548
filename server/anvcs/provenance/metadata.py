"""A commit's metadata as people and tools give it: taken in any spelling, checked field by field."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from anvcs import actors, wire
from anvcs.errors import UsageError
from anvcs.provenance import values
from anvcs.provenance.values import invalid, kind

SCHEMA_VERSION = 1
MAX_SIZE = 1 << 20
"""Bytes of UTF-8 in a prompt, and in each of ``env``, ``artifacts`` and ``extra`` as JSON."""
MAX_LINE = 1024
"""Characters in a field of one line: the model, the agent, a reference."""

FIELDS = {
    "prompt": "prompt",
    "model": "model",
    "tests_passed": "testsPassed",
    "test_report_ref": "testReportRef",
    "coverage": "coverage",
    "env": "env",
    "agent_id": "agentId",
    "artifacts": "artifacts",
    "schema_version": "schemaVersion",
}
"""Every known field, by its name in the seed's ``ai-meta`` and on the wire; others live under ``extra``."""

_BY_SPELLING = {wire_name: name for name, wire_name in FIELDS.items()} | {name: name for name in FIELDS}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/]")


def from_mapping(data: Mapping[str, object], *, limited: bool = True) -> wire.Metadata:
    """Metadata from a map with snake_case or camelCase keys; keys it does not know go to ``extra``.

    A test report's path stays as given, since only the caller knows which folder it starts from; ``validate`` wants it
    to start from the repository's root. Without ``limited`` any length will do, as for stored metadata, which markers
    of redaction have made longer. Raises InvalidMetadataError naming the field, what it is and what is expected.
    """
    known: dict[str, object] = {}
    extra: dict[str, object] = {}
    given_extra = data.get("extra")
    if given_extra is not None:
        extra.update(_map(given_extra, "extra"))
    for spelling, value in data.items():
        name = _BY_SPELLING.get(values.key(spelling, "fields"))
        if name is None:
            if spelling != "extra":
                if spelling in extra:
                    raise invalid(spelling, "is given twice, also under extra", "Give it once.")
                extra[spelling] = value
        elif name in known:
            raise invalid(FIELDS[name], "is given twice, in two spellings", "Give it once.")
        elif value is not None:
            known[name] = value
    taken = _checked(known, extra)
    if limited:
        _check_sizes(taken)
    return taken


def validate(metadata: wire.Metadata) -> wire.Metadata:
    """The same metadata, checked and normalised, its test report in the repository. Raises InvalidMetadataError."""
    taken = from_mapping({**{name: getattr(metadata, name) for name in FIELDS}, "extra": metadata.extra})
    return msgspec.structs.replace(taken, test_report_ref=_reference(taken.test_report_ref))


def agent_id(name: str) -> str:
    """An agent's actor id from ``foo`` or ``agent:foo``. Raises InvalidMetadataError."""
    bare = values.text(name, "agentId").strip().removeprefix("agent:")
    if bare.startswith(("human:", "system:")):
        raise invalid("agentId", f"is {bare}, which is no agent", "Write it as foo or agent:foo.")
    try:
        return actors.agent(bare)
    except UsageError as error:
        raise invalid("agentId", "does not name an agent", error.way_out) from error


def _checked(known: Mapping[str, object], extra: object) -> wire.Metadata:
    agent = _line(known, "agent_id")
    version = known.get("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise invalid(
            "schemaVersion", f"is {_shown(version)}; {SCHEMA_VERSION} is expected", "Leave it out, or update ANVCS."
        )
    return wire.Metadata(
        prompt=_prompt(known),
        model=_line(known, "model"),
        tests_passed=_flag(known, "tests_passed"),
        test_report_ref=_line(known, "test_report_ref"),
        coverage=_percent(known, "coverage"),
        env=_env(known),
        agent_id=None if agent is None else agent_id(agent),
        artifacts=_artifacts(known),
        extra=cast("dict[str, Any]", values.checked(_map(extra, "extra"), "extra")),
    )


def _check_sizes(taken: wire.Metadata) -> None:
    if taken.prompt is not None and len(taken.prompt.encode()) > MAX_SIZE:
        raise invalid("prompt", "is longer than 1 MiB", "Shorten it, or store it as a file and name its path.")
    for name in ("model", "test_report_ref", "agent_id"):
        if len(getattr(taken, name) or "") > MAX_LINE:
            raise invalid(FIELDS[name], f"is longer than {MAX_LINE} characters", "Shorten it.")
    for name in ("env", "artifacts", "extra"):
        if len(msgspec.json.encode(getattr(taken, name))) > MAX_SIZE:
            raise invalid(name, "is larger than 1 MiB as JSON", "Store it as a file and name its path.")


def _text(known: Mapping[str, object], name: str) -> str | None:
    value = known.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(FIELDS[name], f"is {kind(value)}; text is expected")
    return values.text(value, FIELDS[name])


def _prompt(known: Mapping[str, object]) -> str | None:
    prompt = _text(known, "prompt")
    return prompt if prompt is not None and prompt.strip() else None


def _line(known: Mapping[str, object], name: str) -> str | None:
    line = _text(known, name)
    line = None if line is None else line.strip()
    if not line:
        return None
    if not line.isprintable():
        raise invalid(FIELDS[name], "has more than one line or control characters; one line is expected")
    return line


def _reference(line: str | None) -> str | None:
    """A URL as given, or a path below the repository's root without ``.`` and ``..``."""
    if line is None or (_URL.match(line) and not line.lower().startswith("file:")):
        return line
    path = posixpath.normpath(line)
    if "://" in line or path.startswith(("/", "../")) or path in ("..", ".") or _on_a_drive(line):
        raise invalid(
            "testReportRef", f"is {line}, which is not in the repository", "Give a path in the repository, or a URL."
        )
    return path


def _on_a_drive(path: str) -> bool:
    """Whether Windows would take the path for one that starts at a drive or share."""
    return path.startswith("\\") or bool(re.match(r"[A-Za-z]:[\\/]", path))


def _flag(known: Mapping[str, object], name: str) -> bool | None:
    value = known.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(FIELDS[name], f"is {_shown(value)}; true or false is expected")
    return value


def _percent(known: Mapping[str, object], name: str) -> float | None:
    value = known.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise invalid(FIELDS[name], f"is {_shown(value)}; a number from 0 to 100 is expected")
    if not 0 <= value <= 100:
        raise invalid(FIELDS[name], f"is {_shown(value)}; a number from 0 to 100 is expected")
    return round(float(value), 2)


def _env(known: Mapping[str, object]) -> dict[str, str]:
    env: dict[str, str] = {}
    for name, value in _map(known.get("env", {}), "env").items():
        if not isinstance(value, str):
            raise invalid(f"env.{name}", f"is {kind(value)}; text is expected", "Put quotes around it.")
        env[values.key(name, "env")] = values.text(value, f"env.{name}")
    return env


def _artifacts(known: Mapping[str, object]) -> tuple[dict[str, Any], ...]:
    given = known.get("artifacts", ())
    if not isinstance(given, list | tuple):
        raise invalid("artifacts", f"is {kind(given)}; a list of maps is expected")
    items = cast("list[object] | tuple[object, ...]", given)
    checked = (values.checked(_map(item, f"artifacts[{i}]"), f"artifacts[{i}]") for i, item in enumerate(items))
    return tuple(cast("dict[str, Any]", item) for item in checked)


def _map(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise invalid(where, f"is {kind(value)}; a map is expected")
    return cast("Mapping[str, object]", value)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else kind(value)
