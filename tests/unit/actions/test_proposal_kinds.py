"""Every kind of conflict that git knows can be decided and lands; git is the oracle of what is in conflict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from tests.conftest import Repo
from tests.merging import accept, proposed, resolve, show

Change = Callable[[Repo], object]
LINES = "".join(f"line {number}\n" for number in range(20))


def _nothing(repo: Repo) -> None:
    del repo


def _symlink(target: str) -> Change:
    def change(repo: Repo) -> None:
        (repo.path / "f").unlink(missing_ok=True)
        (repo.path / "f").symlink_to(target)

    return change


def _moved(to: str, text: str = "") -> Change:
    def change(repo: Repo) -> None:
        repo.git("mv", "f", to)
        if text:
            repo.write(to, LINES + text)

    return change


def _written(text: str | bytes, name: str = "f") -> Change:
    return lambda repo: repo.write(name, text)


def _two_folders(repo: Repo) -> None:
    repo.write("d/a", LINES)
    repo.write("e/n", "here\n")


def _emptied(repo: Repo) -> None:
    repo.git("mv", "d/a", "e/a")


def _removed(repo: Repo) -> None:
    (repo.path / "f").unlink()


def _folder(repo: Repo) -> None:
    (repo.path / "f").unlink(missing_ok=True)
    repo.write("f/inside", "i\n")


def _executable(repo: Repo) -> None:
    repo.write("f", LINES + "ours\n")
    (repo.path / "f").chmod(0o755)


def _submodule(name: str) -> Change:
    """A submodule that stands on a commit of that name, on top of its first one."""

    def change(repo: Repo) -> None:
        inner = repo.path / "sub"
        if not inner.exists():
            repo.git("init", "--quiet", str(inner))
            repo.git("-C", str(inner), "commit", "--quiet", "--allow-empty", "-m", "first")
            repo.git("-C", str(inner), "tag", "first")
        repo.git("-C", str(inner), "reset", "--quiet", "--hard", "first")
        if name != "first":
            repo.git("-C", str(inner), "commit", "--quiet", "--allow-empty", "-m", name)

    return change


KINDS: dict[str, tuple[Change, Change, Change]] = {
    "content": (_written(LINES), _written(LINES + "ours\n"), _written(LINES + "theirs\n")),
    "binary": (_written(b"\0a"), _written(b"\0ours"), _written(b"\0theirs")),
    "both added": (_nothing, _written("ours\n"), _written("theirs\n")),
    "changed and removed": (_written(LINES), _written(LINES + "ours\n"), _removed),
    "removed and changed": (_written(LINES), _removed, _written(LINES + "theirs\n")),
    "symlinks": (_symlink("a"), _symlink("b"), _symlink("c")),
    "symlink and file": (_nothing, _symlink("a"), _written("theirs\n")),
    "mode and content": (_written(LINES), _executable, _written(LINES + "theirs\n")),
    "two names": (_written(LINES), _moved("g"), _moved("h")),
    "two names, changed": (_written(LINES), _moved("g", "ours\n"), _moved("h", "theirs\n")),
    "moved and removed": (_written(LINES), _moved("g"), _removed),
    "moved and changed": (_written(LINES), _moved("g", "ours\n"), _written(LINES + "theirs\n")),
    "folder and file": (_nothing, _folder, _written("theirs\n")),
    "file and folder": (_nothing, _written("ours\n"), _folder),
    "a folder that is full": (_two_folders, _emptied, _written("new\n", "d/n")),
    "encoding": (_written(LINES), _written((LINES + "café\n").encode("latin-1")), _written(LINES + "thé\n")),
    "carriage returns": (_written(LINES), _written(LINES + "a\r\n"), _written(LINES + "b\r\n")),
    "no end": (_written("x"), _written("y"), _written("z")),
    "a path that is quoted": (_written(LINES, 'é"\t'), _written("o\n", 'é"\t'), _written("t\n", 'é"\t')),
}


def diverged(repo: Repo, changes: tuple[Change, Change, Change]) -> None:
    base, ours, theirs = changes
    base(repo)
    repo.git_commit("base")
    repo.git("branch", "login")
    ours(repo)
    repo.git_commit("ours")
    repo.git("switch", "--quiet", "login")
    theirs(repo)
    repo.git_commit("theirs")
    repo.git("switch", "--quiet", "main")


@pytest.mark.parametrize("take", ["left", "right"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_conflict_is_decided_file_by_file_and_lands(
    repo: Repo, kind: str, take: Literal["left", "right"]
) -> None:
    diverged(repo, KINDS[kind])
    before = repo.snapshot()
    it = proposed(repo)
    assert repo.snapshot() == before
    open_files = [each for each in it.files if each.open]
    assert open_files, it
    for each in open_files:
        assert each.reason or each.conflicts, each
        it = resolve(repo, each.path, take=take)
    assert it.status == "ready", it.obstacles
    done = accept(repo)
    assert repo.git("rev-parse", "HEAD^{tree}") == it.tree
    assert repo.status() == ""
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert repo.git("log", "-1", "--format=%P", done.git_commit).split()[1] == repo.git("rev-parse", "login")


@pytest.mark.parametrize("kind", ["content", "carriage returns", "no end", "encoding", "a path that is quoted"])
def test_a_texts_conflicts_are_decided_one_by_one_whatever_its_bytes(repo: Repo, kind: str) -> None:
    diverged(repo, KINDS[kind])
    (file,) = proposed(repo).files
    assert len(file.conflicts) == 1
    assert resolve(repo, file.path, conflict=1, take="both").status == "ready"
    accept(repo)
    assert repo.status() == ""
    assert b"<<<<<<<" not in b"".join(each.read_bytes() for each in repo.path.iterdir() if each.is_file())


@pytest.mark.parametrize(
    ("attributes", "given", "stored"),
    [
        ("* text=auto\n", b"a\r\nb\r\n", b"a\nb\n"),
        ("", b"a\r\nb\r\n", b"a\r\nb\r\n"),
        ("f ident\n", b"$Id: 1 $\n", b"$Id$\n"),
        ("", b"\0\xff\xfe", b"\0\xff\xfe"),
    ],
    ids=["line ends", "as it is", "filtered", "binary"],
)
def test_a_file_that_is_given_is_stored_as_git_would_add_it(
    repo: Repo, attributes: str, given: bytes, stored: bytes
) -> None:
    repo.write(".gitattributes", attributes)
    repo.git_commit("attributes")
    diverged(repo, KINDS["changed and removed"])
    assert proposed(repo).files[0].path == "f"
    resolve(repo, "f", text=given.decode("utf-8", "surrogateescape"))
    accept(repo)
    assert repo.git_bytes("cat-file", "blob", "HEAD:f") == stored
    assert repo.status() == ""


def test_a_submodule_that_both_moved_is_taken_from_one_side(repo: Repo) -> None:
    diverged(repo, (_submodule("first"), _submodule("ours"), _submodule("theirs")))
    repo.git("-C", "sub", "checkout", "--quiet", repo.git("rev-parse", "HEAD:sub"))
    it = proposed(repo)
    (file,) = [each for each in it.files if each.open]
    assert file.right is not None
    assert (file.path, file.right.mode) == ("sub", "160000")
    assert resolve(repo, "sub", take="right").status == "ready"
    accept(repo)
    assert repo.git("rev-parse", "HEAD:sub") == file.right.oid


def test_a_file_whose_text_shows_markers_of_its_own_is_decided_by_its_real_conflict(repo: Repo) -> None:
    shown = "How a conflict looks:\n\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n\n"
    diverged(repo, (_written(shown + LINES), _written(shown + LINES + "o\n"), _written(shown + LINES + "t\n")))
    (file,) = proposed(repo).files
    assert [(each.left, each.right) for each in file.conflicts] == [("o\n", "t\n")]
    assert resolve(repo, "f", conflict=1, take="right").status == "ready"
    accept(repo)
    assert repo.read("f").decode() == shown + LINES + "t\n"


def test_several_merge_bases_are_no_trouble(repo: Repo) -> None:
    repo.write("f", LINES)
    repo.git_commit("base")
    repo.git("branch", "login")
    repo.write("ours", "o\n")
    one = repo.git_commit("ours")
    repo.git("switch", "--quiet", "login")
    repo.write("theirs", "t\n")
    repo.git_commit("theirs")
    repo.git("merge", "--quiet", "--no-edit", one)
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", "login~1")
    repo.write("f", LINES + "o\n")
    repo.git_commit("ours again")
    repo.git("switch", "--quiet", "login")
    repo.write("f", LINES + "t\n")
    repo.git_commit("theirs again")
    repo.git("switch", "--quiet", "main")
    it = proposed(repo)
    assert len(it.bases) == 2
    assert resolve(repo, "f", conflict=1, take="left").status == "ready"
    repo.write("more", "m\n")
    repo.git_commit("more")
    assert show(repo).proposal.status == "ready"
    accept(repo)
