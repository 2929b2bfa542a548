"""What a file is made of: resources with names and hashes, what each refers to, what is imported and exported."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, NamedTuple

from msgspec import Struct

Kind = Literal[
    "module",
    "function",
    "method",
    "class",
    "interface",
    "enum",
    "type",
    "constant",
    "field",
    "namespace",
    "extension",
    "test",
    "key",
    "table",
    "column",
    "view",
    "index",
]
"""What a resource is. Every file has one ``module``: what stands in it outside of all others. An ``extension`` adds
members to a class from outside of it."""

How = Literal["call", "use", "inherit", "import", "text", "drop"]
"""How something is referred to: ``text`` is a name in a string literal, ``drop`` removes it from a database."""

CONTAINERS = frozenset(
    {"module", "class", "interface", "enum", "namespace", "extension", "test", "table", "view", "key"}
)
"""Kinds that other resources stand in."""


class Key(NamedTuple):
    """Where a resource stands: in one version of a program no two have the same."""

    path: str
    kind: Kind
    name: str
    """Qualified, e.g. ``Basket.total``; empty for a module."""
    nth: int = 0
    """Among those of the same kind and name in the file, from 0."""


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int
    """In bytes; the end is not in it."""
    line: int
    last: int
    """From 1; the last is in it."""


class Reference(Struct, frozen=True):
    """Something outside of itself that a resource refers to; where it does so several times, the first."""

    name: str
    how: How
    line: int
    """From 1."""
    column: int
    """Bytes from the beginning of the line."""
    receiver: str | None = None
    """What stands before the dot: a plain chain of names, ``self`` in any language, ``?`` for anything else."""
    module: str | None = None
    """As the import writes it that binds the name, or the first name of the receiver."""
    imported: str | None = None
    """The name there; absent if the import means the module itself."""
    owner: str | None = None
    """The class of the receiver, where its declaration tells."""
    bound: bool = False
    """The top of the same file binds the name, or the first name of the receiver."""

    @property
    def what(self) -> tuple[str, str | None, str | None, str | None]:
        """The same for all references to one thing, wherever in a file they stand."""
        return self.name, self.receiver, self.module, self.imported

    @property
    def written(self) -> str:
        """As a reader knows it."""
        return self.name if self.receiver in {None, "?"} else f"{self.receiver}.{self.name}"


class Import(Struct, frozen=True):
    """One name that a file takes from another."""

    module: str
    """As written, e.g. ``..store`` or ``./store.js``."""
    name: str | None
    """What is taken; absent for the module itself, ``*`` for all, ``default`` for what it exports as that."""
    local: str
    """What it is called here; empty if nothing is bound."""
    line: int
    column: int = 0
    exported: str = ""
    """Under which name others can take it from here again; ``*`` for all of them."""


class Resource(Struct, frozen=True):
    """A function, class, configuration key, table or the like."""

    key: Key
    name: str
    """Its own name."""
    span: Span
    place: Span
    """Where its name stands."""
    column: int
    """Of the name, in bytes from the beginning of its line."""
    body: bytes
    """Hash of its own tokens; comments, white space and the resources inside it do not count."""
    signature: bytes
    """Hash of what those who use it see, without its name."""
    tokens: int
    """How many are in its body."""
    parent: int | None = None
    """Where the one around it stands among the file's."""
    references: tuple[Reference, ...] = ()
    binds: frozenset[str] = frozenset()
    """Names that it gives to others: a module's or a class's members."""
    mentions: tuple[Reference, ...] = ()
    """Names in its string literals, and those that it drops from a database."""

    @property
    def path(self) -> str:
        """The file that it stands in."""
        return self.key.path

    @property
    def kind(self) -> Kind:
        """A function, a class, ..."""
        return self.key.kind

    @property
    def qualified(self) -> str:
        """Its name with those around it."""
        return self.key.name

    @property
    def bases(self) -> tuple[Reference, ...]:
        """What it inherits from."""
        return tuple(each for each in self.references if each.how == "inherit")


class Outline(Struct, frozen=True, dict=True):
    """All that is known of one version of one file."""

    path: str
    language: str
    resources: tuple[Resource, ...]
    """In the order of the text, what is around before what is inside; the first is the module."""
    imports: tuple[Import, ...] = ()
    exports: dict[str, str] = {}
    """Names under which others find what is bound here, and the name here; only where a language says so itself."""
    opaque: bool = False
    """Others may find names here that the text does not show."""
    broken: bool = False
    """The text has syntax errors."""

    @property
    def module(self) -> Resource:
        """What stands outside of all other resources."""
        return self.resources[0]

    @cached_property
    def by_name(self) -> dict[str, tuple[Resource, ...]]:
        """The resources by qualified name."""
        found: dict[str, tuple[Resource, ...]] = {}
        for resource in self.resources:
            found[resource.qualified] = (*found.get(resource.qualified, ()), resource)
        return found

    @cached_property
    def by_key(self) -> dict[Key, Resource]:
        """The resources by where they stand."""
        return {resource.key: resource for resource in self.resources}
