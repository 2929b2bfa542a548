"""Python."""

from __future__ import annotations

import builtins
import io

from anvcs.merge.resources.languages.language import Language

_STRUCTURE = """
(function_definition name: (identifier) @name body: (_) @body) @define.function
(class_definition name: (identifier) @name body: (_) @body) @define.class
(decorated_definition definition: (_ name: (identifier) @name body: (_) @body)) @define.decorated
(type_alias_statement left: (type (identifier) @name) right: (_) @body) @define.type
(type_alias_statement left: (type (generic_type (identifier) @name)) right: (_) @body) @define.type
(module (expression_statement (assignment left: (identifier) @name right: (_) @body) @define.constant))
(module (expression_statement (assignment left: (identifier) @name !right) @define.constant))
(class_definition body: (block (expression_statement
    (assignment left: (identifier) @name right: (_) @body) @define.field)))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name !right) @define.field)))

(import_statement name: (dotted_name . (identifier) @import.local) @import.module)
(import_statement name: (aliased_import name: (dotted_name) @import.module alias: (identifier) @import.local))
(import_from_statement module_name: (_) @import.module name: (dotted_name) @import.name)
(import_from_statement module_name: (_) @import.module
    name: (aliased_import name: (dotted_name) @import.name alias: (identifier) @import.local))
(import_from_statement module_name: (_) @import.module (wildcard_import) @import.star)

(module (function_definition name: (identifier) @export.opaque (#eq? @export.opaque "__getattr__")))
(call function: (identifier) @export.opaque (#eq? @export.opaque "globals"))

(typed_parameter . (identifier) @type.variable type: (type (identifier) @type.name))
(typed_default_parameter name: (identifier) @type.variable type: (type (identifier) @type.name))
(typed_parameter . (identifier) @type.variable type: (type (attribute attribute: (identifier) @type.name)))
(assignment left: (identifier) @type.variable type: (type (identifier) @type.name))
(assignment left: (identifier) @type.variable right: (call function: (identifier) @type.name))
"""

_NAMES = """
(identifier) @use
(attribute attribute: (identifier) @member)
(class_definition superclasses: (argument_list (identifier) @inherit))
(class_definition superclasses: (argument_list (attribute attribute: (identifier) @inherit)))
(keyword_argument name: (identifier) @label)
(keyword_pattern . (identifier) @label)
(type_conversion) @label

(function_definition name: (identifier) @bind.outer)
(class_definition name: (identifier) @bind.outer)
(type_alias_statement left: (type (identifier) @bind))
(type_alias_statement left: (type (generic_type (identifier) @bind)))
(type_alias_statement left: (type (generic_type (type_parameter (type (identifier) @bind)))))
(function_definition type_parameters: (type_parameter (type (identifier) @bind)))
(class_definition type_parameters: (type_parameter (type (identifier) @bind)))
(parameters (identifier) @bind)
(lambda_parameters (identifier) @bind)
(default_parameter name: (identifier) @bind)
(typed_parameter . (identifier) @bind)
(typed_default_parameter name: (identifier) @bind)
(list_splat_pattern (identifier) @bind)
(dictionary_splat_pattern (identifier) @bind)
(assignment left: (identifier) @bind)
(augmented_assignment left: (identifier) @bind)
(pattern_list (identifier) @bind)
(tuple_pattern (identifier) @bind)
(list_pattern (identifier) @bind)
(for_statement left: (identifier) @bind)
(for_in_clause left: (identifier) @bind)
(as_pattern_target (identifier) @bind)
(as_pattern_target (tuple (identifier) @bind))
(as_pattern (case_pattern) (identifier) @bind)
(named_expression name: (identifier) @bind)
(case_pattern (dotted_name . (identifier) @bind .))
(keyword_pattern (dotted_name . (identifier) @bind .))
(splat_pattern (identifier) @bind)
(global_statement (identifier) @global)
(assignment left: (attribute object: (identifier) @_self attribute: (identifier) @attribute)
    (#any-of? @_self "self" "cls"))

(function_definition) @scope
(lambda) @scope
(list_comprehension) @scope
(set_comprehension) @scope
(dictionary_comprehension) @scope
(generator_expression) @scope
(class_definition) @scope.class

(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import
(comment) @comment
(string) @string
(string_content) @text
(block) @block
(module . (comment)* . (expression_statement (string) @comment))
(block . (comment)* . (expression_statement (string) @comment))
"""

_TYPES = (str, bytes, list, tuple, dict, set, int, float, type, BaseException, io.TextIOBase, io.BufferedIOBase)

PYTHON = Language(
    name="python",
    structure=_STRUCTURE,
    names=_NAMES,
    selves=frozenset({"self", "cls"}),
    builtins=frozenset(dir(builtins)),
    common=frozenset(name for each in _TYPES for name in dir(each)),
    enums=frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}),
    interfaces=frozenset({"Protocol"}),
)
