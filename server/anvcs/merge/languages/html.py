"""HTML."""

from __future__ import annotations

from anvcs.merge.languages.profile import Listing, Profile

_ELEMENTS = frozenset({"element", "script_element", "style_element"})
_ID = """
    (start_tag (attribute (attribute_name) @key [(attribute_value) @it (quoted_attribute_value (attribute_value) @it)]))
    (#eq? @key "id")
"""
_CHILDREN = Listing(order="positional", unique=True)
"""In order; both sides may add elements at one place, but not text."""
_ATTRIBUTES = Listing(order="free", unique=True, types=frozenset({"attribute"}))
HTML = Profile(
    name="html",
    suffixes=(".html", ".htm"),
    grammar=("tree_sitter_html", "language"),
    lists={
        "document": _CHILDREN,
        "element": _CHILDREN,
        "start_tag": _ATTRIBUTES,
        "self_closing_tag": _ATTRIBUTES,
    },
    names={"attribute": "*"},
    names_by_query={kind: f"({kind} {_ID})" for kind in sorted(_ELEMENTS)},
    definitions=_ELEMENTS,
    # Two attributes of one name are a mistake, but browsers and templates live with it.
    keys=frozenset({"attribute"}),
    titled=_ELEMENTS | {"attribute"},
    broken=frozenset({"erroneous_end_tag"}),
    prose=frozenset({"text"}),
    # Elements without an end tag end where the next one begins.
    trimmed=True,
    strings=frozenset({"raw_text", "attribute_value", "entity"}),
)
