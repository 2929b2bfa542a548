"""C and C++."""

from __future__ import annotations

from dataclasses import replace

from anvcs.merge.resources.languages.language import Language

_STRUCTURE = """
(function_definition declarator: (function_declarator declarator: (identifier) @name) body: (_) @body) @define.function
(function_definition declarator: (pointer_declarator declarator:
    (function_declarator declarator: (identifier) @name)) body: (_) @body) @define.function
(declaration declarator: (function_declarator declarator: (identifier) @name)) @define.function
(declaration declarator: (pointer_declarator declarator:
    (function_declarator declarator: (identifier) @name))) @define.function
(struct_specifier name: (type_identifier) @name body: (_) @body) @define.class
(union_specifier name: (type_identifier) @name body: (_) @body) @define.class
(enum_specifier name: (type_identifier) @name body: (_) @body) @define.enum
(enumerator name: (identifier) @name) @define.field
(field_declaration_list (field_declaration declarator: (field_identifier) @name) @define.field)
(field_declaration_list (field_declaration
    declarator: (pointer_declarator declarator: (field_identifier) @name)) @define.field)
(type_definition declarator: (type_identifier) @name) @define.type
(type_definition type: (struct_specifier body: (_) @body) declarator: (type_identifier) @name) @define.class
(type_definition type: (enum_specifier body: (_) @body) declarator: (type_identifier) @name) @define.enum
(preproc_def name: (identifier) @name value: (_)? @body) @define.constant
(preproc_function_def name: (identifier) @name value: (_) @body) @define.function
(translation_unit (declaration
    declarator: (init_declarator declarator: (identifier) @name value: (_) @body)) @define.constant)
(translation_unit (declaration declarator: (init_declarator
    declarator: (pointer_declarator declarator: (identifier) @name) value: (_) @body)) @define.constant)
(translation_unit (declaration declarator: (identifier) @name) @define.constant)

(preproc_include path: (string_literal (string_content) @import.module) @import.star)
(parameter_declaration type: (type_identifier) @type.name declarator: (identifier) @type.variable)
(parameter_declaration type: (type_identifier) @type.name
    declarator: (pointer_declarator declarator: (identifier) @type.variable))
(parameter_declaration type: (struct_specifier name: (type_identifier) @type.name)
    declarator: (pointer_declarator declarator: (identifier) @type.variable))
"""

_NAMES = """
(identifier) @use
(type_identifier) @use
(field_expression field: (field_identifier) @member)
(field_declaration declarator: (field_identifier) @label)
(function_declarator declarator: (identifier) @bind)
(function_definition declarator: (function_declarator declarator: (identifier) @bind.outer))
(function_definition
    declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @bind.outer)))
(type_definition declarator: (type_identifier) @bind)
(preproc_def name: (identifier) @bind)
(preproc_function_def name: (identifier) @bind.outer)
(preproc_params (identifier) @bind)
(enumerator name: (identifier) @bind)
(parameter_declaration declarator: (identifier) @bind)
(pointer_declarator declarator: (identifier) @bind)
(array_declarator declarator: (identifier) @bind)
(init_declarator declarator: (identifier) @bind)
(declaration declarator: (identifier) @bind)
(function_definition) @scope
(preproc_function_def) @scope
(preproc_include) @import
(string_content) @text
(comment) @comment
(string_literal) @string
(char_literal) @string
(system_lib_string) @string
"""

C = Language(
    name="c",
    suffixes=(".c", ".h"),
    grammar=("tree_sitter_c", "language"),
    structure=_STRUCTURE,
    names=_NAMES,
    selves=frozenset({"this"}),
    separators=(b".", b"->"),
    resolves=False,
)

CPP = replace(
    C,
    name="c++",
    suffixes=(".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx"),
    grammar=("tree_sitter_cpp", "language"),
    structure=_STRUCTURE
    + """
(class_specifier name: (type_identifier) @name body: (_) @body) @define.class
(namespace_definition name: (namespace_identifier) @name body: (_) @body) @define.namespace
(alias_declaration name: (type_identifier) @name type: (_) @body) @define.type
(template_declaration (function_definition declarator: (function_declarator declarator: (identifier) @name)
    body: (_) @body)) @define.function
(template_declaration (class_specifier name: (type_identifier) @name body: (_) @body)) @define.class
(field_declaration_list (function_definition declarator: (function_declarator declarator: (field_identifier) @name)
    body: (_) @body) @define.method)
(field_declaration_list (field_declaration declarator: (function_declarator declarator: (field_identifier) @name))
    @define.method)
(function_definition declarator: (function_declarator declarator: (qualified_identifier scope: (_) @owner
    name: (identifier) @name)) body: (_) @body) @define.method
(function_definition declarator: (function_declarator declarator: (qualified_identifier
    name: (qualified_identifier scope: (_) @owner name: (identifier) @name))) body: (_) @body) @define.method
""",
    names=_NAMES
    + """
(namespace_identifier) @use
(this) @self
(qualified_identifier scope: (_) name: (identifier) @member)
(qualified_identifier scope: (_) name: (type_identifier) @member)
(function_declarator declarator: (qualified_identifier name: (identifier) @label))
(function_declarator declarator: (qualified_identifier name: (qualified_identifier name: (identifier) @label)))
(function_declarator declarator: (field_identifier) @label)
(base_class_clause (type_identifier) @inherit)
(class_specifier name: (type_identifier) @bind.outer)
(namespace_definition name: (namespace_identifier) @bind)
(alias_declaration name: (type_identifier) @bind)
(type_parameter_declaration (type_identifier) @bind)
(reference_declarator (identifier) @bind)
(for_range_loop declarator: (identifier) @bind)
(class_specifier) @scope.class
(template_declaration) @scope
(lambda_expression) @scope
(raw_string_literal) @string
""",
    separators=(b".", b"->", b"::"),
    members_in_scope=True,
)
