"""The language server beside its peers, in one run: ``python tests/benchmarks/lsp.py [--rounds N] [--no-pylsp]``.

Peers: a hello-world server on Node (vscode-languageserver), a server on stock pygls that answers status from git, and
pylsp. They are installed into the user's cache at the first run. Nothing is asserted: times are this machine's, ratios
are what counts; the goals are printed beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anvcs.actions.caller import Caller, call
from anvcs.wire import INIT, InitParams

PEERS = Path(__file__).parent / "peers"
PYLSP = "python-lsp-server==1.15.0"
ROW = {
    "commitId": "b3:" + "0123456789abcdef" * 4,
    "gitCommit": "0123456789" * 4,
    "lane": 0,
    "author": {"name": "Ada Lovelace", "email": "ada@example.org", "time": 1_700_000_000},
    "subject": "Fix the thing number 1234 in the module that has it",
}
PAGE = {"row": ROW, "count": 7000}
"""About 2 MB of graph; a real page has 1,000 rows at most."""
LINES = 10_000


class Server:
    """A server process and a client that does as little as it can."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._next = 0

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.write(framed(**message))

    def write(self, data: bytes) -> None:
        """Send bytes."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def request(self, method: str, params: Any) -> bytes:
        """The raw answer to a request; requests of the server are answered on the way."""
        self._next += 1
        self.send(id=self._next, method=method, params=params)
        while True:
            body = self._read()
            head = body[:4096]
            if b'"method"' not in head:
                return body
            message = json.loads(body)
            if "id" in message:
                self.send(id=message["id"], result=None)

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) != b"\r\n":
            if not line:
                raise SystemExit(f"{self._process.args!r} ended")
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return self._process.stdout.read(length)

    def introduce(self) -> None:
        """Initialize."""
        uri = self.folder.as_uri()
        folders = [{"uri": uri, "name": "folder"}]
        params: dict[str, Any] = {
            "processId": os.getpid(),
            "rootUri": uri,
            "capabilities": {},
            "workspaceFolders": folders,
        }
        self.request("initialize", params)
        self.send(method="initialized", params={})

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def framed(**message: Any) -> bytes:
    """A message as it goes over the wire."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often each thing is measured; the median counts")
    parser.add_argument("--no-pylsp", action="store_true", help="leave pylsp out")
    options = parser.parse_args()
    node = install_node()
    pylsp = None if options.no_pylsp else install_pylsp()
    with tempfile.TemporaryDirectory(prefix="anvcs-lsp-") as scratch:
        folder, env = sample(Path(scratch))
        commands = {
            "ours, no-op actions": [sys.executable, str(PEERS / "ours.py")],
            "node": ["node", str(node)],
        }
        conversation(commands, folder, env, options.rounds)
        starts: dict[str, list[str]] = {
            "ours": [sys.executable, "-m", "anvcs.lsp"],
            "stock pygls": [sys.executable, str(PEERS / "stock_pygls.py")],
            "node": commands["node"],
        }
        if pylsp is not None:
            starts["pylsp"] = [str(pylsp)]
        start(starts, folder, env, options.rounds)


def conversation(commands: Mapping[str, list[str]], folder: Path, env: Mapping[str, str], rounds: int) -> None:
    """What one running server does in answer to messages, ours beside Node's."""
    times: dict[str, dict[str, list[float]]] = {}
    with running(commands, folder, env) as servers:
        for _ in range(rounds):
            for name, server in servers.items():
                mine = times.setdefault(name, {"request": [], "unknown": [], "page": [], "change": []})
                mine["request"] += each(lambda s=server: s.request("anvcs/repository/status", {}), 300)
                mine["unknown"] += each(lambda s=server: s.request("anvcs/unknown", {}), 300)
                mine["page"] += each(lambda s=server: s.request("anvcs/graph", {}), 5)
                mine["change"].append(changes(server, name))
    ours, theirs = times["ours, no-op actions"], times["node"]
    size = PAGE["count"]
    print("A conversation (p50)")
    report("request answered off the loop", ours["request"], theirs["request"], 1e6, "us", "the action's own thread")
    report("request answered on the loop", ours["unknown"], theirs["unknown"], 1e6, "us", "<= 0.5x")
    report(f"{size} graph rows, about 2 MB", ours["page"], theirs["page"], 1e3, "ms", "<= 0.5x")
    report(f"one-character didChange, {LINES} lines", ours["change"], theirs["change"], 1e6, "us", "<= 0.2x")


def changes(server: Server, name: str, count: int = 1000) -> float:
    """Seconds that one keystroke takes, by many in a row; checked to have been taken."""
    text = "".join(f"x{number} = {number} + 1  # comment\n" for number in range(LINES))
    uri = "file:///benchmark.py"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    server.send(method="textDocument/didOpen", params={"textDocument": item})
    length(server, name, uri)
    typed = b"".join(keystroke(uri, number) for number in range(count))
    since = time.perf_counter()
    server.write(typed)
    taken = length(server, name, uri)
    spent = time.perf_counter() - since
    if taken != len(text) + count:
        raise SystemExit(f"{name} lost changes: {taken} letters, not {len(text) + count}")
    server.send(method="textDocument/didClose", params={"textDocument": {"uri": uri}})
    return spent / count


def keystroke(uri: str, number: int) -> bytes:
    """One letter somewhere."""
    at = {"line": number * 37 % LINES, "character": 1}
    change = {"range": {"start": at, "end": at}, "text": "y"}
    document = {"uri": uri, "version": number + 2}
    return framed(method="textDocument/didChange", params={"textDocument": document, "contentChanges": [change]})


def length(server: Server, name: str, uri: str) -> int:
    """How long the server thinks the document is."""
    if name == "node":
        return json.loads(server.request("benchmark/text", {"uri": uri}))["result"]["length"]
    hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    return int(json.loads(server.request("textDocument/hover", hover))["result"]["contents"]["value"])


def start(commands: Mapping[str, list[str]], folder: Path, env: Mapping[str, str], rounds: int) -> None:
    """From starting the process to its answers, with the real actions in a real repository."""
    introduced: dict[str, list[float]] = {name: [] for name in commands}
    answered: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            server = Server(command, folder, env)
            server.introduce()
            introduced[name].append(time.perf_counter() - server.begun)
            # pylsp has no such method; its refusal is its first answer.
            server.request("anvcs/repository/status", {})
            answered[name].append(time.perf_counter() - server.begun)
            server.stop()
    print("\nFrom process start (median)")
    for title, times, goals in (
        ("to the answer to initialize", introduced, {}),
        ("to the first status answer", answered, {"stock pygls": "<= 0.75x"}),
    ):
        for peer in commands:
            if peer != "ours":
                report(f"{title}, {peer}", times["ours"], times[peer], 1e3, "ms", goals.get(peer, ""))


@contextmanager
def running(commands: Mapping[str, list[str]], folder: Path, env: Mapping[str, str]) -> Generator[dict[str, Server]]:
    """The servers, introduced and warm."""
    servers = {name: Server(command, folder, env) for name, command in commands.items()}
    try:
        for name, server in servers.items():
            server.introduce()
            for _ in range(100):
                server.request("anvcs/repository/status", {})
            changes(server, name, 10)
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def each(work: Callable[[], object], count: int) -> list[float]:
    """Seconds of every single time."""
    times: list[float] = []
    for _ in range(count):
        since = time.perf_counter()
        work()
        times.append(time.perf_counter() - since)
    return times


def report(title: str, ours: list[float], theirs: list[float], scale: float, unit: str, goal: str) -> None:
    """One line: ours, the peer's, the ratio, the goal."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"  {title:44} {mine * scale:9.1f} {unit}  peer {other * scale:9.1f} {unit}  {mine / other:5.2f}x  {goal}")


def sample(folder: Path) -> tuple[Path, dict[str, str]]:
    """A repository of 200 files with ANVCS set up, and an environment that sees nothing of the user's."""
    home = folder / "home"
    repo = folder / "repo"
    for each_folder in (home, repo):
        each_folder.mkdir()
    (home / ".gitconfig").write_text("[user]\n name = Ada\n email = ada@example.org\n[init]\n defaultBranch = main\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_"))}
    env = {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "ANVCS_BENCHMARK_PAGE": json.dumps(PAGE)}
    for number in range(200):
        (repo / f"file{number}.py").write_text(f"x = {number}\n")
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=repo, env=env, check=True)
    caller = Caller(cwd=repo, env=env, config_home=home / ".config" / "anvcs")
    call(caller, INIT, InitParams())
    caller.close()
    return repo, env


def cache() -> Path:
    """Where peers are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "anvcs-benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def install_node() -> Path:
    """The Node server with its packages, as its lock file names them."""
    folder = cache() / "node-peer"
    shutil.copytree(PEERS / "node", folder, dirs_exist_ok=True)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return folder / "server.js"


def install_pylsp() -> Path | None:
    """The pylsp program, or nothing where it cannot be installed."""
    folder = cache() / PYLSP
    program = folder / "bin" / "pylsp"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        done = subprocess.run([folder / "bin" / "pip", "install", "--quiet", PYLSP], check=False)
        if done.returncode:
            print(f"{PYLSP} cannot be installed here and is left out")
            return None
    return program


if __name__ == "__main__":
    main()
