"""Likely secrets in metadata, replaced by a marker that says so before anything is stored.

What counts as a secret is :mod:`anvcs.provenance.detector`' business; here is where in the metadata it is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from anvcs import wire
from anvcs.provenance.detector import MARKER, find
from anvcs.provenance.metadata import FIELDS

BY_NAME = f"{MARKER}secret by its name]"
"""What the value of a variable such as ``API_TOKEN`` becomes, whatever it looks like."""

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:(?:api|auth|access|private|secret|signing|encryption|account|client|service|db|deploy|master)_?key"
    r"|token|secret|passphrase|credentials?)$|passw(?:or)?d$|(?:^|_)(?:pass|pwd)$"
)
# The shell's own: the folder one is in.
_NOT_SECRET = frozenset({"pwd", "oldpwd"})


def redact(metadata: wire.Metadata) -> tuple[wire.Metadata, tuple[str, ...]]:
    """The metadata with markers for likely secrets, and the names of the fields that got one (e.g. ``env.API_KEY``)."""
    clean = {name: _clean(getattr(metadata, name)) for name in ("prompt", "model", "test_report_ref")}
    changed = [FIELDS[name] for name, value in clean.items() if value != getattr(metadata, name)]
    agent = metadata.agent_id
    if agent is not None and find(agent):
        # A marker has spaces, which an actor's id cannot have.
        agent = "agent:redacted"
        changed.append(FIELDS["agent_id"])
    env, extra = _clean_map(metadata.env), _clean_map(metadata.extra)
    changed += [f"env.{name}" for name, value in env.items() if metadata.env.get(name) != value]
    changed += [f"extra.{name}" for name, value in extra.items() if metadata.extra.get(name) != value]
    artifacts = tuple(_clean_map(artifact) for artifact in metadata.artifacts)
    if artifacts != metadata.artifacts:
        changed.append(FIELDS["artifacts"])
    if not changed:
        return metadata, ()
    return (
        msgspec.structs.replace(metadata, **clean, agent_id=agent, env=env, extra=extra, artifacts=artifacts),
        tuple(changed),
    )


def redact_text(text: str) -> tuple[str, int]:
    """The text with markers for likely secrets, and how many there are."""
    spans = find(text)
    for span in reversed(spans):
        text = f"{text[: span.start]}{MARKER}{span.kind}]{text[span.end :]}"
    return text, len(spans)


def redact_part(text: str, start: int, end: int) -> tuple[str, int]:
    """A part of a text with markers for likely secrets, also for what is one only by what stands around the part."""
    pieces: list[str] = []
    at, count = start, 0
    for span in find(text):
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            pieces += [text[at:first], f"{MARKER}{span.kind}]"]
            at, count = last, count + 1
    return "".join([*pieces, text[at:end]]), count


def is_secret_name(name: str) -> bool:
    """Whether a variable or key of this name holds a secret: ``GITHUB_TOKEN``, ``dbPassword``, ``client-secret``."""
    plain = _WORDS.sub("_", name).lower()
    return plain not in _NOT_SECRET and _SECRET_NAME.search(plain) is not None


def _clean(value: Any) -> Any:
    match value:
        case str():
            return redact_text(value)[0]
        case list():
            return [_clean(item) for item in cast("list[Any]", value)]
        case dict():
            return _clean_map(cast("dict[str, Any]", value))
        case _:
            return value


def _clean_map(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        redact_text(name)[0]: _blank(value) if is_secret_name(name) else _clean(value) for name, value in given.items()
    }


def _blank(value: Any) -> Any:
    """The value with everything in it that could be a secret gone."""
    match value:
        case None | bool() | "":
            return value
        case str() if value.startswith(MARKER):
            return value
        case list():
            return [_blank(item) for item in cast("list[Any]", value)]
        case dict():
            return {redact_text(name)[0]: _blank(inner) for name, inner in cast("dict[str, Any]", value).items()}
        case _:
            return BY_NAME
