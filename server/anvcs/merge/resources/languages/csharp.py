"""C#."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

CSHARP = Language(
    name="c#",
    suffixes=(".cs",),
    grammar=("tree_sitter_c_sharp", "language"),
    structure="""
(class_declaration name: (identifier) @name body: (_) @body) @define.class
(struct_declaration name: (identifier) @name body: (_) @body) @define.class
(record_declaration name: (identifier) @name) @define.class
(interface_declaration name: (identifier) @name body: (_) @body) @define.interface
(enum_declaration name: (identifier) @name body: (_) @body) @define.enum
(enum_member_declaration name: (identifier) @name) @define.field
(delegate_declaration name: (identifier) @name) @define.type
(namespace_declaration name: (_) @name body: (_) @body) @define.namespace
(method_declaration name: (identifier) @name) @define.method
(method_declaration name: (identifier) @name body: (_) @body) @define.method
(constructor_declaration name: (identifier) @name body: (_) @body) @define.method
(property_declaration name: (identifier) @name) @define.field
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @define.field
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @define.field

(parameter type: (identifier) @type.name name: (identifier) @type.variable)
(variable_declaration type: (identifier) @type.name (variable_declarator name: (identifier) @type.variable))
""",
    names="""
(identifier) @use
"this" @self
"base" @self
(member_access_expression name: (identifier) @member)
(member_binding_expression name: (identifier) @member)
(base_list (identifier) @inherit)
(base_list (generic_name (identifier) @inherit))
(argument name: (identifier) @label)
(class_declaration name: (identifier) @bind.outer)
(struct_declaration name: (identifier) @bind.outer)
(record_declaration name: (identifier) @bind.outer)
(interface_declaration name: (identifier) @bind.outer)
(enum_declaration name: (identifier) @bind.outer)
(enum_member_declaration name: (identifier) @bind)
(delegate_declaration name: (identifier) @bind.outer)
(namespace_declaration name: (identifier) @label)
(method_declaration name: (identifier) @bind.outer)
(constructor_declaration name: (identifier) @label)
(property_declaration name: (identifier) @bind)
(variable_declarator name: (identifier) @bind)
(parameter name: (identifier) @bind)
(implicit_parameter) @bind
(type_parameter name: (identifier) @bind)
(foreach_statement left: (identifier) @bind)
(catch_declaration name: (identifier) @bind)
(declaration_expression name: (identifier) @bind)
(declaration_pattern name: (identifier) @bind)
(method_declaration) @scope
(constructor_declaration) @scope
(lambda_expression) @scope
(local_function_statement) @scope
(delegate_declaration) @scope
(class_declaration) @scope.class
(struct_declaration) @scope.class
(record_declaration) @scope.class
(interface_declaration) @scope.class
(enum_declaration) @scope.class
(using_directive) @import
(string_literal_content) @text
(comment) @comment
(string_literal) @string
(verbatim_string_literal) @string
(character_literal) @string
""",
    separators=(b".", b"?."),
    members_in_scope=True,
    resolves=False,
)
