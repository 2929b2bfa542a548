"""What is known of a language: queries that find its resources, names and imports. Data, no code."""

from __future__ import annotations

from dataclasses import dataclass

from anvcs.merge.resources.model import Kind


@dataclass(frozen=True, slots=True)
class Language:
    """One language; ``name`` is that of its ``Profile``.

    Captures of ``structure`` (each pattern is one match):
      ``define.KIND`` a resource, with its ``name``; ``body`` what is inside; ``owner`` the class it belongs to, if it
      does not stand in it. Of two that share a name the later pattern says the kind and the longer one the span.
      ``import.module``, ``import.name``, ``import.local``, ``import.star``, ``import.default``: what is taken from
      elsewhere.
      ``export.name``, ``export.local``, ``export.default``, ``export.whole``, ``export.from``, ``export.star``,
      ``export.opaque``: what is given to others.
      ``type.variable``, ``type.name``: a declaration that tells a variable's class.
      ``drop.name``, ``drop.owner``: a statement that removes a name from a database.
    Captures of ``names``: ``use``, ``self``, ``member``, ``inherit``, ``label`` (no reference), ``bind`` and
    ``bind.outer`` (bound in the scope around the one that begins here), ``global``, ``attribute`` (a member that an
    assignment makes), ``scope``, ``scope.class``, ``import`` (a statement with names that are no uses), ``comment``,
    ``string``, ``text`` (what a literal says), ``block`` (its ends mean something though they are not written),
    ``leading`` (belongs to what follows).
    """

    name: str
    structure: str
    names: str
    selves: frozenset[str] = frozenset({"self", "this"})
    """Names for the object whose member is being run."""
    separators: tuple[bytes, ...] = (b".",)
    """What stands between an object and its member."""
    builtins: frozenset[str] = frozenset()
    """Names that everybody has."""
    common: frozenset[str] = frozenset()
    """Members of types that everybody has."""
    methods_in: frozenset[Kind] = frozenset({"class", "interface", "enum"})
    """Where a function is a method."""
    members_in_scope: bool = False
    """A class's members can be named without a receiver."""
    resolves: bool = True
    """Paths and imports tell which file a name comes from; else only the name itself does."""
    ignores_case: bool = False
    """Names differ by more than case."""
    exports_all: bool = True
    """Others can take whatever is bound at the top of a file."""
    suffixes: tuple[str, ...] = ()
    """Of its files, and its grammar as in a ``Profile``, if the language is not merged by syntax."""
    grammar: tuple[str, str] | None = None
    largest: int = 1_000_000
    """Bytes up to which a file is looked into."""
    skips: frozenset[str] = frozenset()
    """Names of files that programs write."""
    enums: frozenset[str] = frozenset()
    """Bases that make a class an enum."""
    interfaces: frozenset[str] = frozenset()
    """Bases that make a class an interface."""
