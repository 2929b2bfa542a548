"""What of a note may leave, and how two copies of a note become one without losing a line.

``join`` is a union: in any order and any number of times it gives the same lines. Two lines that differ only in how
much of one record they still hold become one with all values that either has, so a hash never replaces a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from anvcs.config import Share
from anvcs.provenance import notes
from anvcs.provenance.notes import NoteLine
from anvcs.provenance.record import Field, Purged, Record

Withheld: TypeAlias = Callable[[str], frozenset[str]]
"""From a record's root to the names of the fields that were purged here: a copy must not bring them back."""


def nothing_withheld(root: str) -> frozenset[str]:
    """No field was purged."""
    del root
    return frozenset()


def project(note: bytes, mode: Share) -> bytes | None:
    """What of a note may travel: all of it, our lines with hashes for values, or nothing.

    With hashes no salt, no value and no line that is not ours leaves: nobody knows what such a line holds.
    """
    if mode == "full":
        return note
    if mode == "none":
        return None
    ours = (notes.read_line(text) for text in note.split(b"\n"))
    return b"".join(sorted({notes.line_of(_hashed(line)) for line in ours if line is not None})) or None


def join(ours: bytes | None, theirs: bytes | None, withheld: Withheld = nothing_withheld) -> bytes | None:
    """The union of two copies of a note; ``ours`` itself, byte for byte, where the other adds nothing."""
    if theirs is not None:
        theirs = withhold(theirs, withheld)
    if theirs is None or theirs == ours:
        return ours
    if ours is None:
        return theirs
    known = _texts(ours or b"")
    added = [text for text in _texts(theirs) if text not in set(known)]
    if not any(added):
        return ours
    joined = _joined([*known, *added], withheld)
    return ours if joined == known else b"".join(text + b"\n" for text in joined)


def withhold(note: bytes, withheld: Withheld) -> bytes:
    """The note without the values that were purged here; itself, byte for byte, where it has none of them."""
    if withheld is nothing_withheld:
        return note
    foreign: list[bytes] = []
    ours: set[bytes] = set()
    differs = False
    for text in _texts(note):
        line = notes.read_line(text)
        if line is None:
            foreign.append(text)
            continue
        left = _without(line, withheld(line.meta) if line.meta is not None else frozenset())
        differs = differs or left is not line
        ours.add(text if left is line else notes.line_of(left).removesuffix(b"\n"))
    if not differs:
        return note
    return b"".join(text + b"\n" for text in (*(foreign if any(foreign) else ()), *sorted(ours)))


def holds(note: bytes, withheld: Withheld) -> bool:
    """Whether a note has values that were purged here."""
    return withhold(note, withheld) != note


def _without(line: NoteLine, names: frozenset[str]) -> NoteLine:
    """The line without the values of some fields; itself if it has none of them."""
    fields = (line.record or {}).get("fields")
    named = names & fields.keys() if isinstance(fields, dict) else frozenset[str]()
    found = line.open_record()
    record = line.record
    if found is not None:
        whole = found
        for name in named:
            whole = whole.purge(name)
        record = record if whole == found else dict(whole.to_builtins())
    elif named:
        # A damaged record has no hash that could take the place of a value.
        record = None
    agent = None if "agent_id" in names else line.agent
    tests = None if "tests_passed" in names else line.tests
    if record is line.record and agent == line.agent and tests == line.tests:
        return line
    return msgspec.structs.replace(line, record=record, agent=agent, tests=tests)


def valued(note: bytes) -> int:
    """How many of a note's lines hold values of a record, not hashes alone."""
    lines = (notes.read_line(text) for text in note.split(b"\n"))
    records = (line.open_record() for line in lines if line is not None)
    return sum(any(isinstance(field, Field) for field in found.fields.values()) for found in records if found)


def _hashed(line: NoteLine) -> NoteLine:
    found = line.open_record()
    return msgspec.structs.replace(line, record=None if found is None else dict(found.hashes_only().to_builtins()))


def _texts(note: bytes) -> list[bytes]:
    return note.removesuffix(b"\n").split(b"\n") if note else []


def _joined(texts: Iterable[bytes], withheld: Withheld) -> list[bytes]:
    """Lines that are not ours as they come, then ours sorted, each record once."""
    foreign: list[bytes] = []
    groups: dict[NoteLine, list[tuple[bytes, Record]]] = {}
    bare: dict[NoteLine, bytes] = {}
    for text in texts:
        line = notes.read_line(text)
        found = line.open_record() if line is not None else None
        if line is None or (found is None and line.record is not None):
            # Not ours, or damaged: kept as it stands.
            foreign.append(text)
            continue
        key = msgspec.structs.replace(line, record=None)
        if found is None:
            bare.setdefault(key, text)
        else:
            groups.setdefault(key, []).append((text, found))
    ours = {text for key, text in bare.items() if key not in groups}
    ours.update(_fullest(key, copies, withheld) for key, copies in groups.items())
    return [*(foreign if any(foreign) else ()), *sorted(ours)]


def _fullest(key: NoteLine, copies: list[tuple[bytes, Record]], withheld: Withheld) -> bytes:
    """The text of the line with every value that a copy has, but for what was purged here."""
    union = dict(copies[0][1].fields)
    for _, found in copies[1:]:
        union.update({name: field for name, field in found.fields.items() if isinstance(union[name], Purged)})
    whole = Record(copies[0][1].tree, union)
    if len(copies) > 1:
        for name in withheld(key.meta or "") & whole.fields.keys():
            whole = whole.purge(name)
    same = [text for text, found in copies if found == whole]
    if same:
        return min(same)
    return notes.line_of(msgspec.structs.replace(key, record=dict(whole.to_builtins()))).removesuffix(b"\n")
