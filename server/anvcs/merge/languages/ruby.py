"""Ruby.

Names come from anywhere at run time, so none is said to dangle.
"""

from __future__ import annotations

from anvcs.merge.languages.profile import ELEMENTS, ENTRIES, PLACES, POSITIONS, STATEMENTS, Profile

RUBY = Profile(
    name="ruby",
    suffixes=(".rb", ".rake", ".gemspec", ".ru", ".podspec", ".rbw"),
    grammar=("tree_sitter_ruby", "language"),
    lists={
        "program": STATEMENTS,
        "body_statement": STATEMENTS,
        "block_body": STATEMENTS,
        "then": STATEMENTS,
        "else": STATEMENTS,
        "do": STATEMENTS,
        "begin": STATEMENTS,
        "ensure": STATEMENTS,
        "parenthesized_statements": STATEMENTS,
        "case": PLACES,
        "case_match": PLACES,
        "when": PLACES,
        "array": ELEMENTS,
        "exceptions": ELEMENTS,
        "hash": ENTRIES,
        "argument_list": POSITIONS,
        "method_parameters": POSITIONS,
        "block_parameters": POSITIONS,
        "lambda_parameters": POSITIONS,
        "element_reference": PLACES,
        "left_assignment_list": POSITIONS,
        "right_assignment_list": POSITIONS,
        "array_pattern": POSITIONS,
        "hash_pattern": POSITIONS,
        "chained_string": PLACES,
    },
    names={
        "method": "name",
        "singleton_method": "name",
        "class": "name",
        "module": "name",
        "singleton_class": "value",
        "alias": "name",
        "assignment": "left",
        "operator_assignment": "left",
        "pair": "key",
        "keyword_parameter": "name",
        "optional_parameter": "name",
    },
    signatures={"singleton_method": ("object",)},
    definitions=frozenset({"method", "singleton_method", "class", "module", "singleton_class"}),
    repeatable=frozenset({"class", "module", "singleton_class"}),
    declarations=frozenset({"assignment", "operator_assignment", "alias"}),
    functions=frozenset({"lambda", "do_block", "block"}),
    calls={"call": ("method", "arguments")},
    strings=frozenset(
        {
            "string",
            "heredoc_body",
            "regex",
            "subshell",
            "string_array",
            "symbol_array",
            "delimited_symbol",
            "simple_symbol",
            "constant",
            "scope_resolution",
        }
    ),
    comments=frozenset({"comment", "heredoc_body"}),
    continued=frozenset({"heredoc_body"}),
    blocks=frozenset({"body_statement", "block_body", "then"}),
    sections={
        "identifier": frozenset({b"private", b"protected", b"public", b"module_function", b"private_class_method"}),
        "rescue": frozenset(),
        "ensure": frozenset(),
        "else": frozenset(),
    },
    keys=frozenset({"pair"}),
)
