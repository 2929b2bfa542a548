"""Languages of data: JSON, YAML and TOML."""

from __future__ import annotations

from anvcs.merge.languages.profile import ELEMENTS, ENTRIES, STATEMENTS, Listing, Profile

_PAIRS = Listing(order="free", unique=True)
_OF_TABLE = Listing(order="free", unique=True, types=frozenset({"pair"}))
JSON = Profile(
    name="json",
    suffixes=(".json", ".jsonc", ".webmanifest"),
    files=(".babelrc", ".jshintrc", ".swcrc", ".watchmanconfig"),
    grammar=("tree_sitter_json", "language"),
    lists={"document": STATEMENTS, "object": ENTRIES, "array": ELEMENTS},
    names={"pair": "key"},
    keys=frozenset({"pair"}),
    strings=frozenset({"string"}),
)
YAML = Profile(
    name="yaml",
    suffixes=(".yml", ".yaml"),
    files=(".clang-format", ".clang-tidy", ".clangd"),
    grammar=("tree_sitter_yaml", "language"),
    lists={
        "block_mapping": _PAIRS,
        "block_sequence": STATEMENTS,
        "flow_mapping": ENTRIES,
        "flow_sequence": ELEMENTS,
    },
    names={"block_mapping_pair": "key", "flow_pair": "key"},
    keys=frozenset({"block_mapping_pair", "flow_pair"}),
    strings=frozenset({"double_quote_scalar", "single_quote_scalar", "block_scalar", "plain_scalar"}),
    blocks=frozenset({"block_node"}),
    shallow=True,
)
TOML = Profile(
    name="toml",
    suffixes=(".toml",),
    files=("Pipfile",),
    grammar=("tree_sitter_toml", "language"),
    lists={
        "document": _PAIRS,
        "table": _OF_TABLE,
        "table_array_element": _OF_TABLE,
        "array": ELEMENTS,
        "inline_table": ENTRIES,
    },
    names={"pair": "*", "table": "*", "table_array_element": "*"},
    keys=frozenset({"pair", "table"}),
    strings=frozenset({"string"}),
)
