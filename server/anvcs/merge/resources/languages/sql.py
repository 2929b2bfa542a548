"""SQL: tables with their columns, views, indexes and functions."""

from __future__ import annotations

from anvcs.merge.resources.languages.language import Language

SQL = Language(
    name="sql",
    suffixes=(".sql",),
    grammar=("tree_sitter_sql", "language"),
    structure="""
(create_table (object_reference name: (identifier) @name)) @define.table
(column_definitions (column_definition name: (identifier) @name) @define.column)
(create_view (object_reference name: (identifier) @name) . (_)? (create_query) @body) @define.view
(create_index column: (identifier) @name) @define.index
(create_function (object_reference name: (identifier) @name) (function_body) @body) @define.function
(alter_table (object_reference name: (identifier) @owner)
    (add_column (column_definition name: (identifier) @name) @define.column))

(alter_table (object_reference name: (identifier) @drop.owner) (drop_column name: (identifier) @drop.name))
(alter_table (object_reference name: (identifier) @drop.owner) (rename_column old_name: (identifier) @drop.name))
(alter_table (object_reference name: (identifier) @drop.name) (rename_object))
(drop_table (object_reference name: (identifier) @drop.name))
(drop_view (object_reference name: (identifier) @drop.name))
(drop_index name: (identifier) @drop.name)
""",
    names="""
(object_reference name: (identifier) @use)
(object_reference schema: (identifier) @label)
(field name: (identifier) @member)
(column name: (identifier) @member)
(column (identifier) @member)
(index_fields (field column: (identifier) @member))
(relation alias: (identifier) @label)
(create_table (object_reference name: (identifier) @bind))
(create_view (object_reference name: (identifier) @bind))
(create_function (object_reference name: (identifier) @bind))
(drop_table (object_reference name: (identifier) @label))
(drop_view (object_reference name: (identifier) @label))
(alter_table (object_reference name: (identifier) @use))
(rename_object (object_reference name: (identifier) @bind))
(comment) @comment
(marginalia) @comment
(literal) @string
""",
    ignores_case=True,
    resolves=False,
)
