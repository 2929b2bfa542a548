"""Reads a model's answer, strictly: a JSON object of a known form, or nothing."""

from __future__ import annotations

import re

import msgspec

from anvcs.errors import AssistConflictError

LARGEST_RATIONALE = 2000
"""Characters of a rationale that are kept."""
_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(.*)\n```", re.DOTALL)


class Reading(msgspec.Struct, frozen=True):
    """What a model says."""

    text: str | None
    """What is to stand in the conflict's place; None where it cannot decide."""
    rationale: str


class _Reply(msgspec.Struct, forbid_unknown_fields=True):
    text: str | None
    rationale: str = ""


def read(content: str) -> Reading:
    """The answer in a text that is one JSON object, or one fenced block of it. Raises AssistConflictError."""
    said = content.strip()
    fenced = _FENCED.fullmatch(said)
    try:
        reply = msgspec.json.decode(fenced[1] if fenced is not None else said, type=_Reply)
    except msgspec.DecodeError as error:
        raise _unusable(f"it is not the JSON object that was asked for ({error})") from error
    if reply.text is not None and "\0" in reply.text:
        raise _unusable("it holds NUL characters")
    rationale = " ".join(reply.rationale.split())
    return Reading(reply.text, rationale[:LARGEST_RATIONALE])


def _unusable(why: str) -> AssistConflictError:
    return AssistConflictError(
        f"The model's answer cannot be used: {why}.", "Ask again, or decide the conflict yourself."
    )
