"""From one client's edit to the others' texts, beside the Yjs servers: ``python -m tests.benchmarks.fanout``.

One load of Node clients (peers/yjs/load.mjs, all in one process) against our relay, which writes every edit to the disk
before anybody hears of it, against @y/websocket-server and against hocuspocus, neither of which writes anything. They
take turns in every round, so that a busy machine disturbs all alike; medians of the rounds are printed, with the
machine's load beside them, and first of all what a synchronised write costs, which only ours makes. The servers are
installed into the user's cache at the first run. Nothing is asserted: the goals are printed beside the ratios.
``--profile FILE`` runs our relay under cProfile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from anvcs.link import discovery
from anvcs.link.control import Control
from scripts import toolchain
from tests.benchmarks.common import git, isolated, quantile, synchronised
from tests.benchmarks.lsp import cache

HOST = "127.0.0.1"
PEERS = Path(__file__).parent / "peers" / "yjs"
LOADS = {2: 10, 10: 10, 50: 4}
"""Clients, and the edits that each makes in a second."""
GOALS = {2: 2.0, 10: 2.0, 50: 0.5}
OURS, Y, HOCUSPOCUS = "ours (durable)", "@y/websocket-server", "hocuspocus"
PATIENCE = 20.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--only", choices=(OURS, Y, HOCUSPOCUS), action="append")
    parser.add_argument("--clients", type=int, action="append", choices=tuple(LOADS))
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    peers = install()
    names = options.only or [OURS, Y, HOCUSPOCUS]
    with tempfile.TemporaryDirectory(prefix="anvcs-fanout-") as scratch:
        disk = synchronised(Path(scratch))
    print(f"A synchronised write: p50 {quantile(disk, 0.5):.1f} ms, p99 {quantile(disk, 0.99):.1f} ms")
    for clients in options.clients or LOADS:
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for number in range(options.rounds):
            for place in range(len(names)):
                name = names[(place + number) % len(names)]
                results[name].append(one(name, peers, clients, options.seconds, options.profile))
        report(clients, results)


def report(clients: int, results: Mapping[str, list[dict[str, Any]]]) -> None:
    """One line for each server, and the ratio to the better of the others."""
    print(f"{clients} clients, {LOADS[clients]} edits/s each (load of the machine {os.getloadavg()[0]:.1f})")
    p99: dict[str, float] = {}
    for name, rounds in results.items():
        middle = {key: statistics.median(each[key] for each in rounds) for key in ("p50", "p99", "messages", "cpu")}
        p99[name] = middle["p99"]
        whole = all(each["same"] and not each["lost"] for each in rounds)
        each_p99 = ", ".join(f"{each['p99']:.0f}" for each in rounds)
        print(
            f"  {name:20} p50 {middle['p50']:7.1f} ms  p99 {middle['p99']:7.1f} ms (rounds {each_p99})"
            f"  {middle['messages']:6.0f} messages/s  clients' processor {middle['cpu']:.2f}"
            f"  {'all the same' if whole else 'NOT THE SAME, or lost'}",
            flush=True,
        )
    others = [value for name, value in p99.items() if name != OURS]
    if OURS in p99 and others:
        print(f"  p99 to the better of the others: {p99[OURS] / min(others):.2f}x (goal {GOALS[clients]}x)")


def one(name: str, peers: Path, clients: int, seconds: int, profile: Path | None) -> dict[str, Any]:
    """One server under one load."""
    with tempfile.TemporaryDirectory(prefix="anvcs-fanout-") as scratch:
        servers = {
            OURS: lambda: ours(Path(scratch), profile),
            Y: lambda: y_server(peers),
            HOCUSPOCUS: lambda: hocus(peers),
        }
        with servers[name]() as url:
            arguments = [url, str(clients), str(LOADS[clients]), str(seconds)]
            done = subprocess.run(
                [node(), str(peers / "load.mjs"), *arguments, *(["hocuspocus"] if name == HOCUSPOCUS else [])],
                capture_output=True,
                check=False,
                timeout=seconds + 60,
            )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.decode()}")
    return json.loads(done.stdout)


@contextmanager
def ours(folder: Path, profile: Path | None) -> Generator[str]:
    """Our relay on a repository of its own."""
    env = isolated(folder)
    tree = folder / "tree"
    tree.mkdir()
    git(tree, env, "init", "--quiet")
    (tree / "room.txt").write_bytes(b"")
    git(tree, env, "add", ".")
    git(tree, env, "commit", "--quiet", "-m", "empty")
    state = tree / ".git" / "anvcs"
    state.mkdir()
    profiler = ["-m", "cProfile", "-o", str(profile)] if profile else []
    command = [
        sys.executable,
        *profiler,
        "-m",
        "anvcs.relay",
        "--state",
        str(state),
        "--config",
        str(folder / "config"),
    ]
    with process(command, env) as (_, said):
        said()
        found = discovery.read(state)
        assert found is not None
        control = Control(state, found, lambda _, __: None)
        room = asyncio.run(_room(control, tree))
        yield f"{found.url(f'/rooms/{room}')}?{urlencode({'token': found.token, 'actor': 'human:load@example.org'})}"


async def _room(control: Control, tree: Path) -> str:
    await control.open()
    try:
        opened = await control.ask(
            "open", {"worktree": str(tree), "path": "room.txt", "actor": "human:load@example.org"}
        )
        return str(opened["room"])
    finally:
        await control.close()


@contextmanager
def y_server(peers: Path) -> Generator[str]:
    """@y/websocket-server, in memory."""
    port = free_port()
    env = {**os.environ, "HOST": HOST, "PORT": str(port)}
    with process([node(), str(peers / "node_modules/@y/websocket-server/src/server.js")], env):
        wait(port)
        yield f"ws://{HOST}:{port}/room"


@contextmanager
def hocus(peers: Path) -> Generator[str]:
    """Hocuspocus, in memory."""
    port = free_port()
    with process([node(), str(peers / "hocuspocus.mjs"), str(port)], os.environ):
        wait(port)
        yield f"ws://{HOST}:{port}/"


@contextmanager
def process(command: list[str], env: Mapping[str, str]) -> Generator[tuple[subprocess.Popen[bytes], Any]]:
    """A server until it is told to end."""
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                running.kill()


def wait(port: int) -> None:
    """Until something listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def node() -> str:
    """The Node that this repository pins."""
    return str(toolchain.NODE_BIN / "node")


def install() -> Path:
    """The servers and the load, with packages as the lock file names them."""
    folder = cache() / "yjs-peers"
    lock = folder / "package-lock.json"
    fresh = not lock.exists() or lock.read_bytes() != (PEERS / "package-lock.json").read_bytes()
    shutil.copytree(PEERS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    if fresh or not (folder / "node_modules").exists():
        env = {**os.environ, "PATH": f"{toolchain.NODE_BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
        subprocess.run(command, cwd=folder, env=env, check=True)
    return folder


if __name__ == "__main__":
    main()
