"""What Git does not track in a scratch worktree: whose it is, where it comes from, and how it finds itself there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs.errors import CancelledError
from anvcs.gitmirror.scratch import ignored as module
from anvcs.gitmirror.scratch.ignored import Ignored, Source
from anvcs.gitmirror.scratch.pool import Slot
from tests.conftest import Repo
from tests.unit.gitmirror.scratch.conftest import Take
from tests.unit.gitmirror.scratch.looking import lies


def go_on() -> bool:
    return False


class Desk:
    """A scratch worktree with its ignored paths."""

    def __init__(self, repo: Repo, slot: Slot, *patterns: str) -> None:
        self.tree = repo.git("rev-parse", "HEAD^{tree}")
        self.slot = slot
        self.patterns = patterns
        self.ignored = Ignored(slot, slot.folder.parent / "shelf", Source(repo.path, patterns))
        self.afresh()

    def afresh(self) -> None:
        """Make the worktree afresh."""
        self.slot.prepare(self.tree, self.patterns, afresh=True)

    def write(self, path: str, text: str) -> None:
        """Put a file into the worktree, as setup would."""
        (self.slot.tree / path).parent.mkdir(parents=True, exist_ok=True)
        (self.slot.tree / path).write_text(text)

    def found(self) -> dict[str, str]:
        """What is there beside the tree's files."""
        tracked = {"README.md", "src/app.py"}
        return {path: data.decode() for path, (_, data) in lies(self.slot.tree).items() if path not in tracked}


def test_what_was_put_away_is_taken_by_its_key(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps", "packages/*/deps", "made.txt")
    for key in ("one", "two"):
        desk.write("deps/list", key)
        desk.write("packages/a/deps/list", key)
        desk.write("made.txt", key)
        assert desk.ignored.key is None
        desk.ignored.settle(key)
        assert desk.ignored.key == key
        desk.ignored.put_away()
        assert desk.ignored.key is None
        desk.afresh()
        assert desk.found() == {}
    for key in ("one", "two"):
        assert desk.ignored.take(key)
        assert desk.ignored.key == key
        assert desk.found() == {"deps/list": key, "packages/a/deps/list": key, "made.txt": key}
        desk.ignored.put_away()
        desk.afresh()
    assert not desk.ignored.take("three")
    assert desk.ignored.key is None


def test_what_is_not_sure_is_never_put_away(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps")
    desk.write("deps/half", "x")
    desk.ignored.put_away()
    desk.afresh()
    assert not (slot.folder.parent / "shelf").exists()
    assert desk.found() == {}


def test_a_worktree_takes_what_another_has_put_away_and_only_one_of_them_does(repo: Repo, take: Take) -> None:
    first, second, third = (Desk(repo, take(), "deps") for _ in range(3))
    first.write("deps/list", "x")
    first.ignored.settle("key")
    first.ignored.put_away()
    assert second.ignored.take("key")
    assert second.found() == {"deps/list": "x"}
    assert not third.ignored.take("key")


def test_two_that_put_the_same_away_leave_one(repo: Repo, take: Take) -> None:
    for number in (1, 2):
        desk = Desk(repo, take(), "deps")
        desk.write("deps/list", str(number))
        desk.ignored.settle("key")
        desk.ignored.put_away()
    shelf = desk.slot.folder.parent / "shelf"
    assert [each.name for each in shelf.iterdir()] == ["key"]


def test_the_shelf_holds_the_newest_few(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps")
    for number in range(module.MOST + 2):
        desk.write("deps/list", str(number))
        desk.ignored.settle(f"key-{number}")
        desk.ignored.put_away()
        desk.afresh()
    assert not desk.ignored.take("key-0")
    assert desk.ignored.take(f"key-{module.MOST + 1}")


def test_what_cannot_be_put_back_whole_is_not_taken_for_the_whole(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps", "more")
    desk.write("deps/list", "x")
    desk.write("more/list", "x")
    desk.ignored.settle("key")
    desk.ignored.put_away()
    repo.write("deps/.keep", "")
    repo.git_commit("now a folder of the tree's")
    desk.tree = repo.git("rev-parse", "HEAD^{tree}")
    desk.afresh()
    assert not desk.ignored.take("key")
    assert desk.ignored.key is None


def test_what_a_guard_has_removed_is_not_there(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps", "packages/*/deps")
    desk.write("packages/a/deps/list", "x")
    desk.write("deps/list", "x")
    desk.ignored.settle("key")
    shutil.rmtree(slot.tree / "packages")
    assert desk.ignored.key is None
    desk.ignored.put_away()
    assert not (slot.folder.parent / "shelf").exists()


def test_a_broken_note_is_no_note(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps")
    desk.ignored.settle("key")
    (slot.folder / "ignored.json").write_bytes(b"{")
    assert desk.ignored.key is None
    desk.ignored.put_away()


def test_folders_and_files_of_the_users_are_copied(repo: Repo, slot: Slot, tmp_path: Path) -> None:
    repo.write("deps/bin/tool", "tool").chmod(0o755)
    repo.write(".env", "A=1")
    repo.write("tracked.env", "tracked")
    repo.git("add", "tracked.env")
    repo.git("commit", "--quiet", "-m", "tracked")
    repo.write("tracked.env", "unsaved")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("linked")
    (repo.path / "linked").symlink_to(tmp_path / "outside")
    desk = Desk(repo, slot, "deps", ".env", "tracked.env", "linked", "missing")
    desk.ignored.copy_folders(go_on)
    desk.ignored.copy_files(go_on)
    found = desk.found()
    assert found == {"deps/bin/tool": "tool", ".env": "A=1", "tracked.env": "tracked", "linked/file": "linked"}
    assert os.access(slot.tree / "deps/bin/tool", os.X_OK)
    desk.write("linked/file", "changed")
    assert (tmp_path / "outside/file").read_text() == "linked"


def test_a_copy_can_be_cancelled(repo: Repo, slot: Slot) -> None:
    repo.write("deps/list", "x")
    desk = Desk(repo, slot, "deps")
    with pytest.raises(CancelledError):
        desk.ignored.copy_folders(lambda: True)


def test_what_is_installed_is_told_by_names_and_files_at_the_top(repo: Repo) -> None:
    source = Source(repo.path, ("deps",))
    repo.write("deps/lock", "1")
    repo.write("deps/lib/python3/site-packages/thing-1.0.dist-info/RECORD", "x")
    before = source.installed()
    repo.write("deps/lib/python3/site-packages/thing-1.0.dist-info/RECORD", "y")
    repo.write("deps/lib/__pycache__/x.pyc", "y")
    repo.write("deps/.cache/x", "y")
    assert source.installed() == before
    repo.write("deps/lib/python3/site-packages/thing-1.1.dist-info/RECORD", "x")
    after = source.installed()
    assert after != before
    repo.write("deps/lock", "12")
    assert source.installed() not in (before, after)


def venv(folder: Path, source: Path) -> None:
    """An environment with an editable install of a package of the worktree."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    packages = next(folder.glob("lib/python3*/site-packages"))
    (packages / "own.pth").write_text(f"{source}\n")
    tool = folder / "bin" / "tool"
    tool.write_text(f"#!{folder}/bin/python\nimport own, sys\nprint(own.__file__, sys.prefix)\n")
    tool.chmod(0o755)


def test_an_environment_of_pythons_is_at_home_where_it_was_copied(repo: Repo, slot: Slot) -> None:
    repo.write("src/own.py", "")
    repo.git("add", "src")
    repo.git("commit", "--quiet", "-m", "own")
    venv(repo.path / ".venv", repo.path / "src")
    (repo.path / ".venv" / "absolute").symlink_to(repo.path / "src")
    desk = Desk(repo, slot, ".venv")
    desk.ignored.copy_folders(go_on)
    said = subprocess.run([slot.tree / ".venv/bin/tool"], capture_output=True, check=True, timeout=60).stdout.decode()
    assert said.split() == [str(slot.tree / "src/own.py"), str(slot.tree / ".venv")]
    assert (slot.tree / ".venv/absolute").readlink() == slot.tree / "src"
    assert (repo.path / ".venv/absolute").readlink() == repo.path / "src"


def test_an_environment_is_at_home_in_the_worktree_that_takes_it(repo: Repo, take: Take) -> None:
    repo.write("src/own.py", "")
    repo.git("add", "src")
    repo.git("commit", "--quiet", "-m", "own")
    first, second = Desk(repo, take(), ".venv"), Desk(repo, take(), ".venv")
    venv(first.slot.tree / ".venv", first.slot.tree / "src")
    first.ignored.settle("key")
    first.ignored.put_away()
    assert second.ignored.take("key")
    command = [second.slot.tree / ".venv/bin/tool"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    assert said.split() == [str(second.slot.tree / "src/own.py"), str(second.slot.tree / ".venv")]


def test_names_that_only_begin_like_the_worktree_stay(repo: Repo, slot: Slot) -> None:
    folder = repo.path / ".venv"
    folder.mkdir()
    text = f"home = {repo.path}-other/bin\nown = {repo.path}/x\nlast = {repo.path}\n"
    (folder / "pyvenv.cfg").write_text(text)
    desk = Desk(repo, slot, ".venv")
    desk.ignored.copy_folders(go_on)
    tree = slot.tree
    expected = f"home = {repo.path}-other/bin\nown = {tree}/x\nlast = {tree}\n"
    assert (tree / ".venv/pyvenv.cfg").read_text() == expected


def test_a_worktree_that_is_gone_has_nothing_to_put_away(repo: Repo, slot: Slot) -> None:
    desk = Desk(repo, slot, "deps")
    desk.ignored.settle("key")
    shutil.rmtree(slot.tree)
    desk.ignored.put_away()
    assert desk.ignored.key is None
