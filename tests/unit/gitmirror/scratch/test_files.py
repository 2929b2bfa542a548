"""Removal, copies and path patterns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anvcs.errors import CancelledError, ConfigError, DiskError
from anvcs.gitmirror.scratch import files


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("node_modules", ["node_modules"]),
        ("missing", []),
        ("packages/*/node_modules", ["packages/a/node_modules", "packages/b/node_modules"]),
        ("**/node_modules", ["node_modules", "packages/a/node_modules", "packages/b/node_modules"]),
        ("packages/**/node_modules", ["packages/a/node_modules", "packages/b/node_modules"]),
        ("packages/a*", ["packages/a"]),
        ("*/a/lib/*", ["packages/a/lib/one", "packages/a/lib/two"]),
    ],
)
def test_patterns_name_the_outermost_paths(tmp_path: Path, pattern: str, found: list[str]) -> None:
    make(tmp_path, "node_modules/x/node_modules/y", "packages/a/node_modules/x", "packages/b/node_modules/x")
    make(tmp_path, "packages/a/lib/one/x", "packages/a/lib/two", ".git/node_modules/x")
    assert files.matching(tmp_path, files.checked(pattern)) == found


def test_patterns_never_lead_through_a_link(tmp_path: Path) -> None:
    make(tmp_path / "outside", "node_modules/x")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").symlink_to(tmp_path / "outside")
    for pattern in ("a/node_modules", "*/node_modules", "**/node_modules"):
        assert files.matching(tmp_path / "tree", pattern) == []
    assert files.matching(tmp_path / "tree", "a") == ["a"]


@pytest.mark.parametrize(
    "pattern",
    ["/etc", "..", "a/../..", ".git", "a/.git/b", "", ".", "/", "!a", "#a", "a\\b", "a[b]", "a?", "a\nb", "a/**"],
)
def test_patterns_that_leave_the_worktree_are_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"guards\.ignored cannot hold") as refused:
        files.checked(pattern)
    assert "below the root" in refused.value.way_out


@pytest.mark.parametrize(
    ("pattern", "plain"), [("a/", "a"), ("./a//b", "a/b"), (".venv", ".venv"), ("a/**/b", "a/**/b")]
)
def test_patterns_are_made_plain(pattern: str, plain: str) -> None:
    assert files.checked(pattern) == plain


def test_a_copy_has_the_modes_times_and_links(tmp_path: Path) -> None:
    make(tmp_path / "one", "bin/tool", "-dash")
    (tmp_path / "one/bin/tool").chmod(0o755)
    os.utime(tmp_path / "one/bin/tool", (1_000_000_000, 1_000_000_000))
    (tmp_path / "one/link").symlink_to("bin/tool")
    files.copy(tmp_path / "one", tmp_path / "deep/two", lambda: False)
    tool = (tmp_path / "deep/two/bin/tool").stat()
    assert (tool.st_mode & 0o777, tool.st_mtime) == (0o755, 1_000_000_000)
    assert (tmp_path / "deep/two/link").readlink() == Path("bin/tool")
    assert (tmp_path / "deep/two/-dash").read_text() == "-dash"
    (tmp_path / "deep/two/bin/tool").write_text("changed")
    assert (tmp_path / "one/bin/tool").read_text() == "bin/tool"


def test_what_cannot_be_copied_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        DiskError, match=r"missing cannot be copied into the scratch worktree: .*No such file"
    ) as refused:
        files.copy(tmp_path / "missing", tmp_path / "two", lambda: False)
    assert "guards.ignored" in refused.value.way_out


def test_a_copy_can_be_cancelled(tmp_path: Path) -> None:
    make(tmp_path, "one")
    with pytest.raises(CancelledError):
        files.copy(tmp_path / "one", tmp_path / "two", lambda: True)


def test_removal_takes_links_as_links_and_what_is_not_there_as_done(tmp_path: Path) -> None:
    make(tmp_path, "kept/file", "plain")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("link", "plain", "missing"):
        files.remove(tmp_path / name)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept"]
    files.remove(tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_removal_opens_what_was_locked(tmp_path: Path) -> None:
    make(tmp_path, "locked/deep/file")
    (tmp_path / "locked/deep").chmod(0)
    (tmp_path / "locked").chmod(0o500)
    files.open_up(tmp_path / "locked")
    assert [(tmp_path / path).stat().st_mode & 0o700 for path in ("locked", "locked/deep")] == [0o700, 0o700]
    (tmp_path / "locked/deep").chmod(0)
    files.remove(tmp_path / "locked")
    assert not (tmp_path / "locked").exists()
