"""Many new Git objects as one pack: a file and two syncs, where loose objects would be a file and a sync each."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from anvcs.errors import GitFailedError
from anvcs.gitmirror.git import Git, failed
from anvcs.gitmirror.repository import GitRepository

_KINDS = {"commit": 1, "tree": 2, "blob": 3}
_LEVEL = 1
"""git's own default for loose objects; notes hardly shrink further."""
FEW = 64
"""Up to so many objects are written loose, since a pack for each push would pile up."""


class Pack:
    """Objects on their way into a repository. Nothing is there before :meth:`flush`.

    The pack is held by a ``.keep`` file, as git's own fetch does, so that a ``gc`` beside us cannot take its objects
    before a ref names them; :meth:`release` lets go.
    """

    def __init__(self, repo: GitRepository) -> None:
        self._repo = repo
        self._odb = repo.handle.odb
        self._new: dict[str, tuple[str, bytes]] = {}
        self._keep: Path | None = None

    def read(self, oid: str, kind: str) -> bytes:
        """Content of the object. Raises GitFailedError if it is absent."""
        if oid in self._new:
            return self._new[oid][1]
        try:
            return self._odb.read(oid)[1]
        except KeyError as error:
            raise GitFailedError(f"Object {oid} ({kind}) is missing.", "Run git fsck.") from error

    def write(self, kind: str, data: bytes) -> str:
        """Git id of the new object."""
        oid = hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(data), data), usedforsecurity=False).hexdigest()
        self._new[oid] = kind, data
        return oid

    def flush(self) -> None:
        """Make all of it durable and visible. Raises GitFailedError."""
        if len(self._new) <= FEW:
            for kind, data in self._new.values():
                self._repo.objects.write(kind, data)
            self._repo.objects.flush()
            return
        name = store(self._repo.git, self._new.values(), f"--keep=anvcs {os.getpid()}")
        self._keep = Path(self._repo.git.text("rev-parse", "--path-format=absolute", "--git-path", "objects/pack"))
        self._keep /= f"pack-{name}.keep"

    def release(self) -> None:
        """Let git collect what no ref names."""
        if self._keep is not None:
            with suppress(FileNotFoundError):
                self._keep.unlink()


def store(git: Git, objects: Collection[tuple[str, bytes]], *options: str) -> str:
    """Write objects, each a kind and its content, as one pack, durable and visible; gives the pack's name.

    Raises GitFailedError.
    """
    args = ("index-pack", "--stdin", *options)
    done = git.run(*args, stdin=_packed(objects))
    if done.returncode:
        raise failed(args, done.stderr)
    return done.stdout.decode("ascii").split()[-1]


def _packed(objects: Collection[tuple[str, bytes]]) -> bytes:
    parts = [b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")]
    for kind, data in objects:
        parts += (_header(_KINDS[kind], len(data)), zlib.compress(data, _LEVEL))
    body = b"".join(parts)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def _header(kind: int, size: int) -> bytes:
    """Type and size as packs have them: four bits of size in the first byte, seven in each that follows."""
    first, size = kind << 4 | size & 15, size >> 4
    out = bytearray()
    while size:
        out.append(first | 0x80)
        first, size = size & 127, size >> 7
    out.append(first)
    return bytes(out)
