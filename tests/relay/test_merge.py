"""Merges land under live rooms: what is typed and not saved stays, and what was merged comes in once."""

from __future__ import annotations

import asyncio

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from tests.merging import accept, merge, proposed, resolve
from tests.relay.conftest import Team, agree, until, write

FILE = "src/app.py"
pytestmark = pytest.mark.promise("proposals.rooms")


def apart(team: Team) -> None:
    """A stream that changed the last line of the file, which has more of them."""
    repo = team.repo
    repo.write(FILE, "a = 1\nb = 2\nc = 3\nd = 4\n")
    repo.git_commit("more")
    repo.git("branch", "login")
    repo.git("switch", "--quiet", "login")
    repo.write(FILE, "a = 1\nb = 2\nc = 3\nd = 44\n")
    repo.git_commit("login")
    repo.git("switch", "--quiet", "main")
    repo.write("README.md", "changed\n")
    repo.git_commit("main")


async def test_unsaved_text_stays_when_a_merge_lands_in_its_file(team: Team) -> None:
    apart(team)
    ada = await team.join(FILE)
    write(ada, 0, "# unsaved\n")
    await agree(ada)
    assert proposed(team.repo).status == "ready"
    await asyncio.to_thread(accept, team.repo)
    await until(ada, lambda: ada.doc.text == "# unsaved\na = 1\nb = 2\nc = 3\nd = 44\n")
    assert team.repo.read(FILE) == b"a = 1\nb = 2\nc = 3\nd = 44\n"
    # What is taken back goes out of the room again, and nothing else.
    await asyncio.to_thread(call, team.repo.caller(), wire.UNDO, wire.UndoParams())
    await until(ada, lambda: ada.doc.text == "# unsaved\na = 1\nb = 2\nc = 3\nd = 4\n")
    assert team.repo.status() == ""


async def test_a_merge_of_a_stream_with_live_text_elsewhere_takes_what_is_committed(team: Team) -> None:
    apart(team)
    ada = await team.join(FILE)
    write(ada, 0, "# unsaved\n")
    await agree(ada)
    team.repo.git("branch", "other", "main~1")
    team.repo.git("branch", "-f", "later", "login")
    result = await asyncio.to_thread(merge, team.repo, "later", into="other", auto=True)
    assert result.outcome == "accepted"
    assert team.repo.git("show", "other:" + FILE) == "a = 1\nb = 2\nc = 3\nd = 44"
    assert await agree(ada) == "# unsaved\na = 1\nb = 2\nc = 3\nd = 4\n"


async def test_saved_text_that_is_not_committed_is_in_the_way(team: Team) -> None:
    apart(team)
    ada = await team.join(FILE)
    team.repo.write(FILE, "a = 1\nb = 2\nc = 3\nd = 5\n")
    await until(ada, lambda: "d = 5" in ada.doc.text)
    result = await asyncio.to_thread(merge, team.repo, auto=True)
    assert result.refused is not None
    assert result.refused.code == "would-lose-work"
    assert "d = 5" in await agree(ada)
    assert b"d = 5" in team.repo.read(FILE)


async def test_typing_in_a_file_that_is_in_conflict_is_kept_when_the_decided_merge_lands(team: Team) -> None:
    apart(team)
    repo = team.repo
    repo.write(FILE, "a = 1\nb = 2\nc = 3\nd = 'ours'\n")
    repo.git_commit("ours")
    ada, foo = await team.join(FILE), await team.join(FILE, "agent:foo")
    write(ada, 0, "# ada\n")
    await agree(ada, foo)
    assert proposed(repo).conflicts == 1
    # Typing goes on while it is decided, in the very line that is in conflict too.
    write(foo, foo.doc.text.index("b = 2"), "# foo\n")
    write(ada, ada.doc.text.index("'ours'") + 5, "!")
    await agree(ada, foo)
    await asyncio.to_thread(resolve, repo, FILE, conflict=1, take="right")
    await asyncio.to_thread(accept, repo)
    await until(ada, lambda: "d = 44" in ada.doc.text)
    text = await agree(ada, foo)
    assert text.startswith("# ada\na = 1\n# foo\nb = 2\nc = 3\n")
    assert "!" in text
    assert repo.read(FILE) == b"a = 1\nb = 2\nc = 3\nd = 44\n"
    assert repo.status() == ""


@pytest.mark.promise("queue.together")
async def test_a_queue_lands_under_live_rooms_and_nothing_typed_is_lost(team: Team) -> None:
    apart(team)
    repo = team.repo
    repo.git("switch", "--quiet", "-c", "search", "main")
    repo.write(FILE, "a = 1\nb = 22\nc = 3\nd = 4\n")
    repo.git_commit("search")
    repo.git("switch", "--quiet", "main")
    ada = await team.join(FILE)
    write(ada, 0, "# unsaved\n")
    await agree(ada)
    for name in ("login", "search"):
        proposed(repo, name)
        call(repo.caller(), wire.QUEUE_ADD, wire.QueueAddParams(proposal=name))
    result = await asyncio.to_thread(call, repo.caller(), wire.QUEUE_RUN, wire.QueueRunParams())
    assert len(result.landed) == 2
    await until(ada, lambda: ada.doc.text == "# unsaved\na = 1\nb = 22\nc = 3\nd = 44\n")
    assert repo.read(FILE) == b"a = 1\nb = 22\nc = 3\nd = 44\n"
