"""Rust."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

RUST = Language(
    name="rust",
    suffixes=(".rs",),
    grammar=("tree_sitter_rust", "language"),
    structure="""
(function_item name: (identifier) @name body: (_) @body) @define.function
(function_signature_item name: (identifier) @name) @define.function
(struct_item name: (type_identifier) @name) @define.class
(struct_item name: (type_identifier) @name body: (_) @body) @define.class
(union_item name: (type_identifier) @name body: (_) @body) @define.class
(enum_item name: (type_identifier) @name body: (_) @body) @define.enum
(enum_variant name: (identifier) @name) @define.field
(field_declaration name: (field_identifier) @name) @define.field
(trait_item name: (type_identifier) @name body: (_) @body) @define.interface
(impl_item type: (type_identifier) @name body: (_) @body) @define.extension
(impl_item type: (generic_type type: (type_identifier) @name) body: (_) @body) @define.extension
(mod_item name: (identifier) @name body: (_) @body) @define.namespace
(const_item name: (identifier) @name value: (_)? @body) @define.constant
(static_item name: (identifier) @name value: (_)? @body) @define.constant
(type_item name: (type_identifier) @name type: (_) @body) @define.type
(macro_definition name: (identifier) @name) @define.function

(use_declaration argument: (scoped_identifier path: (_) @import.module name: (identifier) @import.name))
(use_declaration argument: (use_as_clause
    path: (scoped_identifier path: (_) @import.module name: (identifier) @import.name)
    alias: (identifier) @import.local))
(scoped_use_list path: (_) @import.module list: (use_list (identifier) @import.name))
(scoped_use_list path: (_) @import.module
    list: (use_list (use_as_clause path: (identifier) @import.name alias: (identifier) @import.local)))
(use_declaration argument: (use_wildcard (_) @import.module) @import.star)

(parameter pattern: (identifier) @type.variable type: (type_identifier) @type.name)
(parameter pattern: (identifier) @type.variable type: (reference_type type: (type_identifier) @type.name))
(let_declaration pattern: (identifier) @type.variable type: (type_identifier) @type.name)
""",
    names="""
(identifier) @use
(type_identifier) @use
(field_identifier) @member
(self) @self
(scoped_identifier path: (_) name: (identifier) @member)
(scoped_type_identifier path: (_) name: (type_identifier) @member)
(shorthand_field_identifier) @use
(field_declaration name: (field_identifier) @label)
(field_initializer field: (field_identifier) @label)
(attribute . (identifier) @label)
(impl_item trait: (type_identifier) @inherit)
(trait_bounds (type_identifier) @inherit)
(function_item name: (identifier) @bind.outer)
(function_signature_item name: (identifier) @bind.outer)
(struct_item name: (type_identifier) @bind)
(union_item name: (type_identifier) @bind)
(enum_item name: (type_identifier) @bind)
(enum_variant name: (identifier) @label)
(trait_item name: (type_identifier) @bind)
(mod_item name: (identifier) @bind)
(const_item name: (identifier) @bind)
(static_item name: (identifier) @bind)
(type_item name: (type_identifier) @bind)
(macro_definition name: (identifier) @bind)
(type_parameter name: (type_identifier) @bind)
(parameter pattern: (identifier) @bind)
(parameter pattern: (mut_pattern (identifier) @bind))
(let_declaration pattern: (identifier) @bind)
(let_declaration pattern: (tuple_pattern (identifier) @bind))
(for_expression pattern: (identifier) @bind)
(for_expression pattern: (tuple_pattern (identifier) @bind))
(closure_parameters (identifier) @bind)
(closure_parameters (parameter pattern: (identifier) @bind))
(tuple_struct_pattern type: (_) (identifier) @bind)
(field_pattern name: (shorthand_field_identifier) @bind)
(match_pattern . (identifier) @bind)
(captured_pattern . (identifier) @bind)
(attribute_item) @leading
(function_item) @scope
(function_signature_item) @scope
(closure_expression) @scope
(use_declaration) @import
(string_content) @text
(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(raw_string_literal) @string
(char_literal) @string
""",
    builtins=frozenset(
        {
            *("Box", "Clone", "Copy", "Debug", "Default", "Drop", "Eq", "Err", "Fn", "FnMut", "FnOnce", "From", "Into"),
            *("Iterator", "None", "Ok", "Option", "Ord", "PartialEq", "PartialOrd", "Result", "Self", "Send", "Some"),
            *("String", "Sync", "ToString", "Vec", "format", "panic", "print", "println", "assert", "assert_eq", "vec"),
        }
    ),
    separators=(b".", b"::"),
    methods_in=frozenset({"class", "interface", "enum", "extension"}),
    resolves=False,
)
