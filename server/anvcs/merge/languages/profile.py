"""What the engine knows of a language: its grammar, which nodes hold lists, what has a name. Data, no code."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import tree_sitter

from anvcs.merge.depth import UNREADABLE, is_too_deep
from anvcs.merge.languages.parsing import parse

Order = Literal["ordered", "positional", "free"]
"""What the order of a list's items means: what comes first, which is which (as with arguments), or nothing."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A node that holds a list of items."""

    order: Order = "ordered"
    separator: bytes = b""
    """What stands between items, where it is not part of them."""
    field: str = ""
    """Only children in this field are items; the rest of the node is as it is."""
    unique: bool = False
    """Two items of one name are a mistake."""
    types: frozenset[str] = frozenset()
    """Only children of these types are items; all named ones if empty."""
    after: str = ""
    """Only children after the first one of this type are items."""
    ends: bytes = b""
    """What items of the types ``ended`` must end with, but for the last one."""
    ended: frozenset[str] = frozenset()
    mixed: bool = False
    """Where items of the same types, one by one, went and came, each took the place of one, however unlike they are."""


STATEMENTS = Listing()
CONDITIONS = frozenset({b"&&", b"||"})
MEMBERS = Listing(order="free", unique=True)
ELEMENTS = Listing(separator=b",")
POSITIONS = Listing(order="positional", separator=b",")
ENTRIES = Listing(order="free", separator=b",", unique=True)
NAMES = Listing(order="free", separator=b",")
PLACES = Listing(order="positional")
"""What stands where it stands, as the cases of a switch: what both sides insert at one place is for a person."""
CHILDREN = Listing(order="positional", mixed=True)
"""Elements with texts between them, of which a change leaves no word."""


@dataclass(frozen=True)
class Profile:
    """One language."""

    name: str
    suffixes: tuple[str, ...]
    grammar: tuple[str, str]
    """The module of the grammar wheel and the function in it that gives the language."""
    lists: Mapping[str, Listing]
    """Node types that hold lists."""
    files: tuple[str, ...] = ()
    """Whole names of files that have none of the suffixes."""
    lists_under: Mapping[tuple[str, str], Listing] = field(default_factory=dict[tuple[str, str], Listing])
    """The same for a node type under a certain parent, e.g. a block that is a class's body."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Node types with a name, and the field that holds it; ``*`` is the first named child, ``=`` the whole text.

    After a field with ``/`` the way goes on from the node there, if that has a name."""
    names_by_query: Mapping[str, str] = field(default_factory=dict[str, str])
    """Node types whose name lies deeper, and the pattern that begins at the node and captures the name as ``@it``."""
    definitions: frozenset[str] = frozenset()
    """Types that define something under their name and may stand in any order."""
    declarations: frozenset[str] = frozenset()
    """Types that bind a name to a value: definitions if the value is one of ``functions``."""
    functions: frozenset[str] = frozenset()
    """Types of values that are functions or classes."""
    imports: frozenset[str] = frozenset()
    imports_bind: Literal["", "once", "again"] = ""
    """Whether imports bind the names in them: not known, or each once, or again too, from where it came."""
    leading: frozenset[str] = frozenset()
    """Types of imports that must stand before all others."""
    wrappers: frozenset[str] = frozenset()
    """Types around another node that give it no meaning of their own."""
    modifiers: frozenset[str] = frozenset()
    """Tokens before a name that make it another name, e.g. ``get`` and ``set``."""
    signatures: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Types on the way to a name, and the fields or types of children that tell it from others of that name, as
    parameters tell overloads and a receiver tells methods."""
    unsigned: frozenset[str] = frozenset()
    """Fields and types that tell nothing in a signature, as names of parameters; what follows ``=`` never does."""
    conditions: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Types of ``comments`` that, beginning so, make a definition another one than the same without."""
    nameless: frozenset[bytes] = frozenset()
    """Names that are none, so that many may stand side by side."""
    sections: Mapping[str, frozenset[bytes]] = field(default_factory=dict[str, frozenset[bytes]])
    """Items that say something of all that follows them, with their texts if not any of that type does."""
    repeats: Mapping[str, str] = field(default_factory=dict[str, str])
    """Types that repeat the value of the one before where they have none in this field."""
    continued: frozenset[str] = frozenset()
    """Types of texts that follow the line of what they belong to, as here-documents do."""
    calls: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Call types with the fields of what is called and of the arguments."""
    chains: Mapping[str, frozenset[bytes]] = field(default_factory=dict[str, frozenset[bytes]])
    """Types that join two parts, with the operators to which both sides may add parts."""
    ends: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Types of statements with the tokens that may end them or be left out."""
    comments: frozenset[str] = frozenset({"comment"})
    broken: frozenset[str] = frozenset()
    """Types of what the grammar reads without an error though it is one."""
    refuses: Callable[[bytes], int | None] | None = None
    """The line, from 0, at which the language's own parser refuses a text, for a grammar that takes more than it."""
    strings: frozenset[str] = frozenset()
    """Types of whole literals with text inside."""
    blocks: frozenset[str] = frozenset()
    """Types that begin with a line's indentation rather than with a bracket."""
    trimmed: bool = False
    """Its nodes end with white space, which is not theirs."""
    padded: frozenset[str] = frozenset()
    """Types that begin and end with white space, which is not theirs."""
    indented: bool = False
    """Indentation means something, though none of its nodes are ``blocks``."""
    shallow: bool = False
    """Its grammar's scanner ends the process where lines are nested too deeply; see ``depth``."""
    steady: bool = False
    """Its grammar gives the same tree whether it reads a text anew or from the tree of another."""
    branches: frozenset[str] = frozenset()
    """Types whose parts exclude each other, so that the same name in two of them is no duplicate."""

    decorated: frozenset[str] = frozenset()
    """Definitions around another one that may share its name, as accessors and overloads do."""
    repeatable: frozenset[str] = frozenset()
    """Definitions of which two may share a name, as two rules for one selector do; or modifiers that let them."""
    titled: frozenset[str] = frozenset()
    """Types, beside definitions and entries, that conflicts are called by; all are called as they are written."""
    prose: frozenset[str] = frozenset()
    """Types that hold sentences: what both sides change in one sentence is for a person."""
    keys: frozenset[str] = frozenset()
    """Types whose names must be unique in their list, beside definitions."""
    identifiers: frozenset[str] = frozenset()
    """Types of names that are bound somewhere or dangle."""
    binds: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Types in which names are bound, and in which fields; ``*`` is any but values and types."""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Types and fields of names that are neither bound nor used, as of attributes."""
    access: frozenset[str] = frozenset()
    """Types in which every name is used, wherever they stand."""
    statements: frozenset[str] = frozenset()
    """Types at which the search for what binds a name ends."""

    def any_of(self, kinds: frozenset[str]) -> str:
        """The pattern for nodes of some types, those that the grammar does not have left out."""
        known = (kind for kind in sorted(kinds) if self.language.id_for_node_kind(kind, True))
        return "[" + " ".join(f"({kind})" for kind in known) + "] @it"

    def of_types(self, name: str, kinds: frozenset[str], root: tree_sitter.Node) -> list[tree_sitter.Node]:
        """The nodes of some types below a node, in no order; the types are told once for a name."""
        return self.query(name, "" if name in self._queries else self.any_of(kinds), root)

    @cached_property
    def keywords(self) -> frozenset[bytes]:
        """The words that are the language's own."""
        language = self.language
        unnamed = (kind for kind in range(language.node_kind_count) if not language.node_kind_is_named(kind))
        words = (language.node_kind_for_id(kind) or "" for kind in unnamed)
        return frozenset(word.encode() for word in words if word.isalpha())

    @cached_property
    def _queries(self) -> dict[str, tree_sitter.Query]:
        return {}

    def query(
        self, name: str, pattern: str, root: tree_sitter.Node, *, at_root: bool = False
    ) -> list[tree_sitter.Node]:
        """The nodes that a pattern captures as ``@it``; it is compiled once for its name.

        ``at_root``: only where the pattern begins at the root.
        """
        compiled = self._queries.get(name)
        if compiled is None:
            self._queries[name] = compiled = tree_sitter.Query(self.language, pattern)
        cursor = tree_sitter.QueryCursor(compiled)
        if at_root:
            cursor.set_max_start_depth(0)
        return cursor.captures(root).get("it", [])

    @cached_property
    def language(self) -> tree_sitter.Language:
        """The grammar, loaded when it is first needed."""
        module, function = self.grammar
        capsule: object = getattr(importlib.import_module(module), function)()
        return tree_sitter.Language(capsule)

    def reads(self, root: tree_sitter.Node) -> bool:
        """Whether all of a tree is syntax."""
        return not root.has_error and not (self.broken and self.of_types("broken", self.broken, root))

    def parse(self, text: bytes) -> tree_sitter.Tree:
        """The syntax tree of a text; what is no syntax, or nested too deeply to be read, is in it as errors."""
        if self.shallow and is_too_deep(text):
            text = UNREADABLE
        return parse(self.language, text, anew=not self.steady)
