"""Texts as syntax trees, with what the queries of their language find in them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import tree_sitter

from anvcs.merge.depth import is_too_deep
from anvcs.merge.languages import language_for, suffix
from anvcs.merge.resources.languages import LANGUAGES, OURS, Language

_MANY = 10_000
"""Nodes: a tree with fewer is read fast however it is built."""
_DEEPEST = 500
_BAD = re.compile("[\udc80-\udcff]")

Match = Mapping[str, Sequence[tree_sitter.Node]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text, its tree, and what was found in it."""

    text: bytes
    language: Language
    root: tree_sitter.Node
    structure: Sequence[Match]
    """In the order of the patterns."""
    names: Match


def language_of(path: str) -> Language | None:
    """What is known of the language of a path; nothing if its resources are not looked for."""
    profile = language_for(path)
    language = _by_suffix().get(suffix(path)) if profile is None else LANGUAGES.get(profile.name)
    return None if language is None or path.rpartition("/")[2] in language.skips else language


def parse(path: str, text: bytes) -> Parsed | None:
    """The text as its path's language reads it; nothing if that is not known, or it is too large or too strange."""
    language = language_of(path)
    if language is None or len(text) > language.largest:
        return None
    profile = language_for(path)
    grammar = _grammar(language) if profile is None else profile.language
    structure, names = _queries(language.name, grammar)
    text = _readable(text)
    if profile is not None and profile.shallow and is_too_deep(text):
        return None
    root = tree_sitter.Parser(grammar).parse(text).root_node
    if root.descendant_count > _MANY and _is_strange(root):
        return None
    found = sorted(tree_sitter.QueryCursor(structure).matches(root), key=lambda each: each[0])
    return Parsed(text, language, root, [match for _, match in found], tree_sitter.QueryCursor(names).captures(root))


def _is_strange(root: tree_sitter.Node) -> bool:
    """Whether queries would take the square of the text's length: nobody writes by hand so deep or so long a list."""
    cursor, siblings = root.walk(), [0]
    while len(siblings) <= _DEEPEST:
        if cursor.goto_first_child():
            siblings.append(0)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False
            siblings.pop()
        siblings[-1] += 1
        if siblings[-1] > _MANY:
            return True
    return True


def _readable(text: bytes) -> bytes:
    """The text with as many question marks as it has bytes that are no UTF-8, which the queries could not read."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return _BAD.sub("?", text.decode("utf-8", "surrogateescape")).encode()
    return text


@cache
def _by_suffix() -> dict[str, Language]:
    return {suffix: language for language in OURS for suffix in language.suffixes}


@cache
def _grammar(language: Language) -> tree_sitter.Language:
    if language.grammar is None:
        raise ValueError(f"{language.name} has no grammar of its own")
    module, function = language.grammar
    capsule: object = getattr(importlib.import_module(module), function)()
    return tree_sitter.Language(capsule)


# Compiling takes longer than reading a file.
@cache
def _queries(name: str, grammar: tree_sitter.Language) -> tuple[tree_sitter.Query, tree_sitter.Query]:
    language = LANGUAGES[name]
    return tree_sitter.Query(grammar, language.structure), tree_sitter.Query(grammar, language.names)
