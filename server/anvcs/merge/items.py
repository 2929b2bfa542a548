"""A node's text cut into items: each with what leads to it, its own text, its separator and what trails on its line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, cast

from tree_sitter import Node

from anvcs.merge.languages import Listing, Profile

Kind = Literal["definition", "import", "test", "entry", "statement"]
Key = tuple[str, bytes]

WORDS = re.compile(rb"[A-Za-z_$][\w$]*|\d[\w.]*|[^\sA-Za-z_$0-9]")
"""The tokens that count; white space does not."""
_OPEN = frozenset({"(", "[", "{", "{|", "<", "start_tag", "jsx_opening_element"})
_CLOSE = frozenset({")", "]", "}", "|}", ">", "end_tag", "jsx_closing_element"})
_BODIES = frozenset(
    {"block", "statement_block", "switch_body", "compound_statement", "switch_block", "match_block", "colon_block"}
    | {"expression_case", "type_case", "communication_case", "default_case"}
    | {"then", "do", "do_block", "when", "in_clause", "rescue", "ensure"}
)
_KEYWORDS = frozenset(
    {"class", "def", "function", "interface", "enum", "type", "struct", "union", "trait", "impl", "mod", "module"}
    | {"namespace", "fn", "func", "record"}
)
_LONG = 60
"""Longer signatures are left out where a person is told of a definition."""
_TITLED = frozenset({"definition", "test", "entry"})
_SEPARATORS = frozenset({",", ";"})
_ENDS = _SEPARATORS | {":"}
"""What may stand right after an item of a list that has no separators."""
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
    described: tuple[Kind, Key | None] | tuple[Reader, Listing]
    """What it is and its name among its siblings, or who tells; most items are never asked."""
    starts_line: bool = False
    """Nothing but white space stands before it on its line."""
    mark: bytes = b""
    """What stands before it and makes it another than one of equal text."""
    governs: bool = False
    """It says something of what follows it in the list, as ``public:`` does."""
    like: Item | None = field(init=False, default=None)
    """One of the base that it has turned out to be; what is of the same text is described but once."""
    _line: bytes | None = field(init=False, default=None)
    _norm: bytes | None = field(init=False, default=None)
    _bag: Counter[bytes] | None = field(init=False, default=None)
    _words: Counter[bytes] | None = field(init=False, default=None)

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self._description[0]

    @property
    def key(self) -> Key | None:
        """What it is called among its siblings."""
        return self._description[1]

    @property
    def _description(self) -> tuple[Kind, Key | None]:
        if not isinstance(self.described[0], str):
            one = self._twin or self
            who, what = one.described
            if not isinstance(who, str):
                one.described = who.describe(one.node, cast("Listing", what))
            self.described = one.described
        return cast("tuple[Kind, Key | None]", self.described)

    @property
    def _twin(self) -> Item | None:
        """``like``, if its text is the same."""
        like = self.like
        if like is None or like.core != self.core or like.mark != self.mark or like.node.type != self.node.type:
            return None
        return like

    @property
    def text(self) -> bytes:
        """All of it."""
        return self.lead + self.core + self.sep + self.trail

    @property
    def line(self) -> bytes:
        """Its text on one line, each run of white space one space."""
        if self._line is None:
            self._line = b" ".join([*self.mark.split(), *self.core.split()])
        return self._line

    @property
    def bare(self) -> Key | None:
        """Its key without what tells overloads from one another."""
        key = self.key
        return (key[0], key[1].partition(b" ")[2]) if key is not None and is_signed(key[1]) else key

    @property
    def norm(self) -> bytes:
        """Its tokens, one space between two: equal for texts that differ in white space only."""
        if self._norm is None:
            self._norm = b" ".join(WORDS.findall(self.core))
        return self._norm

    @property
    def compound(self) -> bool:
        """It holds statements of its own, as a loop does, sets several names at once, or governs what follows."""
        if self.governs or (self.key is not None and (b" , " in self.key[1] or self.key[1].endswith(b"]"))):
            return True
        node = self.node
        if node.type == "expression_statement" and node.named_child_count == 1:
            node = node.named_children[0]
        return any(child.type in _BODIES for child in [node, *node.named_children])

    @property
    def words(self) -> Counter[bytes]:
        """How often it has each word, or each token if it has no words."""
        if self._words is None:
            words = Counter(
                {token: often for token, often in self.bag.items() if token[:1].isalnum() or token[:1] in b"_$"}
            )
            self._words = words or self.bag
        return self._words

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
    opening: Node | None = None
    """The node that opens the list, where that is more than a bracket."""
    _matched: dict[int, tuple[Items, dict[int, int]]] = field(
        init=False, default_factory=dict[int, "tuple[Items, dict[int, int]]"]
    )

    def matched(self, new: Items, match: Callable[[Sequence[Item], Sequence[Item]], dict[int, int]]) -> dict[int, int]:
        """What ``match`` finds, remembered: which of these items the ones of another list are."""
        known = self._matched.get(id(new))
        if known is None:
            self._matched[id(new)] = known = new, match(self.items, new.items)
        return known[1]


class Reader:
    """Reads one version of a text; what it has read once it remembers."""

    def __init__(self, text: bytes, profile: Profile) -> None:
        self.text = text
        self.profile = profile
        self._read: dict[tuple[int, bool], Items] = {}

    @cached_property
    def root(self) -> Node:
        """The root of the text's tree."""
        return self.profile.parse(self.text).root_node

    def items(self, node: Node, spec: Listing | None) -> Items:
        """A node's text as a list: of items where it is one, else of its parts. ``node`` is of the tree of ``root``."""
        key = node.id, spec is None
        found = self._read.get(key)
        if found is None:
            self._read[key] = found = self.parts(node) if spec is None else self.list_items(node, spec)
        return found

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
        return (0, len(self.text)) if node.parent is None else self._span_inside(node)

    def _span_inside(self, node: Node) -> tuple[int, int]:
        """The same for a node that is not the root; to ask for its parent costs more."""
        start, end = node.start_byte, node.end_byte
        if node.type in self.profile.blocks:
            previous = node.prev_sibling
            while previous is not None and previous.type in self.profile.comments:
                previous = previous.prev_sibling
            after = previous.end_byte if previous is not None else start
            line = self.text.find(b"\n", after, start)
            begins = _REST_OF_LINE.match(self.text, start, end)
            start = line + 1 if line >= 0 else begins.end() if begins else start
        if self.profile.padded and node.type in self.profile.padded:
            text = self.text[start:end]
            start, end = end - len(text.lstrip()), start + len(text.rstrip())
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
        opening = None
        if spec.field or spec.types:
            at = self.span(members[0])[0] if members else end
            limit = self.span(members[-1])[1] if members else end
            closing = _following(members[-1], _SEPARATORS) if members else None
            if closing is not None and closing.type == ",":
                limit = closing.end_byte
        elif children and children[0].type in _OPEN:
            at = children[0].end_byte
            opening = children[0] if children[0].is_named else None
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
        place = {child.id: index for index, child in enumerate(children, 1)}
        ends = _SEPARATORS if spec.separator else _ENDS
        for index, member in enumerate(members):
            following = members[index + 1].start_byte if index + 1 < len(members) else limit
            begin, stop = self._span_inside(member)
            if not spec.mixed:
                begin = member.start_byte
            sep_end = after = stop
            behind = place[member.id]
            while behind < len(children) and children[behind].is_extra:
                behind += 1
            separator = children[behind] if behind < len(children) else None
            if separator is not None and separator.type in ends and separator.end_byte <= max(following, limit):
                sep_end = after = separator.end_byte
            after = self._trail(children, member, after, following, limit)
            lead = text[at:begin]
            own_line = not text[text.rfind(b"\n", 0, begin) + 1 : begin].strip()
            items.append(
                Item(
                    member,
                    lead,
                    text[begin:stop],
                    text[stop:sep_end],
                    text[sep_end:after],
                    (self, spec),
                    own_line,
                    self._condition(member) if self.profile.conditions else b"",
                    self._governs(member, members),
                )
            )
            at = after
        return Items(head, items, text[at:end], spec, opening)

    def _members(self, node: Node, children: Sequence[Node], spec: Listing) -> list[Node]:
        if spec.field:
            return node.children_by_field_name(spec.field)
        if spec.after:
            children = children[next((i for i, child in enumerate(children) if child.type == spec.after), 0) :]
        if spec.types:
            return [child for child in children if child.type in spec.types]
        skipped = self.profile.comments | _OPEN | _CLOSE
        found = [child for child in children if child.is_named and child.type not in skipped]
        return [child for child in found if self.core(child)] if spec.mixed else found

    def _trail(self, children: Sequence[Node], member: Node, after: int, following: int, limit: int) -> int:
        """Where the item's line ends, if what is left of the line is its own."""
        text = self.text
        line = text.find(b"\n", after, limit)
        stop = limit if line < 0 else line + 1
        rest = text[after:stop]
        if self.profile.continued and (told := [c for c in children if after <= c.start_byte < stop]):
            bodies = [c for c in told if c.type in self.profile.continued]
            if bodies and not text[after : bodies[0].start_byte].strip():
                return self._trail(children, member, self._continued(bodies[0]).end_byte, following, limit)
        if not rest.strip():
            return stop if line >= 0 else after
        if following < stop:
            return after
        row = member.end_point.row
        for child in children:
            if child.start_byte >= after and child.start_byte < stop and child.type in self.profile.comments:
                if child.end_point.row > row + 1 or (child.end_point.row == row + 1 and child.end_point.column > 0):
                    # One that goes on for more lines belongs to the line it begins on, if nothing follows its end.
                    rest = _REST_OF_LINE.match(text, child.end_byte, limit)
                    return rest.end() if rest is not None and rest.end() <= max(following, limit) else after
                return stop
        return after

    def _continued(self, body: Node) -> Node:
        """The last of the texts that follow one line."""
        while (after := body.next_sibling) is not None and after.type in self.profile.continued:
            body = after
        return body

    def _condition(self, node: Node) -> bytes:
        """What stands before a node and lets it be there only sometimes, on one line."""
        found: list[bytes] = []
        before = node.prev_sibling
        while before is not None and before.type in self.profile.comments:
            begins = self.profile.conditions.get(before.type)
            text = b"".join(self.text[before.start_byte : before.end_byte].split())
            if begins is not None and text.startswith(begins):
                found.append(text)
            before = before.prev_sibling
        return b" ".join(reversed(found))

    def _governs(self, member: Node, members: Sequence[Node]) -> bool:
        profile = self.profile
        if not profile.sections and not profile.repeats:
            return False
        words = profile.sections.get(member.type)
        if words is not None:
            return not words or self.text[member.start_byte : member.end_byte] in words
        value = profile.repeats.get(member.type)
        if value is None or member.child_by_field_name(value) is None:
            return False
        return any(each.type == member.type and each.child_by_field_name(value) is None for each in members)

    def parts(self, node: Node) -> Items:
        """All children of a node that is no list, as items in order."""
        text = self.text
        at, end = self.span(node)
        items: list[Item] = []
        comments = self.profile.comments if self.profile.blocks else frozenset[str]()
        for child in node.children:
            begin, stop = self._span_inside(child)
            if stop <= begin or (child.type in comments and self._belongs_to_block(child)):
                continue
            begin = max(begin, at)
            items.append(Item(child, text[at:begin], text[begin:stop], b"", b"", ("statement", None)))
            at = stop
        return Items(b"", items, text[at:end], None)

    def _belongs_to_block(self, comment: Node) -> bool:
        """A comment above the first statement of a block is the block's, though the tree has it beside."""
        after = comment.next_sibling
        while after is not None and after.type in self.profile.comments:
            after = after.next_sibling
        return after is not None and after.type in self.profile.blocks and self.span(after)[0] <= comment.start_byte

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
            way = self._way(inner)
            value = next((found for node in way or [inner] if (found := _value(node)) is not None), None)
            is_function = any(each.type in profile.functions for each in [*way[1:], *([value] if value else [])])
            kind: Kind = "definition" if is_function else "statement"
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
        """What a node is called, with all that makes it another name: modifiers, parameters, a condition."""
        way = self._way(node)
        if not way:
            return None
        profile = self.profile
        name = self._words(way[-1])
        if name in profile.nameless:
            return None
        if profile.modifiers:
            name = b" ".join([*(w for c in node.children if (w := self._modifier(c)) is not None), name])
        if profile.signatures or profile.conditions:
            told = [self._told(each) for each in self._signature(way)]
            told += self._condition(node).split() if profile.conditions else []
            name = b"".join([b"(", b"".join(told), b") ", name]) if told else name
        return name

    def last_word(self, node: Node) -> bytes | None:
        """The last token of what a node is called."""
        how = self.profile.names.get(node.type, "/")
        found = self._named(node) if how[-1] in "/*=" else node.child_by_field_name(how)
        if found is None:
            return None
        words = WORDS.findall(self.text[found.start_byte : found.end_byte])
        return words[-1] if words else None

    def _modifier(self, node: Node) -> bytes | None:
        word = node.type
        if word == "modifier":
            word = self.text[node.start_byte : node.end_byte].decode("utf-8", "replace")
        return word.encode() if word in self.profile.modifiers else None

    def _signature(self, way: Sequence[Node]) -> list[Node]:
        """The nodes that tell a definition from others of its name."""
        return [
            found
            for node in way
            for what in self.profile.signatures.get(node.type, ())
            for found in node.children_by_field_name(what) or [c for c in node.children if c.type == what]
        ]

    def _told(self, node: Node) -> bytes:
        """The tokens of a part of a signature that tell something, without white space and defaults."""
        profile = self.profile
        if node.child_count == 0:
            return self.text[node.start_byte : node.end_byte]
        out: list[bytes] = []
        for index, child in enumerate(node.children):
            if child.type == "=":
                break
            field = node.field_name_for_child(index)
            if child.type in profile.unsigned or field in profile.unsigned or child.type in profile.comments:
                continue
            word = self._told(child)
            out.append(b"_" + word if out and out[-1][-1:].isalnum() and word[:1].isalnum() else word)
        return b"".join(out)

    def _way(self, node: Node) -> list[Node]:
        """The nodes from one with a name to the one that is its name; nothing if it has none."""
        way = [node]
        while True:
            here = way[-1]
            pattern = self.profile.names_by_query.get(here.type)
            if pattern is not None:
                found = self.profile.query(f"name of {here.type}", pattern, here, at_root=True)
                return [*way, found[0]] if found else []
            how = self.profile.names.get(here.type)
            if how is None or how == "=":
                return way if how == "=" or len(way) > 1 else []
            field = how.removesuffix("/")
            first = here.named_children[:1] if field == "*" else here.children_by_field_name(field)[:1]
            if not first:
                return []
            way += first
            if field == how:
                return way

    def _named(self, node: Node) -> Node | None:
        """The node that holds a node's name."""
        way = self._way(node)
        return way[-1] if way else None

    def title_of(self, item: Item) -> str | None:
        """How a person would call an item that conflicts are called by; nothing for others."""
        node = item.node
        if item.kind == "entry" or self.profile.titled:
            while node.type in self.profile.wrappers and node.named_children:
                node = node.named_children[-1]
            inside = item.node.parent is not None and item.node.parent.type in self.profile.wrappers
            titled = item.kind in _TITLED or (node.type in self.profile.titled and not inside)
            found = self._named(node) if titled else None
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
        inner = self._unwrapped(node)
        way = self._way(inner)
        if is_signed(key[1]):
            word = word.partition(" ")[2]
        if way and self.profile.signatures:
            signature = self._signature(way)
            start = min(each.start_byte for each in [way[-1], *signature])
            end = max(each.end_byte for each in [way[-1], *signature])
            written = b" ".join(self.text[start:end].split())
            word = (written if len(written) <= _LONG else self._words(way[-1])).decode("utf-8", "replace")
        for child in node.children[:8] if inner == node else [*node.children[:3], *inner.children[:8]]:
            if not child.is_named and child.type in _KEYWORDS:
                return f"{child.type} {word}"
        return word

    def _unwrapped(self, node: Node) -> Node:
        wrappers, comments = self.profile.wrappers, self.profile.comments
        while node.type in wrappers and (named := [c for c in node.named_children if c.type not in comments]):
            node = named[-1]
        return node

    def _words(self, node: Node) -> bytes:
        text = self.text[node.start_byte : node.end_byte]
        return text if WORDS.fullmatch(text) else b" ".join(WORDS.findall(text))

    def _import_key(self, node: Node) -> Key:
        name = self.name(node)
        return "import", self._words(node) if name is None else name

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
        block = node.child_by_field_name("block")
        if block is not None and node.child_by_field_name("receiver") is None:
            given.append(block)
        if len(given) < 2 or given[0].type not in self.profile.strings:
            return None
        if not any(c.type in self.profile.functions for c in given[1:]):
            return None
        return self._words(function) + b" " + self.text[given[0].start_byte : given[0].end_byte]


def is_signed(name: bytes) -> bool:
    """A name begins with a signature: one word in brackets, while brackets in a name are words of their own."""
    return name.startswith(b"(") and not name.startswith(b"( ")


def _value(node: Node) -> Node | None:
    return node.child_by_field_name("value") or node.child_by_field_name("right")


def _following(member: Node, ends: frozenset[str]) -> Node | None:
    """The separator right after a member."""
    following = member.next_sibling
    while following is not None and following.is_extra:
        following = following.next_sibling
    return following if following is not None and following.type in ends else None
