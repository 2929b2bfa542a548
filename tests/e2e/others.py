"""Who changes a file beside the windows: a Yjs client from npm, an agent, one with hooks, and one who only writes."""

from __future__ import annotations

import asyncio
import json
import random
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import anvcs.agent
from anvcs.agent import Room
from anvcs.link import discovery
from anvcs.link.control import Control
from scripts import toolchain
from tests.e2e.repository import Repository
from tests.two_authors import characters

NODE: Final = "human:node@example.org"
AGENT: Final = "agent:python"
HOOKED: Final = "agent:claude"
DISK: Final = "system:disk"
TAILS: Final = ("é\N{GRINNING FACE}", "漢字", "\N{FAMILY} x", "plain")
PEER: Final = Path(__file__).parents[1] / "relay" / "node" / "peer.mjs"
PATIENCE: Final = 30.0
"""Seconds after which what was waited for did not come."""
PAUSE: Final = 0.3
"""Seconds between what one of them does."""
LOST: Final = 10.0
"""Seconds after which a write that is neither in the file nor in the room was written over, unseen."""


class Words:
    """What everybody wrote."""

    def __init__(self) -> None:
        self.wrote: dict[str, tuple[str, tuple[str, ...]]] = {}
        """By whom each word is and how that can be known."""

    def word(self, kind: str, actor: str, *how: str) -> str:
        """A word that nobody else writes."""
        number = sum(1 for each in list(self.wrote) if each[1] == kind)
        made = f"<{kind}{number} {TAILS[number % len(TAILS)]}>"
        self.wrote[made] = (actor, how or ("live",))
        return made


class Others:
    """Each in a thread of their own, until :meth:`stop`."""

    def __init__(self, repository: Repository, file: Path, words: Words) -> None:
        self._repository = repository
        self._file = file
        self._words = words
        self.again: list[str] = []
        """What had to be written once more: an editor wrote over it before anybody came to read it."""
        self._ended = threading.Event()
        self._failed: list[BaseException] = []
        repository.anvcs("agents", "connect", "claude", "--yes")
        status = json.loads(repository.anvcs("rooms", "status", "--json"))
        self._room = next(each["room"] for each in status["rooms"] if each["path"] == file.name)
        self._state = repository.folder / ".git" / "anvcs"
        self._agent = self._open(AGENT)
        self._reader = self._open("agent:reader")
        self._node = self._start_node()
        work: tuple[Callable[[random.Random], None], ...] = (self._type_in_node, self._edit, self._write)
        self._threads = [threading.Thread(target=self._go_on, args=(each, number)) for number, each in enumerate(work)]

    def start(self) -> None:
        """All begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """All have done their last; raises what any of them failed with."""
        self._ended.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)
        if self._failed:
            raise self._failed[0]

    def close(self) -> None:
        """All leave."""
        self._ended.set()
        self._node.kill()
        self._node.communicate()
        for each in (self._agent, self._reader):
            each.close()

    def texts(self) -> list[str]:
        """What the Yjs client and the agent have."""
        return [self._node_text(), self._agent.read()]

    def credited(self) -> list[tuple[str, str]]:
        """Actor and how it is known, of each character."""
        found: list[list[tuple[str, str]]] = []
        asking = threading.Thread(target=lambda: found.append(asyncio.run(self._ask())))
        asking.start()
        asking.join(PATIENCE)
        return found[0]

    async def _ask(self) -> list[tuple[str, str]]:
        control = Control(self._state, self._found(), _unheard)
        await control.open()
        try:
            return characters(await control.ask("attribution", {"room": self._room}))
        finally:
            await control.close()

    def _go_on(self, work: Callable[[random.Random], None], seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - reproducible
        try:
            while not self._ended.wait(PAUSE):
                work(rng)
        except BaseException as error:  # noqa: BLE001 - raised where the test waits
            self._failed.append(error)

    def _found(self) -> discovery.Discovery:
        found = discovery.read(self._state)
        assert found is not None
        return found

    def _open(self, actor: str) -> Room:
        return anvcs.agent.open(self._file, as_=actor, env=self._repository.env)

    # The Yjs client

    def _start_node(self) -> subprocess.Popen[bytes]:
        found = self._found()
        query = json.dumps({"token": found.token, "actor": NODE})
        argv = [str(toolchain.NODE_BIN / "node"), str(PEER), found.url("/rooms"), self._room, query]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _tell(self, **command: object) -> None:
        assert self._node.stdin is not None
        self._node.stdin.write(json.dumps(command).encode() + b"\n")
        self._node.stdin.flush()

    def _node_text(self) -> str:
        assert self._node.stdout is not None
        self._tell(show=True)
        for line in self._node.stdout:
            body: dict[str, Any] = json.loads(line)
            if "text" in body:
                return str(body["text"])
        raise AssertionError("the Node client ended")

    def _type_in_node(self, _: random.Random) -> None:
        self._tell(insert=self._words.word("n", NODE) + "\n")

    # The agent

    def _edit(self, rng: random.Random) -> None:
        text = self._agent.read()
        start = _line_start(text, rng)
        self._agent.edit(start, start, self._words.word("p", AGENT) + "\n")
        self._agent.cursor(start, start + 2)

    # Those who write files

    def _write(self, rng: random.Random) -> None:
        """Add a line to the file, and wait until that is seen: the next would overwrite it."""
        hooked = rng.random() < 0.5
        # A write that falls into a save is taken in before the hook could say that it is done.
        who = ("h", HOOKED, "reported", "inferred") if hooked else ("d", DISK, "inferred")
        word = self._words.word(*who)
        self._put(word, word if hooked else None, rng)
        begun = time.monotonic()
        while word not in self._reader.read():
            late = time.monotonic() - begun
            if late > LOST and word not in self.again and word not in self._whole():
                self.again.append(word)
                self._put(word, f"{word} again" if hooked else None, rng)
            assert late < PATIENCE, f"{word} did not come into the room"
            self._reader.wait_for_change(PAUSE)

    def _put(self, word: str, task: str | None, rng: random.Random) -> None:
        """Read the file and write it with a line more; with hooks, this is the task."""
        if task is not None:
            self._hook("PreToolUse", "Read", task)
        lines = self._whole().splitlines(keepends=True)
        lines.insert(rng.randint(0, len(lines) - 1), f"{word}\r\n")
        if task is not None:
            self._hook("PreToolUse", "Write", task)
        # In one step: two who write over one another in place leave a mixture on the disk, whoever watches.
        beside = self._file.with_name(f".{self._file.name}.new")
        beside.write_bytes("".join(lines).encode())
        beside.replace(self._file)
        if task is not None:
            self._hook("PostToolUse", "Write", task)

    def _whole(self) -> str:
        """The file as one finds it who reads it again when it is cut off: an editor may be about to write it."""
        until = time.monotonic() + PATIENCE
        while not (text := self._file.read_bytes().decode(errors="replace")).endswith("end\r\n"):
            assert time.monotonic() < until, f"the file is {text!r}"
        return text

    def _hook(self, event: str, tool: str, task: str) -> None:
        """Run what the agent's settings say, as the agent does."""
        home = Path(self._repository.env["HOME"])
        settings = json.loads((home / ".claude" / "settings.json").read_text(encoding="utf-8"))
        said = {"hook_event_name": event, "session_id": "s1", "cwd": str(self._repository.folder), "model": "m1"}
        said |= {"tool_name": tool, "tool_input": {"file_path": str(self._file)}, "tool_use_id": f"{tool} {task}"}
        for group in settings["hooks"][event]:
            for each in group["hooks"]:
                subprocess.run(
                    shlex.split(each["command"]), input=json.dumps(said).encode(), env=self._repository.env, check=True
                )


def _unheard(event: str, params: Mapping[str, Any]) -> None:
    del event, params


def _line_start(text: str, rng: random.Random) -> int:
    """The start of any line but the one after the last."""
    return rng.choice([0, *(place + 1 for place, each in enumerate(text[:-1]) if each == "\n")])
