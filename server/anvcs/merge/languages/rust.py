"""Rust.

Attributes belong to what follows them as comments do. What is inside a macro's brackets is merged as text. Globs and
macros bind names that no file shows, so none is said to dangle.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import CONDITIONS, ELEMENTS, NAMES, PLACES, POSITIONS, STATEMENTS, Listing, Profile

_KEYED = Listing(separator=b",", unique=True)

RUST = Profile(
    name="rust",
    suffixes=(".rs",),
    grammar=("tree_sitter_rust", "language"),
    lists={
        "source_file": STATEMENTS,
        "declaration_list": STATEMENTS,
        "block": STATEMENTS,
        "use_list": NAMES,
        # The order of fields and variants is that of layouts, comparisons and numbers.
        "field_declaration_list": _KEYED,
        "enum_variant_list": _KEYED,
        "field_initializer_list": _KEYED,
        "struct_pattern": Listing(separator=b",", types=frozenset({"field_pattern", "remaining_field_pattern"})),
        "ordered_field_declaration_list": PLACES,
        "match_block": PLACES,
        "parameters": POSITIONS,
        "closure_parameters": POSITIONS,
        "arguments": POSITIONS,
        "type_arguments": POSITIONS,
        "type_parameters": POSITIONS,
        "tuple_expression": POSITIONS,
        "tuple_pattern": POSITIONS,
        "tuple_type": POSITIONS,
        "slice_pattern": POSITIONS,
        "array_expression": ELEMENTS,
        "where_clause": ELEMENTS,
    },
    names={
        "function_item": "name",
        "function_signature_item": "name",
        "struct_item": "name",
        "union_item": "name",
        "enum_item": "name",
        "trait_item": "name",
        "impl_item": "type",
        "mod_item": "name",
        "type_item": "name",
        "associated_type": "name",
        "const_item": "name",
        "static_item": "name",
        "macro_definition": "name",
        "let_declaration": "pattern",
        "assignment_expression": "left",
        "compound_assignment_expr": "left",
        "field_declaration": "name",
        "enum_variant": "name",
        "field_initializer": "field",
        "shorthand_field_initializer": "=",
        "use_declaration": "argument/",
        "scoped_use_list": "path",
        "identifier": "=",
        "self": "=",
        "scoped_identifier": "=",
        "use_as_clause": "=",
    },
    signatures={"impl_item": ("trait",)},
    conditions={"attribute_item": b"#[cfg("},
    nameless=frozenset({b"_"}),
    definitions=frozenset(
        {
            "function_item",
            "function_signature_item",
            "struct_item",
            "union_item",
            "enum_item",
            "trait_item",
            "impl_item",
            "mod_item",
            "type_item",
            "associated_type",
            "const_item",
            "static_item",
            "macro_definition",
        }
    ),
    # A macro may be defined anew, and a type may have any number of blocks.
    repeatable=frozenset({"impl_item", "macro_definition"}),
    declarations=frozenset({"let_declaration", "assignment_expression", "compound_assignment_expr"}),
    imports=frozenset({"use_declaration", "extern_crate_declaration"}),
    wrappers=frozenset({"expression_statement"}),
    comments=frozenset({"line_comment", "block_comment", "attribute_item"}),
    chains={"binary_expression": CONDITIONS},
    strings=frozenset({"string_literal", "raw_string_literal", "char_literal", "token_tree", "token_tree_pattern"}),
    keys=frozenset({"field_declaration", "enum_variant", "field_initializer", "shorthand_field_initializer"}),
)
