"""C.

Names come from headers, so none is said to dangle.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import CONDITIONS, PLACES, POSITIONS, STATEMENTS, Listing, Profile

LISTS = {
    "translation_unit": STATEMENTS,
    "declaration_list": STATEMENTS,
    "compound_statement": STATEMENTS,
    "case_statement": STATEMENTS,
    # The order of fields is that in memory.
    "field_declaration_list": STATEMENTS,
    "preproc_if": STATEMENTS,
    "preproc_ifdef": STATEMENTS,
    "preproc_elif": STATEMENTS,
    "preproc_elifdef": STATEMENTS,
    "preproc_else": STATEMENTS,
    "enumerator_list": Listing(separator=b",", unique=True, types=frozenset({"enumerator"})),
    "initializer_list": POSITIONS,
    "argument_list": POSITIONS,
    "parameter_list": POSITIONS,
    "declaration": PLACES,
    "field_declaration": PLACES,
}
LISTS_UNDER = {("compound_statement", "switch_statement"): PLACES}
NAMED = {
    "function_definition": "declarator/",
    "declaration": "declarator/",
    "field_declaration": "declarator/",
    "type_definition": "declarator/",
    "init_declarator": "declarator/",
    "function_declarator": "declarator/",
    "pointer_declarator": "declarator/",
    "array_declarator": "declarator/",
    "parenthesized_declarator": "*/",
    "preproc_def": "name",
    "preproc_function_def": "name",
    "preproc_ifdef": "name",
    "assignment_expression": "left",
    "update_expression": "argument",
    "enumerator": "name",
    "initializer_pair": "designator",
}
WITH_BODY = {
    kind: f"({kind} name: (_) @it body: (_))" for kind in ("struct_specifier", "union_specifier", "enum_specifier")
}
"""Without a body they only mention what is defined elsewhere."""

C = Profile(
    name="c",
    suffixes=(".c",),
    grammar=("tree_sitter_c", "language"),
    lists=LISTS,
    lists_under=LISTS_UNDER,
    names=NAMED,
    names_by_query=WITH_BODY,
    # An initializer in braces is a row of a table, which stands for itself.
    definitions=frozenset(
        {"function_definition", "type_definition", "preproc_def", "preproc_function_def", "initializer_list"}
        | WITH_BODY.keys()
    ),
    repeatable=frozenset({"type_definition", "preproc_def", "preproc_function_def"}),
    declarations=frozenset(
        {"declaration", "field_declaration", "preproc_ifdef", "assignment_expression", "update_expression"}
    ),
    functions=frozenset({"function_declarator"}),
    imports=frozenset({"preproc_include"}),
    wrappers=frozenset({"expression_statement"}),
    sections={"preproc_call": frozenset()},
    chains={"binary_expression": CONDITIONS},
    strings=frozenset({"string_literal", "char_literal", "concatenated_string", "system_lib_string", "preproc_arg"}),
    trimmed=True,
    keys=frozenset({"field_declaration", "enumerator", "initializer_pair"}),
)
