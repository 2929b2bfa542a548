"""TypeScript, and TypeScript with JSX."""

from __future__ import annotations

from dataclasses import replace

from anvcs.merge.resources.languages import javascript
from anvcs.merge.resources.languages.javascript import FUNCTIONS, JAVASCRIPT

_STRUCTURE = """
(abstract_class_declaration name: (_) @name body: (_) @body) @define.class
(interface_declaration name: (_) @name body: (_) @body) @define.interface
(enum_declaration name: (_) @name body: (_) @body) @define.enum
(type_alias_declaration name: (_) @name value: (_) @body) @define.type
(internal_module name: (_) @name body: (_) @body) @define.namespace
(function_signature name: (_) @name) @define.function
(interface_body (method_signature name: (_) @name) @define.method)
(interface_body (property_signature name: (_) @name) @define.field)
(class_body (abstract_method_signature name: (_) @name) @define.method)
(class_body (public_field_definition name: (property_identifier) @name) @define.field)
(class_body (public_field_definition name: (property_identifier) @name value: FUNCTIONS @body) @define.method)
(enum_body (property_identifier) @name @define.field)
(enum_body (enum_assignment name: (property_identifier) @name value: (_) @body) @define.field)
(export_statement declaration: (_ name: (_) @name value: (_) @body)) @define.exported
(export_statement declaration: (internal_module name: (_) @name body: (_) @body)) @define.exported

(import_statement (import_require_clause (identifier) @import.local source: (string (string_fragment) @import.module)))
(export_statement "=" (identifier) @export.whole)

(required_parameter pattern: (identifier) @type.variable type: (type_annotation (type_identifier) @type.name))
(optional_parameter pattern: (identifier) @type.variable type: (type_annotation (type_identifier) @type.name))
(variable_declarator name: (identifier) @type.variable type: (type_annotation (type_identifier) @type.name))
""".replace("FUNCTIONS", FUNCTIONS)

_NAMES = """
(type_identifier) @use
(extends_clause value: (identifier) @inherit)
(extends_clause value: (member_expression property: (_) @inherit))
(implements_clause (type_identifier) @inherit)
(extends_type_clause type: (type_identifier) @inherit)
(abstract_class_declaration name: (type_identifier) @bind.outer)
(class_declaration name: (type_identifier) @bind.outer)
(class name: (type_identifier) @bind)
(interface_declaration name: (type_identifier) @bind.outer)
(enum_declaration name: (identifier) @bind)
(type_alias_declaration name: (type_identifier) @bind.outer)
(internal_module name: (identifier) @bind)
(function_signature name: (identifier) @bind.outer)
(type_parameter name: (type_identifier) @bind)
(required_parameter pattern: (identifier) @bind)
(optional_parameter pattern: (identifier) @bind)
(required_parameter (accessibility_modifier) pattern: (identifier) @attribute.parameter)
(class_body (decorator) @leading)
(abstract_class_declaration) @scope.class
(interface_declaration) @scope.class
(type_alias_declaration) @scope
(function_signature) @scope
(method_signature) @scope
(abstract_method_signature) @scope
(function_type) @scope
"""

_JAVASCRIPT_NAMES = "\n".join(
    line
    for line in javascript.NAMES.splitlines()
    if not line.startswith(
        ("(class_heritage", "(formal_parameters", "(field_definition", "(class_declaration name", "(class name")
    )
)


TYPESCRIPT = replace(
    JAVASCRIPT,
    name="typescript",
    structure=javascript.STRUCTURE + _STRUCTURE,
    names=_JAVASCRIPT_NAMES + _NAMES,
)
TSX = replace(TYPESCRIPT, name="tsx")
