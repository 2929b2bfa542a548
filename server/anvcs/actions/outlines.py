"""What was found in texts and commits before, kept in a database beside the ledger: it can be made again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import zstandard
from blake3 import blake3

import anvcs
from anvcs.actions.graph_index import discard
from anvcs.errors import AnvcsError, CorruptStoreError
from anvcs.merge.resources.extract import FORMAT
from anvcs.merge.resources.model import Outline
from anvcs.merge.resources.registry import Registry, decode
from anvcs.merge.resources.trees import Remembered
from anvcs.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

    from anvcs.actions.workspace import Workspace

DATABASE = "outlines.db"
_KIND = "outline"
_REGISTRY = "registry"
"""Ids of resources, by the hash of what they are."""
_AT = "registry-at"
"""The hash of the ids in a commit; most commits rename and move nothing."""
_MOST_BYTES = 64 << 20
"""A database that grew beyond this begins anew."""
_LARGEST = 8 << 20
"""Bytes of one outline, which no text that is looked into comes near."""


class Outlines:
    """A cache as ``merge.resources`` takes one: in memory first, then in the database."""

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing outlives the process."""
        self._memory = Remembered()
        self._new: dict[tuple[str, bytes], bytes] = {}
        self._registries: dict[str, Registry] = {}
        self._path = path
        self._store: SqliteStore | None = None

    @classmethod
    def of(cls, workspace: Workspace) -> Outlines:
        """The workspace's own."""
        found = workspace.cache.get("outlines")
        if not isinstance(found, Outlines):
            state = workspace.state
            found = workspace.cache["outlines"] = cls(None if state is None else state / DATABASE)
        return found

    def get(self, oid: str, path: str) -> Outline | None:
        """The outline of a text under a path, if it is known."""
        found = self._memory.get(oid, path)
        if found is None and (data := self._read(_KIND, _key(oid, path))) is not None:
            # Whatever cannot be read is found again.
            with suppress(msgspec.MsgspecError, zstandard.ZstdError):
                raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=_LARGEST)
                found = msgspec.msgpack.decode(raw, type=Outline)
                self._memory.put(oid, path, found)
        return found

    def put(self, oid: str, path: str, outline: Outline) -> None:
        """Remember one; ``save`` keeps it."""
        self._memory.put(oid, path, outline)
        if self._path is None:
            return
        # A file name that is no UTF-8 cannot be written down; such a text is looked into again.
        with suppress(UnicodeEncodeError):
            packed = zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(outline))
            self._new[_KIND, _key(oid, path)] = packed

    def registry(self, commit: str) -> Registry | None:
        """The ids of the resources in a commit, if they are known."""
        found = self._registries.get(commit)
        if found is None and (name := self._read(_AT, commit.encode())) is not None:
            data = self._read(_REGISTRY, name)
            # Whatever cannot be read is found again.
            with suppress(CorruptStoreError, zstandard.ZstdError):
                if data is not None:
                    found = decode(zstandard.ZstdDecompressor().decompress(data, max_output_size=_LARGEST))
                    self._registries[commit] = found
        return found

    def keep_registry(self, commit: str, registry: Registry) -> None:
        """Remember those; ``save`` keeps them. The version of ANVCS does not matter: ids stay when it is upgraded."""
        self._registries[commit] = registry
        if self._path is None:
            return
        # A file name that is no UTF-8 cannot be written down.
        with suppress(UnicodeEncodeError):
            raw = registry.encode()
            name = blake3(raw).digest()
            self._new[_REGISTRY, name] = zstandard.ZstdCompressor(level=1).compress(raw)
            self._new[_AT, commit.encode()] = name

    def save(self) -> None:
        """Keep what is new for other processes and other days."""
        new, self._new = self._new, {}
        store = self._open() if new else None
        if store is None:
            return
        try:
            with store.write(durable=False) as writer:
                for (kind, key), packed in new.items():
                    if writer.get(kind, key) is None:
                        writer.put(kind, key, packed)
        except AnvcsError as error:
            self._give_up(error)

    def close(self) -> None:
        """Keep what is new and let go of the database."""
        self.save()
        if self._store is not None:
            self._store.close()
            self._store = None

    def _read(self, kind: str, key: bytes) -> bytes | None:
        store = self._open()
        if store is None:
            return None
        try:
            with store.read() as reader:
                return reader.get(kind, key)
        except AnvcsError as error:
            self._give_up(error)
            return None

    def _open(self) -> SqliteStore | None:
        if self._store is None and self._path is not None:
            try:
                if self._path.exists() and self._path.stat().st_size > _MOST_BYTES:
                    discard(self._path)
                self._store = SqliteStore(self._path)
            except AnvcsError as error:
                self._give_up(error)
        return self._store

    def _give_up(self, error: AnvcsError) -> None:
        """Go on without; a damaged database is thrown away, for nothing in it is the only copy of anything."""
        if self._store is not None:
            self._store.close()
        if self._path is not None and isinstance(error, CorruptStoreError):
            discard(self._path)
        self._store = self._path = None


def _key(oid: str, path: str) -> bytes:
    return blake3(f"{FORMAT} {anvcs.__version__} {oid} {path}".encode("utf-8", "surrogateescape")).digest()
