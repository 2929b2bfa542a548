"""The files of a scratch worktree are exactly the tree's, whatever was there and however git is set up."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs.errors import CancelledError, GitFailedError
from anvcs.gitmirror.scratch.pool import Slot
from tests.conftest import Repo
from tests.unit.gitmirror.scratch.conftest import Take
from tests.unit.gitmirror.scratch.looking import belongings, clone, lies


def tree(repo: Repo, commit: str = "HEAD") -> str:
    return repo.git("rev-parse", f"{commit}^{{tree}}")


def test_a_tree_is_checked_out_with_modes_links_and_names(repo: Repo, slot: Slot, tmp_path: Path) -> None:
    repo.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    (repo.path / "link").symlink_to("src/app.py")
    (repo.path / "nowhere").symlink_to("/does/not/exist")
    repo.write("größe/with space/a\nb", "odd\n")
    repo.write("-dash", "x")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert lies(slot.tree) == clone(repo, tmp_path / "clone")


def test_only_what_differs_is_written(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ())
    before = (slot.tree / "README.md").stat()
    repo.write("src/app.py", "x = 2\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert (slot.tree / "src/app.py").read_text() == "x = 2\n"
    after = (slot.tree / "README.md").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_empty_tree_has_no_files(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ())
    slot.prepare(repo.git("hash-object", "-t", "tree", "-w", "--stdin"), ())
    assert lies(slot.tree) == {}


OUTSIDE = "outside"
"""A folder beside that of the caches, which nobody may change."""


def _nothing(folder: Path) -> None:
    """Leave all as it is."""


def _changed(folder: Path) -> None:
    old = (folder / "README.md").stat()
    (folder / "README.md").write_text("HELLO\n")
    os.utime(folder / "README.md", ns=(old.st_atime_ns, old.st_mtime_ns))


def _removed(folder: Path) -> None:
    shutil.rmtree(folder / "src")


def _folder_for_file(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "README.md" / "deep").mkdir(parents=True)
    (folder / "README.md" / "deep" / "file").write_text("x")


def _file_for_folder(folder: Path) -> None:
    shutil.rmtree(folder / "src")
    (folder / "src").write_text("x")


def _link_for_folder(folder: Path) -> None:
    shutil.rmtree(folder / "src")
    (folder / "src").symlink_to(folder.parents[3] / OUTSIDE)


def _modes(folder: Path) -> None:
    (folder / "README.md").chmod(0o755)


def _locked(folder: Path) -> None:
    (folder / "cache" / "deep").mkdir(parents=True)
    (folder / "cache" / "deep" / "file").write_text("x")
    for each in ("cache/deep", "cache", "src"):
        (folder / each).chmod(0o500)


def _repository(folder: Path) -> None:
    (folder / "nested" / ".git").mkdir(parents=True)
    (folder / "nested" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")


def _git_removed(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def _git_replaced(folder: Path) -> None:
    shutil.rmtree(folder / ".git")
    (folder / ".git").symlink_to(folder.parents[3] / OUTSIDE)


def _all_removed(folder: Path) -> None:
    shutil.rmtree(folder)


def _all_replaced(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to(folder.parents[3] / OUTSIDE)


def _file_instead(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


def _index_broken(folder: Path) -> None:
    (folder.parent / "index").write_bytes(b"DIRC, but not really")


def _index_locked(folder: Path) -> None:
    (folder.parent / "index.lock").write_bytes(b"")


def _cut_short(folder: Path) -> None:
    (folder.parent / "index.json").unlink()
    (folder / "README.md").write_text("hel")


VANDALS: list[Callable[[Path], None]] = [
    _nothing, _changed, _removed, _folder_for_file, _file_for_folder, _link_for_folder, _modes, _locked, _repository,
    _git_removed, _git_replaced, _all_removed, _all_replaced, _file_instead, _index_broken, _index_locked, _cut_short,
]  # fmt: skip


@pytest.mark.parametrize("vandal", VANDALS, ids=lambda vandal: vandal.__name__.strip("_"))
@pytest.mark.parametrize("moves", [False, True], ids=["same-tree", "other-tree"])
def test_whatever_a_guard_did_the_next_one_finds_exactly_the_tree(
    repo: Repo, slot: Slot, tmp_path: Path, vandal: Callable[[Path], None], moves: bool
) -> None:
    outside = tmp_path / OUTSIDE
    outside.mkdir()
    (outside / "app.py").write_text("the user's")
    (outside / "HEAD").write_text("the user's")
    slot.prepare(tree(repo), ())
    slot.show(tree(repo), ())
    vandal(slot.tree)
    if moves:
        repo.write("src/app.py", "x = 3\n")
        repo.write("src/new/file", "new\n")
        repo.git_commit()
    slot.prepare(tree(repo), ())
    slot.show(tree(repo), ())
    assert lies(slot.tree) == clone(repo, tmp_path / "clone")
    assert lies(outside) == {"app.py": ("file", b"the user's"), "HEAD": ("file", b"the user's")}


def test_what_guards_left_goes_ignored_or_not_but_for_what_is_kept(repo: Repo, slot: Slot) -> None:
    repo.write(".gitignore", "*.log\nnode_modules\n")
    repo.git_commit()
    keep = ("node_modules", "**/target", "packages/*/lib")
    slot.prepare(tree(repo), keep)
    kept = {"node_modules/a/b.js", "target/x", "crate/target/y", "packages/one/lib/z"}
    gone = {"build.log", "new/file", "src/node_modules/x", "packages/lib/x", "packages/one/other/lib/x"}
    for path in kept | gone:
        (slot.tree / path).parent.mkdir(parents=True, exist_ok=True)
        (slot.tree / path).write_text(path)
    tracked = {".gitignore", "README.md", "src/app.py"}
    slot.prepare(tree(repo), keep)
    assert set(lies(slot.tree)) == kept | tracked
    slot.prepare(tree(repo), keep, afresh=True)
    assert set(lies(slot.tree)) == tracked


def test_a_tracked_file_at_a_kept_place_is_the_trees(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ("vendor",))
    (slot.tree / "vendor").mkdir()
    (slot.tree / "vendor" / "lib.js").write_text("left by a guard\n")
    repo.write("vendor/lib.js", "tracked\n")
    repo.git_commit()
    slot.prepare(tree(repo), ("vendor",))
    assert (slot.tree / "vendor" / "lib.js").read_text() == "tracked\n"


def test_nothing_of_the_users_is_touched_and_no_worktree_is_registered(repo: Repo, slot: Slot) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction", "post-merge"):
        hook = repo.write(f".git/hooks/{name}", f"#!/bin/sh\necho ran >>'{repo.path}/{name}-ran'\n")
        hook.chmod(0o755)
    repo.git("config", "core.splitIndex", "true")
    repo.git("config", "core.untrackedCache", "true")
    before = belongings(repo)
    worktrees = repo.git("worktree", "list", "--porcelain")
    slot.prepare(tree(repo), ("node_modules",))
    slot.show(tree(repo), (repo.head(),))
    slot.untracked()
    slot.changed()
    assert belongings(repo) == before
    assert repo.git("worktree", "list", "--porcelain") == worktrees


def test_a_sparse_worktree_has_a_whole_scratch_worktree(repo: Repo, take: Take, tmp_path: Path) -> None:
    repo.write("docs/a.md", "a\n")
    repo.git_commit()
    expected = clone(repo, tmp_path / "clone")
    repo.git("sparse-checkout", "set", "--cone", "src")
    assert not (repo.path / "docs").exists()
    slot = take()
    slot.prepare(tree(repo), ())
    assert lies(slot.tree) == expected


def test_a_linked_worktree_shares_them_with_the_main_one(make_repo: Callable[..., Repo], take: Take) -> None:
    repo = make_repo("shared")
    linked = repo.path.parent / "linked"
    repo.git("worktree", "add", "--quiet", "--detach", linked)
    other = Repo(linked, repo.env, repo.config_home)
    first, second = take(repo), take(other)
    assert (first.folder.parent, first.folder.name) == (second.folder.parent, "slot-0")
    second.prepare(tree(other), ())
    assert lies(second.tree) == lies(linked)


SHOUT = "sh -c 'tr a-z A-Z'"


def test_filters_and_line_endings_are_those_of_the_repository(repo: Repo, slot: Slot, tmp_path: Path) -> None:
    repo.git("config", "--global", "filter.shout.smudge", SHOUT)
    repo.write(".gitattributes", "*.loud filter=shout\n*.bat text eol=crlf\n")
    repo.write("a.loud", "quiet\n")
    repo.write("a.bat", "echo\r\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert (slot.tree / "a.loud").read_bytes() == b"QUIET\n"
    assert lies(slot.tree) == clone(repo, tmp_path / "clone")


def test_files_follow_when_only_the_attributes_changed(repo: Repo, slot: Slot, tmp_path: Path) -> None:
    repo.git("config", "--global", "filter.shout.smudge", SHOUT)
    repo.write("sub/a.loud", "quiet\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    repo.write("sub/.gitattributes", "*.loud filter=shout\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert (slot.tree / "sub/a.loud").read_bytes() == b"QUIET\n"
    slot.prepare(tree(repo, "HEAD^"), ())
    assert lies(slot.tree) == clone(repo, tmp_path / "clone", "HEAD^")


def test_attributes_that_a_guard_left_count_for_nothing(repo: Repo, slot: Slot) -> None:
    repo.git("config", "--global", "filter.shout.smudge", SHOUT)
    slot.prepare(tree(repo), ())
    (slot.tree / ".gitattributes").write_text("*.loud filter=shout\n")
    repo.write("a.loud", "quiet\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert (slot.tree / "a.loud").read_bytes() == b"quiet\n"


@pytest.mark.parametrize("where", ["setting", "info", "global"])
def test_files_follow_when_only_the_users_settings_changed(repo: Repo, slot: Slot, home: Path, where: str) -> None:
    repo.write("a.loud", "quiet\n")
    if where == "setting":
        repo.write(".gitattributes", "*.loud filter=shout\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert (slot.tree / "a.loud").read_bytes() == b"quiet\n"
    repo.git("config", "filter.shout.smudge", SHOUT)
    line = "*.loud filter=shout\n"
    if where == "info":
        repo.write(".git/info/attributes", line)
    elif where == "global":
        (home / ".config/git").mkdir(parents=True)
        (home / ".config/git/attributes").write_text(line)
    slot.prepare(tree(repo), ())
    assert (slot.tree / "a.loud").read_bytes() == b"QUIET\n"


def test_a_filter_finds_what_it_keeps_in_the_git_folder(repo: Repo, slot: Slot) -> None:
    # As Git LFS does: a pointer in the tree, the content in the repository's own Git folder.
    lfs = "sh -c 'cat \"$(git rev-parse --git-common-dir)/lfs/objects/$(cat)\"'"
    repo.git("config", "filter.lfs.smudge", lfs)
    repo.git("config", "filter.lfs.clean", "cat")
    repo.git("config", "filter.lfs.required", "true")
    repo.write(".git/lfs/objects/one", "large\n")
    repo.write(".gitattributes", "*.bin filter=lfs\n")
    repo.write("a.bin", "one\n")
    repo.git_commit()
    slot.prepare(tree(repo), ())
    assert (slot.tree / "a.bin").read_bytes() == b"large\n"


def test_a_filter_that_fails_is_told_in_gits_words_and_leaves_nothing(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ())
    repo.git("config", "filter.lfs.smudge", "sh -c 'echo no such object >&2; exit 1'")
    repo.git("config", "filter.lfs.clean", "cat")
    repo.git("config", "filter.lfs.required", "true")
    repo.write(".gitattributes", "*.bin filter=lfs\n")
    repo.write("a.bin", "one\n")
    repo.git_commit()
    with pytest.raises(GitFailedError, match=r"smudge filter lfs failed"):
        slot.prepare(tree(repo), ())
    assert [each.name for each in slot.folder.iterdir()] == ["lock"]
    slot.prepare(tree(repo, "HEAD^"), ())
    assert (slot.tree / "README.md").exists()


def test_a_tree_that_is_not_there_is_an_error_that_costs_nothing(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ("kept",))
    (slot.tree / "kept").write_text("x")
    with pytest.raises(GitFailedError):
        slot.prepare("1" * 40, ("kept",))
    assert (slot.tree / "kept").exists()


def test_a_cancelled_checkout_is_finished_by_the_next(repo: Repo, slot: Slot, tmp_path: Path) -> None:
    for number in range(50):
        repo.write(f"many/{number}", f"{number}\n")
    repo.git_commit()
    expected = clone(repo, tmp_path / "clone")
    cancelled = 0
    for after in range(12):
        left = iter(range(after))
        try:
            slot.prepare(tree(repo), (), cancelled=lambda left=left: next(left, None) is None)
        except CancelledError:
            cancelled += 1
            slot.prepare(tree(repo), ())
        assert lies(slot.tree) == expected
        slot.prepare(tree(repo, "HEAD^"), ())
    assert 4 < cancelled < 12


def test_what_changed_and_what_came_is_told_apart(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ("kept",))
    (slot.tree / "src/app.py").write_text("x = 9\n")
    (slot.tree / "README.md").touch()
    (slot.tree / "kept").mkdir()
    (slot.tree / "kept/file").write_text("x")
    (slot.tree / "new").mkdir()
    (slot.tree / "new/file").write_text("x")
    assert slot.changed() == [b"src/app.py"]
    assert slot.untracked() == [b"new/"]


def test_missing_blobs_of_a_partial_clone_are_fetched(repo: Repo, take: Take, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.write("later.txt", "only on a branch\n")
    repo.git("switch", "--quiet", "--create", "later")
    later = tree(repo, repo.git_commit("later"))
    repo.git("switch", "--quiet", "main")
    partial = tmp_path / "partial"
    repo.git("clone", "--quiet", "--filter=blob:none", f"file://{repo.path}", partial)
    other = Repo(partial, repo.env, repo.config_home)
    assert other.git("rev-list", "--objects", "--all", "--missing=print").count("?") > 0
    slot = take(other)
    slot.prepare(later, ())
    assert (slot.tree / "later.txt").read_text() == "only on a branch\n"


def test_modes_of_folders_are_ours_to_write(repo: Repo, slot: Slot) -> None:
    slot.prepare(tree(repo), ())
    assert stat.S_IMODE(slot.folder.parent.stat().st_mode) == 0o700
