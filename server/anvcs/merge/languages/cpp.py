"""C++, and headers of C.

A header does not tell its language. Nearly every header of C reads as C++, while C knows no class, so headers are C++.
Names come from other headers, so none is said to dangle.
"""

from __future__ import annotations

from dataclasses import replace

from anvcs.merge.languages.c import LISTS, LISTS_UNDER, NAMED, WITH_BODY, C
from anvcs.merge.languages.profile import ELEMENTS, PLACES, POSITIONS

_CLASS = "(class_specifier name: (_) @it body: (_))"

CPP = replace(
    C,
    name="c++",
    suffixes=(".cpp", ".cc", ".cxx", ".c++", ".cppm", ".ixx", ".h", ".hpp", ".hh", ".hxx", ".h++", ".inl", ".ipp"),
    grammar=("tree_sitter_cpp", "language"),
    lists={
        **LISTS,
        "template_parameter_list": POSITIONS,
        "template_argument_list": POSITIONS,
        "lambda_capture_specifier": POSITIONS,
        "subscript_argument_list": POSITIONS,
        "field_initializer_list": ELEMENTS,
        "base_class_clause": PLACES,
        "try_statement": PLACES,
    },
    lists_under=LISTS_UNDER,
    names={
        **NAMED,
        "reference_declarator": "*/",
        "operator_cast": "type",
        "namespace_definition": "name",
        "alias_declaration": "name",
        "concept_definition": "name",
    },
    names_by_query={**WITH_BODY, "class_specifier": _CLASS},
    signatures={
        "function_declarator": ("parameters", "type_qualifier", "ref_qualifier", "requires_clause"),
        "operator_cast": ("declarator",),
    },
    unsigned=frozenset({"identifier"}),
    definitions=C.definitions | {"class_specifier", "namespace_definition", "alias_declaration", "concept_definition"},
    # What is declared in a class is defined beside it, and a namespace goes on in many places.
    repeatable=C.repeatable | {"namespace_definition", "alias_declaration"},
    wrappers=C.wrappers | {"template_declaration"},
    imports=C.imports | {"using_declaration"},
    sections={**C.sections, "access_specifier": frozenset()},
    strings=C.strings | {"raw_string_literal", "user_defined_literal"},
)
