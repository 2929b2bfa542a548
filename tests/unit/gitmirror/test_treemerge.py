"""git's own merge beside us: a process that can be stopped, the objects it reads, and what surrounds a merge."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.errors import CancelledError, GitFailedError, RepositoryError
from anvcs.gitmirror import treemerge
from anvcs.gitmirror.merging import merged
from anvcs.gitmirror.pack import FEW
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.treemerge import Running
from anvcs.gitmirror.treemerge_attributes import Place
from anvcs.gitmirror.treemerge_objects import Batch, Blobs, Folders, Written, short
from anvcs.gitmirror.treemerge_process import GitProcess, program
from tests.unit.gitmirror.conftest import Box


def quiet() -> None:
    """Look whether somebody wants to stop, and find nobody."""


def opened(box: Box) -> GitRepository:
    return GitRepository.open(box.top, box.env)


def id_of(box: Box, name: str) -> str:
    return box.out("rev-parse", name).decode().strip()


@pytest.fixture
def alias(box: Box) -> Callable[[str], GitProcess]:
    """Starts git with a shell command as its work."""

    def start(command: str) -> GitProcess:
        box.run("config", "alias.work", "!" + command)
        return GitProcess(box.top, box.env, "work")

    return start


def test_a_process_gives_its_code_and_both_of_its_outputs(alias: Callable[[str], GitProcess]) -> None:
    with alias("echo out; echo said >&2; exit 3; true") as process:
        done = process.wait(quiet)
    assert (done.code, done.output, done.said) == (3, b"out\n", b"said\n")


def test_more_may_be_said_than_a_pipe_holds(alias: Callable[[str], GitProcess]) -> None:
    with alias("head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero; true") as process:
        done = process.wait(quiet)
    assert (done.code, len(done.output), len(done.said)) == (0, 1_000_000, 1_000_000)


def test_a_process_that_something_in_the_background_outlives_is_not_waited_for(
    alias: Callable[[str], GitProcess], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "go")
    began = time.monotonic()
    with alias(f"echo out; (read line <{tmp_path}/go) & true") as process:
        done = process.wait(quiet)
    assert (done.code, done.output) == (0, b"out\n")
    assert time.monotonic() - began < 30


def test_stopping_ends_what_the_process_started(alias: Callable[[str], GitProcess], tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    os.mkfifo(tmp_path / "go")

    def stop() -> None:
        if pid.exists() and pid.read_text().endswith("\n"):
            raise CancelledError("Cancelled; nothing was changed.")

    with (
        pytest.raises(CancelledError),
        alias(f"sh -c 'trap : TERM; echo $$ >{pid}; read line <{tmp_path}/go; read line <{tmp_path}/go'") as process,
    ):
        process.wait(stop)
    assert is_gone(int(pid.read_text()))


def is_gone(pid: int, seconds: float = 10.0) -> bool:
    """Wait until a process has ended."""
    pause = threading.Event()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        pause.wait(0.01)
    return False


def test_a_process_that_was_never_waited_for_is_stopped_and_leaves_no_pipe_open(
    alias: Callable[[str], GitProcess], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "go")
    pipes = Path("/dev/fd")
    before = len([*pipes.iterdir()])
    with alias(f"read line <{tmp_path}/go; true") as process:
        assert not process._ended()
    assert process._ended()
    assert len([*pipes.iterdir()]) == before


def test_without_git_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="git program was not found"):
        GitProcess(tmp_path, {"PATH": str(tmp_path)}, "version")


def test_git_is_the_one_on_the_caller_s_path(tmp_path: Path, bare_box: Box) -> None:
    own = tmp_path / "git"
    own.write_text("#!/bin/sh\necho own\n")
    own.chmod(0o755)
    assert program(str(tmp_path)) == str(own)
    with GitProcess(bare_box.top, {"PATH": f"{tmp_path}:{bare_box.env['PATH']}"}, "version") as process:
        assert process.wait(quiet).output == b"own\n"


def test_folders_are_read_and_written_as_git_has_them(box: Box) -> None:
    box.write("d/a")
    box.write("b.c")
    box.commit("d/\udcff\udcfe", "names")
    box.run("add", "--all")
    box.run("commit", "-qm", "more")
    folders = Folders(Written(opened(box)))
    tree = bytes.fromhex(id_of(box, "HEAD^{tree}"))
    rows = folders.read(tree)
    assert [(mode, name) for mode, name, _ in rows] == [(b"100644", b"b.c"), (b"40000", b"d")]
    assert folders.write(rows) == tree
    made = folders.write([*rows, (b"100755", b"x", folders.read(rows[1][2])[0][2])])
    assert box.out("ls-tree", "--name-only", made.hex()) == b"b.c\nd\nx\n"
    assert box.out("fsck", "--strict", "--no-dangling") == b""


def test_the_empty_tree_can_be_read_though_nobody_wrote_it(box: Box) -> None:
    folders = Folders(Written(opened(box)))
    empty = bytes.fromhex("4b825dc642cb6eb9a060e54bf8d69288fbee4904")
    assert folders.read(empty) == []
    assert folders.write([]) == empty
    assert box.out("cat-file", "-t", empty.hex()) == b"tree\n"


def written(box: Box) -> tuple[list[str], list[str]]:
    """The loose objects and the packs in the repository."""
    objects = box.git_dir / "objects"
    return [each.name for each in objects.glob("[0-9a-f][0-9a-f]/*")], [
        each.name for each in objects.glob("pack/*.pack")
    ]


@pytest.mark.parametrize("many", [FEW, FEW + 1])
def test_what_a_merge_writes_is_seen_by_git_once_it_is_flushed_and_many_objects_are_one_pack(
    box: Box, many: int
) -> None:
    batch = Batch(opened(box))
    made = [batch.write("blob", b"%d" % number) for number in (*range(many), 0)]
    assert [batch.read(oid, "blob") for oid in made[:2]] == [b"0", b"1"]
    assert written(box) == ([], [])
    batch.flush()
    loose, packs = written(box)
    assert (len(loose), len(packs)) == ((many, 0) if many == FEW else (0, 1))
    assert box.out("cat-file", "blob", made[1]) == b"1"
    assert batch.read(made[1], "blob") == opened(box).objects.read(made[1], "blob") == b"1"
    assert box.out("fsck", "--strict", "--no-dangling") == b""
    batch.flush()
    assert written(box) == (loose, packs)


def test_a_repository_that_was_open_before_sees_the_pack_of_a_merge(box: Box) -> None:
    repo = opened(box)
    with pytest.raises(GitFailedError):
        repo.objects.read("1" * 40, "blob")
    batch = Batch(opened(box))
    made = [batch.write("blob", b"%d" % number) for number in range(FEW + 1)]
    batch.flush()
    assert repo.objects.read(made[-1], "blob") == b"%d" % FEW


def test_more_than_should_be_held_in_memory_is_written_before_the_end(box: Box) -> None:
    batch = Batch(opened(box))
    first = batch.write("blob", bytes(1 << 24))
    assert written(box) == ([], [])
    batch.write("blob", bytes((1 << 24) + 1))
    assert box.out("cat-file", "-s", first) == b"%d\n" % (1 << 24)


def test_where_git_keeps_objects_elsewhere_what_is_written_is_there(box: Box, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    env = {**box.env, "GIT_OBJECT_DIRECTORY": str(place)}
    batch = Batch(GitRepository.open(box.top, env))
    made = [batch.write("blob", b"%d" % number) for number in range(FEW + 1)]
    batch.flush()
    assert batch.read(made[-1], "blob") == b"%d" % FEW
    assert box.run("cat-file", "blob", made[-1], env=env).stdout == b"%d" % FEW


def test_texts_are_told_from_what_is_long_or_binary(box: Box) -> None:
    box.write("text", b"x" * 8000 + b"\0")
    box.write("binary", b"x" * 7999 + b"\0")
    box.write("long", b"x" * 8002)
    box.run("add", "--all")
    repo = opened(box)
    ids = {name: id_of(box, f":{name}") for name in ("text", "binary", "long")}
    for early in (False, True):
        blobs = Blobs(repo, 8001)
        if early:
            blobs.preload([*ids.values(), "1" * 40])
        assert {name: blobs.text(oid) is not None for name, oid in ids.items()} == {
            "text": True,
            "binary": False,
            "long": False,
        }
    with pytest.raises(GitFailedError, match="1111"):
        Blobs(repo, 1).text("1" * 40)


def test_what_was_read_early_need_not_be_there_any_more(box: Box) -> None:
    box.write("a", "text\n")
    box.run("add", "a")
    oid = id_of(box, ":a")
    blobs = Blobs(opened(box), 100)
    blobs.preload([oid])
    (box.git_dir / "objects" / oid[:2] / oid[2:]).unlink()
    assert blobs.text(oid) == b"text\n"


def test_the_short_id_is_git_s(box: Box) -> None:
    commit = box.commit()
    assert short(opened(box), commit) == box.out("rev-parse", "--short", commit).decode().strip()


def two_sides(box: Box) -> tuple[str, str, str]:
    base = box.commit("a")
    box.run("checkout", "-q", "-b", "other")
    theirs = box.commit("b", "theirs")
    box.run("checkout", "-q", "main")
    ours = box.commit("c", "ours")
    return base, ours, theirs


def test_git_s_merge_is_given_as_it_says_it(box: Box) -> None:
    _, ours, theirs = two_sides(box)
    with Running(opened(box), ours, theirs, unrelated=False, place=Place(box.top)) as running:
        out = running.output(quiet)
    assert out == box.out("merge-tree", "--write-tree", "--messages", "-z", ours, theirs)


@pytest.mark.parametrize("other", ["nowhere", "f" * 40, "HEAD^{tree}"])
def test_what_git_cannot_merge_is_refused_in_its_words(box: Box, other: str) -> None:
    box.commit()
    with (
        Running(opened(box), "HEAD", other, unrelated=False, place=Place(box.top)) as running,
        pytest.raises(GitFailedError, match="git merge-tree failed"),
    ):
        running.output(quiet)


def test_commits_that_are_not_related_are_merged_only_if_allowed(box: Box) -> None:
    one = box.commit("a")
    box.run("checkout", "-q", "--orphan", "alone")
    two = box.commit("b", "alone")
    repo = opened(box)
    with Running(repo, one, two, unrelated=True, place=Place(box.top)) as running:
        assert running.output(quiet)
    with (
        Running(repo, one, two, unrelated=False, place=Place(box.top)) as running,
        pytest.raises(GitFailedError, match="unrelated histories"),
    ):
        running.output(quiet)


def test_renames_are_those_that_git_sees(box: Box) -> None:
    box.write("old", "".join(f"{number}\n" for number in range(20)))
    box.run("add", "--all")
    box.commit("k")
    base = id_of(box, "HEAD^{tree}")
    box.run("mv", "old", "new \n\t")
    box.write("new \n\t", "".join(f"{number}\n" for number in range(21)))
    box.run("add", "--all")
    box.run("commit", "-qm", "moved")
    assert treemerge.renames(opened(box), base, id_of(box, "HEAD^{tree}")) == {b"new \n\t": b"old"}
    assert treemerge.renames(opened(box), base, base) == {}


def test_several_merge_bases_come_to_what_git_makes_of_them(box: Box) -> None:
    _, ours, theirs = two_sides(box)
    trees = [id_of(box, f"{each}^{{tree}}") for each in (ours, theirs)]
    made = [
        box.out("commit-tree", "-p", one, "-p", two, "-m", "merge", tree).decode().strip()
        for one, two, tree in ((ours, theirs, trees[0]), (theirs, ours, trees[1]))
    ]
    bases = box.out("merge-base", "--all", *made).decode().split()
    assert set(bases) == {ours, theirs}
    tree = treemerge.virtual_base(opened(box), bases, quiet)
    assert tree == box.out("merge-tree", "--write-tree", ours, theirs).decode().strip()


def test_a_commit_for_git_to_find_bases_by_is_no_more_than_that(box: Box) -> None:
    base, ours, theirs = two_sides(box)
    made = treemerge.commit(Written(opened(box)), id_of(box, "HEAD^{tree}"), (ours, theirs))
    assert box.out("merge-base", made, theirs).decode().strip() == theirs
    assert box.out("merge-base", ours, theirs).decode().strip() == base
    assert box.out("fsck", "--strict", "--no-dangling", "--no-reflogs") == b""


def test_git_is_asked_by_no_shell(box: Box) -> None:
    box.commit()
    with GitProcess(box.top, box.env, "rev-parse", "--sq-quote", "$(touch hacked)") as process:
        assert b"touch hacked" in process.wait(quiet).output
    assert not (box.top / "hacked").exists()


def test_a_merge_that_git_does_not_call_clean_names_what_is_in_conflict(box: Box) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    box.write("d/a", text)
    box.write("e/n", "here\n")
    box.run("add", "--all")
    box.run("commit", "--quiet", "-m", "base")
    box.run("branch", "other")
    box.run("mv", "d/a", "e/a")
    box.run("commit", "--quiet", "-m", "renamed")
    box.run("checkout", "--quiet", "other")
    # It would go along to e/n; git keeps no versions of it for a person to choose from.
    box.write("d/n", "new\n")
    box.run("add", "--all")
    box.run("commit", "--quiet", "-m", "added")
    ours, theirs = (id_of(box, name) for name in ("@{-1}", "other"))
    assert merged(box.git(), ours, theirs)[1] == [b"d/n"]
