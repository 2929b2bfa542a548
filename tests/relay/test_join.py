"""``ai-vcs collab join``: a program in an agent's name, beside people who type."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import pytest

from anvcs.link.claim import Claim
from tests.relay.conftest import PATIENCE, Relays, Team, agree, until, write
from tests.relay.test_collab import ADA, FILE, FOO, TEXT, ask, stop, switch_on, wire
from tests.relay.test_disk import joined, look, writers

RUN = (sys.executable, "-c", "from anvcs.cli.main import main; main()")


async def join(team: Team, *arguments: str, program: str, cwd: Path | None = None) -> Process:
    """Run a Python program in an agent's name."""
    return await asyncio.create_subprocess_exec(
        *(*RUN, "collab", "join", *arguments, "--", sys.executable, "-c", program),
        cwd=cwd or team.repo.path,
        env=team.repo.env,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )


async def done(process: Process, said: bytes = b"") -> tuple[int | None, bytes, bytes]:
    """How a program ended, and what it printed."""
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(said)
    return process.returncode, out, err


async def sources(team: Team, room: str, actor: str) -> list[tuple[str, Any]]:
    """How the text of an actor is known, and what was said of it."""
    answer = await (await team.control()).ask("attribution", {"room": room})
    return [(each["how"], each["meta"]) for each in answer["sources"].values() if each["actor"] == actor]


@pytest.mark.promise("collab.join")
async def test_what_a_program_writes_is_its_agent_s_and_unsaved_text_stays(team: Team) -> None:
    await switch_on(team)
    ada, control, room = await joined(team)
    write(ada, 0, "# unsaved\n")
    await agree(ada)
    program = f"import os; open({FILE!r}, 'a').write(os.environ['ANVCS_AGENT'] + '\\n')"
    assert (await done(await join(team, "--as", "foo", program=program)))[0] == 0
    # All of it is there when the command has ended; nobody has to wait for a watcher.
    await until(ada, lambda: ada.doc.text == f"# unsaved\n{TEXT}foo\n")
    assert await writers(control, ada, room) == [(ADA, "# unsaved\n"), ("system:git", TEXT), (FOO, "foo\n")]
    ((how, meta),) = await sources(team, room, FOO)
    assert how == "inferred"
    assert meta["session"].startswith(Path(sys.executable).name)
    # Afterwards nobody knows again who writes.
    team.repo.write(FILE, f"{TEXT}foo\nunknown\n")
    await look(team, control)
    assert (await writers(control, ada, room))[-1] == ("system:disk", "unknown\n")


async def test_only_the_paths_that_are_named_are_the_program_s_business_and_they_become_rooms(team: Team) -> None:
    await switch_on(team)
    team.repo.write("b.txt", "b\n")
    ada, control, room = await joined(team)
    program = "for name in ('app.py', '../b.txt'): open(name, 'ab').write(b'six\\n')"
    code, _, err = await done(await join(team, "--as", "foo", "../b.txt", program=program, cwd=team.repo.path / "src"))
    assert (code, err) == (0, b"")
    await look(team, control)
    assert (await writers(control, ada, room))[-1] == ("system:disk", "six\n")
    rooms = (await control.ask("rooms"))["rooms"]
    (other,) = [each["room"] for each in rooms if each["path"] == "b.txt"]
    assert [how for how, _ in await sources(team, other, FOO)] == ["inferred"]


@pytest.mark.promise("collab.join-passes")
async def test_input_output_and_exit_code_are_the_program_s_own(team: Team) -> None:
    await switch_on(team)
    program = "import sys; print(sys.stdin.read(), flush=True); print('oops', file=sys.stderr); sys.exit(7)"
    assert await done(await join(team, program=program), b"said") == (7, b"said\n", b"oops\n")


@pytest.mark.promise("collab.join-passes")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
async def test_a_signal_reaches_the_program_which_decides_what_it_does(team: Team, number: signal.Signals) -> None:
    await switch_on(team)
    program = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: (print('heard', flush=True), sys.exit(5)))\n"
        "print('ready', flush=True)\nwhile True: signal.pause()\n"
    )
    process = await join(team, program=program)
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    assert await done(process) == (5, b"heard\n", b"")


async def test_a_program_that_dies_of_a_signal_gives_the_code_that_shells_give(team: Team) -> None:
    await switch_on(team)
    process = await join(team, program="import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (await done(process))[0] == 128 + signal.SIGKILL


async def test_where_rooms_are_off_nothing_is_run(team: Team) -> None:
    code, out, err = await done(await join(team, program="print('ran')"))
    assert (code, out) == (1, b"")
    assert b"ai-vcs rooms on" in err


async def test_without_a_program_or_with_one_that_is_not_there_it_is_said(team: Team) -> None:
    await switch_on(team)
    for arguments, said in (
        (("collab", "join"), b"after --"),
        (("collab", "join", "--", "no-such-program"), b"cannot be run"),
    ):
        process = await asyncio.create_subprocess_exec(
            *RUN, *arguments, cwd=team.repo.path, env=team.repo.env, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        code, _, err = await done(process)
        assert code == 2
        assert said in err


async def test_a_commit_of_the_program_is_its_agent_s(team: Team) -> None:
    await switch_on(team)
    team.repo.write("c.txt", "c\n")
    program = f"import subprocess; subprocess.run([*{RUN!r}, 'commit', '-m', 'mine', '--json'], check=True)"
    team.repo.git("add", "c.txt")
    assert (await done(await join(team, "--as", "agent:foo", program=program)))[0] == 0
    metadata = (await asyncio.to_thread(team.repo.show)).metadata
    assert metadata is not None
    assert metadata.agent_id == FOO
    status = await ask(team.repo, wire.COLLAB_STATUS, wire.CollabStatusParams())
    assert status.actor != FOO


async def test_a_relay_that_ends_while_the_program_runs_costs_it_nothing(team: Team, relays: Relays) -> None:
    await switch_on(team)
    _, _, room = await joined(team)
    claim = await asyncio.to_thread(
        lambda: Claim(relays.state, team.repo.config_home, team.repo.env, worktree=team.repo.path, actor=FOO)
    )
    await stop(team)
    team.repo.write(FILE, f"{TEXT}six\n")
    await asyncio.to_thread(claim.end)
    assert [how for how, _ in await sources(team, room, FOO)] == ["inferred"]


async def test_a_connection_that_is_lost_ends_its_claim(team: Team) -> None:
    await switch_on(team)
    ada, control, room = await joined(team)
    lost = await team.control()
    await lost.ask("claim", {"worktree": str(team.repo.path), "actor": FOO})
    await lost.close()
    text = TEXT
    async with asyncio.timeout(30):
        # The relay may hear of it a moment later; what is written until then is still the program's.
        while (await writers(control, ada, room))[-1] != ("system:disk", "more\n"):
            text += "more\n"
            team.repo.write(FILE, text)
            await look(team, control)
