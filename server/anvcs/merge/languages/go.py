"""Go.

A name may be of another file of the package, so none is said to dangle.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import CONDITIONS, PLACES, POSITIONS, STATEMENTS, Listing, Profile

_CASES = Listing(
    order="positional", types=frozenset({"expression_case", "type_case", "communication_case", "default_case"})
)

GO = Profile(
    name="go",
    suffixes=(".go",),
    grammar=("tree_sitter_go", "language"),
    lists={
        "source_file": STATEMENTS,
        "statement_list": STATEMENTS,
        "import_spec_list": Listing(order="free", unique=True),
        "const_declaration": Listing(types=frozenset({"const_spec"})),
        "var_declaration": Listing(types=frozenset({"var_spec"})),
        "var_spec_list": STATEMENTS,
        "type_declaration": Listing(types=frozenset({"type_spec", "type_alias"})),
        # Values without keys, and what is laid out in memory, count fields by position.
        "field_declaration_list": STATEMENTS,
        "field_declaration": PLACES,
        "interface_type": Listing(types=frozenset({"method_elem", "type_elem"})),
        "expression_switch_statement": _CASES,
        "type_switch_statement": _CASES,
        "select_statement": _CASES,
        "parameter_list": POSITIONS,
        "argument_list": POSITIONS,
        "type_arguments": POSITIONS,
        "type_parameter_list": POSITIONS,
        "expression_list": POSITIONS,
        "literal_value": POSITIONS,
    },
    names={
        "function_declaration": "name",
        "method_declaration": "name",
        "type_spec": "name",
        "type_alias": "name",
        "const_spec": "name",
        "var_spec": "name",
        "field_declaration": "name",
        "method_elem": "name",
        "short_var_declaration": "left",
        "assignment_statement": "left",
        "inc_statement": "*",
        "dec_statement": "*",
        "keyed_element": "key",
        "import_spec": "path",
    },
    names_by_query={
        "import_declaration": '[(import_declaration (import_spec_list "(" @it))'
        " (import_declaration (import_spec path: (_) @it))]",
    },
    signatures={"method_declaration": ("receiver",)},
    unsigned=frozenset({"name", "*", "type_arguments"}),
    nameless=frozenset({b"_", b"init"}),
    repeats={"const_spec": "value"},
    # An element in braces is a row of a table, which stands for itself.
    definitions=frozenset(
        {"function_declaration", "method_declaration", "type_spec", "type_alias", "method_elem", "literal_value"}
    ),
    declarations=frozenset(
        {"const_spec", "var_spec", "field_declaration", "short_var_declaration", "assignment_statement"}
        | {"inc_statement", "dec_statement"}
    ),
    functions=frozenset({"func_literal"}),
    imports=frozenset({"import_declaration", "import_spec"}),
    wrappers=frozenset(
        {"const_declaration", "var_declaration", "type_declaration", "expression_statement", "literal_element"}
    ),
    calls={"call_expression": ("function", "arguments")},
    chains={"binary_expression": CONDITIONS},
    strings=frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal"}),
    blocks=frozenset({"statement_list"}),
    trimmed=True,
    keys=frozenset({"keyed_element", "const_spec", "var_spec", "field_declaration"}),
)
