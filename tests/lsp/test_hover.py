"""Why a line exists: real git blames it, and Markdown must not be fooled."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anvcs.actions.explain import escape, excerpt, explain, explain_line, fenced
from anvcs.errors import CancelledError, GitFailedError
from anvcs.gitmirror.blame import UNCOMMITTED, blame_line
from anvcs.gitmirror.git import Git
from anvcs.wire import CommitDetails, Metadata, Person
from tests.conftest import Repo
from tests.lsp.client import RealClient, bounded

ADA = Person(name="Ada", email="ada@example.org", time=1_700_000_000, offset=90)


def details(**fields: Any) -> CommitDetails:
    given: dict[str, Any] = {
        "subject": "Subject",
        "message": "Subject\n",
        "metadata": None,
        "change_id": "k" * 32,
        **fields,
    }
    return CommitDetails(
        commit_id="b3:" + "a" * 64, git_commit="1" * 40, tree="2" * 40, author=ADA, committer=ADA, **given
    )


def hover(uri: str, line: int) -> dict[str, object]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": 0}}


@pytest.mark.promise("lsp.hover")
async def test_a_hover_shows_why_the_line_exists_in_the_text_as_it_stands(repo: Repo, real_client: RealClient) -> None:
    repo.write("poem.txt", "one\ntwo\nthree\n")
    made = repo.commit(
        "Add a *poem*",
        metadata=Metadata(
            prompt="write a poem", model="gpt-9", agent_id="agent:poet", tests_passed=True, coverage=87.5
        ),
    )
    uri = (repo.path / "poem.txt").as_uri()
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        client.open(uri, "new first line\none\nTWO\nthree\n")
        found = await client.request("textDocument/hover", hover(uri, 1))
        value = found["contents"]["value"]
        assert found["contents"]["kind"] == "markdown"
        assert found["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
        assert value.startswith("**Add a \\*poem\\***\n\nAda Lovelace, ")
        assert "agent\\:poet · gpt\\-9" in value
        assert "Tests passed, coverage 87.5 %" in value
        assert "```text\nwrite a poem\n```" in value
        assert made.git_commit[:12] in value
        assert made.change_id[:12] in value
        for line in (0, 2):
            found = await client.request("textDocument/hover", hover(uri, line))
            assert found["contents"]["value"] == "*Not committed yet.*"
        assert await client.request("textDocument/hover", hover(uri, 99)) is None


async def test_a_file_that_is_not_open_is_explained_as_it_is_on_disk(repo: Repo, real_client: RealClient) -> None:
    uri = (repo.path / "README.md").as_uri()
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        value = (await client.request("textDocument/hover", hover(uri, 0)))["contents"]["value"]
        assert value.startswith("**first**\n\nAda Lovelace, ")
        # A foreign commit: subject, author and Git id, nothing else.
        assert value.count("\n\n") == 2
        assert repo.head()[:12] in value
        repo.write("untracked.txt", "x\n")
        for name in ("untracked.txt", "nowhere/at/all.txt", "../outside.txt", ".git/config"):
            uri = (repo.path / name).as_uri()
            assert await client.request("textDocument/hover", hover(uri, 0)) is None
        assert await client.request("textDocument/hover", hover("untitled:Untitled-1", 0)) is None
        assert await client.request("textDocument/hover", hover("anvcs:/README.md", 0)) is None


async def test_a_document_at_a_commit_is_explained_as_of_then(repo: Repo, real_client: RealClient) -> None:
    first = repo.head()
    repo.write("README.md", "changed\n")
    repo.git_commit("second")
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        for commit, subject in ((first, "first"), ("HEAD", "second")):
            found = await client.request("textDocument/hover", hover(f"anvcs:/README.md?{commit}", 0))
            assert found["contents"]["value"].startswith(f"**{subject}**")


def test_a_repository_without_anvcs_is_explained_too(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(init=False)
    value = explain_line(repo.caller(), repo.path, repo.path / "README.md", 0)
    assert value is not None
    assert value.startswith("**first**")


def test_nothing_is_known_before_the_first_commit(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(empty=True)
    repo.write("a.txt", "a\n")
    assert explain_line(repo.caller(), repo.path, repo.path / "a.txt", 0, text="a\n") is None


def test_what_an_editor_does_not_show_is_not_taken_for_a_change(repo: Repo) -> None:
    repo.write("bom.txt", b"\xef\xbb\xbfone\n")
    repo.write("crlf.txt", b"one\ntwo\n")
    repo.write(".gitattributes", "crlf.txt text eol=crlf\n")
    repo.git_commit("second")
    for name, text in (("bom.txt", "one\n"), ("crlf.txt", "one\r\ntwo\r\n")):
        value = explain_line(repo.caller(), repo.path, repo.path / name, 0, text=text)
        assert value is not None
        assert value.startswith("**second**")
    half = explain_line(repo.caller(), repo.path, repo.path / "bom.txt", 0, text="\ud83d\n")
    assert half == "*Not committed yet.*"


def test_blame_gives_up_when_told_and_in_time(repo: Repo, tmp_path: Path) -> None:
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    (slow / "git").chmod(0o755)
    git = Git(repo.path, {**repo.env, "PATH": f"{slow}:{repo.env['PATH']}"})
    since = time.monotonic()
    with pytest.raises(GitFailedError, match="too long"):
        blame_line(git, "README.md", 0, contents=b"x\n" * 100_000, limit=0.1)

    def stop() -> None:
        raise CancelledError("Cancelled.")

    with pytest.raises(CancelledError):
        blame_line(git, "README.md", 0, tick=stop)
    assert time.monotonic() - since < 30


def test_blame_agrees_with_git(repo: Repo) -> None:
    repo.write("src/app.py", "x = 1\ny = 2\n")
    second = repo.git_commit("second")
    git = Git(repo.path, repo.env)
    listed = subprocess.run(
        ["git", "blame", "-s", "-l", "src/app.py"], cwd=repo.path, env=repo.env, capture_output=True, check=True
    ).stdout.decode()
    for number, line in enumerate(listed.splitlines()):
        found = blame_line(git, "src/app.py", number)
        assert found is not None
        # The first commit is marked as a boundary.
        assert found.commit.startswith(line.split(" ")[0].removeprefix("^"))
    found = blame_line(git, "src/app.py", 1, contents=b"x = 1\ny = 2\nz = 3\n")
    assert found is not None
    assert (found.commit, found.author, found.email, found.subject) == (
        second,
        "Ada Lovelace",
        "ada@example.org",
        "second",
    )
    new = blame_line(git, "src/app.py", 2, contents=b"x = 1\ny = 2\nz = 3\n")
    assert new is not None
    assert new.commit == UNCOMMITTED


def test_failed_tests_and_missing_records_are_said() -> None:
    assert "Tests failed" in explain(details(metadata=Metadata(tests_passed=False), metadata_state="full"))
    assert "not in this clone" in explain(details(metadata_state="missing"))
    assert "does not match" in explain(details(metadata_state="mismatch"))
    assert "2023-11-14 23:43 +0130" in explain(details())


def test_text_of_others_cannot_become_markup() -> None:
    evil = "[x](command:evil) <img src=x> **b** `c`\n# h\u202e $(sync~spin) http://x.y &amp; \x1b[31m"
    shown = escape(evil)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    for at, letter in enumerate(shown):
        if letter.isascii() and not letter.isalnum() and letter not in " \\":
            assert shown[at - 1] == "\\"
    prompt = "```\n**out of the block**\n````"
    block = fenced(prompt)
    assert block.startswith("`````text\n")
    assert block.endswith("\n`````")


def test_a_long_prompt_is_cut_and_says_so() -> None:
    assert excerpt("short\r\nprompt\n") == "short\nprompt"
    assert excerpt("line\n" * 100) == "\n".join(["line"] * 8) + " …"
    assert excerpt("x" * 10_000) == "x" * 600 + " …"


async def test_hovers_do_not_wait_for_each_other_for_ever(repo: Repo, real_client: RealClient) -> None:
    uri = (repo.path / "README.md").as_uri()
    async with real_client(repo) as client:
        await client.initialize(repo.path)
        asked = [client.begin("textDocument/hover", hover(uri, 0)) for _ in range(5)]
        for each in asked:
            assert (await bounded(each)) is not None
