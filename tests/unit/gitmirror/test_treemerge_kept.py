"""A git that stays for the merges to come: it says what a fresh one says, or is not asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.errors import CancelledError, GitFailedError
from anvcs.gitmirror import treemerge_kept
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.treemerge import Running
from anvcs.gitmirror.treemerge_attributes import Place
from anvcs.gitmirror.treemerge_kept import Kept, _Answer
from tests.unit.gitmirror.conftest import Box
from tests.unit.gitmirror.test_treemerge import id_of, is_gone, opened, quiet

LINES = "".join(f"{number}\n" for number in range(20))
Sides = Callable[[str, str], tuple[str, str]]

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="attributes of Apple's git are nobody's to see")


@pytest.fixture
def kept(box: Box) -> Generator[Kept]:
    """One for the repository."""
    # Settings that were written just now are read each time.
    for file in (box.git_dir / "config", *box.home.iterdir()):
        os.utime(file, (1, 1))
    kept = Kept(opened(box))
    yield kept
    kept.close()


@pytest.fixture
def sides(box: Box) -> Sides:
    """Makes two commits that change lines of one file."""
    box.write("d/text", LINES)
    box.run("add", "--all")
    box.run("commit", "--quiet", "--message", "base")
    base = id_of(box, "HEAD")

    def make(left: str, right: str) -> tuple[str, str]:
        commits: list[str] = []
        for side in (left, right):
            box.run("checkout", "--quiet", "--detach", base)
            box.write("d/text", LINES.replace("\n3\n", f"\n{side}\n") if side < "m" else LINES + side)
            box.run("commit", "--quiet", "--all", "--message", side)
            commits.append(id_of(box, "HEAD"))
        return commits[0], commits[1]

    return make


def pid(kept: Kept) -> int | None:
    """The process that is kept."""
    return kept._git._process._pid if kept._git is not None else None


def merged(box: Box, kept: Kept, commits: tuple[str, str], *paths: bytes) -> bytes:
    """What is said of a merge, which must be what git says."""
    with Running(kept._repo, *commits, unrelated=False, place=Place(box.top), kept=kept) as running:
        out = running.output(quiet)
        if not running.is_right(paths or (b"d/text",)):
            out = running.anew(quiet)
    alone = box.run("merge-tree", "--write-tree", "--messages", "-z", *commits, check=False)
    assert out == alone.stdout
    return out


def test_one_process_says_of_many_merges_what_git_says_of_each(box: Box, kept: Kept, sides: Sides) -> None:
    first = sides("left", "right")
    assert b"CONFLICT" not in merged(box, kept, first)
    process = pid(kept)
    assert process is not None
    assert b"CONFLICT" in merged(box, kept, sides("a", "b"))
    merged(box, kept, (first[0], first[0]))
    assert merged(box, kept, sides("left", "x")) != merged(box, kept, first)
    assert pid(kept) == process
    kept.close()
    assert is_gone(process)


def test_objects_that_were_packed_meanwhile_are_found(box: Box, kept: Kept, sides: Sides) -> None:
    merged(box, kept, sides("left", "right"))
    process = pid(kept)
    commits = sides("a", "z")
    box.run("branch", "one", commits[0])
    box.run("branch", "two", commits[1])
    box.run("repack", "-adq")
    box.run("prune-packed")
    merged(box, kept, commits)
    assert pid(kept) == process


def test_a_setting_that_changes_is_gone_by(box: Box, kept: Kept, sides: Sides) -> None:
    commits = sides("a", "b")
    before = merged(box, kept, commits)
    box.run("config", "merge.conflictStyle", "diff3")
    assert merged(box, kept, commits) != before


@pytest.mark.parametrize("place", ["d/.gitattributes", ".gitattributes", ".git/info/attributes"])
def test_attributes_that_come_and_go_are_gone_by(box: Box, kept: Kept, sides: Sides, place: str) -> None:
    commits = sides("a", "b")
    merged(box, kept, commits)
    process = pid(kept)
    file = box.write(place, "text merge=union\n")
    assert b"CONFLICT" not in merged(box, kept, commits)
    file.write_text("text -merge\n")
    assert b"CONFLICT (binary)" in merged(box, kept, commits)
    file.unlink()
    assert b"CONFLICT (contents)" in merged(box, kept, commits)
    assert pid(kept) != process


def test_attributes_that_stay_as_they_are_do_not_end_it(
    box: Box, kept: Kept, sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.write(".gitattributes", "text merge=union\n")
    commits = sides("a", "b")
    # As if the file had been there for long.
    monkeypatch.setattr(treemerge_kept, "_TICK_NS", -(10**12))
    merged(box, kept, commits)
    process = pid(kept)
    assert process is not None
    assert b"CONFLICT" not in merged(box, kept, commits)
    assert pid(kept) == process


def test_attributes_written_while_git_was_at_work_make_it_be_asked_anew(box: Box, kept: Kept, sides: Sides) -> None:
    commits = sides("a", "b")
    with Running(kept._repo, *commits, unrelated=False, place=Place(box.top), kept=kept) as running:
        assert b"CONFLICT" in running.output(quiet)
        box.write(".gitattributes", "text merge=union\n")
        assert not running.is_right([b"d/text"])
        assert b"CONFLICT" not in running.anew(quiet)
    assert pid(kept) is None


def test_a_commit_that_stands_for_another_is_seen(box: Box, kept: Kept, sides: Sides) -> None:
    commits = sides("left", "right")
    before = merged(box, kept, commits)
    box.run("replace", commits[0], sides("x", "y")[0])
    assert merged(box, kept, commits) != before
    box.run("replace", "--delete", commits[0])
    assert merged(box, kept, commits) == before


def test_what_git_cannot_merge_is_refused_in_its_words_and_the_next_merge_goes_on(
    box: Box, kept: Kept, sides: Sides
) -> None:
    commits = sides("left", "right")
    merged(box, kept, commits)
    with (
        Running(kept._repo, commits[0], "f" * 40, unrelated=False, place=Place(box.top), kept=kept) as running,
        pytest.raises(GitFailedError, match="git merge-tree failed"),
    ):
        running.output(quiet)
    merged(box, kept, commits)
    assert pid(kept) is not None


@pytest.mark.parametrize("setting", ["merge.own.driver", "merge.renormalize"])
def test_where_more_than_files_decides_git_is_started_for_each_merge(
    box: Box, kept: Kept, sides: Sides, setting: str
) -> None:
    box.run("config", setting, "true")
    merged(box, kept, sides("a", "b"))
    assert pid(kept) is None


@pytest.mark.parametrize("limit", ["_MERGES", "_SECONDS", "_PLACES"])
def test_no_git_is_kept_for_long(
    box: Box, kept: Kept, sides: Sides, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treemerge_kept, limit, 1 if limit == "_MERGES" else 0)
    commits = sides("a", "b")
    merged(box, kept, commits)
    process = pid(kept)
    assert process is not None
    merged(box, kept, commits)
    assert pid(kept) != process


def test_no_git_is_kept_while_nobody_merges(box: Box, kept: Kept, sides: Sides) -> None:
    commits = sides("left", "right")
    merged(box, kept, commits)
    process = pid(kept)
    assert process is not None
    kept.rest()
    assert is_gone(process)
    merged(box, kept, commits)
    assert pid(kept) not in (None, process)


def test_a_git_that_was_killed_is_started_again(box: Box, kept: Kept, sides: Sides) -> None:
    commits = sides("a", "b")
    merged(box, kept, commits)
    process = pid(kept)
    assert process is not None
    os.kill(process, 9)
    merged(box, kept, commits)
    merged(box, kept, commits)
    assert pid(kept) not in (None, process)


def a_git(box: Box, tmp_path: Path, does: str) -> Kept:
    """A git that does something of its own when it is asked for many merges."""
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    real = box.out("--exec-path").decode().strip() + "/git"
    fake.write_text(f'#!/bin/sh\ncase "$*" in *--stdin*) {does};; *) exec {real} "$@";; esac\n')
    fake.chmod(0o755)
    return Kept(GitRepository.open(box.top, {**box.env, "PATH": f"{fake.parent}:{box.env['PATH']}"}))


@pytest.mark.parametrize(
    "does",
    [
        "echo 'usage: git merge-tree' >&2; exit 129",
        r"read line; printf '1\000tree\000\000'; read line; read line",
        r"read line; printf '1\000tree\000no file\000\000no number\000'; read line; read line",
        r"read line; printf '?\000tree\000\000\0001\000tree\000\000'; read line; read line",
        r"read line; echo warning >&2; printf '1\000tree\000\000\0001\000tree\000\000'; read line; read line",
    ],
)
def test_a_git_that_does_not_answer_as_it_should_is_asked_no_more(
    box: Box, sides: Sides, tmp_path: Path, does: str
) -> None:
    kept = a_git(box, tmp_path, does)
    commits = sides("a", "b")
    merged(box, kept, commits)
    assert pid(kept) is None
    assert not kept.ask(*commits)


def test_stopping_ends_a_git_that_is_at_work(box: Box, sides: Sides, tmp_path: Path) -> None:
    kept = a_git(box, tmp_path, "read line; read line; read line")
    found: list[int] = []

    def stop() -> None:
        found.append(pid(kept) or 0)
        raise CancelledError("Cancelled; nothing was changed.")

    with (
        pytest.raises(CancelledError),
        Running(kept._repo, *sides("a", "b"), unrelated=False, place=Place(box.top), kept=kept) as running,
    ):
        running.output(stop)
    assert pid(kept) is None
    assert is_gone(found[0])


def test_what_nobody_waited_for_is_not_taken_for_the_next_answer(box: Box, kept: Kept, sides: Sides) -> None:
    with Running(kept._repo, *sides("a", "b"), unrelated=False, place=Place(box.top), kept=kept):
        pass
    assert pid(kept) is None
    merged(box, kept, sides("left", "x"))


fields = st.binary(max_size=3).map(lambda field: field.replace(b"\0", b"")).filter(bool)
messages = st.lists(st.tuples(st.lists(fields, max_size=2), fields, fields), max_size=3)


@given(st.lists(fields, max_size=3), messages, st.booleans(), st.booleans(), st.data())
def test_an_answer_ends_where_it_ends_in_whatever_parts_it_comes(
    files: list[bytes], said: list[tuple[list[bytes], bytes, bytes]], first: bool, late: bool, data: st.DataObject
) -> None:
    told = [field for paths, kind, words in said for field in (b"%d" % len(paths), *paths, kind, words)]
    wanted = [b"0", b"tree", *files, b"", *told]
    rest = [b"", b"1", b"tree", b""] + ([] if late else [b""])
    whole = b"\0".join([*([] if first else [b""]), *wanted, *rest, b""])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))
    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True) if start < end]
    answer = _Answer(held_back=not first)
    ends = [answer(part) for part in parts]
    done = ends.index(True)
    assert answer.fields == wanted
    # The very last field may come by itself, and then begins the next answer.
    assert answer.known
    assert parts[done + 1 :] in ([], [b"\0"])
    assert answer.held_back == (late or parts[done + 1 :] == [b"\0"])


def test_advice_in_no_form_ends_an_answer() -> None:
    answer = _Answer(held_back=False)
    assert answer(b"0\0tree\0\0Recursive merging with submodules currently\n\0" + b"1\0tree\0\0")
    assert answer.known
    assert answer.fields == [b"0", b"tree", b""]
