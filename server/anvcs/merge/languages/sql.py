"""SQL: schemas, migrations and data."""

from __future__ import annotations

from anvcs.merge.languages.profile import ELEMENTS, POSITIONS, Listing, Profile

# Statements are run in order. Both sides may create something at one place; anything else there is for a person.
_STATEMENTS = Listing(order="positional", ends=b";", ended=frozenset({"statement"}))
_CREATED = frozenset({"create_table", "create_view", "create_materialized_view", "create_function", "create_type"})
SQL = Profile(
    name="sql",
    suffixes=(".sql",),
    grammar=("tree_sitter_sql", "language"),
    lists={
        "program": _STATEMENTS,
        "transaction": _STATEMENTS,
        "block": _STATEMENTS,
        "column_definitions": Listing(separator=b",", unique=True),
        "constraints": ELEMENTS,
        "enum_elements": ELEMENTS,
        "insert": Listing(separator=b",", types=frozenset({"list"}), after="keyword_values"),
        "list": POSITIONS,
        "select_expression": POSITIONS,
        "ordered_columns": POSITIONS,
        "index_fields": POSITIONS,
        "function_arguments": POSITIONS,
    },
    names={"column_definition": "name"},
    names_by_query={
        **{kind: f"({kind} (object_reference) @it)" for kind in sorted(_CREATED)},
        "create_index": "(create_index column: (identifier) @it)",
    },
    definitions=_CREATED | {"create_index"},
    # A migration may drop what it creates again.
    repeatable=_CREATED | {"create_index"},
    titled=_CREATED | {"create_index", "column_definition"},
    wrappers=frozenset({"statement"}),
    keys=frozenset({"column_definition"}),
    comments=frozenset({"comment", "marginalia"}),
    strings=frozenset({"literal"}),
)
