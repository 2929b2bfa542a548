"""TypeScript, and TypeScript with JSX."""

from __future__ import annotations

from dataclasses import replace

from anvcs.merge.languages.javascript import BINDS, ENDED, JAVASCRIPT, LISTS, NAMED
from anvcs.merge.languages.profile import ENTRIES, MEMBERS, POSITIONS, STATEMENTS

TYPESCRIPT = replace(
    JAVASCRIPT,
    name="typescript",
    suffixes=(".ts", ".mts", ".cts"),
    grammar=("tree_sitter_typescript", "language_typescript"),
    lists={
        **LISTS,
        "interface_body": MEMBERS,
        "object_type": MEMBERS,
        "enum_body": ENTRIES,
        "type_parameters": POSITIONS,
        "type_arguments": POSITIONS,
        "tuple_type": POSITIONS,
        "module_body": STATEMENTS,
    },
    ends=dict.fromkeys((*ENDED, "class_body", "type_alias_declaration"), frozenset({";"}))
    | dict.fromkeys(("interface_body", "object_type"), frozenset({";", ","})),
    chains={**JAVASCRIPT.chains, "union_type": frozenset({b"|"}), "intersection_type": frozenset({b"&"})},
    names={
        **NAMED,
        "abstract_class_declaration": "name",
        "interface_declaration": "name",
        "type_alias_declaration": "name",
        "enum_declaration": "name",
        "function_signature": "name",
        "internal_module": "name",
        "module": "name",
        "method_signature": "name",
        "abstract_method_signature": "name",
        "property_signature": "name",
        "public_field_definition": "name",
        "enum_assignment": "name",
        "property_identifier": "=",
        "required_parameter": "pattern",
        "optional_parameter": "pattern",
    },
    definitions=JAVASCRIPT.definitions
    | {
        "abstract_class_declaration",
        "interface_declaration",
        "type_alias_declaration",
        "enum_declaration",
        "internal_module",
        "module",
        "public_field_definition",
    },
    keys=JAVASCRIPT.keys | {"property_signature", "enum_assignment"},
    identifiers=JAVASCRIPT.identifiers | {"type_identifier"},
    binds={
        **BINDS,
        "abstract_class_declaration": frozenset({"name"}),
        "interface_declaration": frozenset({"name"}),
        "type_alias_declaration": frozenset({"name"}),
        "enum_declaration": frozenset({"name"}),
        "function_signature": frozenset({"name"}),
        "internal_module": frozenset({"name"}),
        "type_parameter": frozenset({"name"}),
        "mapped_type_clause": frozenset({"name"}),
        "infer_type": frozenset({"*"}),
    },
    wrappers=JAVASCRIPT.wrappers | {"ambient_declaration"},
    # Types of a module are imported apart from its values.
    signatures={"import_statement": ("type",)},
    modifiers=JAVASCRIPT.modifiers | {"readonly"},
)
TSX = replace(TYPESCRIPT, name="tsx", suffixes=(".tsx",), grammar=("tree_sitter_typescript", "language_tsx"))
