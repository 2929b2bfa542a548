"""JavaScript, with JSX."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

FUNCTIONS = "[(arrow_function) (function_expression) (generator_function)]"

STRUCTURE = f"""
(function_declaration name: (_) @name body: (_) @body) @define.function
(generator_function_declaration name: (_) @name body: (_) @body) @define.function
(class_declaration name: (_) @name body: (_) @body) @define.class
(class_body (method_definition name: (_) @name body: (_) @body) @define.method)
(program (lexical_declaration (variable_declarator name: (identifier) @name value: (_) @body)) @define.constant)
(program (variable_declaration (variable_declarator name: (identifier) @name value: (_) @body)) @define.constant)
(program (export_statement declaration: (lexical_declaration
    (variable_declarator name: (identifier) @name value: (_) @body))) @define.constant)
(program (lexical_declaration (variable_declarator name: (identifier) @name
    value: {FUNCTIONS} @body)) @define.function)
(program (variable_declaration (variable_declarator name: (identifier) @name
    value: {FUNCTIONS} @body)) @define.function)
(program (export_statement declaration: (lexical_declaration
    (variable_declarator name: (identifier) @name value: {FUNCTIONS} @body))) @define.function)
(program (lexical_declaration (variable_declarator name: (identifier) @name value: (class) @body)) @define.class)
(program (variable_declaration (variable_declarator name: (identifier) @name value: (class) @body)) @define.class)
(export_statement declaration: (_ name: (_) @name body: (_) @body)) @define.exported
(program (_ (variable_declarator name: (identifier) @name value: (object (method_definition)))) @define.namespace)
(program (_ (variable_declarator name: (identifier) @name value: (object (pair value: {FUNCTIONS})))) @define.namespace)
(pair key: (property_identifier) @name value: (object (method_definition))) @define.namespace
(pair key: (property_identifier) @name value: (object (pair value: {FUNCTIONS}))) @define.namespace
(object (method_definition name: (_) @name body: (_) @body) @define.function)
(object (pair key: (property_identifier) @name value: {FUNCTIONS} @body) @define.function)
(program (expression_statement (assignment_expression left: (member_expression
    object: (identifier) @owner property: (property_identifier) @name) right: {FUNCTIONS} @body)) @define.function)
(program (expression_statement (assignment_expression left: (member_expression
    object: (member_expression object: (identifier) @owner property: (property_identifier) @_prototype)
    property: (property_identifier) @name) right: {FUNCTIONS} @body)) @define.method (#eq? @_prototype "prototype"))
(expression_statement (call_expression function: (identifier) @_test
    arguments: (arguments . (string (string_fragment) @name) {FUNCTIONS} @body)) @define.test
    (#any-of? @_test "describe" "context" "suite" "it" "test" "specify"))
(expression_statement (call_expression function: (member_expression object: (identifier) @_test)
    arguments: (arguments . (string (string_fragment) @name) {FUNCTIONS} @body)) @define.test
    (#any-of? @_test "describe" "it" "test" "QUnit"))

(import_statement (import_clause (identifier) @import.local @import.default)
    source: (string (string_fragment) @import.module))
(import_statement (import_clause (named_imports (import_specifier name: (_) @import.name !alias)))
    source: (string (string_fragment) @import.module))
(import_statement (import_clause (named_imports (import_specifier name: (_) @import.name alias: (_) @import.local)))
    source: (string (string_fragment) @import.module))
(import_statement (import_clause (namespace_import (identifier) @import.local))
    source: (string (string_fragment) @import.module))
(import_statement . "import" . source: (string (string_fragment) @import.module))
(variable_declarator name: (identifier) @import.local value: (call_expression function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.module))) (#eq? @_require "require"))
(variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @import.name)
    value: (call_expression function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.module))) (#eq? @_require "require"))
(variable_declarator name: (object_pattern (pair_pattern key: (_) @import.name value: (identifier) @import.local))
    value: (call_expression function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.module))) (#eq? @_require "require"))
(variable_declarator name: (identifier) @import.local value: (member_expression
    object: (call_expression function: (identifier) @_require
    arguments: (arguments . (string (string_fragment) @import.module))) property: (_) @import.name)
    (#eq? @_require "require"))

(export_statement (export_clause (export_specifier name: (_) @import.name @export.from !alias))
    source: (string (string_fragment) @import.module))
(export_statement (export_clause (export_specifier name: (_) @import.name alias: (_) @export.from))
    source: (string (string_fragment) @import.module))
(export_statement "*" source: (string (string_fragment) @import.module)) @export.star
(export_statement (namespace_export (_) @export.from) source: (string (string_fragment) @import.module))
(export_statement (export_clause (export_specifier name: (_) @export.local !alias)) !source)
(export_statement (export_clause (export_specifier name: (_) @export.local alias: (_) @export.name)) !source)
(export_statement declaration: (_ name: (_) @export.local))
(export_statement declaration: (_ (variable_declarator name: (identifier) @export.local)))
(export_statement declaration: (_ (variable_declarator name: (object_pattern (_) @export.local))))
(export_statement "default" declaration: (_ name: (_) @export.default))
(export_statement "default" value: (identifier) @export.default)
(export_statement "default" value: (_) @export.whole)
(assignment_expression left: (member_expression object: (identifier) @_exports property: (_) @export.name)
    (#eq? @_exports "exports"))
(assignment_expression left: (member_expression object: (member_expression object: (identifier) @_module
    property: (_) @_exports) property: (_) @export.name) (#eq? @_exports "exports") (#eq? @_module "module"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (identifier) @export.whole (#eq? @_exports "exports") (#eq? @_module "module"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (object (shorthand_property_identifier) @export.local) (#eq? @_exports "exports") (#eq? @_module "module"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (object (pair key: (_) @export.name)) (#eq? @_exports "exports") (#eq? @_module "module"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (object (method_definition name: (_) @export.name)) (#eq? @_exports "exports") (#eq? @_module "module"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (object (spread_element)) (#eq? @_exports "exports") (#eq? @_module "module")) @export.opaque
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: [(call_expression) (new_expression) (function_expression) (arrow_function) (class) (assignment_expression)
    (member_expression)] (#eq? @_exports "exports") (#eq? @_module "module")) @export.opaque
(variable_declarator name: (identifier) @export.whole value: (assignment_expression left: (member_expression
    object: (identifier) @_module property: (_) @_exports)) (#eq? @_exports "exports") (#eq? @_module "module"))
(subscript_expression object: (identifier) @export.opaque (#eq? @export.opaque "exports"))
(arguments . (identifier) @export.opaque (#eq? @export.opaque "exports"))
(arguments . (member_expression object: (identifier) @_module property: (_) @_exports) @export.opaque
    (#eq? @_exports "exports") (#eq? @_module "module"))

(variable_declarator name: (identifier) @type.variable value: (new_expression constructor: (identifier) @type.name))
"""

NAMES = """
(identifier) @use
(shorthand_property_identifier) @use
(this) @self
(super) @self
(member_expression property: (property_identifier) @member)
(class_heritage (identifier) @inherit)
(class_heritage (member_expression property: (_) @inherit))
(function_declaration name: (identifier) @bind.outer)
(generator_function_declaration name: (identifier) @bind.outer)
(class_declaration name: (identifier) @bind.outer)
(function_expression name: (identifier) @bind)
(class name: (identifier) @bind)
(variable_declarator name: (identifier) @bind)
(formal_parameters (identifier) @bind)
(formal_parameters (assignment_pattern left: (identifier) @bind))
(arrow_function parameter: (identifier) @bind)
(array_pattern (identifier) @bind)
(array_pattern (assignment_pattern left: (identifier) @bind))
(pair_pattern value: (identifier) @bind)
(pair_pattern value: (assignment_pattern left: (identifier) @bind))
(rest_pattern (identifier) @bind)
(shorthand_property_identifier_pattern) @bind
(catch_clause parameter: (identifier) @bind)
(for_in_statement kind: _ left: (identifier) @bind)
(assignment_expression left: (identifier) @use)
(assignment_expression left: (member_expression object: (this) property: (property_identifier) @attribute))
(field_definition property: (property_identifier) @attribute)
(assignment_expression left: (member_expression object: (member_expression) @_prototype
    property: (property_identifier) @label) (#match? @_prototype "[.]prototype$"))

(function_declaration) @scope
(generator_function_declaration) @scope
(function_expression) @scope
(generator_function) @scope
(arrow_function) @scope
(method_definition) @scope
(class_declaration) @scope.class
(class) @scope.class

(import_statement) @import
(export_statement source: (_)) @import
(comment) @comment
(string) @string
(string_fragment) @text
(template_string) @string
(regex) @string
"""

GLOBALS = frozenset(
    {
        *("Array", "Boolean", "Date", "Error", "JSON", "Map", "Math", "Number", "Object", "Promise", "Proxy", "RegExp"),
        *("Set", "String", "Symbol", "TypeError", "WeakMap", "WeakSet", "console", "document", "exports", "global"),
        *("globalThis", "module", "parseFloat", "parseInt", "process", "require", "setTimeout", "undefined", "window"),
        *("describe", "it", "test", "expect", "suite", "specify", "beforeEach", "afterEach", "beforeAll", "afterAll"),
        *(
            "before",
            "after",
            "jest",
            "QUnit",
            "arguments",
            "isNaN",
            "clearTimeout",
            "setInterval",
            "clearInterval",
            "NaN",
            "Infinity",
            "Buffer",
        ),
    }
)

_COMMON = frozenset(
    {
        *(
            "constructor",
            "hasOwnProperty",
            "isPrototypeOf",
            "propertyIsEnumerable",
            "toLocaleString",
            "toString",
            "valueOf",
        ),
        *("prototype", "name", "length", "apply", "bind", "call", "arguments", "caller", "at", "concat", "copyWithin"),
        *(
            "entries",
            "every",
            "fill",
            "filter",
            "find",
            "findIndex",
            "findLast",
            "flat",
            "flatMap",
            "forEach",
            "includes",
        ),
        *("indexOf", "join", "keys", "lastIndexOf", "map", "pop", "push", "reduce", "reduceRight", "reverse", "shift"),
        *("slice", "some", "sort", "splice", "unshift", "values", "charAt", "charCodeAt", "codePointAt", "endsWith"),
        *("match", "matchAll", "normalize", "padEnd", "padStart", "repeat", "replace", "replaceAll", "search", "split"),
        *(
            "startsWith",
            "substr",
            "substring",
            "toLowerCase",
            "toUpperCase",
            "trim",
            "trimEnd",
            "trimStart",
            "add",
            "clear",
        ),
        *(
            "delete",
            "get",
            "has",
            "set",
            "size",
            "then",
            "catch",
            "finally",
            "exec",
            "test",
            "source",
            "flags",
            "message",
        ),
        *(
            "stack",
            "cause",
            "toFixed",
            "toISOString",
            "getTime",
            "addEventListener",
            "removeEventListener",
            "appendChild",
        ),
        *("on", "once", "off", "emit", "value", "style", "className", "innerHTML", "textContent", "getAttribute"),
        *(
            "preventDefault",
            "stopPropagation",
            "dispatchEvent",
            "getElementById",
            "getElementsByTagName",
            "createElement",
        ),
        *(
            "setAttribute",
            "querySelector",
            "querySelectorAll",
            "parentNode",
            "childNodes",
            "children",
            "remove",
            "focus",
        ),
    }
)
"""Members of the language's own objects, and of the most used of browsers and Node."""

JAVASCRIPT = Language(
    name="javascript",
    structure=STRUCTURE,
    names=NAMES,
    selves=frozenset({"this"}),
    separators=(b".", b"?."),
    builtins=GLOBALS,
    common=_COMMON,
    exports_all=False,
)
