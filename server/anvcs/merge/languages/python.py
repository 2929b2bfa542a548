"""Python."""

from __future__ import annotations

import threading
import warnings

from anvcs.merge.languages.profile import (
    ELEMENTS,
    ENTRIES,
    MEMBERS,
    NAMES,
    PLACES,
    POSITIONS,
    STATEMENTS,
    Listing,
    Profile,
)

_ONLY_SYNTAX = 0x400
"""``ast.PyCF_ONLY_AST``, whose module takes a while to import."""
_WARNINGS = threading.Lock()
"""Filters of warnings belong to the whole process."""


def _refused(text: bytes) -> int | None:
    """The line, from 0, at which this Python refuses a text; None, too, where that does not tell anything."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text.decode("utf-8"), "", "exec", flags=_ONLY_SYNTAX, dont_inherit=True)
        except SyntaxError as error:
            return max((error.lineno or 1) - 1, 0)
        except (ValueError, RecursionError, MemoryError):
            # It is in another encoding, holds what no program does, or is nested too deeply.
            return None
    return None


PYTHON = Profile(
    name="python",
    suffixes=(".py", ".pyi", ".pyw"),
    files=("SConscript", "SConstruct", "wscript"),
    grammar=("tree_sitter_python", "language"),
    lists={
        "module": STATEMENTS,
        "block": STATEMENTS,
        "decorated_definition": PLACES,
        "argument_list": POSITIONS,
        "parameters": POSITIONS,
        "list": ELEMENTS,
        "tuple": POSITIONS,
        "dictionary": ENTRIES,
        "set": NAMES,
        "import_statement": Listing(order="free", separator=b",", field="name", unique=True),
        "import_from_statement": Listing(order="free", separator=b",", field="name", unique=True),
    },
    lists_under={("block", "class_definition"): MEMBERS},
    names={
        "function_definition": "name",
        "class_definition": "name",
        "type_alias_statement": "left",
        "assignment": "left",
        "pair": "key",
        "keyword_argument": "name",
        "default_parameter": "name",
        "typed_default_parameter": "name",
        "typed_parameter": "*",
        "import_from_statement": "module_name",
        "identifier": "=",
        "dotted_name": "=",
        "aliased_import": "=",
    },
    definitions=frozenset({"function_definition", "class_definition", "decorated_definition"}),
    declarations=frozenset({"assignment"}),
    functions=frozenset({"lambda"}),
    imports=frozenset({"import_statement", "import_from_statement", "future_import_statement"}),
    imports_bind="again",
    leading=frozenset({"future_import_statement"}),
    wrappers=frozenset({"decorated_definition", "expression_statement"}),
    calls={"call": ("function", "arguments")},
    refuses=_refused,
    chains={"boolean_operator": frozenset({b"and", b"or"})},
    strings=frozenset({"string", "concatenated_string"}),
    blocks=frozenset({"block"}),
    keys=frozenset({"keyword_argument", "pair"}),
    decorated=frozenset({"decorated_definition"}),
    identifiers=frozenset({"identifier"}),
    binds={
        "import_statement": frozenset({"*"}),
        "import_from_statement": frozenset({"name"}),
        "aliased_import": frozenset({"alias"}),
        "parameters": frozenset({"*"}),
        "lambda_parameters": frozenset({"*"}),
        "as_pattern_target": frozenset({"*"}),
        "global_statement": frozenset({"*"}),
        "function_definition": frozenset({"name"}),
        "class_definition": frozenset({"name"}),
        "assignment": frozenset({"left"}),
        "augmented_assignment": frozenset({"left"}),
        "for_statement": frozenset({"left"}),
        "for_in_clause": frozenset({"left"}),
        "named_expression": frozenset({"name"}),
        "type_alias_statement": frozenset({"left"}),
        "case_pattern": frozenset({"*"}),
    },
    labels={"attribute": frozenset({"attribute"}), "keyword_argument": frozenset({"name"})},
    access=frozenset({"attribute", "subscript", "call"}),
    statements=frozenset({"block", "module"}),
    steady=True,
    branches=frozenset(
        {"if_statement", "else_clause", "elif_clause", "try_statement", "except_clause", "finally_clause"}
    ),
)
