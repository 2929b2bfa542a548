"""Unsaved text that goes along when a worktree moves to another stream: once, and each part under its writer's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from anvcs.rooms.attribution import Attribution
from anvcs.rooms.delta import apply
from anvcs.rooms.entries import SYSTEM, How, Source
from anvcs.rooms.outside import outside


class Part(NamedTuple):
    """What one actor made of the saved text."""

    actor: str
    how: How
    text: str


def parts(saved: str, text: str, attribution: Attribution, after: int, sources: Mapping[int, Source]) -> list[Part]:
    """What stands in a room and not in its file, by actor; ``after`` is the room's edit when the file was saved.

    Where the parts do not come to the whole text, because somebody's edits touch another's, all of it is the last
    writer's.
    """
    if saved == text:
        return []
    by_actor: dict[str, list[int]] = {}
    for seq, source in sorted(sources.items()):
        if seq > after and source.how != "base":
            by_actor.setdefault(source.actor, []).append(seq)
    if not by_actor:
        return [Part(SYSTEM, "inferred", text)]
    found: list[Part] = []
    whole = saved
    for actor, seqs in by_actor.items():
        alone = attribution.only(frozenset(seqs), after).text
        found.append(Part(actor, sources[seqs[-1]].how, alone))
        whole = apply(whole, outside(saved, alone, whole))
    if whole == text:
        return found
    last = max(seq for seqs in by_actor.values() for seq in seqs)
    return [Part(sources[last].actor, "inferred", text)]
