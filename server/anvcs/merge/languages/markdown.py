"""Markdown: sections by their headings, lists, tables and blocks. Inside a paragraph sentences are merged."""

from __future__ import annotations

from anvcs.merge.languages.profile import STATEMENTS, Listing, Profile

_BLOCKS = Listing(order="positional")
"""Both sides may add sections, items and rows at one place, as in a changelog, but not paragraphs."""
_NAMED = frozenset({"section", "pipe_table_row", "link_reference_definition"})
MARKDOWN = Profile(
    name="markdown",
    suffixes=(".md", ".markdown"),
    grammar=("tree_sitter_markdown", "language"),
    lists={
        "document": _BLOCKS,
        "section": _BLOCKS,
        "list": STATEMENTS,
        "block_quote": _BLOCKS,
        "pipe_table": Listing(types=frozenset({"pipe_table_row"})),
    },
    names={"pipe_table_row": "*", "link_reference_definition": "*"},
    names_by_query={"section": "(section [(atx_heading (inline) @it) (setext_heading (paragraph (inline) @it))])"},
    definitions=_NAMED | {"list_item"},
    repeatable=_NAMED | {"list_item"},
    titled=frozenset({"section"}),
    comments=frozenset(),
    strings=frozenset({"code_fence_content", "indented_code_block", "html_block", "minus_metadata", "plus_metadata"}),
    prose=frozenset({"inline", "pipe_table_cell", "paragraph"}),
    indented=True,
    trimmed=True,
)
