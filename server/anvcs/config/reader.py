"""Reads YAML nodes into sections strictly: every key known, every value of its kind, every error with its line."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec.structs import replace

from anvcs.errors import ConfigError


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all sections share."""


COMMAND = "command"
Command: TypeAlias = Annotated[tuple[str, ...], COMMAND]
"""A program and its arguments: a list, or one text that is split as a shell would split it. No shell runs it."""

S = TypeVar("S", bound=Section)

_TAG = "tag:yaml.org,2002:"
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Node:
    """A YAML node that knows where it stands; the only one to touch ruamel's untyped nodes."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self.line: int = node.start_mark.line + 1
        self.type = str(node.tag).removeprefix(_TAG)
        """str, bool, int, null ... for scalars."""
        self.shape: Literal["scalar", "sequence", "mapping"] = node.id

    @property
    def text(self) -> str:
        """What a scalar says."""
        return str(self._node.value)

    def items(self) -> list[Node]:
        """What a sequence holds."""
        return [Node(item) for item in self._node.value]

    def pairs(self) -> list[tuple[Node, Node]]:
        """What a mapping holds, in the order of the text."""
        return [(Node(key), Node(value)) for key, value in self._node.value]


def compose(text: str, name: str) -> Node | None:
    """The node of a whole file; nothing for an empty one. Raises ConfigError for what is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node: Any = cast("Any", YAML(typ="safe", pure=True)).compose(text)
    except MarkedYAMLError as error:
        raised = cast("Any", error)
        line = f", line {raised.problem_mark.line + 1}" if raised.problem_mark else ""
        problem = str(raised.problem or raised.context or "it is not YAML").splitlines()[0]
        raise ConfigError(f"{name}{line}: {problem}.", "Correct the YAML there.") from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{name} is not YAML that ANVCS can read.", "Write it as plain YAML.") from error
    return None if node is None else Node(node)


class Reader(msgspec.Struct, frozen=True):
    """Reads nodes into settings; knows the name of the file and the environment."""

    name: str
    env: Mapping[str, str]
    needed: frozenset[str] | None = None
    lenient: bool = False
    """An unset variable counts as empty."""

    def struct(self, node: Node, kind: type[S], where: str) -> S:
        """A section; an empty value in it counts as absent. Raises ConfigError, naming the line."""
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        values: dict[str, object] = {}
        for key, value in self._pairs(node, where or "the file"):
            name = key.text if key.shape == "scalar" else "a list or section"
            place = f"{where}.{name}" if where else name
            if name not in fields:
                raise self._unknown(key, place, name, list(fields))
            if name in values:
                raise self._twice(key, place)
            optional = not where and self.needed is not None and name not in self.needed
            reader = replace(self, lenient=True) if optional else self
            values[name] = None if value.type == "null" else reader.value(value, fields[name].type, place)
        given = {name: value for name, value in values.items() if value is not None}
        for name, field in fields.items():
            if field.required and name not in given:
                raise self._wrong(node, f"{where} has no {name}.", f"Add the line {name}: below {where}.")
        return kind(**given)

    def value(self, node: Node, kind: Any, place: str) -> object:
        """A value of an annotated kind; nothing for an empty one."""
        if get_origin(kind) is Annotated:
            kind, *notes = get_args(kind)
            if COMMAND in notes:
                return self._command(node, place)
            return self._number(node, kind, next(note for note in notes if isinstance(note, msgspec.Meta)), place)
        if isinstance(kind, type) and issubclass(kind, Section):
            return self.struct(node, kind, place)
        if get_origin(kind) is tuple:
            return self._list(node, get_args(kind)[0], place)
        if get_origin(kind) is Mapping:
            return self._named(node, get_args(kind)[1], place)
        if kind is bool:
            return self._boolean(node, place)
        if kind in (int, float):
            return self._number(node, kind, msgspec.Meta(), place)
        text = self._text(node, place)
        choices = _choices(kind)
        if choices and text and text not in choices:
            raise self._wrong(node, f"{place} cannot be {text!r}.", f"It is one of {', '.join(choices)}.")
        return text or None

    def _list(self, node: Node, kind: Any, place: str) -> tuple[object, ...]:
        if node.shape != "sequence":
            raise self._wrong(node, f"{place} must be a list.", "Write one item per line, each after a dash.")
        items = [self.value(item, kind, f"each item of {place}") for item in node.items()]
        return tuple(item for item in items if item)

    def _named(self, node: Node, kind: Any, place: str) -> dict[str, object]:
        """Values under names of the user's choice; a name without a value is left out."""
        values: dict[str, object] = {}
        for key, value in self._pairs(node, place):
            name = key.text if key.shape == "scalar" else ""
            if not _NAME.fullmatch(name):
                raise self._wrong(key, f"{place} has a name that cannot be used.", "Use letters, digits, . _ and -.")
            if name in values:
                raise self._twice(key, f"{place}.{name}")
            if value.type != "null":
                values[name] = self.value(value, kind, f"{place}.{name}")
        return values

    def _command(self, node: Node, place: str) -> tuple[str, ...] | None:
        if node.shape == "sequence":
            # An empty argument is an argument.
            words = [self._text(item, f"each item of {place}") for item in node.items()]
        else:
            text = self._text(node, place)
            try:
                words = shlex.split(text)
            except ValueError as error:
                reason = str(error).lower()
                raise self._wrong(node, f"{place} cannot be split into words: {reason}.", "Write a list.") from error
        if words and not words[0]:
            raise self._wrong(node, f"{place} names no program.", "Begin it with the program to run.")
        return tuple(words) or None

    def _number(self, node: Node, kind: Any, limits: msgspec.Meta, place: str) -> int | float | None:
        text = node.text if node.type in ("int", "float") else ""
        if node.type == "str" and "${" in node.text:
            text = self._text(node, place)
            if not text:
                return None
        try:
            return msgspec.convert(text.replace("_", ""), Annotated[kind, limits], strict=False)
        except msgspec.ValidationError as error:
            wanted = {int: "a whole number", float: "a number"}[kind]
            bounds = [f"{word} {bound}" for word, bound in _bounds(limits) if bound is not None]
            wanted = " ".join((wanted, " and ".join(bounds))).rstrip()
            raise self._wrong(node, f"{place} must be {wanted}.", "Write the number without quotes.") from error

    def _boolean(self, node: Node, place: str) -> bool | None:
        text = node.text if node.type == "bool" else "neither"
        if node.type == "str" and "${" in node.text:
            text = self._text(node, place)
            if not text:
                return None
        if text.lower() not in {"true", "false"}:
            raise self._wrong(node, f"{place} must be true or false.", "Write true or false without quotes.")
        return text.lower() == "true"

    def _text(self, node: Node, place: str) -> str:
        if node.shape != "scalar":
            raise self._wrong(node, f"{place} must be text.", "Write a single value.")
        if node.type != "str":
            raise self._wrong(node, f"{place} must be text.", "Put the value in quotes.")
        return _VARIABLE.sub(lambda match: self._expand(match, node, place), node.text)

    def _expand(self, match: re.Match[str], node: Node, place: str) -> str:
        variable, default = match.groups()
        if match[0] == "$${":
            return "${"
        if variable is None:
            way_out = "Write ${NAME}, ${NAME:-default}, or $${ for ${."
            raise self._wrong(node, f"{place} has a variable that cannot be read.", way_out)
        # As in a shell, the default also stands in for an empty value.
        value = self.env.get(variable) or default
        if value is None and variable not in self.env and not self.lenient:
            raise self._wrong(
                node,
                f"{place} needs the environment variable {variable}, which is not set.",
                f"Set it, or give a default: ${{{variable}:-default}}.",
            )
        return value or ""

    def _pairs(self, node: Node, place: str) -> list[tuple[Node, Node]]:
        if node.shape != "mapping":
            raise self._wrong(node, f"{place} must be a section of keys.", "Write each key and its value on a line.")
        return node.pairs()

    def _wrong(self, node: Node, message: str, way_out: str) -> ConfigError:
        return ConfigError(f"{self.name}, line {node.line}: {message}", way_out)

    def _twice(self, key: Node, place: str) -> ConfigError:
        return self._wrong(key, f"{place} is given twice.", "Keep one of the two.")

    def _unknown(self, key: Node, place: str, name: str, known: list[str]) -> ConfigError:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
        return self._wrong(key, f"{place} is not a known key.", hint)


def _bounds(limits: msgspec.Meta) -> tuple[tuple[str, int | float | None], ...]:
    return ("above", limits.gt), ("of at least", limits.ge), ("of at most", limits.le)


def _choices(kind: Any) -> tuple[str, ...]:
    """What an annotation's Literal allows, alone or beside None; nothing for other types."""
    parts = (kind,) if get_origin(kind) is Literal else get_args(kind)
    return tuple(choice for part in parts if get_origin(part) is Literal for choice in get_args(part))
