"""Remotes for tests: bare repositories behind a file path, HTTP with git's own backend, or an ssh that is a script."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import CancelledError
from anvcs.history.operations import verify
from tests.conftest import Repo


def bare(path: Path, env: Mapping[str, str]) -> Path:
    """An empty bare repository that HTTP may push to."""
    run(env, "init", "--quiet", "--bare", str(path))
    run(env, "-C", str(path), "config", "http.receivepack", "true")
    return path


def run(env: Mapping[str, str], *args: str) -> str:
    """Run git and give what it printed."""
    done = subprocess.run(["git", *args], env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def refs(path: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Every ref of a repository with its value."""
    lines = run(env, "-C", str(path), "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def holds(path: Path, env: Mapping[str, str], text: str) -> bool:
    """Whether any object of a repository, reachable or not, contains the text."""
    found = subprocess.run(
        ["git", "-C", str(path), "cat-file", "--batch-all-objects", "--batch", "--buffer"],
        env=env,
        capture_output=True,
        check=True,
    )
    return text.encode() in found.stdout


def notes(path: Path, env: Mapping[str, str]) -> dict[str, bytes]:
    """Every note of ours by the object it belongs to."""
    listed = run(env, "-C", str(path), "notes", "--ref=anvcs", "list").split()
    pairs = zip(listed[::2], listed[1::2], strict=True)
    return {key: run(env, "-C", str(path), "cat-file", "blob", blob).encode() for blob, key in pairs}


def push(repo: Repo, *args: str, caller: Caller | None = None) -> wire.PushResult:
    """Push with ANVCS."""
    remote, stream = (*args, None, None)[:2]
    return call(caller or repo.caller(), wire.PUSH, wire.PushParams(remote=remote, stream=stream))


def pull(repo: Repo, *args: str, caller: Caller | None = None) -> wire.PullResult:
    """Pull with ANVCS."""
    remote, stream = (*args, None, None)[:2]
    return call(caller or repo.caller(), wire.PULL, wire.PullParams(remote=remote, stream=stream))


def mode(repo: Repo, value: str) -> None:
    """Say in the configuration what may leave."""
    repo.write("ai-vcs.config.yaml", f"provenance:\n  push: {value}\n")
    exclude = repo.path / ".git/info/exclude"
    if "ai-vcs.config.yaml" not in exclude.read_text():
        exclude.write_text(exclude.read_text() + "/ai-vcs.config.yaml\n")


class Backend(ThreadingHTTPServer):
    """``git http-backend`` on the loopback."""

    daemon_threads = True

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.env = dict(env)
        self.password: tuple[str, str] | None = None
        """The user and password that are asked for."""
        self.dies_after: int | None = None
        """How many bytes of a push it takes before it and git's process are gone."""
        self.before_push: Callable[[], object] | None = None
        """Called once, when a push has begun."""

    @property
    def url(self) -> str:
        """Where repositories lie."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Backend  # pyright: ignore[reportIncompatibleVariableOverride] - always ours

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        del format, args

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(body)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, body: bytes) -> None:
        server = self.server
        if server.password is not None:
            wanted = base64.b64encode(":".join(server.password).encode()).decode()
            if self.headers.get("Authorization") != f"Basic {wanted}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="test"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        path, _, query = self.path.partition("?")
        env = {
            **server.env,
            "GIT_PROJECT_ROOT": str(server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "tester",
            "REMOTE_ADDR": "127.0.0.1",
        }
        sending = path.endswith("git-receive-pack") and self.command == "POST"
        if sending and server.before_push is not None:
            hook, server.before_push = server.before_push, None
            hook()
        child = subprocess.Popen(
            ["git", "http-backend"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        if sending and len(body) > 4 and server.dies_after is not None:
            _feed(child, body[: server.dies_after])
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
            self.close_connection = True
            return
        out, _ = child.communicate(body)
        head, _, content = out.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200 OK").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.write(data)
        child.stdin.flush()


@contextmanager
def http(root: Path, env: Mapping[str, str]) -> Generator[Backend]:
    """The repositories below a folder, over HTTP."""
    server = Backend(root, env)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ssh(folder: Path, dies_after: int | None = None) -> str:
    """A value for GIT_SSH_COMMAND: a script in place of ssh that runs what it is asked to, on this machine.

    With ``dies_after`` git-receive-pack is killed when it was given so many bytes.
    """
    script = folder / "ssh.py"
    script.write_text(
        f"""import os, signal, subprocess, sys
command = sys.argv[-1]
limit = {dies_after!r}
if limit is None or "receive-pack" not in command:
    os.execvp("sh", ["sh", "-c", command])
child = subprocess.Popen(["sh", "-c", "exec " + command], stdin=subprocess.PIPE)
left = limit
while left:
    data = os.read(0, min(left, 4096))
    if not data:
        break
    left -= len(data)
    try:
        os.write(child.stdin.fileno(), data)
    except BrokenPipeError:
        break
child.send_signal(signal.SIGKILL)
child.wait()
sys.exit(255)
"""
    )
    return f"{sys.executable} {script}"


def clone(url: str, repo: Repo, name: str, *, init: bool = True) -> Repo:
    """A plain git clone beside another repository, with ANVCS in it."""
    path = repo.path.parent / name
    run(repo.env, "clone", "--quiet", url, str(path))
    made = Repo(path, repo.env, repo.config_home)
    if init:
        made.init()
    return made


def is_running(pid: int) -> bool:
    """Whether the process lives (and is no zombie)."""
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except FileNotFoundError:
        return False


def children() -> set[int]:
    """The processes that this one started and that live."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    found = {int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()}
    return {pid for pid in found if is_running(pid)}


SECRET = "Tell nobody that the tide is high at noon"
OTHER = "Another thing that stays between us"


def work(repo: Repo, name: str, text: str = "x\n", *, prompt: str | None = None) -> wire.CommitResult:
    """Commit one file, with a prompt."""
    repo.write(name, text)
    repo.git("add", name)
    return repo.commit(f"about {name}", metadata=wire.Metadata(prompt=prompt))


def newest(repo: Repo, kind: str) -> dict[str, object]:
    """The details of the newest operation, which must be of this kind and truly signed."""
    entry = repo.caller().workspace(None).ledger.operations(limit=1)[0]
    assert (verify(entry.signed).kind, entry.state) == (kind, "published")
    return dict(entry.operation.details)


def stopping(repo: Repo, at: str) -> Caller:
    """A caller that cancels when work of that name is reported."""

    def progress(message: str, percent: int | None) -> None:
        del percent
        if at in message:
            raise CancelledError("Cancelled.")

    caller = repo.caller()
    caller.progress = progress
    return caller
