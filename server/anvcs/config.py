"""``ai-vcs.config.yaml``: what a team sets for its repository; read strictly, with variables from the environment."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, cast, get_args, get_origin

import msgspec

from anvcs.errors import ConfigError

FILE_NAME = "ai-vcs.config.yaml"
"""Where it stands, in the root of the work tree."""

Place: TypeAlias = Literal["local", "s3", "ipfs", "nfs"]
"""Where artifacts can be kept."""
Share: TypeAlias = Literal["full", "hashes", "none"]
"""What a push may send of metadata: all of it, only salted hashes, or nothing."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all sections share."""


class Agent(Section, frozen=True, kw_only=True):
    """The agent that works here when a command names none."""

    name: str | None = None
    model: str | None = None
    commit_policy: str | None = None


class Storage(Section, frozen=True, kw_only=True):
    """Where artifacts go."""

    mode: Literal["local", "remote", "hybrid"] = "local"
    primary: Place = "local"
    fallback: Place | None = None
    team: Literal["git", "postgres", "s3"] | None = None
    """Through what the clones of a team exchange their operations; not at all, if absent."""


class Team(Section, frozen=True, kw_only=True):
    """Where the team's operations are, by ``storage.team``."""

    remote: str | None = None
    """git: the remote; the current stream's, if absent."""
    dsn: str | None = None
    """postgres: its address, ``postgresql://...``."""
    schema: str | None = None
    """postgres: ``anvcs``, if absent."""
    bucket: str | None = None
    """s3: the bucket and where in it; the rest as in ``adapters.s3``."""
    prefix: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


class Blobs(Section, frozen=True, kw_only=True):
    """Which files are artifacts."""

    track: tuple[str, ...] = ()
    upload_on_commit: bool = True
    compress: bool = False


class S3(Section, frozen=True, kw_only=True):
    """An S3 bucket with versioning."""

    provider: str | None = None
    bucket: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    use_presigned: bool = False


class Ipfs(Section, frozen=True, kw_only=True):
    """An IPFS gateway and a pinning service."""

    gateway: str | None = None
    pinning_service: str | None = None
    api_token: str | None = None


class Nfs(Section, frozen=True, kw_only=True):
    """A mounted network folder."""

    mount_path: str | None = None


class Adapters(Section, frozen=True, kw_only=True):
    """How to reach each place."""

    s3: S3 = S3()
    ipfs: Ipfs = Ipfs()
    nfs: Nfs = Nfs()


class Provenance(Section, frozen=True, kw_only=True):
    """What leaves this repository of why commits exist."""

    push: Share = "hashes"


class Retention(Section, frozen=True, kw_only=True):
    """How long old things stay whole."""

    operations: int = 90
    """Days after which ``gc`` compacts an operation."""


class Config(Section, frozen=True, kw_only=True):
    """The whole file; a missing file, section or key means the defaults."""

    agent: Agent = Agent()
    storage: Storage = Storage()
    team: Team = Team()
    blobs: Blobs = Blobs()
    adapters: Adapters = Adapters()
    provenance: Provenance = Provenance()
    retention: Retention = Retention()


def load(path: Path, env: Mapping[str, str], needed: frozenset[str] | None = None) -> Config:
    """The settings in a file; the defaults if it is not there.

    ``${NAME}`` and ``${NAME:-default}`` in values are replaced from ``env``; ``$${`` stands for a literal ``${``. An
    empty value counts as absent. In sections that are not ``needed`` (None needs all) a variable may be unset: who
    commits need not have the credentials of a store. Raises ConfigError, naming the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path} cannot be read: {reason}.", "Make it a readable UTF-8 text file.") from error
    return parse(text, env, str(path), needed)


def parse(text: str, env: Mapping[str, str], name: str = FILE_NAME, needed: frozenset[str] | None = None) -> Config:
    """The settings in a text. Raises ConfigError as ``load`` does."""
    node = _compose(text, name)
    return Config() if node is None or node.type == "null" else _Reader(name, env, needed).struct(node, Config, "")


S = TypeVar("S", bound=Section)

_TAG = "tag:yaml.org,2002:"
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")


class _Node:
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

    def items(self) -> list[_Node]:
        """What a sequence holds."""
        return [_Node(item) for item in self._node.value]

    def pairs(self) -> list[tuple[_Node, _Node]]:
        """What a mapping holds, in the order of the text."""
        return [(_Node(key), _Node(value)) for key, value in self._node.value]


def _compose(text: str, name: str) -> _Node | None:
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
    return None if node is None else _Node(node)


@dataclass(frozen=True)
class _Reader:
    """Reads nodes into settings; knows the name of the file and the environment."""

    name: str
    env: Mapping[str, str]
    needed: frozenset[str] | None = None
    lenient: bool = False
    """An unset variable counts as empty."""

    def wrong(self, node: _Node, message: str, way_out: str) -> ConfigError:
        return ConfigError(f"{self.name}, line {node.line}: {message}", way_out)

    def struct(self, node: _Node, kind: type[S], where: str) -> S:
        if node.shape != "mapping":
            place = where or "the file"
            raise self.wrong(node, f"{place} must be a section of keys.", "Write each key and its value on a line.")
        fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
        values: dict[str, object] = {}
        for key, value in node.pairs():
            name = key.text if key.shape == "scalar" else "a list or section"
            place = f"{where}.{name}" if where else name
            if name not in fields:
                raise self.unknown(key, place, name, list(fields))
            if name in values:
                raise self.wrong(key, f"{place} is given twice.", "Keep one of the two.")
            optional = not where and self.needed is not None and name not in self.needed
            reader = replace(self, lenient=True) if optional else self
            values[name] = None if value.type == "null" else reader.value(value, fields[name], place)
        return kind(**{name: value for name, value in values.items() if value is not None})

    def unknown(self, key: _Node, place: str, name: str, known: list[str]) -> ConfigError:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
        return self.wrong(key, f"{place} is not a known key.", hint)

    def value(self, node: _Node, kind: Any, place: str) -> object:
        if isinstance(kind, type) and issubclass(kind, Section):
            return self.struct(node, kind, place)
        if get_origin(kind) is tuple:
            if node.shape != "sequence":
                raise self.wrong(node, f"{place} must be a list.", "Write one item per line, each after a dash.")
            items = [self.text(item, f"each item of {place}") for item in node.items()]
            return tuple(item for item in items if item)
        if kind is bool:
            return self.boolean(node, place)
        text = self.text(node, place)
        choices = _choices(kind)
        if choices and text and text not in choices:
            raise self.wrong(node, f"{place} cannot be {text!r}.", f"It is one of {', '.join(choices)}.")
        return text or None

    def boolean(self, node: _Node, place: str) -> bool | None:
        text = node.text if node.type == "bool" else "neither"
        if node.type == "str" and "${" in node.text:
            text = self.text(node, place)
            if not text:
                return None
        if text.lower() not in {"true", "false"}:
            raise self.wrong(node, f"{place} must be true or false.", "Write true or false without quotes.")
        return text.lower() == "true"

    def text(self, node: _Node, place: str) -> str:
        if node.shape != "scalar":
            raise self.wrong(node, f"{place} must be text.", "Write a single value.")
        if node.type != "str":
            raise self.wrong(node, f"{place} must be text.", "Put the value in quotes.")
        return _VARIABLE.sub(lambda match: self.expand(match, node, place), node.text)

    def expand(self, match: re.Match[str], node: _Node, place: str) -> str:
        variable, default = match.groups()
        if match[0] == "$${":
            return "${"
        if variable is None:
            way_out = "Write ${NAME}, ${NAME:-default}, or $${ for ${."
            raise self.wrong(node, f"{place} has a variable that cannot be read.", way_out)
        # As in a shell, the default also stands in for an empty value.
        value = self.env.get(variable) or default
        if value is None and variable not in self.env and not self.lenient:
            raise self.wrong(
                node,
                f"{place} needs the environment variable {variable}, which is not set.",
                f"Set it, or give a default: ${{{variable}:-default}}.",
            )
        return value or ""


def _choices(kind: Any) -> tuple[str, ...]:
    """What an annotation's Literal allows, alone or beside None; nothing for other types."""
    parts = (kind,) if get_origin(kind) is Literal else get_args(kind)
    return tuple(choice for part in parts if get_origin(part) is Literal for choice in get_args(part))
