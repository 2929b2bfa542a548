"""Merges in a repository whose large files real Git LFS keeps: pointers whole, contents where files are wanted."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import GitFailedError
from tests.conftest import Repo
from tests.interop.remote_support import bare, clone, push
from tests.interop.test_assist import ai_vcs
from tests.interop.test_merge_driver import BASE as CODE
from tests.interop.test_merge_driver import OURS, THEIRS, run, set_up
from tests.merging import accept, proposed, resolve, show
from tests.unit.actions.test_proposal_check import check, guarded

pytestmark = [
    pytest.mark.skipif(not shutil.which("git-lfs"), reason="git-lfs is not installed"),
    pytest.mark.promise("merge-trees.lfs"),
]

FIRST, LEFT, RIGHT, DECIDED = (bytes(range(256)) * 40 + name for name in (b"first", b"left", b"right", b"decided"))


def pointer(content: bytes) -> bytes:
    """What Git keeps in the content's place."""
    digest = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n".encode()


def blob(repo: Repo, name: str) -> bytes:
    """A file as Git has it, past every filter."""
    return repo.git_bytes("cat-file", "blob", name)


def sound(repo: Repo) -> None:
    """Git LFS and Git find nothing amiss, and files are contents."""
    assert repo.git("status", "--porcelain") == ""
    assert "Git LFS fsck OK" in repo.git("lfs", "fsck")


def fork(repo: Repo, left: dict[str, bytes | str], right: dict[str, bytes | str]) -> None:
    """Change files on ``main``, where HEAD stands afterwards, and on ``login``."""
    repo.git("branch", "login")
    for stream, files in (("login", right), ("main", left)):
        repo.git("switch", "--quiet", stream)
        for name, text in files.items():
            repo.write(name, text)
        repo.git_commit(stream)


@pytest.fixture
def large(make_repo: Callable[..., Repo], tmp_path: Path, env: dict[str, str]) -> Repo:
    """A repository in which Git LFS keeps a picture and a data file, with a remote on this disk."""
    repo = make_repo()
    repo.git("lfs", "install", "--local")
    repo.git("lfs", "track", "*.png", "*.json")
    repo.write("art/a.png", FIRST)
    repo.write("art/b.png", FIRST)
    repo.write("data.json", '{"a": 1}\n')
    repo.git_commit("large files")
    repo.git("remote", "add", "origin", f"file://{bare(tmp_path / 'hub.git', env)}")
    assert blob(repo, "HEAD:art/a.png") == pointer(FIRST)
    return repo


def test_a_file_that_one_side_changed_is_its_content_after_the_merge(large: Repo) -> None:
    fork(large, {"src/app.py": "x = 2\n"}, {"art/a.png": RIGHT, "art/new.png": DECIDED})
    found = proposed(large)
    assert found.status == "ready"
    accept(large)
    assert (blob(large, "HEAD:art/a.png"), large.read("art/a.png")) == (pointer(RIGHT), RIGHT)
    assert large.read("art/new.png") == DECIDED
    sound(large)
    call(large.caller(), wire.UNDO, wire.UndoParams())
    assert large.read("art/a.png") == FIRST
    assert not (large.path / "art/new.png").exists()
    sound(large)


def test_files_are_contents_wherever_one_goes(large: Repo) -> None:
    large.write("art/a.png", LEFT)
    for words, content in (
        (("commit", "-m", "left"), LEFT),
        (("restore", "art/a.png", "--source", "HEAD~1"), FIRST),
        (("undo",), LEFT),
        (("stream", "create", "other", "HEAD~1"), LEFT),
        (("stream", "switch", "other"), FIRST),
        (("stream", "switch", "main"), LEFT),
    ):
        code, out, err = ai_vcs(large, *words)
        assert code == 0, out + err
        assert large.read("art/a.png") == content
    assert blob(large, "HEAD:art/a.png") == pointer(LEFT)
    sound(large)


@pytest.mark.parametrize("name", ["art/a.png", "data.json"])
@pytest.mark.parametrize("take", ["left", "right"])
def test_a_file_that_both_sides_changed_is_one_or_the_other(large: Repo, name: str, take: str) -> None:
    fork(large, {name: LEFT}, {name: RIGHT})
    found = proposed(large)
    (file,) = found.files
    assert (found.status, file.kind) == ("blocked", "pointer")
    assert "pointer" in file.reason
    assert blob(large, f"{found.tree}:{name}") == pointer(LEFT)
    settled = resolve(large, name, take=take)
    assert (settled.status, settled.findings) == ("ready", ())
    accept(large)
    wanted = LEFT if take == "left" else RIGHT
    assert (blob(large, f"HEAD:{name}"), large.read(name)) == (pointer(wanted), wanted)
    sound(large)


def test_a_file_that_somebody_gives_is_kept_by_git_lfs(large: Repo) -> None:
    fork(large, {"art/a.png": LEFT}, {"art/a.png": RIGHT})
    assert ai_vcs(large, "merge", "login")[0] == 0
    large.write(".git/given.png", DECIDED)
    code, out, err = ai_vcs(large, "proposal", "resolve", "login", "art/a.png", "--file", ".git/given.png")
    assert code == 0, out + err
    assert blob(large, f"{show(large).proposal.tree}:art/a.png") == pointer(DECIDED)
    accept(large)
    assert large.read("art/a.png") == DECIDED
    sound(large)


def test_guards_find_contents(large: Repo) -> None:
    body = f"assert open('art/a.png', 'rb').read() == {RIGHT!r}; assert open('data.json').read().startswith('{{')"
    large.write("check.py", body)
    guarded(large, tests="import check")
    fork(large, {"art/b.png": LEFT}, {"art/a.png": RIGHT})
    proposed(large)
    assert [each.outcome for each in check(large).evidence] == ["passed"]
    accept(large)
    sound(large)


def test_plain_git_with_the_driver_merges_beside_git_lfs(large: Repo) -> None:
    set_up(large)
    large.write("tides.py", CODE)
    large.git_commit("tides")
    fork(large, {"tides.py": OURS, "art/b.png": LEFT}, {"tides.py": THEIRS, "art/a.png": RIGHT})
    run(large, "merge", "--no-edit", "login", code=0)
    assert (large.read("art/a.png"), large.read("art/b.png")) == (RIGHT, LEFT)
    assert b"import moon\nimport units\n" in large.read("tides.py")
    sound(large)


def test_a_pointer_that_reaches_the_driver_stays_whole(large: Repo) -> None:
    set_up(large)
    # As `git lfs track` does not write it: without merge=lfs, so that git asks its default driver.
    large.write(".gitattributes", "*.png filter=lfs -text\n*.json filter=lfs -text\n")
    large.git_commit("attributes")
    fork(large, {"art/a.png": LEFT, "data.json": LEFT}, {"art/a.png": RIGHT, "data.json": RIGHT})
    done = run(large, "merge", "login", code=1)
    assert done.stderr.count(b"git checkout --ours or --theirs") == 2
    assert large.read("art/a.png") == large.read("data.json") == LEFT
    large.git("checkout", "--theirs", "art/a.png", "data.json")
    assert large.read("art/a.png") == large.read("data.json") == RIGHT
    large.git_commit("decided")
    sound(large)


def test_the_mergetool_leaves_pointers_and_says_what_to_do(large: Repo) -> None:
    fork(large, {"art/a.png": LEFT, "data.json": LEFT}, {"art/a.png": RIGHT, "data.json": RIGHT})
    run(large, "merge", "login", code=1)
    before = large.snapshot()
    found = call(large.caller(), wire.MERGETOOL, wire.MergetoolParams())
    assert [each.outcome for each in found.files] == ["left", "left"]
    assert all("git checkout --ours or --theirs" in each.reason for each in found.files)
    assert large.snapshot() == before


def test_a_stream_may_bring_git_lfs_along(repo: Repo) -> None:
    repo.git("lfs", "install", "--local")
    repo.git("branch", "login")
    repo.git("switch", "--quiet", "login")
    repo.git("lfs", "track", "*.png")
    repo.write("a.png", RIGHT)
    repo.git_commit("large files")
    repo.git("switch", "--quiet", "main")
    repo.write("src/app.py", "x = 2\n")
    repo.git_commit("work")
    assert proposed(repo).status == "ready"
    repo.write(".git/given.png", DECIDED)
    assert ai_vcs(repo, "proposal", "resolve", "login", "a.png", "--file", ".git/given.png")[0] == 0
    accept(repo)
    assert (blob(repo, "HEAD:a.png"), repo.read("a.png")) == (pointer(DECIDED), DECIDED)
    sound(repo)


def test_what_is_not_here_yet_comes_from_the_remote(large: Repo, tmp_path: Path) -> None:
    large.write("check.py", f"assert open('art/a.png', 'rb').read() == {RIGHT!r}")
    guarded(large, tests="import check")
    fork(large, {"art/b.png": LEFT}, {"art/a.png": RIGHT})
    push(large)
    large.git("push", "--quiet", "origin", "login")
    other = clone(large.git("config", "remote.origin.url"), large, "other")
    other.git("lfs", "install", "--local")
    other.git("lfs", "pull")
    other.git("branch", "login", "origin/login")
    hub, away = tmp_path / "hub.git", tmp_path / "away.git"
    hub.rename(away)
    proposed(other)
    before = other.snapshot()
    with pytest.raises(GitFailedError, match=r"art/a\.png"):
        check(other)
    with pytest.raises(GitFailedError, match=r"art/a\.png"):
        accept(other, force=True, reason="To see what happens.")
    assert other.snapshot() == before
    away.rename(hub)
    assert [each.outcome for each in check(other).evidence] == ["passed"]
    accept(other)
    assert (other.read("art/a.png"), other.read("art/b.png")) == (RIGHT, LEFT)
    sound(other)
    other.close()


def test_guards_find_the_contents_of_a_submodule_too(large: Repo, make_repo: Callable[..., Repo]) -> None:
    outer = make_repo("outer")
    outer.git("lfs", "install")
    outer.git("submodule", "--quiet", "add", str(large.path), "libs/large")
    outer.write("check.py", f"assert open('libs/large/art/a.png', 'rb').read() == {FIRST!r}")
    guarded(outer, tests="import check")
    fork(outer, {"src/app.py": "x = 2\n"}, {"README.md": "hi\n"})
    assert outer.read("libs/large/art/a.png") == FIRST
    proposed(outer)
    assert [each.outcome for each in check(outer).evidence] == ["passed"]


@pytest.mark.promise("guards.cached")
def test_what_failed_on_pointers_is_run_again_once_contents_are_there(large: Repo) -> None:
    large.write("check.py", f"assert open('art/a.png', 'rb').read() == {RIGHT!r}")
    guarded(large, tests="import check")
    fork(large, {"art/b.png": LEFT}, {"art/a.png": RIGHT})
    proposed(large)
    without = large.caller(GIT_LFS_SKIP_SMUDGE="1")
    assert [each.outcome for each in check(large, caller=without).evidence] == ["failed"]
    assert [each.outcome for each in check(large).evidence] == ["passed"]
    large.git("config", "--local", "--remove-section", "filter.lfs")
    assert [each.outcome for each in check(large).evidence] == ["failed"]


def test_git_lfs_merges_contents_itself_where_its_driver_is_set_up(large: Repo) -> None:
    words = "git lfs merge-driver --ancestor %O --current %A --other %B --marker-size %L --output %A"
    large.git("config", "merge.lfs.driver", words)
    lines = [f"{number}\n" for number in range(30)]
    large.write("data.json", "".join(lines))
    large.git_commit("lines")
    fork(large, {"data.json": "left\n" + "".join(lines[1:])}, {"data.json": "".join(lines[:-1]) + "right\n"})
    found = proposed(large)
    assert (found.status, found.files[0].how, found.findings) == ("ready", "driver", ())
    accept(large)
    assert large.read("data.json").decode() == "left\n" + "".join(lines[1:-1]) + "right\n"
    sound(large)
