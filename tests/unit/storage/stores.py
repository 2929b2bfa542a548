"""Every backend for the tests that every store must pass, those with a server on real ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from anvcs.storage.bucket import Address
from anvcs.storage.memory import MemoryStore
from anvcs.storage.postgres import PostgresStore
from anvcs.storage.protocol import Store
from anvcs.storage.s3 import S3Store
from anvcs.storage.sqlite import SqliteStore
from tests.servers import S3, Postgres, fresh

BACKENDS = ("memory", "sqlite", "postgres", "s3")
Opener: TypeAlias = Callable[[], Store]
"""Opens one and the same store again and again; in memory there is nothing to open again."""


def opener(backend: str, request: pytest.FixtureRequest, folder: Path) -> Opener:
    """How to open a new store of a backend."""
    match backend:
        case "sqlite":
            return lambda: SqliteStore(folder / "store.db")
        case "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            schema = fresh()
            return lambda: PostgresStore(server.dsn, schema)
        case "s3":
            where = address(request.getfixturevalue("s3"))
            return lambda: S3Store(where)
        case _:
            made = MemoryStore()
            return lambda: made


def address(server: S3) -> Address:
    """A folder of the server's bucket that nobody uses."""
    return Address(
        bucket=server.bucket,
        prefix=fresh(),
        endpoint=server.endpoint,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )


def python(script: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Another process that runs the script with arguments, to be talked to over pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *(str(argument) for argument in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
