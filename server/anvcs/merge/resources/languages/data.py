"""JSON, YAML and TOML: every key is a resource, under the names of the keys around it."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

LARGEST = 200_000
"""Bytes: larger files of data are made by programs."""
LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml"})

JSON = Language(
    name="json",
    structure="""
(pair key: (string) @name value: (_) @body) @define.key
""",
    names="""
(comment) @comment
(string) @string
""",
    exports_all=False,
    largest=LARGEST,
    skips=LOCKS,
)

YAML = Language(
    name="yaml",
    structure="""
(block_mapping_pair key: (_) @name value: (_) @body) @define.key
(block_mapping_pair key: (_) @name !value) @define.key
(flow_pair key: (_) @name value: (_) @body) @define.key
""",
    names="""
(comment) @comment
(double_quote_scalar) @string
(single_quote_scalar) @string
(block_scalar) @string
(plain_scalar) @string
(block_mapping) @block
(block_sequence) @block
""",
    exports_all=False,
    largest=LARGEST,
    skips=LOCKS,
)

TOML = Language(
    name="toml",
    structure="""
(pair . [(bare_key) (quoted_key) (dotted_key)] @name) @define.key
(table . [(bare_key) (quoted_key) (dotted_key)] @name) @define.key
(table_array_element . [(bare_key) (quoted_key) (dotted_key)] @name) @define.key
""",
    names="""
(comment) @comment
(string) @string
""",
    exports_all=False,
    largest=LARGEST,
    skips=LOCKS,
)
