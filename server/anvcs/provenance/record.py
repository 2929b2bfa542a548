"""The metadata record: every field hashed with a salt of its own, so that one can be purged and the rest verifies.

Its root stands in the commit's ``ANVCS-Meta`` trailer. It holds the tree, but neither message nor parents, since it is
made before the commit is. Test vectors are in ``protocol/vectors/records.json``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from anvcs import ids, wire
from anvcs.errors import AnvcsError, CorruptStoreError, StoreTooNewError, UsageError
from anvcs.ids import Domain
from anvcs.provenance import values
from anvcs.provenance.metadata import from_mapping
from anvcs.provenance.values import Json

VERSION = 1
SALT_SIZE = 16
"""Bytes."""

_SINGLE = ("prompt", "model", "tests_passed", "test_report_ref", "coverage", "agent_id", "artifacts")
"""Metadata fields that are one record field each; ``env`` and ``extra`` are one record field for each key."""
_TREE = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Field(msgspec.Struct, frozen=True):
    """A value with the salt that hides it in its hash."""

    salt: bytes
    value: Json


class Purged(msgspec.Struct, frozen=True):
    """What is left of a purged field: its hash, from which nothing can be guessed without the salt."""

    hash: bytes


class Record(msgspec.Struct, frozen=True):
    """A commit's metadata, bound to its tree.

    Field names: ``prompt``, ``model``, ``tests_passed``, ``test_report_ref``, ``coverage`` (in basis points),
    ``agent_id``, ``artifacts``, ``env.<name>``, ``extra.<name>``, and ``detail.<name>`` for what ANVCS itself noted.
    """

    tree: str
    """The Git tree's id."""
    fields: dict[str, Field | Purged]
    version: int = VERSION

    @property
    def root(self) -> str:
        """The record's id: ``b3:`` and 64 hexadecimal digits."""
        hashes: dict[str, ids.Value] = {name: _hash(name, field) for name, field in self.fields.items()}
        return ids.text(
            ids.object_id(Domain.METADATA_RECORD, {"version": self.version, "tree": self.tree, "fields": hashes})
        )

    @property
    def purged(self) -> tuple[str, ...]:
        """The names of the fields whose values are gone."""
        return tuple(sorted(name for name, field in self.fields.items() if isinstance(field, Purged)))

    def verify(self, root: str) -> bool:
        """Whether this is the record with that root."""
        return self.root == root

    def purge(self, name: str) -> Record:
        """The record without one field's value and salt; its root is the same. Raises UsageError for no such field."""
        field = self.fields.get(name)
        if field is None:
            raise UsageError(f"The record has no field {name}.", f"It has {', '.join(sorted(self.fields)) or 'none'}.")
        return msgspec.structs.replace(self, fields={**self.fields, name: Purged(_hash(name, field))})

    def hashes_only(self) -> Record:
        """The record without any value or salt; what a remote that must not see prompts gets."""
        return msgspec.structs.replace(
            self, fields={name: Purged(_hash(name, field)) for name, field in self.fields.items()}
        )

    def details(self) -> dict[str, Json]:
        """What ANVCS itself noted about the commit, e.g. ``hooks_skipped``."""
        return self._group("detail.")

    def metadata(self) -> wire.Metadata:
        """The metadata that is left after purges. Raises CorruptStoreError if it is not valid."""
        found: dict[str, object] = {name: self._value(name) for name in _SINGLE}
        coverage = found["coverage"]
        try:
            if coverage is not None:
                if not isinstance(coverage, int):
                    raise values.invalid("coverage", "is not in basis points")
                found["coverage"] = coverage / 100
            groups = {"env": self._group("env."), "extra": self._group("extra.")}
            return from_mapping({**found, **groups}, limited=False)
        except AnvcsError as error:
            raise CorruptStoreError(
                f"A metadata record cannot be read: {error.message}", "Run ai-vcs doctor."
            ) from error

    def to_builtins(self) -> dict[str, Json]:
        """The record as JSON values."""
        fields: dict[str, Json] = {}
        for name, field in self.fields.items():
            if isinstance(field, Field):
                fields[name] = {"salt": field.salt.hex(), "value": field.value}
            else:
                fields[name] = {"hash": ids.text(field.hash)}
        return {"version": self.version, "tree": self.tree, "fields": fields}

    def to_json(self) -> bytes:
        """The record's one JSON text, from which ``from_json`` gives it back."""
        return values.canonical(self.to_builtins())

    def _value(self, name: str) -> Json:
        field = self.fields.get(name)
        return field.value if isinstance(field, Field) else None

    def _group(self, prefix: str) -> dict[str, Json]:
        return {
            name.removeprefix(prefix): field.value
            for name, field in self.fields.items()
            if name.startswith(prefix) and isinstance(field, Field)
        }


def make_record(
    metadata: wire.Metadata,
    tree: str,
    entropy: Callable[[int], bytes],
    details: Mapping[str, object] | None = None,
) -> Record:
    """The record of valid, redacted metadata. ``entropy(n)`` gives n random bytes, as ``secrets.token_bytes`` does.

    Absent values, empty maps and false details make no field.
    """
    found: dict[str, object] = {name: getattr(metadata, name) for name in _SINGLE}
    if metadata.coverage is not None:
        found["coverage"] = round(metadata.coverage * 100)
    found["artifacts"] = list(metadata.artifacts) or None
    found |= {f"env.{name}": value for name, value in metadata.env.items()}
    extra = {f"extra.{name}": value for name, value in metadata.extra.items()}
    noted = {f"detail.{name}": value for name, value in (details or {}).items() if value}
    kept = {name: value for name, value in found.items() if value is not None} | extra | noted
    fields: dict[str, Field | Purged] = {
        name: Field(entropy(SALT_SIZE), values.checked(value, name)) for name, value in sorted(kept.items())
    }
    return Record(tree, fields)


def from_json(data: bytes) -> Record:
    """The record of a JSON text. Raises CorruptStoreError, or StoreTooNewError for a later version."""
    try:
        return from_builtins(values.parse(data))
    except ValueError as error:
        raise _corrupt(f"it is not JSON ({error})") from error


def from_builtins(value: object) -> Record:
    """The record of parsed JSON; raises as ``from_json``."""
    if not isinstance(value, dict):
        raise _corrupt("it is not a map")
    record = cast("dict[str, object]", value)
    version, tree, fields = record.get("version"), record.get("tree"), record.get("fields")
    if isinstance(version, int) and version > VERSION:
        raise StoreTooNewError(f"A metadata record has version {version}.", "Update ANVCS to read it.")
    if version != VERSION or isinstance(version, bool):
        raise _corrupt("it has no version")
    if not isinstance(tree, str) or not _TREE.fullmatch(tree):
        raise _corrupt("its tree is not a Git id")
    if not isinstance(fields, dict):
        raise _corrupt("its fields are not a map")
    return Record(tree, {name: _field(name, field) for name, field in cast("dict[str, object]", fields).items()})


def _field(name: str, value: object) -> Field | Purged:
    parts = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    salt, digest = parts.get("salt"), parts.get("hash")
    try:
        if parts.keys() == {"salt", "value"} and isinstance(salt, str):
            raw = bytes.fromhex(salt)
            if len(raw) == SALT_SIZE and raw.hex() == salt:
                return Field(raw, values.checked(parts["value"], name))
        elif parts.keys() == {"hash"} and isinstance(digest, str):
            return Purged(ids.raw(digest))
    except (ValueError, AnvcsError) as error:
        raise _corrupt(f"its field {name} is damaged") from error
    raise _corrupt(f"its field {name} is neither a value with its salt nor a hash")


def _hash(name: str, field: Field | Purged) -> bytes:
    if isinstance(field, Purged):
        return field.hash
    return ids.salted(Domain.METADATA_FIELD, field.salt, [name, values.hashable(field.value)])


def _corrupt(reason: str) -> CorruptStoreError:
    return CorruptStoreError(
        f"A metadata record cannot be read: {reason}.", "Run ai-vcs doctor to see what is damaged."
    )
