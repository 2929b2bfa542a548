"""Agents that tell of themselves through their hooks, beside people who type: nothing lost, everything credited."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest

from anvcs import hook, wire
from anvcs.link.control import Control
from anvcs.link.roomclient import RoomClient
from tests.conftest import Repo
from tests.relay.conftest import Team, agree, until, write
from tests.relay.test_collab import ADA, FILE, TEXT, ask, place, stop, switch_on
from tests.relay.test_disk import hash_of, joined, look, rested, writers

CLAUDE, CODEX = "agent:claude", "agent:codex"
GIT = "system:git"


class Agent:
    """One whose hooks are connected."""

    def __init__(self, repo: Repo, name: str = "claude", session: str = "s1") -> None:
        self._repo = repo
        self._name = name
        self._session = session
        self._calls = 0

    def says(self, event: str, tool: str | None = None, **given: Any) -> None:
        """What its hook is told."""
        said = {"hook_event_name": event, "session_id": self._session, "cwd": str(self._repo.path), "model": "m1"}
        if tool is not None:
            said |= {"tool_name": tool, "tool_input": given, "tool_use_id": f"{self._session}-{self._calls}"}
        hook.main(["hook.py", self._name], io.BytesIO(json.dumps(said).encode()), {})

    def read(self, path: str = FILE) -> str:
        """Read a file."""
        self._calls += 1
        self.says("PreToolUse", "Read", file_path=path)
        return self._repo.read(path).decode()

    def write(self, text: str, path: str = FILE, tool: str = "Write", **given: Any) -> None:
        """Write a file."""
        self._calls += 1
        given = given or {"file_path": path, **({"content": text} if tool == "Write" else {})}
        self.says("PreToolUse", tool, **given)
        self._repo.write(path, text)
        self.says("PostToolUse", tool, **given)

    def patch(self, text: str, path: str = FILE) -> None:
        """Write a file as Codex does."""
        self.write(text, path, "apply_patch", command=f"*** Begin Patch\n*** Update File: {path}\n*** End Patch")


async def hows(control: Control, room: str, actor: str) -> list[tuple[str, Any]]:
    """How what an actor wrote is known, and what was said of it."""
    sources = (await control.ask("attribution", {"room": room}))["sources"].values()
    return [(each["how"], each["meta"]) for each in sources if each["actor"] == actor]


@pytest.fixture
async def ada(team: Team) -> tuple[RoomClient, Control, str]:
    """Ada in the room of the file, in a repository in which rooms are on."""
    await switch_on(team)
    return await joined(team)


Joined = tuple[RoomClient, Control, str]


@pytest.mark.promise("agents.reported")
async def test_a_write_on_a_stale_read_loses_nothing_and_is_its_agent_s_as_reported(team: Team, ada: Joined) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    read = claude.read()
    # Meanwhile somebody saves, and Ada has text that is not saved.
    team.repo.write(FILE, TEXT.replace("four\n", "four\nsaved\n"))
    await until(client, lambda: "saved" in client.doc.text)
    write(client, place(client, "two"), "# unsaved é😀\n")
    await agree(client)
    claude.write(read.replace("three\n", "three\nmine 漢字\n") + "six\n")
    expected = "one\n# unsaved é😀\ntwo\nthree\nmine 漢字\nfour\nsaved\nfive\nsix\n"
    await until(client, lambda: client.doc.text == expected)
    assert await writers(control, client, room) == [
        (GIT, "one\n"),
        (ADA, "# unsaved é😀\n"),
        (GIT, "two\nthree\n"),
        (CLAUDE, "mine 漢字\n"),
        (GIT, "four\n"),
        ("system:disk", "saved\n"),
        (GIT, "five\n"),
        (CLAUDE, "six\n"),
    ]
    assert await hows(control, room, CLAUDE) == [("reported", {"session": "s1", "model": "m1", "tool": "Write"})]


async def test_a_hook_that_looks_while_an_editor_empties_the_file_doubles_nothing(team: Team, ada: Joined) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    write(client, 0, "# unsaved\n")
    await agree(client)
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    team.repo.write(FILE, "")
    claude.says("PreToolUse", "Read", file_path=FILE)
    team.repo.write(FILE, TEXT)
    claude.write(f"{TEXT}mine\n")
    said = {"room": room, "hash": hash_of(TEXT), "text": TEXT, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said)
    await until(client, lambda: "mine" in client.doc.text)
    assert client.doc.text == f"# unsaved\n{TEXT}mine\n"
    assert (CLAUDE, "mine\n") in await writers(control, client, room)


@pytest.mark.parametrize("kept", [0, len("one\ntwo\nth"), len("one\ntwo\nthree\nfour\nfive\n")])
async def test_a_hook_that_looks_when_an_editor_is_writing_over_its_agent_s_text_deletes_nothing(
    team: Team, ada: Joined, kept: int
) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    claude.read()
    write(client, place(client, "five"), "# saved\n")
    saved = await agree(client)
    await control.ask("showing", {"room": room, "hash": hash_of(saved), "text": saved})
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    claude.says("PreToolUse", "Write", file_path=FILE)
    team.repo.write(FILE, f"mine\n{TEXT}")
    assert "saving" in (await look(team, control))["held"]
    team.repo.write(FILE, saved[:kept])
    claude.says("PostToolUse", "Write", file_path=FILE)
    team.repo.write(FILE, saved)
    said = {"room": room, "hash": hash_of(saved), "text": saved, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said)
    await until(client, lambda: "mine" in client.doc.text)
    await look(team, control)
    assert await agree(client) == f"mine\n{saved}"
    assert (CLAUDE, "mine\n") in await writers(control, client, room)


async def test_an_agent_that_deletes_the_end_of_a_file_while_somebody_saves_it_does_just_that(
    team: Team, ada: Joined
) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    claude.read()
    await control.ask("showing", {"room": room, "hash": hash_of(TEXT), "text": TEXT})
    claude.write(TEXT.removesuffix("five\n"))
    await until(client, lambda: client.doc.text == TEXT.removesuffix("five\n"))
    played = await ask(team.repo, wire.COLLAB_PLAYBACK, wire.CollabPlaybackParams(path=FILE, since=1))
    assert [(each.actor, each.how) for each in played.frames] == [(CLAUDE, "reported")]


async def test_a_save_between_a_hooks_look_and_its_agents_own_is_what_the_agent_read(team: Team, ada: Joined) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    claude.says("PreToolUse", "Read", file_path=FILE)
    write(client, place(client, "three"), "# saved\n")
    saved = await agree(client)
    team.repo.write(FILE, saved)
    await look(team, control)
    write(client, place(client, "\nthree"), " and more")
    await agree(client)
    claude.write(f"{saved}mine\n")
    await until(client, lambda: "mine" in client.doc.text)
    assert client.doc.text == saved.replace("# saved", "# saved and more") + "mine\n"
    assert (CLAUDE, "mine\n") in await writers(control, client, room)
    assert (ADA, "# saved and more\n") in await writers(control, client, room)


async def test_what_stood_there_for_a_moment_while_an_agent_wrote_is_the_agent_s(team: Team, ada: Joined) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    claude.read()
    lease = (await control.ask("lease", {"room": room, "holder": "one"}))["lease"]
    claude.says("PreToolUse", "Write", file_path=FILE)
    team.repo.write(FILE, f"{TEXT}mine\n")
    assert "saving" in (await look(team, control))["held"]
    # The editor writes over it before the hook can see it.
    team.repo.write(FILE, TEXT)
    claude.says("PostToolUse", "Write", file_path=FILE)
    said = {"room": room, "hash": hash_of(TEXT), "text": TEXT, "actor": ADA, "lease": lease, "holder": "one"}
    await control.ask("saved", said)
    await until(client, lambda: client.doc.text == f"{TEXT}mine\n")
    assert (CLAUDE, "mine\n") in await writers(control, client, room)


async def test_an_agent_that_takes_back_what_it_has_read_does_just_that(team: Team, ada: Joined) -> None:
    """Without its word this looks like the work of somebody who had read the older version, and wrote nothing."""
    client, control, room = ada
    team.repo.write(FILE, TEXT + "six\n")
    await until(client, lambda: client.doc.text.endswith("six\n"))
    write(client, 0, "# unsaved\n")
    await agree(client)
    claude = Agent(team.repo)
    claude.write(claude.read().replace("six\n", ""))
    await until(client, lambda: client.doc.text == f"# unsaved\n{TEXT}")
    assert [how for how, _ in await hows(control, room, "system:disk")] == []


async def test_an_edit_of_what_stands_there_now_is_made_of_that_whatever_was_read(team: Team, ada: Joined) -> None:
    client, control, room = ada
    codex = Agent(team.repo, "codex")
    team.repo.write(FILE, TEXT.replace("one\n", ""))
    await until(client, lambda: "one" not in client.doc.text)
    codex.patch(TEXT.replace("one\n", "").replace("two", "2"))
    await until(client, lambda: client.doc.text == "2\nthree\nfour\nfive\n")
    assert (await writers(control, client, room))[0] == (CODEX, "2\n")
    assert [how for how, _ in await hows(control, room, CODEX)] == ["reported"]


async def test_what_was_saved_while_the_agent_s_user_was_asked_is_what_its_edit_was_made_of(
    team: Team, ada: Joined
) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    edit = {"file_path": FILE, "old_string": "five", "new_string": "5"}
    claude.says("PreToolUse", "Edit", **edit)
    write(client, 0, "# saved\n")
    await agree(client)
    await control.ask("save", {"actor": ADA, "rooms": [room]})
    # It is allowed now, and takes what stands there.
    team.repo.write(FILE, team.repo.read(FILE).decode().replace("five", "5"))
    claude.says("PostToolUse", "Edit", **edit)
    await until(client, lambda: client.doc.text == "# saved\n" + TEXT.replace("five", "5"))
    found = await writers(control, client, room)
    assert (found[0], found[2]) == ((ADA, "# saved\n"), (CLAUDE, "5\n"))
    assert [how for how, _ in await hows(control, room, CLAUDE)] == ["reported"]


@pytest.mark.promise("agents.reported-later")
async def test_what_agents_wrote_while_no_relay_ran_is_theirs_when_one_does(team: Team, ada: Joined) -> None:
    client, control, room = ada
    await client.close()
    await stop(team)
    claude, codex = Agent(team.repo), Agent(team.repo, "codex", "s2")
    read = claude.read()
    codex.patch(TEXT.replace("two\n", "two\ncodex\n"))
    # Somebody in between, of whom nobody told.
    team.repo.write(FILE, team.repo.read(FILE).decode().replace("four\n", "four\nunknown\n"))
    # It writes on what it read long before.
    claude.write(read.replace("one\n", "one\nclaude\n"))
    codex.patch(team.repo.read(FILE).decode() + "codex again\n")
    client, control, room = await joined(team)
    await look(team, control)
    assert await writers(control, client, room) == [
        (GIT, "one\n"),
        (CLAUDE, "claude\n"),
        (GIT, "two\n"),
        (CODEX, "codex\n"),
        (GIT, "three\nfour\n"),
        ("system:disk", "unknown\n"),
        (GIT, "five\n"),
        (CODEX, "codex again\n"),
    ]
    assert [how for how, _ in await hows(control, room, CODEX)] == ["reported", "reported"]


async def test_writes_that_follow_each_other_at_once_are_told_apart(team: Team, ada: Joined) -> None:
    client, control, room = ada
    agents = [Agent(team.repo, name, name) for name in ("claude", "codex")]
    for number in range(10):
        one = agents[number % 2]
        text = one.read()
        one.write(text + f"{number}\n")
    await until(client, lambda: client.doc.text.endswith("9\n"))
    assert (await writers(control, client, room))[1:] == [
        ((CLAUDE, CODEX)[number % 2], f"{number}\n") for number in range(10)
    ]


async def test_of_a_file_whose_bytes_are_not_kept_the_writer_is_known_all_the_same(team: Team, ada: Joined) -> None:
    _, control, _ = ada
    team.repo.write("new.txt", "a\n")
    client = await team.join("new.txt")
    claude = Agent(team.repo)
    read = claude.read("new.txt")
    write(client, 0, "unsaved\n")
    await agree(client)
    claude.write(read + "b\n", "new.txt")
    await until(client, lambda: client.doc.text == "unsaved\na\nb\n")
    assert not (team.repo.path / ".git/anvcs/hooks/texts").exists()
    room = str((await team.open("new.txt"))["room"])
    assert (await writers(control, client, room))[-1] == (CLAUDE, "b\n")
    assert [how for how, _ in await hows(control, room, CLAUDE)] == ["reported"]


async def test_a_write_that_is_not_told_of_yet_is_waited_for(team: Team, ada: Joined) -> None:
    client, control, room = ada
    codex = Agent(team.repo, "codex")
    patch = {"command": f"*** Begin Patch\n*** Update File: {FILE}\n*** End Patch"}
    codex.says("PreToolUse", "apply_patch", **patch)
    team.repo.write(FILE, TEXT + "six\n")
    assert (await look(team, control))["held"] == f"agent:codex is writing {FILE}"
    codex.says("PostToolUse", "apply_patch", **patch)
    await until(client, lambda: client.doc.text == TEXT + "six\n")
    assert [how for how, _ in await hows(control, room, CODEX)] == ["reported"]


async def test_a_write_that_is_never_told_of_is_still_its_agent_s_but_only_inferred(team: Team, ada: Joined) -> None:
    client, control, room = ada
    codex = Agent(team.repo, "codex")
    patch = {"command": f"*** Begin Patch\n*** Update File: {FILE}\n*** End Patch"}
    codex.says("PreToolUse", "apply_patch", **patch)
    team.repo.write(FILE, TEXT + "six\n")
    await until(client, lambda: client.doc.text == TEXT + "six\n")
    assert [how for how, _ in await hows(control, room, CODEX)] == ["inferred"]
    # Told of too late, it is not taken twice.
    codex.says("PostToolUse", "apply_patch", **patch)
    await rested(team, control)
    assert client.doc.text == TEXT + "six\n"
    assert (await writers(control, client, room))[-1] == (CODEX, "six\n")


async def test_what_an_agent_s_command_writes_is_inferred_to_be_its_own(team: Team, ada: Joined) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    claude.says("PreToolUse", "Bash", command="make")
    team.repo.write(FILE, TEXT + "six\n")
    await look(team, control)
    claude.says("PostToolUse", "Bash", command="make")
    await look(team, control)
    team.repo.write(FILE, TEXT + "six\nseven\n")
    await look(team, control)
    assert (await writers(control, client, room))[1:] == [(CLAUDE, "six\n"), ("system:disk", "seven\n")]
    assert [how for how, _ in await hows(control, room, CLAUDE)] == ["inferred"]


async def test_a_save_under_way_takes_in_first_what_an_agent_has_just_written(team: Team, ada: Joined) -> None:
    client, control, room = ada
    claude = Agent(team.repo)
    read = claude.read()
    write(client, 0, "# unsaved\n")
    await agree(client)
    claude.write(read + "six\n")
    await control.ask("lease", {"room": room, "holder": "window 1"})
    await until(client, lambda: client.doc.text == f"# unsaved\n{TEXT}six\n")
    assert [how for how, _ in await hows(control, room, CLAUDE)] == ["reported"]


async def test_notes_do_not_pile_up_and_go_when_rooms_are_off(team: Team, ada: Joined) -> None:
    client, control, _ = ada
    claude = Agent(team.repo)
    for number in range(12):
        claude.write(claude.read() + f"{number}\n")
        await look(team, control)
    await until(client, lambda: client.doc.text.endswith("11\n"))
    await look(team, control)
    spool = team.repo.path / ".git/anvcs/hooks"
    assert len(list(spool.glob("*.json"))) <= 3
    await ask(team.repo, wire.ROOMS_OFF, wire.RoomsOffParams())
    assert list(spool.iterdir()) == []


@pytest.mark.promise("agents.reported")
@pytest.mark.parametrize("seed", range(4))
async def test_agents_who_read_and_write_at_any_time_beside_people_lose_nothing_and_get_all_of_their_own(
    team: Team, ada: Joined, seed: int
) -> None:
    client, control, room = ada
    rng = random.Random(seed)  # noqa: S311 - reproducible
    agents = {f"agent:{name}": Agent(team.repo, name, name) for name in ("claude", "codex", "third")}
    reads: dict[str, str] = {}
    words: dict[str, str] = {}
    for number in range(30):
        actor = rng.choice([ADA, ADA, *agents])
        word = f"<{number} é😀{'漢' * rng.randrange(3)}>\n"
        if actor == ADA:
            write(client, rng.choice([0, *_line_starts(client.doc.text)]), word)
            if rng.random() < 0.3:
                await agree(client)
                await control.ask("save", {"actor": ADA, "rooms": [room]})
        elif actor not in reads or rng.random() < 0.4:
            reads[actor] = agents[actor].read()
            continue
        else:
            base = reads[actor]
            at = rng.choice([0, *_line_starts(base)])
            reads[actor] = base[:at] + word + base[at:]
            agents[actor].write(reads[actor])
            if rng.random() < 0.5:
                await look(team, control)
        words[word] = actor
    await rested(team, control)
    await agree(client)
    text = client.doc.text
    assert {word: text.count(word) for word in words} == dict.fromkeys(words, 1)
    assert all(text.count(line) == 1 for line in TEXT.splitlines(keepends=True))
    found = [(actor, run) for actor, run in await writers(control, client, room) if actor != GIT]
    assert "".join(run for _, run in found) == "".join(line for line in text.splitlines(keepends=True) if line in words)
    for actor, run in found:
        assert {words[word] for word in run.splitlines(keepends=True)} == {actor}
    for actor in agents:
        assert {how for how, _ in await hows(control, room, actor)} <= {"reported"}


def _line_starts(text: str) -> list[int]:
    return [place + 1 for place, each in enumerate(text) if each == "\n"]
