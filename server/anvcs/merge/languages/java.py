"""Java.

What a name refers to often lies in another file of the package or in a class above, so no name is said to dangle.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import CONDITIONS, ELEMENTS, PLACES, POSITIONS, STATEMENTS, Listing, Profile

JAVA = Profile(
    name="java",
    suffixes=(".java",),
    grammar=("tree_sitter_java", "language"),
    lists={
        "program": STATEMENTS,
        "class_body": STATEMENTS,
        "interface_body": STATEMENTS,
        "annotation_type_body": STATEMENTS,
        "enum_body_declarations": STATEMENTS,
        "module_body": STATEMENTS,
        "block": STATEMENTS,
        "constructor_body": STATEMENTS,
        "modifiers": STATEMENTS,
        "enum_body": Listing(separator=b",", unique=True, types=frozenset({"enum_constant"})),
        "switch_block": PLACES,
        "switch_block_statement_group": STATEMENTS,
        "switch_label": PLACES,
        "try_statement": PLACES,
        "try_with_resources_statement": PLACES,
        "field_declaration": PLACES,
        "constant_declaration": PLACES,
        "local_variable_declaration": PLACES,
        "argument_list": POSITIONS,
        "formal_parameters": POSITIONS,
        "inferred_parameters": POSITIONS,
        "type_arguments": POSITIONS,
        "type_parameters": POSITIONS,
        "record_pattern_body": POSITIONS,
        "resource_specification": Listing(order="positional", separator=b";"),
        "annotation_argument_list": Listing(order="positional", separator=b",", unique=True),
        "array_initializer": ELEMENTS,
        "element_value_array_initializer": ELEMENTS,
        "type_list": ELEMENTS,
        "throws": ELEMENTS,
    },
    names={
        "class_declaration": "name",
        "interface_declaration": "name",
        "enum_declaration": "name",
        "record_declaration": "name",
        "annotation_type_declaration": "name",
        "method_declaration": "name",
        "constructor_declaration": "name",
        "compact_constructor_declaration": "name",
        "annotation_type_element_declaration": "name",
        "enum_constant": "name",
        "field_declaration": "declarator/",
        "constant_declaration": "declarator/",
        "local_variable_declaration": "declarator/",
        "variable_declarator": "name",
        "assignment_expression": "left",
        "update_expression": "*",
        "element_value_pair": "key",
        "resource": "name",
    },
    signatures={"method_declaration": ("parameters",), "constructor_declaration": ("parameters",)},
    unsigned=frozenset({"name", "modifiers", "variable_declarator", "receiver_parameter", "annotation"})
    | {"marker_annotation"},
    definitions=frozenset(
        {
            "class_declaration",
            "interface_declaration",
            "enum_declaration",
            "record_declaration",
            "annotation_type_declaration",
            "method_declaration",
            "constructor_declaration",
            "compact_constructor_declaration",
            "annotation_type_element_declaration",
        }
    ),
    declarations=frozenset(
        {"field_declaration", "constant_declaration", "local_variable_declaration", "assignment_expression"}
        | {"update_expression"}
    ),
    imports=frozenset({"import_declaration"}),
    wrappers=frozenset({"expression_statement"}),
    comments=frozenset({"line_comment", "block_comment"}),
    chains={"binary_expression": CONDITIONS},
    strings=frozenset({"string_literal", "character_literal"}),
    keys=frozenset({"enum_constant", "field_declaration", "constant_declaration", "element_value_pair"}),
)
