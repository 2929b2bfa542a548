"""PHP, alone or inside HTML.

Classes are found by name in other files, so no name is said to dangle. Markup between two parts of a program says
something of what follows it, so nothing is inserted beside it without a person.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import CONDITIONS, ELEMENTS, NAMES, PLACES, POSITIONS, STATEMENTS, Listing, Profile

_CLASSES = ("class_declaration", "interface_declaration", "trait_declaration", "enum_declaration")

PHP = Profile(
    name="php",
    suffixes=(".php", ".phtml", ".php5", ".php7"),
    grammar=("tree_sitter_php", "language_php"),
    lists={
        "program": STATEMENTS,
        "compound_statement": STATEMENTS,
        "colon_block": STATEMENTS,
        "declaration_list": STATEMENTS,
        "enum_declaration_list": STATEMENTS,
        "case_statement": STATEMENTS,
        "default_statement": STATEMENTS,
        "property_hook_list": STATEMENTS,
        "attribute_list": STATEMENTS,
        "attribute_group": PLACES,
        "switch_block": PLACES,
        "match_block": Listing(order="positional", separator=b","),
        "match_condition_list": POSITIONS,
        "if_statement": PLACES,
        "try_statement": PLACES,
        "const_declaration": PLACES,
        "property_declaration": PLACES,
        "use_declaration": PLACES,
        "global_declaration": PLACES,
        "function_static_declaration": PLACES,
        "array_creation_expression": Listing(separator=b",", unique=True),
        "list_literal": POSITIONS,
        "arguments": POSITIONS,
        "formal_parameters": POSITIONS,
        "anonymous_function_use_clause": PLACES,
        "class_interface_clause": ELEMENTS,
        "namespace_use_group": NAMES,
        "namespace_use_declaration": Listing(separator=b",", types=frozenset({"namespace_use_clause"})),
    },
    names={
        **dict.fromkeys(_CLASSES, "name"),
        "function_definition": "name",
        "method_declaration": "name",
        "enum_case": "name",
        "namespace_definition": "name",
        "const_element": "*",
        "property_element": "name",
        "assignment_expression": "left",
        "augmented_assignment_expression": "left",
        "update_expression": "*",
        "array_element_initializer": "*",
        "namespace_use_clause": "=",
    },
    names_by_query={
        "const_declaration": "(const_declaration (const_element . (_) @it))",
        "property_declaration": "(property_declaration (property_element name: (_) @it))",
    },
    definitions=frozenset({*_CLASSES, "function_definition", "method_declaration", "namespace_definition"}),
    repeatable=frozenset({"namespace_definition"}),
    declarations=frozenset(
        {"const_declaration", "property_declaration", "assignment_expression", "augmented_assignment_expression"}
        | {"update_expression"}
    ),
    imports=frozenset({"namespace_use_declaration"}),
    wrappers=frozenset({"expression_statement"}),
    sections={
        "text_interpolation": frozenset(),
        "text": frozenset(),
        "php_tag": frozenset(),
        "declare_statement": frozenset(),
    },
    chains={"binary_expression": CONDITIONS},
    strings=frozenset({"string", "encapsed_string", "heredoc", "nowdoc", "shell_command_expression"})
    | {"text_interpolation"},
    keys=frozenset({"enum_case", "const_declaration", "property_declaration"}),
)
