"""Ruby."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

RUBY = Language(
    name="ruby",
    suffixes=(".rb", ".rake"),
    grammar=("tree_sitter_ruby", "language"),
    structure="""
(class name: (constant) @name body: (_)? @body) @define.class
(class name: (scope_resolution name: (constant) @name) body: (_)? @body) @define.class
(module name: (constant) @name body: (_)? @body) @define.namespace
(module name: (scope_resolution name: (constant) @name) body: (_)? @body) @define.namespace
(method name: (_) @name) @define.function
(method name: (_) @name body: (_) @body) @define.function
(singleton_method name: (_) @name) @define.function
(singleton_method name: (_) @name body: (_) @body) @define.function
(program (assignment left: (constant) @name right: (_) @body) @define.constant)
(body_statement (assignment left: (constant) @name right: (_) @body) @define.constant)
""",
    names="""
(identifier) @use
(constant) @use
(self) @self
(call receiver: (_) method: (identifier) @member)
(call receiver: (_) method: (constant) @member)
(scope_resolution scope: (_) name: (constant) @member)
(superclass (constant) @inherit)
(superclass (scope_resolution name: (constant) @inherit))
(call method: (identifier) @_mixin arguments: (argument_list (constant) @inherit)
    (#any-of? @_mixin "include" "extend" "prepend"))
(class name: (constant) @bind.outer)
(module name: (constant) @bind)
(method name: (identifier) @bind.outer)
(singleton_method name: (identifier) @bind.outer)
(assignment left: (identifier) @bind)
(assignment left: (constant) @bind)
(left_assignment_list (identifier) @bind)
(method_parameters (identifier) @bind)
(optional_parameter name: (identifier) @bind)
(splat_parameter name: (identifier) @bind)
(keyword_parameter name: (identifier) @bind)
(hash_splat_parameter name: (identifier) @bind)
(block_parameter name: (identifier) @bind)
(block_parameters (identifier) @bind)
(lambda_parameters (identifier) @bind)
(destructured_parameter (identifier) @bind)
(exception_variable (identifier) @bind)
(for pattern: (identifier) @bind)
(method) @scope
(singleton_method) @scope
(lambda) @scope
(class) @scope.class
(module) @scope.class
(string_content) @text
(heredoc_content) @text
(comment) @comment
(string) @string
(heredoc_body) @string
(regex) @string
""",
    builtins=frozenset(
        {
            *("attr_accessor", "attr_reader", "attr_writer", "extend", "include", "lambda", "module_function", "p"),
            *("prepend", "private", "proc", "protected", "public", "puts", "raise", "require", "require_relative"),
            *("Array", "Hash", "Integer", "Float", "String", "Struct", "StandardError", "block_given?"),
        }
    ),
    selves=frozenset({"self"}),
    separators=(b".", b"&.", b"::"),
    methods_in=frozenset({"class", "namespace"}),
    members_in_scope=True,
    resolves=False,
)
