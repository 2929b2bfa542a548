"""Read-only documents: a file at a commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from anvcs.actions.content import LARGEST, as_text, text_at
from anvcs.errors import UsageError
from anvcs.lsp.features.content import ContentUri, parse
from tests.conftest import Repo
from tests.lsp.client import AnswerError, RealClient


@pytest.mark.promise("lsp.content")
async def test_a_file_at_a_commit_is_a_document(repo: Repo, real_client: RealClient) -> None:
    first = repo.head()
    repo.write("dir with space/ä?#&%.txt", "später\n")
    made = repo.commit("second")
    async with real_client(repo) as client:
        capabilities = (await client.initialize(repo.path))["capabilities"]
        assert capabilities["workspace"]["textDocumentContent"]["schemes"] == ["anvcs"]

        async def text(path: str, commit: str) -> str:
            uri = f"anvcs:/{quote(path)}?{quote(commit, safe='')}"
            return (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"]

        for name in (made.git_commit, made.commit_id, made.change_id, "HEAD", made.git_commit[:10]):
            assert await text("dir with space/ä?#&%.txt", name) == "später\n"
        assert await text("dir with space/ä?#&%.txt", first) == ""
        assert await text("dir with space", "HEAD") == ""
        assert await text("../README.md", "HEAD") == ""
        assert await text("README.md", first) == "hello\n"
        with pytest.raises(AnswerError) as caught:
            await text("README.md", "nowhere")
        assert (caught.value.code, caught.value.data["code"]) == (-32055, "unknown-commit")
        with pytest.raises(AnswerError) as caught:
            await client.request("workspace/textDocumentContent", {"uri": "anvcs:/README.md"})
        assert caught.value.data["code"] == "usage"


@pytest.mark.promise("lsp.content")
async def test_a_document_names_another_repository_where_it_must(
    make_repo: Callable[..., Repo], real_client: RealClient
) -> None:
    one, two = make_repo("one"), make_repo("two words")
    two.write("README.md", "of two\n")
    two.git_commit("second")
    async with real_client(one) as client:
        await client.initialize(one.path)
        for folder in (two.path.as_uri(), str(two.path)):
            uri = f"anvcs:/README.md?{quote('HEAD&folder=' + folder, safe='')}"
            assert (await client.request("workspace/textDocumentContent", {"uri": uri}))["text"] == "of two\n"


def test_uris_are_read_as_vs_code_writes_them() -> None:
    # vscode.Uri.from({scheme: "anvcs", path: "/a b/c.py", query: "abc"}).toString() and the like.
    assert parse("anvcs:/a%20b/c.py?abc") == ContentUri("a b/c.py", "abc", None)
    assert parse("anvcs:/c.py?abc%26folder%3Dfile%3A%2F%2F%2Fa%2520b") == ContentUri("c.py", "abc", "file:///a%20b")
    assert parse("anvcs:/%C3%A4.py?b3%3Aaa") == ContentUri("ä.py", "b3:aa", None)
    for wrong in ("anvcs:/a", "anvcs:?x", "file:///a?x", "anvcs:/?x"):
        with pytest.raises(UsageError, match="names no file at a commit"):
            parse(wrong)


def test_a_path_that_is_not_utf_8_is_named_as_git_quotes_it(repo: Repo) -> None:
    name = b"\xff\n.txt"
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"odd\n")
    repo.git_bytes("update-index", "-z", "--index-info", stdin=b"100644 " + blob.encode() + b"\t" + name + b"\0")
    repo.git("commit", "--quiet", "-m", "odd")
    assert text_at(repo.caller(), str(repo.path), '"\\377\\n.txt"', "HEAD") == "odd\n"


def test_text_is_decoded_as_editors_do() -> None:
    assert as_text("ä\r\n".encode()) == "ä\r\n"
    assert as_text(b"\xef\xbb\xbfa") == "a"
    assert as_text("a\nä".encode("utf-16")) == "a\nä"
    assert as_text(b"\xfe\xff\x00a") == "a"
    assert as_text(b"caf\xe9") == "caf\ufffd"
    assert as_text(b"\0" * 2048) == "(binary file, 2,048 bytes)\n"


def test_a_huge_file_is_named_not_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anvcs.actions.content.LARGEST", 3)
    assert LARGEST > 1_000_000
    assert text_at(repo.caller(), str(repo.path), "README.md", "HEAD") == "(6 bytes: too large to show)\n"


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path, repo: Repo) -> None:
    with pytest.raises(Exception, match="not in a Git repository"):
        text_at(repo.caller(), str(tmp_path), "x", "HEAD")
