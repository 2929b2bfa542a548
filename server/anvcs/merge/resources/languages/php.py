"""PHP."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

PHP = Language(
    name="php",
    suffixes=(".php",),
    grammar=("tree_sitter_php", "language_php"),
    structure="""
(function_definition name: (name) @name body: (_) @body) @define.function
(class_declaration name: (name) @name body: (_) @body) @define.class
(trait_declaration name: (name) @name body: (_) @body) @define.class
(interface_declaration name: (name) @name body: (_) @body) @define.interface
(enum_declaration name: (name) @name body: (_) @body) @define.enum
(enum_case name: (name) @name) @define.field
(method_declaration name: (name) @name) @define.method
(method_declaration name: (name) @name body: (_) @body) @define.method
(property_declaration (property_element name: (variable_name (name) @name))) @define.field
(declaration_list (const_declaration (const_element . (name) @name)) @define.field)
(program (const_declaration (const_element . (name) @name)) @define.constant)

(simple_parameter type: (named_type (name) @type.name) name: (variable_name (name) @type.variable))
(assignment_expression left: (variable_name (name) @type.variable)
    right: (object_creation_expression (name) @type.name))
""",
    names="""
(name) @use
(variable_name (name) @bind (#not-eq? @bind "this"))
(variable_name (name) @self (#eq? @self "this"))
(relative_scope) @self
(member_access_expression name: (name) @member)
(member_call_expression name: (name) @member)
(nullsafe_member_access_expression name: (name) @member)
(nullsafe_member_call_expression name: (name) @member)
(scoped_call_expression name: (name) @member)
(class_constant_access_expression . (_) (name) @member)
(base_clause (name) @inherit)
(class_interface_clause (name) @inherit)
(declaration_list (use_declaration (name) @inherit))
(argument name: (name) @label)
(function_definition name: (name) @bind.outer)
(class_declaration name: (name) @bind.outer)
(trait_declaration name: (name) @bind.outer)
(interface_declaration name: (name) @bind.outer)
(enum_declaration name: (name) @bind.outer)
(enum_case name: (name) @label)
(method_declaration name: (name) @label)
(property_element name: (variable_name (name) @label))
(const_element . (name) @label)
(program (const_declaration (const_element . (name) @bind)))
(function_definition) @scope
(method_declaration) @scope
(anonymous_function) @scope
(arrow_function) @scope
(class_declaration) @scope.class
(trait_declaration) @scope.class
(interface_declaration) @scope.class
(enum_declaration) @scope.class
(namespace_use_declaration) @import
(namespace_definition name: (_) @import)
(string_content) @text
(comment) @comment
(string) @string
(encapsed_string) @string
(heredoc) @string
""",
    selves=frozenset({"this", "self", "static"}),
    separators=(b"->", b"?->", b"::"),
    resolves=False,
)
