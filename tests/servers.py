"""Real servers for tests: PostgreSQL from the system's packages and SeaweedFS (S3) from its wheel.

Both listen on loopback only, on free ports, with data in a folder that vanishes with them, and start when a test first
asks for them. Use the session's ``postgres`` and ``s3``, each test with a schema or prefix of its own (``fresh``).
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import pytest

HOST = "127.0.0.1"
WAIT = 30
"""Seconds that a server may take to start or stop."""
_numbers = itertools.count()


def fresh() -> str:
    """A name that no other test of this session uses, fit for a schema and for a prefix."""
    return f"t{os.getpid()}_{next(_numbers)}"


class Postgres:
    """A PostgreSQL server in a folder of its own, with a password."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anvcs-postgres-"))
        self.port = _free_ports(1)
        self.password = secrets.token_hex(8)
        # The server refuses to run as root.
        self._prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def dsn(self) -> str:
        """How to reach it as its owner."""
        return f"host={HOST} port={self.port} user=anvcs password={self.password} dbname=postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._control("start", "-l", str(self.folder / "log"))

    def stop(self, mode: Literal["fast", "immediate"] = "immediate") -> None:
        """Stop it; immediately is as good as a crash."""
        self._control("stop", "-m", mode)

    def restart(self, mode: Literal["fast", "immediate"] = "immediate") -> None:
        """Stop and start it."""
        self._control("restart", "-m", mode, "-l", str(self.folder / "log"))

    def close(self) -> None:
        """Stop it and remove its data."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        if self._prefix:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        secret = self.folder / "password"
        secret.write_text(self.password, encoding="ascii")
        secret.chmod(0o644)
        options = ["-A", "scram-sha-256", "-U", "anvcs", f"--pwfile={secret}", "-N", "-E", "UTF8", "--no-locale"]
        self._run("initdb", "-D", str(self.folder / "data"), *options)
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write(f"listen_addresses = '{HOST}'\nport = {self.port}\nunix_socket_directories = '{self.folder}'\n")

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", *words, "-w", "-t", str(WAIT), "-D", str(self.folder / "data"))

    def _run(self, program: str, *arguments: str) -> None:
        # A file takes the output: the server inherits it, and a pipe would stay open as long as the server lives.
        with tempfile.TemporaryFile() as output:
            argv = [*self._prefix, str(postgres_programs() / program), *arguments]
            env = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
            done = subprocess.run(
                argv, cwd=self.folder, env=env, stdout=output, stderr=output, timeout=2 * WAIT, check=False
            )
            output.seek(0)
            assert done.returncode == 0, output.read().decode()


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL's programs; Debian keeps them off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    assert on_path, "PostgreSQL is not installed; make setup installs it"
    return Path(on_path).resolve().parent


class S3:
    """A SeaweedFS server with one identity and one bucket."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anvcs-s3-"))
        self.port = _free_ports(5, also=10_000)
        self.bucket = "team"
        self.access_key = "tester"
        self.secret_key = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._used = False
        try:
            self._configure()
            self.start()
            self._make_bucket()
        except BaseException:
            self.close()
            raise

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def client(self) -> Any:
        """A boto3 client of its owner."""
        import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - as above

        return boto3.client(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - as above
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    def start(self) -> None:
        """Start it and wait until it answers, and gives and takes objects if it had any before."""
        with (self.folder / "log").open("ab") as output:
            self._process = subprocess.Popen(
                self._argv(), cwd=self.folder, stdout=output, stderr=output, start_new_session=True, env=self._env()
            )
        until = time.monotonic() + WAIT
        while not self._healthy():
            assert self._process.poll() is None, (self.folder / "log").read_text(errors="replace")
            assert time.monotonic() < until, "SeaweedFS did not start"
            time.sleep(0.05)
        while self._used and not self._serves():
            assert time.monotonic() < until, "SeaweedFS does not serve"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(WAIT)
            self._process = None

    def close(self) -> None:
        """End it and remove its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        # Its sockets lie in /tmp whatever TMPDIR says, and it leaves them behind.
        for port in range(self.port, self.port + 5):
            for left in [*_sockets(port), *_sockets(port + 10_000)]:
                left.unlink(missing_ok=True)

    def _argv(self) -> list[str]:
        ports = ("s3.port", "master.port", "volume.port", "filer.port", "admin.port")
        return [
            str(Path(sys.executable).with_name("weed")),
            f"-logdir={self.folder}",
            "mini",
            f"-dir={self.folder / 'data'}",
            *(f"-ip={HOST}", f"-ip.bind={HOST}"),
            *(f"-{name}={self.port + at}" for at, name in enumerate(ports)),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={self.folder / 's3.json'}"),
            # On as installed: it reports to its makers, and makes buckets that a misspelt name asks for.
            *("-master.telemetry=false", "-admin.ui=false", "-webdav=false", "-s3.autoCreateBucket=false"),
        ]

    def _env(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "S3_"))}

    def _configure(self) -> None:
        (self.folder / "data").mkdir()
        keys = {"accessKey": self.access_key, "secretKey": self.secret_key}
        owner = {
            "name": "owner",
            "credentials": [keys],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (self.folder / "s3.json").write_text(json.dumps({"identities": [owner]}), encoding="utf-8")

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _make_bucket(self) -> None:
        with closing(self.client()) as client:
            client.create_bucket(Bucket=self.bucket)
            # The first object takes longer than later ones: storage is allotted then.
            client.put_object(Bucket=self.bucket, Key="ready", Body=b"yes")
        self._used = True

    def _serves(self) -> bool:
        """Whether it gives and takes objects, which comes some seconds after it says that it is well."""
        with closing(self.client()) as client:
            try:
                client.get_object(Bucket=self.bucket, Key="ready")["Body"].read()
                client.put_object(Bucket=self.bucket, Key="ready", Body=b"yes")
            except client.exceptions.ClientError:
                return False
        return True


def _sockets(port: int) -> Iterator[Path]:
    return Path("/tmp").glob(f"seaweedfs-*-{port}.sock")  # noqa: S108 - not our choice


def _free_ports(count: int, also: int = 0) -> int:
    """The first of some neighbouring ports that are free, and those ``also`` higher too."""
    for _ in range(200):
        first = 20_000 + secrets.randbelow(20_000)
        wanted = [first + at for at in range(count)]
        if all(map(_free, [*wanted, *(port + also for port in wanted if also)])):
            return first
    raise AssertionError("no free ports")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests; one that restarts it must leave it running."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """An S3 server for all tests; one that ends it must start it again."""
    server = S3()
    yield server
    server.close()
