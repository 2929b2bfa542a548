"""Go."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

GO = Language(
    name="go",
    suffixes=(".go",),
    grammar=("tree_sitter_go", "language"),
    structure="""
(function_declaration name: (identifier) @name body: (_) @body) @define.function
(method_declaration receiver: (parameter_list (parameter_declaration type: (type_identifier) @owner))
    name: (field_identifier) @name body: (_) @body) @define.method
(method_declaration receiver: (parameter_list (parameter_declaration type: (pointer_type (type_identifier) @owner)))
    name: (field_identifier) @name body: (_) @body) @define.method
(method_declaration receiver: (parameter_list (parameter_declaration
    type: (pointer_type (generic_type type: (type_identifier) @owner))))
    name: (field_identifier) @name body: (_) @body) @define.method
(source_file (type_declaration (type_spec name: (type_identifier) @name type: (_) @body) @define.type))
(source_file (type_declaration (type_spec name: (type_identifier) @name type: (struct_type) @body) @define.class))
(source_file (type_declaration
    (type_spec name: (type_identifier) @name type: (interface_type) @body) @define.interface))
(source_file (type_declaration (type_alias name: (type_identifier) @name type: (_) @body) @define.type))
(field_declaration name: (field_identifier) @name) @define.field
(method_elem name: (field_identifier) @name) @define.method
(source_file (const_declaration (const_spec name: (identifier) @name value: (_)? @body) @define.constant))
(source_file (var_declaration (var_spec name: (identifier) @name value: (_)? @body) @define.constant))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name value: (_)? @body) @define.constant)))

(import_spec !name path: (interpreted_string_literal (interpreted_string_literal_content) @import.module))
(import_spec name: (package_identifier) @import.local
    path: (interpreted_string_literal (interpreted_string_literal_content) @import.module))

(parameter_declaration name: (identifier) @type.variable type: (type_identifier) @type.name)
(parameter_declaration name: (identifier) @type.variable type: (pointer_type (type_identifier) @type.name))
(var_spec name: (identifier) @type.variable type: (type_identifier) @type.name)
""",
    names="""
(identifier) @use
(type_identifier) @use
(package_identifier) @use
(field_identifier) @member
(qualified_type name: (type_identifier) @member)
(keyed_element . (literal_element (identifier) @label))
(field_declaration name: (field_identifier) @label)
(method_elem name: (field_identifier) @label)
(method_declaration name: (field_identifier) @label)
(field_declaration !name type: (type_identifier) @inherit)
(label_name) @label
(package_clause (package_identifier) @label)
(function_declaration name: (identifier) @bind.outer)
(type_spec name: (type_identifier) @bind)
(type_alias name: (type_identifier) @bind)
(type_parameter_declaration name: (identifier) @bind)
(const_spec name: (identifier) @bind)
(var_spec name: (identifier) @bind)
(parameter_declaration name: (identifier) @bind)
(variadic_parameter_declaration name: (identifier) @bind)
(short_var_declaration left: (expression_list (identifier) @bind))
(range_clause left: (expression_list (identifier) @bind))
(type_switch_statement alias: (expression_list (identifier) @bind))
(receive_statement left: (expression_list (identifier) @bind))
(function_declaration) @scope
(method_declaration) @scope
(func_literal) @scope
(import_declaration) @import
(interpreted_string_literal_content) @text
(raw_string_literal_content) @text
(comment) @comment
(interpreted_string_literal) @string
(raw_string_literal) @string
(rune_literal) @string
""",
    builtins=frozenset(
        {
            *("any", "bool", "byte", "comparable", "complex64", "complex128", "error", "float32", "float64", "int"),
            *("int8", "int16", "int32", "int64", "rune", "string", "uint", "uint8", "uint16", "uint32", "uint64"),
            *("uintptr", "true", "false", "iota", "nil", "append", "cap", "clear", "close", "complex", "copy"),
            *(
                "delete",
                "imag",
                "len",
                "make",
                "max",
                "min",
                "new",
                "panic",
                "print",
                "println",
                "real",
                "recover",
                "_",
            ),
        }
    ),
    resolves=False,
)
