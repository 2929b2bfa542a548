"""Merge by syntax: lists item by item, other nodes part by part, down to the tokens that both sides changed."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise, takewhile
from typing import NamedTuple

from tree_sitter import Node

from anvcs.merge.chains import merge_chains
from anvcs.merge.clashes import Clash, Runs, clash_of, stand_in
from anvcs.merge.depth import is_nested
from anvcs.merge.guards.conservation import Span
from anvcs.merge.insertions import acts_on_others, are_apart, independent, place_of
from anvcs.merge.items import WORDS, Item, Items, Key, Reader
from anvcs.merge.languages import Listing, Profile
from anvcs.merge.layout import CLOSING, OPENING, may_be_alike, plain
from anvcs.merge.lines import Change, diff_items, merge_lines
from anvcs.merge.matching import changed, match
from anvcs.merge.printing import Piece, end_items, fit
from anvcs.merge.prose import merge_prose
from anvcs.merge.sequence import Aligned, RefusedError, Slot, moved, order
from anvcs.merge.tokens import contained, is_one_word, merge_tokens

_FREE = frozenset({"definition", "import", "test", "entry"})
_QUOTED_OR_WORDS = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|" + WORDS.pattern)
"""Tokens, with white space in quotes as a part of them."""
_MANY_LINES = (b"#", b'"""', b"'''", b"`", b"- ", b"%")
_LETTERS = re.compile(rb"[^0-9A-Za-z\x80-\xff]")
_LONG = 5_000
"""Bytes of a node up to which its tokens and its layout are looked at where its parts were refused."""
_DEEP = 400
"""Deeper nodes than this are merged as text."""


class Structured:
    """One structured merge of three texts."""

    def __init__(
        self,
        profile: Profile,
        base: bytes,
        left: bytes,
        right: bytes,
        *,
        deadline: float = math.inf,
        partly: bool = False,
        readers: dict[bytes, Reader] | None = None,
    ) -> None:
        """``deadline`` is a time of ``time.monotonic`` after which it refuses.

        ``partly``: what no rule is sure about becomes a clash, with a stand-in in the text, where it is whole lines.
        ``readers`` are those of other merges of the same texts, which know what they have read; new ones are added.
        """
        self.profile = profile
        self._deadline = deadline
        readers = {} if readers is None else readers
        self.base, self.left, self.right = (
            readers.get(text) or readers.setdefault(text, Reader(text, profile)) for text in (base, left, right)
        )
        self.eol = b"\r\n" if b"\r\n" in base or b"\r\n" in left else b"\n"
        self.rules: set[str] = set()
        """What was done beyond matching items and merging what one side changed."""
        self.moved: tuple[list[Span], list[Span]] = ([], [])
        """Where in the base stands what the left and the right side moved elsewhere."""
        self.clashes: list[Clash] = []
        """What the stand-ins in the text stand for; some may stand nowhere."""
        self._partly = partly
        self._path: list[str] = []

    def merge(self) -> bytes:
        """The merged text. Raises RefusedError."""
        self._check_time()
        if any(is_nested(reader.text, _DEEP) for reader in (self.base, self.left, self.right)):
            raise RefusedError("depth", "the text is nested too deeply")
        roots = [reader.root for reader in (self.base, self.left, self.right)]
        if not all(map(self.profile.reads, roots)):
            raise RefusedError("syntax", "one of the three texts cannot be read as " + self.profile.name)
        return self._node(*roots)

    def _check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise RefusedError("time", "the merge by syntax took too long")

    def _node(self, base: Node, left: Node, right: Node) -> bytes:
        self._check_time()
        texts = self.base.core(base), self.left.core(left), self.right.core(right)
        specs = self.base.spec(base), self.left.spec(left), self.right.spec(right)
        spec = specs[0]
        # Where one side formatted a whole body, only what the other changed in it is taken from that one.
        statements = spec is not None and not spec.separator
        if (easy := exact(*texts) if statements else self._trivial(*texts)) is not None:
            return easy
        if (chain := self._chain(base, left, right)) is not None:
            return chain
        if not base.type == left.type == right.type or len(self._path) > _DEEP:
            return self._text(*texts)
        if base.type in self.profile.prose:
            return self._text(*texts, prose=True)
        if base.child_count == 0 or base.type in self.profile.strings or base.type in self.profile.comments:
            return self._text(*texts)
        if all(map(is_one_word, texts)):
            return self._text(*texts)
        try:
            if spec is not None and specs[1] == spec and specs[2] == spec:
                return self._list(
                    self.base.items(base, spec), self.left.items(left, spec), self.right.items(right, spec)
                )
            return self._parts(self.base.items(base, None), self.left.items(left, None), self.right.items(right, None))
        except RefusedError as refused:
            if refused.rule in {"shape", "both-edit"} and len(texts[0]) <= _LONG:
                merged = (merge_prose if self.profile.prose else merge_tokens)(*texts)
                if merged is not None:
                    self.rules.add("tokens")
                    return merged
            if (whole := self._beside_layout(base, left, right)) is not None:
                self.rules.add("layout")
                return whole
            raise

    def _chain(self, base: Node, left: Node, right: Node) -> bytes | None:
        """What both sides added to what one operator joins."""
        chains = self.profile.chains
        if left.type not in chains or right.type not in chains:
            return None
        merged = merge_chains(chains, (self.base.text, base), (self.left.text, left), (self.right.text, right))
        if merged is not None:
            self.rules.add("both-insert")
        return merged

    def _beside_layout(self, base: Node, left: Node, right: Node) -> bytes | None:
        """The text of the side that changed something where the other one did no more than lay it out anew."""
        nodes = (self.base, base), (self.left, left), (self.right, right)
        texts = [reader.core(node) for reader, node in nodes]
        if len(texts[0]) > _LONG or not any(may_be_alike(texts[0], text) for text in texts[1:]):
            return None
        blocks = self.profile.blocks
        if self.profile.indented or (
            blocks and any(self.profile.of_types("blocks", blocks, node) for _, node in nodes)
        ):
            return None
        words = [plain(self.profile, reader.text, node) for reader, node in nodes]
        if words[0] == words[2]:
            return self.left.core(left)
        return self.right.core(right) if words[0] == words[1] else None

    def _parts(self, base: Items, left: Items, right: Items) -> bytes:
        """A node that is no list: the same parts in all versions, or parts that one side added or removed."""
        in_left, in_right = base.matched(left, _same_parts), base.matched(right, _same_parts)
        aligned = Aligned(base.items, left.items, right.items, in_left, in_right, {})

        def union(_left: Sequence[Item], _right: Sequence[Item]) -> list[Slot]:
            raise RefusedError("shape", "both sides changed the form of one expression")

        slots = order(aligned, free=False, union=union, touch=lambda _deleted, _inserted: False)
        out: list[bytes] = []
        for slot in slots:
            out += self._slot(slot, "shape")
        return b"".join(out) + self._space(base.tail, left.tail, right.tail)

    def _list(self, base: Items, left: Items, right: Items) -> bytes:
        spec = base.spec or Listing()
        in_place = bool(spec.separator) and spec.order != "free"
        signed = bool(self.profile.signatures or self.profile.conditions)
        how = partial(match, by_position=in_place, by_type=spec.mixed, signed=signed)
        in_left, in_right = base.matched(left, how), base.matched(right, how)
        twins = _twins(left.items, right.items, in_left, in_right, spec)
        aligned = Aligned(base.items, left.items, right.items, in_left, in_right, twins)
        self._note_moves(aligned, spec)
        slots = order(
            aligned,
            free=spec.order == "free",
            union=lambda a, b: self._union(a, b, spec, (base.items, left.items, right.items)),
            touch=lambda deleted, inserted: _may_touch(deleted, inserted, spec),
            apart=lambda deleted, inserted: (
                self._is_program
                and are_apart(deleted, inserted, spec, (left.items, right.items), self.profile.keywords)
            ),
            refuse=lambda refused, base, left, right: self._refuse(refused, Runs(base, left, right), spec),
        )
        return self._print(self._beside_wrapped(slots, spec), (base, left, right), spec)

    def _beside_wrapped(self, slots: Sequence[Slot], spec: Listing) -> list[Slot]:
        """The slots, where nothing is inserted beside what the other side wrapped: it may belong inside or outside."""
        out: list[Slot] = []
        for slot in slots:
            before = out[-1] if out else None
            if before is not None and not spec.separator and (_wraps(before, slot) or _wraps(slot, before)):
                refused = RefusedError(
                    "insert-beside-wrap", "one side inserted something beside what the other wrapped"
                )
                pairs = (before.base, slot.base), (before.left, slot.left), (before.right, slot.right)
                runs = ([item for item in pair if item is not None] for pair in pairs)
                slot = self._refuse(refused, Runs(*runs), spec)  # noqa: PLW2901 - it stands for both
                out.pop()
            out.append(slot)
        return out

    @property
    def _is_program(self) -> bool:
        """What its lists mean can be told from names: steps of data may need one another without naming it."""
        return bool(self.profile.definitions) and not self.profile.prose

    def _note_moves(self, aligned: Aligned, spec: Listing) -> None:
        """Remember the definitions that a side moved. Raises RefusedError where the other side deleted one."""
        sides = ((aligned.in_left, aligned.left), (aligned.in_right, aligned.right))
        for spans, (found, side), (others, _) in zip(self.moved, sides, reversed(sides), strict=True):
            for index in moved(found, len(side)):
                item = aligned.base[index]
                # A name that was moved where order means nothing may be deleted, as an import may.
                is_name = item.kind == "import" or (spec.order == "free" and is_one_word(item.core))
                if index not in others.values() and not is_name:
                    with self._inside(item, self.base):
                        raise RefusedError("delete-move", "one side deleted it, the other moved it")
                if item.kind in {"definition", "test"}:
                    spans.append((item.node.start_byte, item.node.end_byte))

    def _union(
        self, left: Sequence[Item], right: Sequence[Item], spec: Listing, versions: tuple[list[Item], ...]
    ) -> list[Slot]:
        """Both sides inserted at one place: kept in order of the sides, or sorted if all is sorted."""
        may = spec.order == "free" or all(item.kind in _FREE for item in [*left, *right])
        if not may and (spec.order == "positional" or not independent(left, right, spec, self.profile.keywords)):
            raise RefusedError("both-insert", "both sides inserted something at one place, and the order may matter")
        self.rules.add("both-insert")
        slots = [*(Slot(None, x, None) for x in left), *(Slot(None, None, x) for x in right)]
        # What runs may need, by ways that nobody sees here, what the other side defines. Apart from that, which side is
        # left must not decide: both orders of the sides give one text.
        acts = [not spec.separator and any(map(acts_on_others, side)) for side in (left, right)]
        if (acts[0], place_of(left[0])) > (acts[1], place_of(right[0])):
            slots = slots[len(left) :] + slots[: len(left)]
        if all(_is_sorted(items) for items in versions) and max(len(items) for items in versions) > 2:
            slots.sort(key=lambda slot: slot.any.norm)
        leading = self.profile.leading
        imports = [takewhile(lambda item: item.node.type in self.profile.imports, side) for side in (left, right)]
        first = {id(item) for side in imports for item in side}
        return sorted(slots, key=lambda slot: (slot.any.node.type not in leading, id(slot.any) not in first))

    def _refuse(self, refused: RefusedError, runs: Runs, spec: Listing) -> Slot:
        """A slot for a clash. Raises ``refused`` where it cannot be one."""
        if not self._partly or refused.rule == "time":
            raise refused
        if refused.entity is None and self._path:
            refused.entity = " > ".join(self._path)
        self.clashes.append(clash_of(refused, runs, (self.base, self.left, self.right), spec.separator))
        return Slot(*(run[0] if run else None for run in runs), clash=len(self.clashes) - 1)

    def _piece(self, slot: Slot, spec: Listing) -> list[bytes]:
        """The texts of an item, or the stand-in for a clash."""
        if slot.clash is None:
            try:
                return self._slot(slot, "list")
            except RefusedError as refused:
                runs = ([] if item is None else [item] for item in (slot.base, slot.left, slot.right))
                slot = self._refuse(refused, Runs(*runs), spec)
        texts = self.clashes[slot.clash or 0].texts
        return [
            stand_in(slot.clash or 0, self.eol if any(text.endswith(b"\n") for text in texts) else b""),
            b"",
            b"",
            b"",
        ]

    def _print(self, slots: Sequence[Slot], versions: tuple[Items, Items, Items], spec: Listing) -> bytes:
        pieces: list[Piece] = []
        for slot in slots:
            parts = self._piece(slot, spec)
            if parts:
                pieces.append((parts, slot))
        if spec.separator:
            self._separate(pieces, versions, spec)
        end_items(pieces, spec)
        starts = fit(pieces, spec, self.eol)
        out = [self._head(versions)]
        if pieces and _begins_line(out[0]) and not pieces[0][0][0].strip():
            # It stood further down where its line began elsewhere.
            pieces[0][0][0] = b""
        indent = _indent(versions)
        for index, (parts, slot) in enumerate(pieces):
            # What leads to it may break the line itself, after a backslash.
            if starts[index] and index and not out[-1].endswith(b"\n") and not (spec.separator and b"\n" in parts[0]):
                out.append(self.eol)
            # The first of a block that begins with its indentation has none of its own.
            if starts[index] and not parts[0] and out[-1].endswith(b"\n") and slot.any.node.start_point.column:
                parts[0] = indent
            out += [piece for piece in parts if piece]
        return b"".join(out) + self._space(*(items.tail for items in versions))

    def _head(self, versions: tuple[Items, Items, Items]) -> bytes:
        """What stands before the first item; a tag that opens the list is merged as a node."""
        base, left, right = (items.opening for items in versions)
        if base is None or left is None or right is None:
            return self._space(*(items.head for items in versions))
        rests = (
            items.head[node.end_byte - node.start_byte :]
            for items, node in zip(versions, (base, left, right), strict=True)
        )
        return self._node(base, left, right) + self._space(*rests)

    def _separate(self, pieces: list[Piece], versions: tuple[Items, Items, Items], spec: Listing) -> None:
        """Separators between items; after the last one as most versions would have it."""
        trailing = [bool(items.items[-1].sep) if items.items else None for items in versions]
        base, left, right = trailing
        last = (
            left
            if base == right or (base is None and left is not None)
            else right
            if base == left or left is None
            else left
        )
        for index, (parts, _) in enumerate(pieces):
            if parts[0].startswith(b"\0"):
                continue
            final = index + 1 == len(pieces)
            parts[2] = (parts[2] or spec.separator) if not final or last else b""
            if index and not parts[0] and not pieces[index - 1][0][3].endswith(b"\n"):
                parts[0] = b" "

    def _slot(self, slot: Slot, where: str) -> list[bytes]:
        """The four texts of an item; none if it is deleted."""
        base, left, right = slot.base, slot.left, slot.right
        if base is None:
            one = slot.any
            if left is not None and right is not None:
                return self._twin(left, right)
            return [one.lead, one.core, one.sep, one.trail]
        if left is None or right is None:
            kept = left or right
            reader = self.left if right is None else self.right
            if kept is not None and kept.norm != base.norm and not self._is_laid_out(base, kept, reader):
                with self._inside(base, self.base):
                    rule = "delete-modify" if where == "list" else "shape"
                    raise RefusedError(rule, "one side deleted it, the other changed it")
            if kept is not None and _comments(kept.lead) != _comments(base.lead):
                with self._inside(base, self.base):
                    raise RefusedError("delete-modify", "one side deleted it, the other changed the comment before it")
            return []
        core = exact(base.core, left.core, right.core)
        easy = [
            exact(base.lead, left.lead, right.lead),
            core,
            exact(base.sep, left.sep, right.sep),
            exact(base.trail, left.trail, right.trail),
        ]
        if None not in easy:
            return [text for text in easy if text is not None]
        with self._inside(base, self.base):
            core = self._node(base.node, left.node, right.node) if core is None else core
            return [
                self._space(base.lead, left.lead, right.lead),
                core,
                self._space(base.sep, left.sep, right.sep),
                self._space(base.trail, left.trail, right.trail),
            ]

    def _is_laid_out(self, base: Item, kept: Item, reader: Reader) -> bool:
        """Whether nothing but the layout differs."""
        return may_be_alike(base.core, kept.core) and (
            plain(self.profile, self.base.text, base.node) == plain(self.profile, reader.text, kept.node)
        )

    def _twin(self, left: Item, right: Item) -> list[bytes]:
        """What both sides added: the same, or one with all that the other has."""
        with self._inside(left, self.left):
            core = left.core if left.norm == right.norm else contained(b"", left.core, right.core)
            if core is None and left.kind == right.kind == "import":
                core = self._both_imported(left, right)
            if core is None:
                raise RefusedError("both-add", "both sides added it, with different contents")
            lead = _commented(left.lead, right.lead)
            if lead is None:
                raise RefusedError("comment", "both sides added it, with different comments")
        return [lead, core, left.sep, left.trail]

    def _both_imported(self, left: Item, right: Item) -> bytes | None:
        """Two imports from one module as one, if they differ in nothing but what they bring. Raises RefusedError."""
        one, other = _brought(self.left, left.node), _brought(self.right, right.node)
        if one is None or other is None:
            return None
        around = [(WORDS.findall(each.before), WORDS.findall(each.after)) for each in (one, other)]
        if around[0] != around[1] or not (one.items.items and other.items.items):
            return None
        return one.before + self._list(replace(one.items, items=[]), one.items, other.items) + one.after

    def _text(self, base: bytes, left: bytes, right: bytes, *, prose: bool = False) -> bytes:
        """Text without a form of its own. Raises RefusedError."""
        hunks = merge_lines(base, left, right)
        out: list[bytes] = []
        for hunk in hunks:
            merged = hunk.merged
            if merged is None:
                merged = self._trivial(hunk.base, hunk.left, hunk.right)
            if merged is None:
                merged = (merge_prose if prose else merge_tokens)(hunk.base, hunk.left, hunk.right)
            if merged is None:
                merged = contained(hunk.base, hunk.left, hunk.right)
            if merged is None:
                what = "sentence, or two beside each other" if prose else "text"
                raise RefusedError("both-edit", f"both sides changed the same {what}")
            out.append(merged)
        return b"".join(out)

    def _trivial(self, base: bytes, left: bytes, right: bytes) -> bytes | None:
        blocks, indented = bool(self.profile.blocks), self.profile.indented
        return trivial(base, left, right, indented=blocks or indented, balanced=not indented)

    def _space(self, base: bytes, left: bytes, right: bytes) -> bytes:
        """What stands between items: white space of whoever changed it, comments merged as text."""
        if (easy := self._trivial(base, left, right)) is not None:
            return easy
        words = [b"".join(text.split()) for text in (base, left, right)]
        if words[0] == words[1]:
            return right
        if words[0] == words[2] or words[1] == words[2]:
            return left
        try:
            return self._text(base, left, right)
        except RefusedError as refused:
            raise RefusedError("comment", "both sides changed the comment here") from refused

    @contextmanager
    def _inside(self, item: Item, reader: Reader) -> Generator[None]:
        title = reader.title_of(item)
        if title is not None:
            self._path.append(title)
        try:
            yield
        except RefusedError as refused:
            if refused.entity is None and self._path:
                refused.entity = " > ".join(self._path)
            raise
        finally:
            if title is not None:
                self._path.pop()


def exact(base: bytes, left: bytes, right: bytes) -> bytes | None:
    """The merge where at most one side changed the text, or both alike."""
    if right in (left, base):
        return left
    return right if base == left else None


def trivial(base: bytes, left: bytes, right: bytes, *, indented: bool = True, balanced: bool = False) -> bytes | None:
    """The merge where at most one side changed the text, white space counted only if nothing else changed.

    ``indented``: the indentation of lines means something; in brackets it does not where these are ``balanced``.
    """
    if (easy := exact(base, left, right)) is not None:
        return easy
    bare = [b"".join(text.split()) for text in (base, left, right)]
    if bare[1] != bare[0] and bare[2] not in (bare[0], bare[1]):
        return None
    words = [_meaning(text, indented=indented, balanced=balanced) for text in (base, left, right)]
    if words[1] == words[2]:
        # Which side is left must not decide.
        return max(left, right, key=lambda text: (len(text), text))
    return right if words[1] == words[0] else left if words[2] == words[0] else None


def _meaning(text: bytes, *, indented: bool, balanced: bool) -> list[bytes]:
    """A text without the white space that means nothing."""
    if not indented:
        return _QUOTED_OR_WORDS.findall(text)
    found: list[bytes] = []
    depth = 0
    # Where some may stand in texts or comments nobody counts them.
    counted = balanced and not any(mark in text for mark in _MANY_LINES)
    for line in text.split(b"\n"):
        if words := _QUOTED_OR_WORDS.findall(line):
            if depth <= 0:
                found.append(line[: len(line) - len(line.lstrip())])
            found += words
            if counted:
                depth += sum((word in OPENING) - (word in CLOSING) for word in words)
    return found


def _same_parts(old: Sequence[Item], new: Sequence[Item]) -> dict[int, int]:
    """Parts in order: equal ones first, then between these by type."""
    found: dict[int, int] = {}
    for gap in _gaps(changed(old, new), len(old), found):
        labels = [_label(item) for item in old[gap.start : gap.end]]
        new_labels = [_label(item) for item in new[gap.new_start : gap.new_end]]
        inner: dict[int, int] = {}
        for change in _gaps(diff_items(labels, new_labels), len(labels), inner):
            if change.end - change.start == change.new_end - change.new_start:
                inner |= {change.new_start + k: change.start + k for k in range(change.end - change.start)}
        found |= {gap.new_start + there: gap.start + here for there, here in inner.items()}
    return found


def _gaps(changes: list[Change], size: int, found: dict[int, int]) -> list[Change]:
    """The changes; what stands between them is noted as ``found``."""
    at = shift = 0
    for change in [*changes, Change(size, size, 0, 0)]:
        found |= {index + shift: index for index in range(at, change.start)}
        at, shift = change.end, change.new_end - change.end
    return changes


def _label(item: Item) -> bytes:
    node = item.node
    return (node.type if node.is_named else item.core.decode("utf-8", "replace")).encode().replace(b"\n", b" ")


def _twins(
    left: Sequence[Item], right: Sequence[Item], in_left: dict[int, int], in_right: dict[int, int], spec: Listing
) -> dict[int, int]:
    """Items that both sides inserted: of one name, or equal."""
    new_left = [i for i in range(len(left)) if i not in in_left]
    new_right = [i for i in range(len(right)) if i not in in_right]
    by_key: dict[Key | bytes, int] = {}
    for i in new_left:
        item = left[i]
        by_key.setdefault(item.norm, i)
        if item.key is not None and (item.kind in _FREE or spec.unique):
            by_key.setdefault(item.key, i)
    found: dict[int, int] = {}
    for j in new_right:
        item = right[j]
        twin = by_key.get(item.norm)
        if twin is None and item.key is not None:
            twin = by_key.get(item.key)
        if twin is not None and twin not in found.values():
            found[j] = twin
    return found


def _may_touch(deleted: Sequence[Slot], inserted: Sequence[Slot], spec: Listing) -> bool:
    if spec.order == "free":
        return True
    return all(slot.any.kind in _FREE for slot in [*deleted, *inserted])


def _wraps(inserted: Slot, slot: Slot) -> bool:
    """One side inserted a statement, and in the next slot the other put what was one into a block."""
    by_left = inserted.right is None
    if inserted.base is not None or by_left == (inserted.left is None) or inserted.any.kind != "statement":
        return False
    base, other = slot.base, slot.right if by_left else slot.left
    return (
        base is not None
        and other is not None
        and (slot.left is not None and slot.right is not None)
        and other.node.type != base.node.type
        and other.compound
        and not base.compound
    )


class _Brought(NamedTuple):
    """The list of names that an import brings, and what is written before and after it."""

    before: bytes
    items: Items
    after: bytes


def _brought(reader: Reader, node: Node) -> _Brought | None:
    start, end = reader.span(node)
    waiting = [node]
    while waiting:
        each = waiting.pop()
        spec = reader.spec(each)
        if spec is not None and spec.order == "free" and spec.separator:
            first, last = reader.span(each)
            return _Brought(reader.text[start:first], reader.items(each, spec), reader.text[last:end])
        waiting += each.named_children
    return None


def _is_sorted(items: Sequence[Item]) -> bool:
    return all(a.norm <= b.norm for a, b in pairwise(items))


def _begins_line(head: bytes) -> bool:
    """Whether a list's first item follows the indentation of a line."""
    line = head.rpartition(b"\n")[2]
    return bool(line) and not line.strip() and b"\n" in head


def _comments(lead: bytes) -> bytes:
    return b"".join(lead.split())


def _commented(left: bytes, right: bytes) -> bytes | None:
    """What leads to an item, from the side that says more about it; None where that cannot be told."""
    words = _comments(left), _comments(right)
    if words[0] == words[1] or not words[1]:
        return left
    return right if not words[0] else contained(b"", left, right)


def _indent(versions: tuple[Items, Items, Items]) -> bytes:
    """The indentation of items that begin a line."""
    for items in (versions[1], versions[2], versions[0]):
        for item in items.items[1:] + items.items[:1]:
            line = item.lead.rpartition(b"\n")[2]
            if item.starts_line and not line.strip() and (b"\n" in item.lead or line):
                return line
    return b""
