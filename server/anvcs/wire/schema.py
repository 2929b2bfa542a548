"""The published protocol: JSON Schema of every wire type with the tables of messages beside it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from anvcs.errors import all_errors
from anvcs.wire import (
    EDITOR_NOTIFICATIONS,
    EDITOR_REQUESTS,
    NOTIFICATIONS,
    PROTOCOL_VERSION,
    SERVER_REQUESTS,
    VERBS,
    Exchange,
    Notification,
    Problem,
)

COMMAND_PREFIX = "ai-vcs."
"""What stands before a verb in the name of its LSP command."""


def schema() -> dict[str, Any]:
    """The protocol as one JSON document (JSON Schema 2020-12, types under ``$defs``).

    ``requests`` maps each LSP method to its params and result, ``commands`` each ``workspace/executeCommand`` name,
    ``notifications`` each message of the server without an answer, ``errors`` each code of a ``Problem`` to what it
    means. About documents in rooms, ``editorRequests`` and ``editorNotifications`` come from the editor;
    ``serverRequests`` is what the server asks an editor.
    """
    types = [part for request in VERBS.values() for part in (request.params, request.result)]
    types += [notification.params for notification in (*NOTIFICATIONS.values(), *EDITOR_NOTIFICATIONS.values())]
    exchanges = (*EDITOR_REQUESTS.values(), *SERVER_REQUESTS.values())
    types += [part for exchange in exchanges for part in (exchange.params, exchange.result)]
    _, definitions = msgspec.json.schema_components([*types, Problem], ref_template="#/$defs/{name}")
    for cls in _structs(types):
        _describe_fields(cls, definitions[cls.__name__])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Written by `python -m anvcs.wire` from server/anvcs/wire; change the types there instead.",
        "title": "Anvcs",
        "version": PROTOCOL_VERSION,
        "requests": {
            request.method: {
                "verb": request.verb,
                "params": request.params.__name__,
                "result": request.result.__name__,
                "description": inspect.getdoc(request.params),
            }
            for request in VERBS.values()
            if request.method is not None
        },
        "commands": {
            COMMAND_PREFIX + request.verb: {
                "verb": request.verb,
                "params": request.params.__name__,
                "result": request.result.__name__,
                "description": inspect.getdoc(request.params),
            }
            for request in VERBS.values()
        },
        "notifications": _told(NOTIFICATIONS),
        "editorRequests": _exchanged(EDITOR_REQUESTS),
        "editorNotifications": _told(EDITOR_NOTIFICATIONS),
        "serverRequests": _exchanged(SERVER_REQUESTS),
        "errors": {error.code: inspect.getdoc(error) for error in all_errors()},
        "$defs": dict(sorted(definitions.items())),
    }


def published() -> bytes:
    """The exact bytes of ``protocol/anvcs.schema.json``."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n"


def _told(notifications: Mapping[str, Notification[Any]]) -> dict[str, Any]:
    return {
        method: {"params": each.params.__name__, "description": inspect.getdoc(each.params)}
        for method, each in notifications.items()
    }


def _exchanged(exchanges: Mapping[str, Exchange[Any, Any]]) -> dict[str, Any]:
    return {
        method: {
            "params": each.params.__name__,
            "result": each.result.__name__,
            "description": inspect.getdoc(each.params),
        }
        for method, each in exchanges.items()
    }


def _structs(types: list[type[Any]]) -> list[type[Any]]:
    """Every struct that the types are made of, each once."""
    found: dict[type[Any], None] = {}

    def walk(info: Any) -> None:
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                return
            found[info.cls] = None
        inside: Iterable[Any] = (getattr(info, name) for name in getattr(info, "__struct_fields__", ()))
        if isinstance(info, tuple):
            inside = cast("tuple[Any, ...]", info)
        for part in inside:
            walk(part)

    for cls in [*types, Problem]:
        walk(msgspec.inspect.type_info(cls))
    return list(found)


def _describe_fields(cls: type[Any], definition: dict[str, Any]) -> None:
    """Put the string literal that follows a field in the source beside the field, as its description."""
    properties: dict[str, Any] = definition.get("properties", {})
    names = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
    for base in cls.__mro__:
        fields = _field_docs(base) if issubclass(base, msgspec.Struct) and base is not msgspec.Struct else {}
        for field, text in fields.items():
            shape = properties.get(names[field])
            # A referenced type keeps its own description; the field's stands beside the reference.
            if shape is not None:
                shape.setdefault("description", text)


def _field_docs(cls: type[Any]) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    (definition,) = tree.body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - for the type checker
    docs: dict[str, str] = {}
    field = ""
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            field = statement.target.id
        elif (
            field
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        ):
            docs[field] = inspect.cleandoc(statement.value.value)
            field = ""
    return docs
