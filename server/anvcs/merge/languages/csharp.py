"""C#.

A name may be of any file of the project, so none is said to dangle.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import CONDITIONS, ELEMENTS, PLACES, POSITIONS, STATEMENTS, Listing, Profile

_TYPES = ("class_declaration", "interface_declaration", "struct_declaration", "record_declaration")
_MEMBERS = (
    "method_declaration",
    "constructor_declaration",
    "destructor_declaration",
    "operator_declaration",
    "conversion_operator_declaration",
    "indexer_declaration",
    "property_declaration",
    "event_declaration",
    "delegate_declaration",
    "enum_declaration",
    "local_function_statement",
)
_FIELD = "({} (variable_declaration (variable_declarator name: (_) @it)))"
_FIELDS = ("field_declaration", "event_field_declaration", "local_declaration_statement")

CSHARP = Profile(
    name="c#",
    suffixes=(".cs", ".csx"),
    grammar=("tree_sitter_c_sharp", "language"),
    lists={
        "compilation_unit": STATEMENTS,
        "declaration_list": STATEMENTS,
        "block": STATEMENTS,
        "switch_section": STATEMENTS,
        "accessor_list": STATEMENTS,
        "preproc_if": STATEMENTS,
        "preproc_elif": STATEMENTS,
        "preproc_else": STATEMENTS,
        "enum_member_declaration_list": Listing(
            separator=b",", unique=True, types=frozenset({"enum_member_declaration"})
        ),
        "initializer_expression": Listing(separator=b",", unique=True),
        "collection_expression": ELEMENTS,
        "attribute_list": ELEMENTS,
        "base_list": ELEMENTS,
        "switch_body": PLACES,
        "switch_expression": Listing(order="positional", separator=b",", types=frozenset({"switch_expression_arm"})),
        "try_statement": PLACES,
        "variable_declaration": PLACES,
        "query_expression": PLACES,
        # Attributes and modifiers stand in these side by side, each a node of one type.
        **dict.fromkeys((*_TYPES, *_MEMBERS, *_FIELDS, "accessor_declaration", "parameter"), PLACES),
        "argument_list": POSITIONS,
        "bracketed_argument_list": POSITIONS,
        "attribute_argument_list": POSITIONS,
        "parameter_list": POSITIONS,
        "bracketed_parameter_list": POSITIONS,
        "type_argument_list": POSITIONS,
        "type_parameter_list": POSITIONS,
        "tuple_expression": POSITIONS,
        "tuple_type": POSITIONS,
    },
    names={
        **dict.fromkeys((*_TYPES, *_MEMBERS), "name"),
        "operator_declaration": "operator",
        "conversion_operator_declaration": "type",
        "indexer_declaration": "type",
        "namespace_declaration": "name",
        "accessor_declaration": "name",
        "enum_member_declaration": "name",
        "assignment_expression": "left",
        "postfix_unary_expression": "*",
        "prefix_unary_expression": "*",
    },
    names_by_query={kind: _FIELD.format(kind) for kind in _FIELDS},
    signatures={
        **dict.fromkeys(_TYPES, ("type_parameter_list",)),
        **dict.fromkeys(_MEMBERS, ("explicit_interface_specifier", "type_parameters", "parameters")),
        "delegate_declaration": ("type_parameters",),
    },
    unsigned=frozenset({"name", "attribute_list"}),
    modifiers=frozenset({"static"}),
    definitions=frozenset({*_TYPES, *_MEMBERS, "namespace_declaration"}),
    repeatable=frozenset({"namespace_declaration", "partial"}),
    declarations=frozenset({*_FIELDS, "assignment_expression", "postfix_unary_expression", "prefix_unary_expression"}),
    imports=frozenset({"using_directive", "extern_alias_directive"}),
    wrappers=frozenset({"expression_statement", "global_statement"}),
    comments=frozenset({"comment", "preproc_region", "preproc_endregion", "preproc_pragma", "preproc_nullable"}),
    # What is made without a type has no node for each of its members, and so is merged as text.
    chains={"binary_expression": CONDITIONS},
    strings=frozenset(
        {
            "string_literal",
            "verbatim_string_literal",
            "raw_string_literal",
            "interpolated_string_expression",
            "character_literal",
            "anonymous_object_creation_expression",
        }
    ),
    keys=frozenset({"enum_member_declaration", "field_declaration", "event_field_declaration"}),
)
