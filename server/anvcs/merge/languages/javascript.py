"""JavaScript with JSX."""

from __future__ import annotations

from anvcs.merge.languages.profile import (
    CHILDREN,
    CONDITIONS,
    ELEMENTS,
    ENTRIES,
    MEMBERS,
    POSITIONS,
    STATEMENTS,
    Listing,
    Profile,
)

LISTS = {
    "program": STATEMENTS,
    "statement_block": STATEMENTS,
    "class_body": MEMBERS,
    "switch_body": STATEMENTS,
    "switch_case": STATEMENTS,
    "switch_default": STATEMENTS,
    "object": ENTRIES,
    "object_pattern": ENTRIES,
    "array": ELEMENTS,
    "array_pattern": POSITIONS,
    "arguments": POSITIONS,
    "formal_parameters": POSITIONS,
    "named_imports": Listing(order="free", separator=b",", unique=True),
    "export_clause": Listing(order="free", separator=b",", unique=True),
    "variable_declaration": Listing(separator=b",", types=frozenset({"variable_declarator"})),
    "lexical_declaration": Listing(separator=b",", types=frozenset({"variable_declarator"})),
    "jsx_element": CHILDREN,
    "jsx_opening_element": Listing(order="free", field="attribute", unique=True),
    "jsx_self_closing_element": Listing(order="free", field="attribute", unique=True),
}
NAMED = {
    "function_declaration": "name",
    "generator_function_declaration": "name",
    "class_declaration": "name",
    "method_definition": "name",
    "field_definition": "property",
    "variable_declarator": "name",
    "assignment_expression": "left",
    "pair": "key",
    "pair_pattern": "key",
    "shorthand_property_identifier": "=",
    "shorthand_property_identifier_pattern": "=",
    "identifier": "=",
    "assignment_pattern": "left",
    "object_assignment_pattern": "left",
    "import_specifier": "name",
    "export_specifier": "name",
    "import_statement": "source",
    "jsx_attribute": "*",
    "export_statement": "source",
}
BINDS = {
    "import_clause": frozenset({"*"}),
    "namespace_import": frozenset({"*"}),
    "named_imports": frozenset({"*"}),
    "import_specifier": frozenset({"*"}),
    "formal_parameters": frozenset({"*"}),
    "arrow_function": frozenset({"parameter"}),
    "variable_declarator": frozenset({"name"}),
    "function_declaration": frozenset({"name"}),
    "function_expression": frozenset({"name"}),
    "generator_function_declaration": frozenset({"name"}),
    "class_declaration": frozenset({"name"}),
    "class": frozenset({"name"}),
    "catch_clause": frozenset({"parameter"}),
    "for_in_statement": frozenset({"left"}),
    "assignment_expression": frozenset({"left"}),
    "labeled_statement": frozenset({"label"}),
}
ENDED = (
    "expression_statement",
    "lexical_declaration",
    "variable_declaration",
    "import_statement",
    "export_statement",
    "return_statement",
    "throw_statement",
    "break_statement",
    "continue_statement",
    "do_statement",
)
"""Statements that a semicolon may end."""
JAVASCRIPT = Profile(
    name="javascript",
    suffixes=(".js", ".jsx", ".mjs", ".cjs"),
    grammar=("tree_sitter_javascript", "language"),
    lists=LISTS,
    names=NAMED,
    definitions=frozenset(
        {
            "function_declaration",
            "generator_function_declaration",
            "class_declaration",
            "method_definition",
            "field_definition",
        }
    ),
    declarations=frozenset({"variable_declarator", "assignment_expression", "pair"}),
    functions=frozenset({"function_expression", "arrow_function", "class", "generator_function", "function"}),
    imports=frozenset({"import_statement"}),
    imports_bind="once",
    wrappers=frozenset({"export_statement", "expression_statement", "lexical_declaration", "variable_declaration"}),
    modifiers=frozenset({"get", "set", "static"}),
    calls={"call_expression": ("function", "arguments")},
    ends=dict.fromkeys((*ENDED, "class_body"), frozenset({";"})),
    chains={"binary_expression": CONDITIONS},
    strings=frozenset({"string", "template_string", "regex"}),
    padded=frozenset({"jsx_text"}),
    keys=frozenset(
        {
            "pair",
            "import_specifier",
            "variable_declarator",
            "shorthand_property_identifier_pattern",
            "object_assignment_pattern",
        }
    ),
    identifiers=frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"}),
    binds=BINDS,
    access=frozenset({"member_expression", "subscript_expression", "call_expression", "new_expression", "arguments"}),
    statements=frozenset({"statement_block", "program", "class_body"}),
    # Where lines end without semicolons, one that begins a line keeps what follows from going on with the line above.
    comments=frozenset({"comment", "empty_statement"}),
    steady=True,
    branches=frozenset(
        {"if_statement", "else_clause", "try_statement", "catch_clause", "finally_clause", "switch_case"}
    ),
)
