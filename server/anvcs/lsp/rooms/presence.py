"""Who is here and who wrote what: what this editor says of itself, and how what others say is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from anvcs.rooms.lines import Lines
from anvcs.wire.editing import (
    AttributedRange,
    CursorMoved,
    DocumentAttribution,
    Participant,
    Selection,
    TextPosition,
    TextRange,
)

COLOURS = 8
"""How many participant colours an editor has."""


def own_state(actor: str, cursor: CursorMoved | None) -> dict[str, Any]:
    """What others are to see; ``user`` is what Yjs editors look for."""
    name = name_of(actor)
    state: dict[str, Any] = {"actor": actor, "name": name, "user": {"name": name}}
    if cursor is not None:
        state["selections"] = msgspec.to_builtins(cursor.selections)
    return state


def participants(others: Mapping[int, Mapping[str, Any]]) -> tuple[Participant, ...]:
    """Everybody else, as the editor shows them; whoever says nonsense of themselves is shown without it."""
    return tuple(_participant(client, state) for client, state in sorted(others.items()))


def name_of(actor: str) -> str:
    """What an actor is called on the screen: ``foo`` for agent:foo, ``ada`` for human:ada@example.org."""
    return actor.partition(":")[2].partition("@")[0] or actor


def colour_of(actor: str) -> int:
    """The number of an actor's colour, the same wherever it is shown: FNV-1a of its id, as the extension has it too."""
    hashed = 0x811C9DC5
    for byte in actor.encode("utf-8", "replace"):
        hashed = (hashed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hashed % COLOURS


def attributed(
    version: int, lines: Lines, runs: Sequence[tuple[int, int]], sources: Mapping[str, Mapping[str, Any]]
) -> DocumentAttribution:
    """Who wrote what, of runs (length, edit) in the order of the text."""
    ranges: list[AttributedRange] = []
    place = 0
    for length, sequence in runs:
        end = place + length
        source = sources.get(str(sequence), {})
        meta: Mapping[str, Any] = source.get("meta") or {}
        task: object = meta.get("task") or meta.get("session")
        ranges.append(
            AttributedRange(
                range=TextRange(start=_position(lines, place), end=_position(lines, end)),
                actor=source.get("actor"),
                how=source.get("how", "base"),
                sequence=sequence,
                time=source.get("time", 0),
                task=task if isinstance(task, str) else None,
            )
        )
        place = end
    return DocumentAttribution(version=version, ranges=tuple(ranges))


def _position(lines: Lines, offset: int) -> TextPosition:
    line, character = lines.position(offset)
    return TextPosition(line=line, character=character)


def _participant(client: int, state: Mapping[str, Any]) -> Participant:
    actor = str(state.get("actor") or "human:somebody")
    name = state.get("name")
    where = "elsewhere" if state.get("where") == "elsewhere" else "here"
    return Participant(
        actor=actor,
        name=name[:64] if isinstance(name, str) and name else name_of(actor),
        client=client,
        where=where,
        colour=colour_of(actor),
        selections=_selections(state.get("selections")),
    )


def _selections(given: object) -> tuple[Selection, ...]:
    try:
        return msgspec.convert(given or (), tuple[Selection, ...])[:64]
    except msgspec.ValidationError:
        return ()
