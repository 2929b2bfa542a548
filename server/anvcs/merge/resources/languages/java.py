"""Java."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

JAVA = Language(
    name="java",
    suffixes=(".java",),
    grammar=("tree_sitter_java", "language"),
    structure="""
(class_declaration name: (identifier) @name body: (_) @body) @define.class
(record_declaration name: (identifier) @name body: (_) @body) @define.class
(interface_declaration name: (identifier) @name body: (_) @body) @define.interface
(annotation_type_declaration name: (identifier) @name body: (_) @body) @define.interface
(enum_declaration name: (identifier) @name body: (_) @body) @define.enum
(enum_constant name: (identifier) @name) @define.field
(method_declaration name: (identifier) @name) @define.method
(method_declaration name: (identifier) @name body: (_) @body) @define.method
(constructor_declaration name: (identifier) @name body: (_) @body) @define.method
(class_body (field_declaration declarator: (variable_declarator name: (identifier) @name)) @define.field)
(class_body (field_declaration
    declarator: (variable_declarator name: (identifier) @name value: (_) @body)) @define.field)
(interface_body (constant_declaration declarator: (variable_declarator name: (identifier) @name)) @define.field)

(import_declaration (scoped_identifier scope: (_) @import.module name: (identifier) @import.name))
(import_declaration (_) @import.module (asterisk) @import.star)

(formal_parameter type: (type_identifier) @type.name name: (identifier) @type.variable)
(local_variable_declaration type: (type_identifier) @type.name
    declarator: (variable_declarator name: (identifier) @type.variable))
(field_declaration type: (type_identifier) @type.name
    declarator: (variable_declarator name: (identifier) @type.variable))
""",
    names="""
(identifier) @use
(type_identifier) @use
(this) @self
(super) @self
(field_access field: (identifier) @member)
(method_invocation object: (_) name: (identifier) @member)
(superclass (type_identifier) @inherit)
(super_interfaces (type_list (type_identifier) @inherit))
(extends_interfaces (type_list (type_identifier) @inherit))
(package_declaration (_) @label)
(element_value_pair key: (identifier) @label)
(labeled_statement . (identifier) @label)
(class_declaration name: (identifier) @bind.outer)
(record_declaration name: (identifier) @bind.outer)
(interface_declaration name: (identifier) @bind.outer)
(annotation_type_declaration name: (identifier) @bind.outer)
(enum_declaration name: (identifier) @bind.outer)
(enum_constant name: (identifier) @bind)
(method_declaration name: (identifier) @bind.outer)
(constructor_declaration name: (identifier) @label)
(variable_declarator name: (identifier) @bind)
(formal_parameter name: (identifier) @bind)
(catch_formal_parameter name: (identifier) @bind)
(enhanced_for_statement name: (identifier) @bind)
(resource name: (identifier) @bind)
(inferred_parameters (identifier) @bind)
(lambda_expression parameters: (identifier) @bind)
(type_parameter (type_identifier) @bind)
(method_declaration) @scope
(constructor_declaration) @scope
(lambda_expression) @scope
(class_declaration) @scope.class
(record_declaration) @scope.class
(interface_declaration) @scope.class
(annotation_type_declaration) @scope.class
(enum_declaration) @scope.class
(import_declaration) @import
(package_declaration) @import
(string_literal) @text
(line_comment) @comment
(block_comment) @comment
(string_literal) @string
(character_literal) @string
""",
    builtins=frozenset(
        {
            *("Boolean", "Byte", "Character", "Class", "Deprecated", "Double", "Enum", "Error", "Exception", "Float"),
            *("FunctionalInterface", "Integer", "Iterable", "Long", "Math", "Number", "Object", "Override", "Runnable"),
            *("RuntimeException", "Short", "String", "StringBuilder", "SuppressWarnings", "System", "Thread", "Void"),
            *("Throwable", "IllegalArgumentException", "IllegalStateException", "NullPointerException", "var"),
        }
    ),
    members_in_scope=True,
    resolves=False,
)
