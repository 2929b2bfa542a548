"""A node's text cut into items: each with what leads to it, its own text, its separator and what trails on its line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tree_sitter import Node

from anvcs.merge.languages import Listing, Profile

Kind = Literal["definition", "import", "test", "entry", "statement"]
Key = tuple[str, bytes]

WORDS = re.compile(rb"[A-Za-z_$][\w$]*|\d[\w.]*|[^\sA-Za-z_$0-9]")
"""The tokens that count; white space does not."""
_OPEN = frozenset({"(", "[", "{", "{|", "<", "start_tag"})
_CLOSE = frozenset({")", "]", "}", "|}", ">", "end_tag"})
_BODIES = frozenset({"block", "statement_block", "switch_body", "compound_statement"})
_TITLED = frozenset({"definition", "test", "entry"})
_SEPARATORS = frozenset({",", ";"})
_REST_OF_LINE = re.compile(rb"[ \t]*\r?\n")


@dataclass(slots=True, eq=False)
class Item:
    """One item; its four texts and those of its neighbours are the text of the list."""

    node: Node
    lead: bytes
    """Blank lines, comments on lines of their own, and indentation before it."""
    core: bytes
    sep: bytes
    trail: bytes
    """The rest of its last line, with the line's end, if no other item stands there."""
    kind: Kind
    key: Key | None
    starts_line: bool = False
    """Nothing but white space stands before it on its line."""
    _norm: bytes | None = field(init=False, default=None)
    _bag: Counter[bytes] | None = field(init=False, default=None)

    @property
    def text(self) -> bytes:
        """All of it."""
        return self.lead + self.core + self.sep + self.trail

    @property
    def line(self) -> bytes:
        """Its text on one line, each run of white space one space."""
        return b" ".join(self.core.split())

    @property
    def norm(self) -> bytes:
        """Its tokens, one space between two: equal for texts that differ in white space only."""
        if self._norm is None:
            self._norm = b" ".join(WORDS.findall(self.core))
        return self._norm

    @property
    def compound(self) -> bool:
        """It holds statements of its own, as a loop or a condition does."""
        return any(child.type in _BODIES for child in self.node.named_children)

    @property
    def bag(self) -> Counter[bytes]:
        """How often it has each token."""
        if self._bag is None:
            self._bag = Counter(self.norm.split(b" "))
        return self._bag


@dataclass(slots=True)
class Items:
    """A node's text as a list."""

    head: bytes
    items: list[Item]
    tail: bytes
    spec: Listing | None
    """None where the items are all parts of a node that is no list."""


class Reader:
    """Reads one version of a text."""

    def __init__(self, text: bytes, profile: Profile) -> None:
        self.text = text
        self.profile = profile

    def spec(self, node: Node) -> Listing | None:
        """What kind of list a node is, if any."""
        profile = self.profile
        if profile.lists_under:
            parent = node.parent
            if parent is not None and (found := profile.lists_under.get((node.type, parent.type))):
                return found
        return profile.lists.get(node.type)

    def span(self, node: Node) -> tuple[int, int]:
        """Where a node's text begins and ends: an indented block begins with its first line, the root with the text."""
        if node.parent is None:
            return 0, len(self.text)
        start, end = node.start_byte, node.end_byte
        if node.type in self.profile.blocks:
            previous = node.prev_sibling
            while previous is not None and previous.type in self.profile.comments:
                previous = previous.prev_sibling
            after = previous.end_byte if previous is not None else start
            line = self.text.find(b"\n", after, start)
            start = start if line < 0 else line + 1
        if self.profile.trimmed:
            end = start + len(self.text[start:end].rstrip())
        return start, end

    def core(self, node: Node) -> bytes:
        """A node's text."""
        start, end = self.span(node)
        return self.text[start:end]

    def list_items(self, node: Node, spec: Listing) -> Items:
        """A list node's items."""
        text = self.text
        start, end = self.span(node)
        children = node.children
        members = self._members(node, children, spec)
        at, limit = start, end
        if spec.field or spec.types:
            at = self.span(members[0])[0] if members else end
            limit = self.span(members[-1])[1] if members else end
            closing = _following(members[-1]) if members else None
            if closing is not None and closing.type == ",":
                limit = closing.end_byte
        elif children and children[0].type in _OPEN:
            at = children[0].end_byte
            rest = _REST_OF_LINE.match(text, at)
            at = rest.end() if rest else at
            if children[-1].type in _CLOSE:
                limit = max(at, children[-1].start_byte)
                # The indentation of the closing bracket is its own.
                line = text.rfind(b"\n", at, limit)
                if line >= 0 and not text[line + 1 : limit].strip():
                    limit = line + 1
        head = text[start:at]
        items: list[Item] = []
        for index, member in enumerate(members):
            following = members[index + 1].start_byte if index + 1 < len(members) else limit
            begin, stop = member.start_byte, self.span(member)[1]
            sep_end = after = stop
            separator = _following(member)
            if separator is not None and separator.end_byte <= max(following, limit):
                sep_end = after = separator.end_byte
            after = self._trail(children, member, after, following, limit)
            kind, key = self.describe(member, spec)
            lead = text[at:begin]
            own_line = not text[text.rfind(b"\n", 0, begin) + 1 : begin].strip()
            items.append(
                Item(member, lead, text[begin:stop], text[stop:sep_end], text[sep_end:after], kind, key, own_line)
            )
            at = after
        return Items(head, items, text[at:end], spec)

    def _members(self, node: Node, children: Sequence[Node], spec: Listing) -> list[Node]:
        if spec.field:
            return node.children_by_field_name(spec.field)
        if spec.after:
            children = children[next((i for i, child in enumerate(children) if child.type == spec.after), 0) :]
        if spec.types:
            return [child for child in children if child.type in spec.types]
        skipped = self.profile.comments | _OPEN | _CLOSE
        return [child for child in children if child.is_named and child.type not in skipped]

    def _trail(self, children: Sequence[Node], member: Node, after: int, following: int, limit: int) -> int:
        """Where the item's line ends, if what is left of the line is its own."""
        text = self.text
        line = text.find(b"\n", after, limit)
        stop = limit if line < 0 else line + 1
        rest = text[after:stop]
        if not rest.strip():
            return stop if line >= 0 else after
        if following < stop:
            return after
        row = member.end_point.row
        for child in children:
            if child.start_byte >= after and child.start_byte < stop and child.type in self.profile.comments:
                if child.end_point.row > row + 1 or (child.end_point.row == row + 1 and child.end_point.column > 0):
                    return after
                return stop
        return after

    def parts(self, node: Node) -> Items:
        """All children of a node that is no list, as items in order."""
        text = self.text
        at, end = self.span(node)
        items: list[Item] = []
        for child in node.children:
            begin, stop = self.span(child)
            if stop <= begin:
                continue
            begin = max(begin, at)
            items.append(Item(child, text[at:begin], text[begin:stop], b"", b"", "statement", None))
            at = stop
        return Items(b"", items, text[at:end], None)

    def describe(self, node: Node, spec: Listing | None) -> tuple[Kind, Key | None]:
        """What an item is, and what it is called among its siblings."""
        profile = self.profile
        if node.type in profile.imports:
            return "import", self._import_key(node)
        inner = node
        while inner.type in profile.wrappers:
            named = [c for c in inner.named_children if c.type not in profile.comments and c.type != "decorator"]
            if not named or (len(named) > 1 and inner.type in profile.lists):
                break
            if inner.type == "export_statement" and inner.child_by_field_name("source") is not None:
                return "import", ("import", self._words(inner))
            inner = named[-1]
        name = self.name(inner)
        if spec is not None and spec.order == "free" and (spec.separator or inner.type in profile.keys):
            return "entry", ("entry", name) if name is not None else None
        if inner.type in profile.definitions:
            return "definition", None if name is None else ("definition", name)
        if inner.type in profile.declarations:
            value = inner.child_by_field_name("value") or inner.child_by_field_name("right")
            kind: Kind = "definition" if value is not None and value.type in profile.functions else "statement"
            if value is not None and self._is_require(value):
                kind = "import"
            return kind, None if name is None else ("name", name)
        if inner.type in profile.calls:
            test = self._test(inner)
            if test is not None:
                return "test", ("test", test)
        if spec is not None and spec.separator and name is not None:
            return "entry" if inner.type in profile.keys else "statement", ("entry", name)
        return "statement", None

    def name(self, node: Node) -> bytes | None:
        """What a node is called, with the modifiers that make it another name."""
        found = self._named(node)
        if found is None:
            return None
        name = self._words(found)
        modifiers = self.profile.modifiers
        if modifiers:
            before = [c.type.encode() for c in node.children if c.type in modifiers]
            name = b" ".join([*before, name])
        return name

    def _named(self, node: Node) -> Node | None:
        """The node that holds a node's name."""
        pattern = self.profile.names_by_query.get(node.type)
        if pattern is not None:
            found = self.profile.query(f"name of {node.type}", pattern, node, at_root=True)
            return found[0] if found else None
        how = self.profile.names.get(node.type)
        if how is None or how == "=":
            return None if how is None else node
        if how == "*":
            return node.named_children[0] if node.named_children else None
        return node.child_by_field_name(how)

    def title_of(self, item: Item) -> str | None:
        """How a person would call an item that conflicts are called by; nothing for others."""
        node = item.node
        if item.kind == "entry" or self.profile.titled:
            while node.type in self.profile.wrappers and node.named_children:
                node = node.named_children[-1]
            found = self._named(node) if item.kind in _TITLED or node.type in self.profile.titled else None
            return None if found is None else " ".join((found.text or b"").decode("utf-8", "replace").split())
        return self.title(node) if item.kind in _TITLED else None

    def title(self, node: Node) -> str | None:
        """How a person would call an item, e.g. ``class Basket``."""
        kind, key = self.describe(node, None)
        if key is None:
            return None
        word = key[1].decode("utf-8", "replace")
        if kind == "test":
            return word
        for child in node.children[:3]:
            if not child.is_named and child.type in {"class", "def", "function", "interface", "enum", "type"}:
                return f"{child.type} {word}"
        return word

    def _words(self, node: Node) -> bytes:
        return b" ".join(WORDS.findall(self.text[node.start_byte : node.end_byte]))

    def _import_key(self, node: Node) -> Key:
        source = self.profile.names.get(node.type)
        found = node.child_by_field_name(source) if source else None
        return "import", self._words(found if found is not None else node)

    def _is_require(self, node: Node) -> bool:
        called = self.profile.calls.get(node.type)
        while called is None and node.type == "member_expression" and node.named_children:
            node = node.named_children[0]
            called = self.profile.calls.get(node.type)
        if called is None:
            return False
        function = node.child_by_field_name(called[0])
        return function is not None and self.text[function.start_byte : function.end_byte] == b"require"

    def _test(self, node: Node) -> bytes | None:
        """A call whose first argument is a text and another a function, as tests are declared."""
        function, arguments = (node.child_by_field_name(name) for name in self.profile.calls[node.type])
        if function is None or arguments is None:
            return None
        given = [c for c in arguments.named_children if c.type not in self.profile.comments]
        if len(given) < 2 or given[0].type not in self.profile.strings:
            return None
        if not any(c.type in self.profile.functions for c in given[1:]):
            return None
        return self._words(function) + b" " + self.text[given[0].start_byte : given[0].end_byte]


def _following(member: Node) -> Node | None:
    """The separator right after a member."""
    following = member.next_sibling
    while following is not None and following.is_extra:
        following = following.next_sibling
    return following if following is not None and following.type in _SEPARATORS else None
