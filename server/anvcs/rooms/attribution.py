"""Who wrote what in a room: its text as segments, alive or deleted in place, each with the edits that made it so.

A segment is a text and the sequences of the edits that touched it: the one that inserted it, then by turns one that
deleted it and one that brought it back. An odd number means alive. New text goes right after the living character
before it, so before whatever was deleted at that place.

Segments lie in chunks. A chunk that is not in use is kept encoded, so a long history costs little memory, a snapshot
copies what did not change, and opening decodes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import msgspec

from anvcs.rooms.chunks import ENCODER, Chunk, damaged, sizes_of
from anvcs.rooms.delta import Delta
from anvcs.rooms.taking_back import Restores, Undo, Undoing

__all__ = ["Attribution", "Deleted", "Only", "Overlap", "Restores", "Run", "Undo"]

FORMAT = 1
MOST = 256
"""Segments in a chunk."""
PIECE = 1024
"""Characters in a segment: splitting one copies it."""
LOADED = 8
"""Chunks that are kept decoded."""
Segment: TypeAlias = tuple[str, tuple[int, ...]]


class Run(NamedTuple):
    """Neighbouring characters that one edit wrote."""

    length: int
    seq: int


class Deleted(NamedTuple):
    """Text that is no longer there."""

    offset: int
    """Where it stood in the text of now."""
    text: str
    seq: int
    """The edit that wrote it."""
    by: int
    """The edit that deleted it."""


class Overlap(NamedTuple):
    """A place where chosen edits and others touch the same text."""

    start: int
    end: int
    """In the text of the chosen edits."""
    seqs: tuple[int, ...]
    """The others."""


class Only(NamedTuple):
    """A text with chosen edits alone."""

    text: str
    overlaps: tuple[Overlap, ...]


class _Side(NamedTuple):
    """Whose changes a segment has."""

    text: str
    ours: bool
    foreign: tuple[int, ...]
    stands: bool
    """It is in the text of our edits alone."""
    living: bool
    old: bool
    """It was there before."""


def _overlaps(sides: Iterable[tuple[_Side, bool]]) -> tuple[Overlap, ...]:
    """Where both sides touch; each segment with whether it counts as text."""
    found: list[Overlap] = []
    offset = 0
    before: _Side | None = None
    for side, counts in sides:
        end = offset + len(side.text) if counts else offset
        changed = side.ours or side.foreign
        if side.ours and side.foreign:
            found.append(Overlap(offset, end, side.foreign))
        elif changed and before and before.ours != side.ours and not before.text.endswith("\n"):
            found.append(Overlap(offset, end, side.foreign or before.foreign))
        if side.stands or side.living or (side.ours and side.old):
            before = side if changed else None
        offset = end
    return tuple(found)


def _mask(text: str) -> str:
    return "\n".join("\N{FULL BLOCK}" * len(line) for line in text.split("\n"))


_WHOLE = msgspec.msgpack.Decoder(tuple[int, list[tuple[bytes, int, int]]])


class Attribution:
    """The segments of one room, and a cursor where the last edit was."""

    def __init__(self, text: str = "", seq: int = 0) -> None:
        self._chunks = [Chunk()]
        self._length = 0
        self._used: dict[int, Chunk] = {}
        """The decoded chunks by identity, the one used last at the end."""
        self._grown: list[Chunk] = []
        self._chunk = 0
        self._segment = -1
        """The last segment of the chunk that lies left of the cursor."""
        self._end = 0
        """The living characters left of the cursor."""
        if text:
            self.apply((text,), seq)

    def __len__(self) -> int:
        return self._length

    # Reading

    def segments(self) -> Iterator[Segment]:
        """Every segment in the order of the text, the deleted ones too."""
        for chunk in self._chunks:
            yield from zip(*chunk.segments(), strict=True)

    def _living(self) -> Iterator[Segment]:
        """The segments that are alive."""
        for chunk in self._chunks:
            if chunk.alive:
                texts, events = chunk.segments()
                yield from [each for each in zip(texts, events, strict=True) if len(each[1]) & 1]

    def text(self) -> str:
        """The text."""
        return "".join([text for text, _ in self._living()])

    def runs(self) -> list[Run]:
        """Which edit wrote what, from the first character to the last."""
        runs: list[Run] = []
        length, last = 0, -1
        for text, events in self._living():
            if events[0] == last:
                length += len(text)
                continue
            if length:
                runs.append(Run(length, last))
            length, last = len(text), events[0]
        if length:
            runs.append(Run(length, last))
        return runs

    def deleted(self) -> list[Deleted]:
        """Everything that was deleted and is not back."""
        found: list[Deleted] = []
        offset = 0
        for text, events in self.segments():
            if len(events) & 1:
                offset += len(text)
            elif found and found[-1][0::2] == (offset, events[0]) and found[-1].by == events[-1]:
                found[-1] = found[-1]._replace(text=found[-1].text + text)
            else:
                found.append(Deleted(offset, text, events[0], events[-1]))
        return found

    def living(self) -> Attribution:
        """The same without what was deleted, and without who deleted what and brought it back."""
        kept = Attribution()
        kept._fill((text, events[:1]) for text, events in self._living())
        return kept

    def masked(self, seqs: Collection[int]) -> Attribution:
        """The same with black squares instead of what these edits wrote; line ends stay."""
        kept = Attribution()
        kept._fill((_mask(text) if events[0] in seqs else text, events) for text, events in self.segments())
        return kept

    def only(self, chosen: Collection[int], base: int = 0) -> Only:
        """The text as if of all edits after ``base`` only the chosen ones had been made, and where that is in doubt.

        In doubt is what chosen and other edits both touched, and where both wrote side by side in one line.
        """
        sides = list(self._sides(chosen, base))
        text = "".join([side.text for side in sides if side.stands])
        return Only(text, _overlaps((side, side.stands) for side in sides))

    def overlaps(self, chosen: Collection[int]) -> tuple[Overlap, ...]:
        """Where the chosen edits and others since the first of them touch, in the text of now."""
        base = min(chosen, default=1) - 1
        return _overlaps((side, side.living) for side in self._sides(chosen, base))

    def _sides(self, chosen: Collection[int], base: int) -> Iterator[_Side]:
        for text, events in self.segments():
            foreign = tuple(sorted({each for each in events if each > base and each not in chosen}))
            ours = any(each > base and each in chosen for each in events)
            # Without the edit that wrote it there is nothing that the rest could delete or bring back.
            stands = events[0] not in foreign and sum(each not in foreign for each in events) & 1 == 1
            living = len(events) & 1 == 1
            yield _Side(text, ours, foreign, stands, living, events[0] <= base)

    # Taking back

    def undo(self, seqs: Iterable[int]) -> Undo:
        """What takes back all that these edits did and that still stands; undoing that is a redo."""
        wanted = frozenset(seqs)
        return Undoing(self._chunks, wanted).result() if wanted else Undo((), ())

    def restored(self, delta: Delta, restores: Restores) -> Delta:
        """An undo's delta, with what its ``restores`` name here in the place of what it says itself."""
        ops: list[int | str] = []
        position = place = 0
        for op in delta:
            if isinstance(op, str):
                text = self._planned(position, restores[place] if place < len(restores) else ())
                ops.append(text if len(text) == len(op) else op)
                place += 1
            else:
                ops.append(op)
                position += abs(op)
        return tuple(ops)

    def _planned(self, position: int, plan: Sequence[int]) -> str:
        """The text that a plan names."""
        self._seek(position)
        number, at, passed, total = self._chunk, self._segment + 1, 0, sum(plan)
        parts: list[str] = []
        while passed < total and number < len(self._chunks):
            texts, _ = self._chunks[number].segments()
            for text in texts[at:]:
                parts.append(text)
                passed += len(text)
                if passed >= total:
                    break
            number, at = number + 1, 0
        raw = "".join(parts)
        ends = list(accumulate(plan))
        return "".join([raw[ends[each - 1] : ends[each]] for each in range(1, len(ends), 2)])

    # Changing

    def apply(self, delta: Delta, seq: int, *, restores: Restores | None = None) -> None:
        """Take in an edit. Raises ValueError, with nothing changed, where it runs past the end.

        What ``restores`` (of an Undo) names comes back in place, with the edit that first wrote it.
        """
        needed = 0
        for op in delta:
            if not isinstance(op, str):
                needed += op if op > 0 else -op
        if needed > self._length:
            raise ValueError("the delta runs past the end of the text")
        if restores:
            self._apply_restoring(delta, seq, restores)
        else:
            position = 0
            for op in delta:
                if isinstance(op, str):
                    self._insert(position, op, seq)
                    position += len(op)
                elif op > 0:
                    position += op
                else:
                    self._delete(position, -op, seq)
        if self._grown:
            self._divide()

    def _apply_restoring(self, delta: Delta, seq: int, restores: Restores) -> None:
        position = place = killed = 0
        for number, op in enumerate(delta):
            if isinstance(op, str):
                following = delta[number + 1] if number + 1 < len(delta) else 0
                most = 0 if isinstance(following, str) else max(0, -following)
                plan = restores[place] if place < len(restores) else ()
                place += 1
                if (revived := self._revive(position, plan, op, seq, most)) is None:
                    self._insert(position, op, seq)
                else:
                    killed = revived
                position += len(op)
            elif op > 0:
                position += op
            else:
                if killed + op < 0:
                    self._delete(position, -op - killed, seq)
                killed = 0

    def _insert(self, position: int, text: str, seq: int) -> None:
        chunk = self._seek(position)
        at = self._segment + 1
        size = len(text)
        if size <= PIECE:
            chunk.texts.insert(at, text)
            chunk.events.insert(at, (seq,))
            chunk.sizes.insert(at, size)
            self._segment = at
        else:
            pieces = [text[start : start + PIECE] for start in range(0, size, PIECE)]
            chunk.texts[at:at] = pieces
            chunk.events[at:at] = [(seq,)] * len(pieces)
            chunk.sizes[at:at] = [len(piece) for piece in pieces]
            self._segment += len(pieces)
        self._end += size
        self._length += size
        chunk.alive += size
        chunk.packed = None
        if seq > chunk.newest:  # noqa: PLR1730 - a call would cost as much as the rest
            chunk.newest = seq
        if len(chunk.sizes) > MOST:
            self._grown.append(chunk)

    def _delete(self, position: int, count: int, seq: int) -> None:
        chunk = self._seek(position)
        at, number = self._segment + 1, self._chunk
        self._length -= count
        while True:
            sizes, events = chunk.sizes, chunk.events
            last = len(sizes)
            before = count
            while count and at < last:
                if size := sizes[at]:
                    if size > count:
                        self._split(chunk, at, count)
                        size = count
                    sizes[at] = 0
                    events[at] += (seq,)
                    count -= size
                at += 1
            if before != count:
                chunk.alive -= before - count
                self._touch(chunk, seq)
            if not count:
                return
            number += 1
            while not self._chunks[number].alive:
                number += 1
            chunk, at = self._open(number), 0

    def _revive(self, position: int, plan: Sequence[int], text: str, seq: int, most: int) -> int | None:
        """Bring back what the plan names; the living characters that fell on the way, or None if it does not fit."""
        self._seek(position)
        steps = [(count, bool(number & 1)) for number, count in enumerate(plan) if count]
        steps.reverse()
        changed: list[tuple[int, int, int, list[str], list[tuple[int, ...]]]] = []
        revived: list[str] = []
        killed, number, at = 0, self._chunk, self._segment + 1
        while steps and number < len(self._chunks):
            texts, events = self._chunks[number].segments()
            start = at
            new_texts: list[str] = []
            new_events: list[tuple[int, ...]] = []
            while steps and at < len(texts):
                rest, each, at = texts[at], events[at], at + 1
                while rest:
                    count, back = steps.pop() if steps else (len(rest), False)
                    piece, rest = rest[:count], rest[count:]
                    living = len(each) & 1
                    if back and living:
                        return None
                    if count > len(piece):
                        steps.append((count - len(piece), back))
                    if back:
                        revived.append(piece)
                    # Behind the last step nothing changes.
                    touched = back or (living and steps)
                    killed += len(piece) if living and touched else 0
                    new_texts.append(piece)
                    new_events.append((*each, seq) if touched else each)
            changed.append((number, start, at, new_texts, new_events))
            number, at = number + 1, 0
        if steps or killed > most or "".join(revived) != text:
            return None
        for number, start, end, new_texts, new_events in changed:
            chunk = self._open(number)
            chunk.texts[start:end] = new_texts
            chunk.events[start:end] = new_events
            chunk.sizes = sizes_of(chunk.texts, chunk.events)
            chunk.alive = sum(chunk.sizes)
            self._touch(chunk, seq)
        self._length += len(text) - killed
        return killed

    def _touch(self, chunk: Chunk, seq: int) -> None:
        chunk.packed = None
        chunk.newest = max(chunk.newest, seq)
        if len(chunk.sizes) > MOST:
            self._grown.append(chunk)

    @staticmethod
    def _split(chunk: Chunk, at: int, offset: int) -> None:
        """Cut a living segment in two."""
        text = chunk.texts[at]
        chunk.texts[at : at + 1] = text[:offset], text[offset:]
        chunk.events.insert(at, chunk.events[at])
        chunk.sizes[at : at + 1] = offset, len(text) - offset
        chunk.packed = None

    # The cursor

    def _seek(self, position: int) -> Chunk:
        """Set the cursor right behind the living character before the position; its chunk, cut there."""
        if not position:
            self._chunk, self._segment, self._end = 0, -1, 0
            return self._open(0)
        chunk = self._chunks[self._chunk]
        if not chunk.sizes:
            self._open(self._chunk)
        at, end = self._segment, self._end
        if end == position and at >= 0:
            return chunk
        sizes = chunk.sizes
        if end < position:
            last = len(sizes)
            while end < position:
                at += 1
                if at == last:
                    chunk, end = self._skip(end, position)
                    sizes, at, last = chunk.sizes, 0, len(chunk.sizes)
                end += sizes[at]
        else:
            while at < 0 or end - sizes[at] >= position:
                if at < 0:
                    chunk, end = self._skip_back(end, position)
                    sizes, at = chunk.sizes, len(chunk.sizes) - 1
                else:
                    end -= sizes[at]
                    at -= 1
        if end > position:
            self._split(chunk, at, sizes[at] - (end - position))
        self._segment, self._end = at, position
        return chunk

    def _skip(self, end: int, position: int) -> tuple[Chunk, int]:
        """The chunk further on that holds the character before the position, and where it starts."""
        chunks, number = self._chunks, self._chunk + 1
        while end + chunks[number].alive < position:
            end += chunks[number].alive
            number += 1
        self._chunk = number
        return self._open(number), end

    def _skip_back(self, end: int, position: int) -> tuple[Chunk, int]:
        """The chunk further back that holds the character before the position, and where it ends."""
        chunks, number = self._chunks, self._chunk - 1
        while end - chunks[number].alive >= position:
            end -= chunks[number].alive
            number -= 1
        self._chunk = number
        return self._open(number), end

    # Chunks

    def _open(self, number: int) -> Chunk:
        chunk = self._chunks[number]
        chunk.open()
        if id(chunk) not in self._used:
            self._used[id(chunk)] = chunk
            if len(self._used) > LOADED:
                self._used.pop(next(iter(self._used))).close()
        return chunk

    def rest(self) -> None:
        """Let go of what can be decoded again, for a room that nobody types in."""
        for chunk in self._used.values():
            chunk.close()
        self._used.clear()

    def _divide(self) -> None:
        """Make small chunks of those that have grown."""
        for chunk in dict.fromkeys(self._grown):
            if len(chunk.sizes) <= MOST:
                continue
            number = self._chunks.index(chunk)
            parts: list[Chunk] = []
            for start in range(0, len(chunk.sizes), MOST // 2):
                part = Chunk(newest=chunk.newest)
                part.texts = chunk.texts[start : start + MOST // 2]
                part.events = chunk.events[start : start + MOST // 2]
                part.sizes = chunk.sizes[start : start + MOST // 2]
                part.alive = sum(part.sizes)
                parts.append(part)
            self._replace(number, chunk, parts)
        self._grown.clear()

    def _replace(self, number: int, chunk: Chunk, parts: list[Chunk]) -> None:
        self._chunks[number : number + 1] = parts
        self._used.pop(id(chunk), None)
        if self._chunk > number:
            self._chunk += len(parts) - 1
        elif self._chunk == number and self._segment >= 0:
            step, self._segment = divmod(self._segment, MOST // 2)
            self._chunk += step
        for part in parts:
            if part is self._chunks[self._chunk]:
                self._used[id(part)] = part
            else:
                part.close()

    def _fill(self, segments: Iterable[Segment]) -> None:
        """Take these segments instead of all there are."""
        texts: list[str] = []
        events: list[tuple[int, ...]] = []
        for text, each in segments:
            if events and events[-1] == each and len(texts[-1]) + len(text) <= PIECE:
                texts[-1] += text
            else:
                texts.append(text)
                events.append(each)
        chunk = Chunk()
        chunk.texts, chunk.events, chunk.sizes = texts, events, sizes_of(texts, events)
        chunk.newest = max((seq for each in events for seq in each), default=0)
        self._length = chunk.alive = sum(chunk.sizes)
        self._chunks = [chunk]
        self._grown.append(chunk)
        self._divide()

    # Bytes

    def encode(self) -> bytes:
        """The whole as bytes."""
        return ENCODER.encode((FORMAT, [(chunk.pack(), chunk.alive, chunk.newest) for chunk in self._chunks]))

    @classmethod
    def decode(cls, data: bytes) -> Attribution:
        """What ``encode`` gave. Raises CorruptStoreError."""
        try:
            form, chunks = _WHOLE.decode(data)
        except msgspec.DecodeError as error:
            raise damaged() from error
        if form != FORMAT or not chunks:
            raise damaged()
        found = cls()
        found._chunks = [Chunk(*each) for each in chunks]
        found._length = sum(chunk.alive for chunk in found._chunks)
        return found
