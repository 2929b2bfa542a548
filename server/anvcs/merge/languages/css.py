"""Style sheets in CSS. SCSS and Less have syntax of their own that its grammar does not know; lines merge them."""

from __future__ import annotations

from anvcs.merge.languages.profile import NAMES, Listing, Profile

_RULES = frozenset(
    {
        "rule_set",
        "media_statement",
        "supports_statement",
        "scope_statement",
        "keyframes_statement",
        "keyframe_block",
        "at_rule",
    }
)
CSS = Profile(
    name="css",
    suffixes=(".css",),
    grammar=("tree_sitter_css", "language"),
    # What comes later wins, so rules and declarations are ordered. Both sides may add rules at one place, as git lets
    # them a few lines apart; two rules for one selector, or two values for one property, are a conflict. Shorthands are
    # too: `margin` after `margin-left` means something else than before it.
    lists={
        "stylesheet": Listing(unique=True),
        "block": Listing(unique=True, ends=b";", ended=frozenset({"declaration"})),
        "keyframe_block_list": Listing(unique=True),
        "selectors": NAMES,
    },
    # Rules such as @font-face stand as often as there are fonts, and have no name.
    names={
        "rule_set": "*",
        "media_statement": "*",
        "supports_statement": "*",
        "scope_statement": "*",
        "keyframes_statement": "*",
        "keyframe_block": "*",
        "declaration": "*",
    },
    definitions=_RULES,
    repeatable=_RULES,
    titled=frozenset({"declaration"}),
    declarations=frozenset({"declaration"}),
    comments=frozenset({"comment", "js_comment"}),
    strings=frozenset({"string_value", "plain_value", "integer_value", "float_value", "color_value"}),
)
