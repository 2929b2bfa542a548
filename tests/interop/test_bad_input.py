"""Repositories and files out of the ordinary: handled as git's users expect, or refused with nothing changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import (
    AnvcsError,
    BareRepositoryError,
    MissingIdentityError,
    NotARepositoryError,
    NotInitializedError,
    PathIgnoredError,
    PathNotFoundError,
    PathOutsideError,
    UnreadableFileError,
    UnsafeFileSystemError,
    UnsupportedRepositoryError,
)
from anvcs.gitmirror import filesystem
from tests.conftest import Repo

pytestmark = pytest.mark.promise("input.handled-or-refused")
MakeRepo = Callable[..., Repo]


def refused(repo: Repo, kind: type[AnvcsError], *paths: str, match: str | None = None) -> None:
    """The commit is refused with a cause and a way out, and nothing is changed."""
    before = repo.snapshot()
    with pytest.raises(kind, match=match) as error:
        repo.commit("refused", *paths)
    assert error.value.message.endswith((".", "!")) or error.value.message
    assert error.value.way_out
    assert repo.snapshot() == before


def test_a_folder_outside_any_repository_is_refused(tmp_path: Path, env: dict[str, str]) -> None:
    caller = Caller(cwd=tmp_path, env=env, config_home=tmp_path / "config")
    with pytest.raises(NotARepositoryError, match="not in a Git repository") as error:
        call(caller, wire.STATUS, wire.StatusParams())
    assert "ai-vcs init" in error.value.way_out
    with pytest.raises(NotARepositoryError, match="does not exist"):
        call(caller, wire.STATUS, wire.StatusParams(folder="nowhere/at/all"))


def test_a_bare_repository_is_refused(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    with pytest.raises(BareRepositoryError, match="bare"):
        call(repo.caller(tmp_path / "bare"), wire.INIT, wire.InitParams())
    assert not (tmp_path / "bare/anvcs").exists()


def test_the_git_folder_itself_is_no_work_tree(repo: Repo) -> None:
    with pytest.raises(NotARepositoryError, match=r"work tree|inside"):
        call(repo.caller(repo.path / ".git"), wire.STATUS, wire.StatusParams())


def test_an_unborn_branch_gets_its_first_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(empty=True)
    repo.write("first", "1\n")
    made = repo.commit("first")
    assert made.parents == ()
    assert repo.git("log", "--format=%s") == "first"
    assert repo.status() == ""
    assert repo.git("reflog", "--format=%gs").startswith("anvcs b3:")


def test_an_unborn_branch_without_files_is_nothing_to_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(empty=True)
    with pytest.raises(AnvcsError, match="nothing to commit"):
        repo.commit("nothing")


def test_a_detached_head_moves_itself_and_no_branch(repo: Repo) -> None:
    main = repo.head()
    repo.git("switch", "--quiet", "--detach")
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("detached")
    assert made.stream is None
    assert repo.git("rev-parse", "main") == main
    assert repo.head() == made.git_commit
    assert repo.status() == ""


def test_a_shallow_clone_can_be_committed_to(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    repo.write("more", "1\n")
    repo.git_commit("second")
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    shallow = Repo(tmp_path / "shallow", repo.env, repo.config_home)
    shallow.init()
    shallow.write("more", "2\n")
    shallow.commit("on top")
    assert shallow.git("log", "--format=%s") == "on top\nsecond"
    assert shallow.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_fetches_what_it_needs(make_repo: MakeRepo, tmp_path: Path, kind: str) -> None:
    repo = make_repo()
    repo.write("deep/er/file", "1\n")
    repo.git_commit("second")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    partial = Repo(tmp_path / "partial", repo.env, repo.config_home)
    repo.git("clone", "--quiet", "--no-checkout", f"--filter={kind}", f"file://{repo.path}", str(partial.path))
    partial.git("reset", "--quiet", "--mixed")
    partial.init()
    partial.write("deep/er/file", "2\n")
    partial.commit("on top", "deep/er/file")
    assert partial.git("show", "HEAD:deep/er/file") == "2"
    assert partial.git("ls-tree", "-r", "--name-only", "HEAD").splitlines() == [
        "README.md",
        "deep/er/file",
        "src/app.py",
    ]


def test_a_second_worktree_has_its_own_index_and_shares_the_ledger(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    repo.write("src/app.py", "main\n")
    side.write("src/app.py", "side\n")
    repo.commit("on main")
    made = side.commit("on side")
    assert made.stream == "side"
    assert (repo.status(), side.status()) == ("", "")
    status = call(side.caller(), wire.STATUS, wire.StatusParams())
    # The init, the first look, the branch and the worktree that git made, and the two commits.
    assert status.operations == 6
    assert repo.git("show", "main:src/app.py", "side:src/app.py") == "main\nside"


def test_state_on_a_network_file_system_is_refused(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo(init=False)
    check = filesystem.check
    mounts = f"36 35 98:0 / {repo.path} rw,noatime shared:1 - nfs4 server:/export rw\n"

    def mounted(path: Path) -> None:
        check(path, mounts)

    monkeypatch.setattr(filesystem, "check", mounted)
    with pytest.raises(UnsafeFileSystemError, match="nfs4") as error:
        repo.init()
    assert error.value.way_out
    assert not (repo.path / ".git/anvcs").exists()
    assert repo.git("config", "--local", "--list").count("notes") == 0


def test_a_sha256_repository_is_refused(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo()
    other = Repo(tmp_path / "sha256", repo.env, repo.config_home)
    other.path.mkdir()
    other.git("init", "--quiet", "--object-format=sha256")
    with pytest.raises(UnsupportedRepositoryError, match="SHA256"):
        other.init()
    assert not (other.path / ".git/anvcs").exists()


def test_a_reftable_repository_is_refused(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.refStorage", "reftable")
    with pytest.raises(UnsupportedRepositoryError, match=r"refstorage|reftable"):
        repo.init()
    assert not (repo.path / ".git/anvcs").exists()


def test_a_split_index_is_refused_with_gits_own_way_out(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.git("update-index", "--split-index")
    refused(repo, UnsupportedRepositoryError, match="split index")
    repo.git("update-index", "--no-split-index")
    repo.commit("now")
    assert repo.status() == ""


def test_a_sparse_index_is_refused_with_gits_own_way_out(repo: Repo) -> None:
    for name in ("kept/a", "left/b"):
        repo.write(name, "1\n")
    repo.git_commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "kept")
    repo.write("kept/a", "2\n")
    refused(repo, UnsupportedRepositoryError, match="sparse index")
    repo.git("sparse-checkout", "reapply", "--no-sparse-index")
    repo.commit("now")
    assert repo.git("ls-tree", "-r", "--name-only", "HEAD", "left") == "left/b"
    assert repo.status() == ""


def test_a_path_outside_the_sparse_checkout_is_refused_as_git_does(repo: Repo) -> None:
    for name in ("kept/a", "left/b"):
        repo.write(name, "1\n")
    repo.git_commit()
    repo.git("sparse-checkout", "set", "--cone", "--no-sparse-index", "kept")
    repo.write("left/b", "2\n")
    before = repo.git("ls-files", "--stage", "-v")
    with pytest.raises(AnvcsError, match="sparse"):
        repo.commit("outside", "left/b")
    assert repo.git("ls-files", "--stage", "-v") == before


def test_a_missing_identity_is_refused_with_gits_advice(repo: Repo, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n useConfigOnly = true\n[init]\n defaultBranch = main\n")
    repo.write("src/app.py", "x = 2\n")
    refused(repo, MissingIdentityError, match="who")


def test_a_commit_before_init_is_refused(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    repo.write("src/app.py", "x = 2\n")
    refused(repo, NotInitializedError, match="not set up")
    assert not (repo.path / ".git/anvcs").exists()


def test_an_unreadable_file_is_refused(repo: Repo, tmp_path: Path) -> None:
    repo.write("src/app.py", "x = 2\n").chmod(0)
    if os.geteuid() != 0:
        refused(repo, UnreadableFileError, "src/app.py", match="permission denied")
        return
    # root reads everything, so somebody else asks.
    shutil.chown(tmp_path, "nobody")
    for folder, folders, files in os.walk(tmp_path):
        for name in folders + files:
            os.chown(Path(folder) / name, 65534, -1, follow_symlinks=False)
    for parent in tmp_path.parents[:3]:
        if parent.stat().st_mode & 0o777 == 0o700:
            parent.chmod(0o711)
    script = (
        "import os, sys; from pathlib import Path\n"
        "from anvcs import wire, errors; from anvcs.actions.caller import Caller, call\n"
        f"os.chdir({str(repo.path)!r})\n"
        "caller = Caller(cwd=Path.cwd(), env=dict(os.environ), config_home=Path('/nonexistent'))\n"
        "try: call(caller, wire.COMMIT, wire.CommitParams(message='m', paths=('src/app.py',)))\n"
        "except errors.AnvcsError as error: print(error.code, error.message)\n"
    )
    # Imports first: nobody may not read the interpreter's own folders on every machine.
    drop = "import os; import anvcs.actions.commit, anvcs.actions.evidence; os.setuid(65534)\n"
    done = subprocess.run(
        [sys.executable, "-c", drop + script], env=repo.env, capture_output=True, check=False, timeout=60
    )
    assert done.stdout.decode().startswith("unreadable-file"), done
    assert "src/app.py" in done.stdout.decode()


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", ".git/config", "link/inner"])
def test_a_path_that_leaves_the_repository_is_refused(repo: Repo, path: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/inner").write_text("x")
    (repo.path / "link").symlink_to(tmp_path / "elsewhere")
    refused(repo, AnvcsError, path)


def test_paths_outside_are_called_so(repo: Repo) -> None:
    refused(repo, PathOutsideError, "../outside", match="outside")


def test_a_path_that_is_nowhere_is_refused(repo: Repo) -> None:
    refused(repo, PathNotFoundError, "no/such/file", match="no/such/file")


def test_an_ignored_path_is_refused_as_git_does(repo: Repo) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.git_commit()
    repo.write("debug.log", "x\n")
    refused(repo, PathIgnoredError, "debug.log", match="ignored")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names itself")
def test_a_file_name_that_is_not_utf_8_is_committed_and_shown_as_git_shows_it(repo: Repo) -> None:
    name = b"caf\xe9.txt"
    Path(os.fsdecode(os.fsencode(repo.path) + b"/" + name)).write_bytes(b"coffee\n")
    made = repo.commit("latin-1 name", os.fsdecode(name))
    assert repo.git_bytes("ls-tree", "-z", "--name-only", "HEAD").split(b"\0")[1] == name
    assert made.files[0].path == '"caf\\351.txt"'
    assert repo.show().files[0].path == '"caf\\351.txt"'
    assert repo.status() == ""


def test_a_symlink_is_committed_as_a_link(repo: Repo) -> None:
    (repo.path / "link").symlink_to("src/app.py")
    repo.commit("link")
    assert repo.git("ls-tree", "HEAD", "link").startswith("120000 blob")
    (repo.path / "link").unlink()
    (repo.path / "link").symlink_to("README.md")
    repo.commit("retarget", "link")
    assert repo.git("cat-file", "blob", "HEAD:link") == "README.md"
    assert repo.status() == ""


def test_a_submodule_is_committed_as_the_commit_it_stands_on(make_repo: MakeRepo) -> None:
    inner = make_repo("inner")
    repo = make_repo()
    repo.git("submodule", "--quiet", "add", str(inner.path), "sub")
    repo.commit("add it")
    sub = Repo(repo.path / "sub", repo.env, repo.config_home)
    sub.write("news", "n\n")
    moved = sub.git_commit("inside")
    repo.commit("move it", "sub")
    assert repo.git("ls-tree", "HEAD", "sub") == f"160000 commit {moved}\tsub"
    assert repo.status() == ""
    refused(repo, AnvcsError, "sub/news", match="submodule")


def test_the_executable_bit_is_committed(repo: Repo) -> None:
    repo.write("src/app.py", "x = 1\n").chmod(0o755)
    repo.commit("mode", "src/app.py")
    assert repo.git("ls-tree", "HEAD", "src/app.py").startswith("100755")
    assert repo.status() == ""


def test_without_file_modes_the_executable_bit_stays_what_the_index_says(repo: Repo) -> None:
    repo.git("config", "core.fileMode", "false")
    repo.write("src/app.py", "x = 2\n").chmod(0o755)
    repo.commit("mode", "src/app.py")
    assert repo.git("ls-tree", "HEAD", "src/app.py").startswith("100644")
    assert repo.status() == ""


@pytest.mark.parametrize("attributes", ["* text=auto\n", "*.txt text eol=crlf\n", "*.txt ident\n", ""])
@pytest.mark.parametrize("autocrlf", ["false", "input", "true"])
def test_line_ends_and_keywords_are_converted_exactly_as_git_does(
    make_repo: MakeRepo, attributes: str, autocrlf: str
) -> None:
    ours, theirs = make_repo("ours"), make_repo("theirs")
    for repo in (ours, theirs):
        repo.git("config", "core.autocrlf", autocrlf)
        repo.git("config", "core.safecrlf", "false")
        repo.write(".gitattributes", attributes)
        repo.write("a.txt", "$Id$ first\n")
        repo.git_commit()
        repo.write("a.txt", "$Id: old $ one\r\ntwo\r\n")
        repo.write("b.txt", "new\r\nfile\n")
        repo.write("c.bin", b"\0\r\n")
    ours.commit("mixed", "a.txt")
    ours.commit("rest")
    theirs.git_commit()
    assert ours.git("rev-parse", "HEAD^{tree}") == theirs.git("rev-parse", "HEAD^{tree}")
    assert ours.status() == theirs.status() == ""


def test_a_file_owned_by_lfs_becomes_its_pointer_and_never_the_blob(repo: Repo, tmp_path: Path) -> None:
    # A clean filter is what LFS is to git; this one writes a pointer as git-lfs does.
    clean = tmp_path / "clean.py"
    clean.write_text(
        "import hashlib, sys\n"
        "data = sys.stdin.buffer.read()\n"
        "print('version https://git-lfs.github.com/spec/v1')\n"
        "print('oid sha256:' + hashlib.sha256(data).hexdigest())\n"
        "print('size', len(data))\n"
    )
    repo.git("config", "filter.lfs.clean", f"'{sys.executable}' '{clean}'")
    repo.git("config", "filter.lfs.smudge", "cat")
    repo.git("config", "filter.lfs.required", "true")
    repo.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    repo.commit("attributes")
    blob = os.urandom(5000)
    repo.write("model.bin", blob)
    repo.commit("new", "model.bin")
    assert repo.git("cat-file", "blob", "HEAD:model.bin").startswith("version https://git-lfs")
    repo.write("model.bin", blob + b"more")
    repo.commit("changed", "model.bin")
    assert repo.git("cat-file", "blob", "HEAD:model.bin").endswith("size 5004")
    assert repo.status() == ""


def test_a_clean_filter_that_fails_is_refused(repo: Repo) -> None:
    repo.git("config", "filter.lfs.clean", "false")
    repo.git("config", "filter.lfs.required", "true")
    repo.write(".git/info/attributes", "*.py filter=lfs\n")
    repo.write("src/app.py", "x = 2\n")
    before = repo.git("ls-files", "--stage"), repo.head()
    with pytest.raises(AnvcsError, match=r"filter|app\.py"):
        repo.commit("refused", "src/app.py")
    assert (repo.git("ls-files", "--stage"), repo.head()) == before


def test_a_file_of_100_mb_is_committed_without_being_held_in_memory(repo: Repo) -> None:
    import tracemalloc

    chunk = bytes(range(256)) * 4096
    with (repo.path / "big.bin").open("wb") as file:
        for _ in range(100):
            file.write(chunk)
    repo.write("big.bin.txt", "tracked\n")
    repo.commit("big")
    with (repo.path / "big.bin").open("ab") as file:
        file.write(b"end")
    tracemalloc.start()
    repo.commit("bigger", "big.bin")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20
    assert repo.git("cat-file", "-s", "HEAD:big.bin") == str(100 * len(chunk) + 3)
    assert repo.status() == ""
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_a_fifo_is_refused(repo: Repo) -> None:
    os.mkfifo(repo.path / "pipe")
    with pytest.raises(AnvcsError):
        repo.commit("pipe", "pipe")


def test_alternate_objects_and_a_quarantine_folder_are_honoured(repo: Repo, tmp_path: Path) -> None:
    objects = tmp_path / "quarantine"
    objects.mkdir()
    repo.write("src/app.py", "x = 2\n")
    caller = repo.caller(
        GIT_OBJECT_DIRECTORY=str(objects), GIT_ALTERNATE_OBJECT_DIRECTORIES=str(repo.path / ".git/objects")
    )
    made = repo.commit("elsewhere", "src/app.py", caller=caller)
    assert (objects / made.git_commit[:2] / made.git_commit[2:]).exists()


def test_a_locked_index_is_reported_and_nothing_is_changed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from anvcs.errors import LockedError
    from anvcs.gitmirror import index

    monkeypatch.setattr(index, "WAIT", 0.05)
    repo.write("src/app.py", "x = 2\n")
    lock = repo.path / ".git/index.lock"
    before = repo.snapshot()
    lock.touch()
    with pytest.raises(LockedError, match=r"index\.lock"):
        repo.commit("locked", "src/app.py")
    lock.unlink()
    assert repo.snapshot() == before
