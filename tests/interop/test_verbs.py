"""init, status, add, diff, show, doctor and uninstall, judged by the real git."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.errors import AmbiguousCommitError, NotInitializedError, PathError, UnknownCommitError, UsageError
from tests.conftest import Repo

MakeRepo = Callable[..., Repo]


def everything_git_has(repo: Repo) -> tuple[str, str, str]:
    """But for what is ours alone, under ``refs/anvcs``."""
    refs = [line for line in repo.git("for-each-ref").splitlines() if "\trefs/anvcs/" not in line]
    objects = repo.git("rev-list", "--exclude=refs/anvcs/*", "--all", "--objects")
    return objects, "\n".join(refs), repo.git("ls-files", "--stage")


# init


@pytest.mark.promise("init.rewrites-nothing")
def test_init_leaves_history_refs_index_and_files_as_they_are(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    before = everything_git_has(repo)
    result = repo.init()
    assert everything_git_has(repo) == before
    assert repo.status() == ""
    assert Path(result.state) == repo.path / ".git/anvcs"
    assert not result.repository_created


@pytest.mark.promise("init.foreign-commits-readable")
def test_foreign_commits_are_readable_with_empty_metadata(repo: Repo) -> None:
    shown = repo.show()
    assert (shown.subject, shown.metadata, shown.metadata_state) == ("first", None, "none")
    assert shown.commit_id.startswith("b3:")
    assert {change.path for change in shown.files} == {"README.md", "src/app.py"}


def test_init_in_a_new_folder_makes_the_repository(tmp_path: Path, env: dict[str, str]) -> None:
    caller = Caller(cwd=tmp_path, env=env, config_home=tmp_path / "config")
    result = call(caller, wire.INIT, wire.InitParams(folder="new/project"))
    assert result.repository_created
    assert (tmp_path / "new/project/.git/HEAD").read_text() == "ref: refs/heads/main\n"


def test_init_twice_changes_nothing(repo: Repo) -> None:
    config = (repo.path / ".git/config").read_text()
    exclude = (repo.path / ".git/info/exclude").read_text()
    again = repo.init()
    assert again.already_initialized
    assert again.changed == ()
    assert (repo.path / ".git/config").read_text() == config
    assert (repo.path / ".git/info/exclude").read_text() == exclude


def test_init_respects_notes_settings_that_the_user_has(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    repo.git("config", "notes.rewriteRef", "refs/notes/commits")
    repo.init()
    assert repo.git("config", "--get-all", "notes.rewriteRef") == "refs/notes/commits"
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    advice = next(check for check in report.checks if check.id == "settings")
    assert advice.state == "warning"
    repo.git(*advice.way_out.removeprefix("Run: git ").split())
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    assert next(check for check in report.checks if check.id == "settings").state == "ok"


@pytest.mark.promise("notes.survive-plain-rebase")
def test_plain_git_rebase_and_amend_carry_the_provenance_along(repo: Repo) -> None:
    base = repo.head()
    repo.write("src/app.py", "x = 2\n")
    repo.commit("ours", metadata=wire.Metadata(prompt="why", tests_passed=True))
    repo.git("switch", "--quiet", "-c", "other", base)
    repo.write("other", "o\n")
    repo.git_commit("other")
    repo.git("rebase", "--quiet", "other", "main")
    shown = repo.show("main")
    assert shown.metadata_state == "full"
    assert shown.metadata is not None
    assert shown.metadata.prompt == "why"
    assert shown.metadata.tests_passed is None, "tests count only for the tree they ran on"
    repo.git("commit", "--quiet", "--amend", "-m", repo.git("log", "-1", "--format=%B").replace("ours", "renamed"))
    assert repo.show("main").metadata_state == "full"


# status


def test_status_says_what_git_says(repo: Repo) -> None:
    repo.write("staged", "s\n")
    repo.git("add", "staged")
    repo.write("src/app.py", "x = 2\n")
    repo.write("new file", "n\n")
    repo.git("mv", "README.md", "READ ME.md")
    status = call(repo.caller(), wire.STATUS, wire.StatusParams())
    assert status.stream == "main"
    assert status.head is not None
    assert (status.head.git_commit, status.head.subject) == (repo.head(), "first")
    assert {(change.path, change.kind, change.old_path) for change in status.staged} == {
        ("staged", "added", None),
        ("READ ME.md", "renamed", "README.md"),
    }
    assert [(change.path, change.kind) for change in status.unstaged] == [("src/app.py", "modified")]
    assert status.untracked == ("new file",)
    assert status.initialized
    # The init, and what the first look found.
    assert status.operations == 2


def test_status_before_init_and_before_the_first_commit(make_repo: MakeRepo) -> None:
    repo = make_repo(empty=True, init=False)
    status = call(repo.caller(), wire.STATUS, wire.StatusParams())
    assert (status.initialized, status.head, status.stream, status.operations) == (False, None, "main", 0)
    assert not (repo.path / ".git/anvcs").exists()


def test_status_counts_against_the_upstream_and_names_what_is_in_progress(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone", repo.env, repo.config_home)
    clone.write("a", "1\n")
    clone.git_commit()
    repo.write("b", "1\n")
    repo.git_commit()
    clone.git("fetch", "--quiet")
    status = call(clone.caller(), wire.STATUS, wire.StatusParams())
    assert (status.upstream, status.ahead, status.behind) == ("origin/main", 1, 1)
    clone.git("switch", "--quiet", "-c", "side", "HEAD^")
    clone.write("a", "other\n")
    clone.git_commit()
    clone.git_fails("merge", "main")
    status = call(clone.caller(), wire.STATUS, wire.StatusParams())
    assert (status.in_progress, status.unmerged) == ("merge", ("a",))


# add


@pytest.mark.promise("add.shares-gits-index")
def test_add_and_git_add_share_one_index(repo: Repo) -> None:
    repo.write("a", "1\n")
    repo.write("b", "1\n")
    result = call(repo.caller(), wire.ADD, wire.AddParams(paths=("a",)))
    assert [change.path for change in result.staged] == ["a"]
    repo.git("add", "b")
    assert [change.path for change in repo.commit("both").files] == ["a", "b"]


def test_add_of_a_path_that_is_nowhere_stages_nothing(repo: Repo) -> None:
    repo.write("a", "1\n")
    before = repo.snapshot()
    with pytest.raises(PathError):
        call(repo.caller(), wire.ADD, wire.AddParams(paths=("a", "nowhere")))
    assert repo.snapshot() == before


# diff


def test_diff_gives_gits_patch_and_counts(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\ny = 3\n")
    found = call(repo.caller(), wire.DIFF, wire.DiffParams())
    assert found.patch.strip() == repo.git("diff").strip()
    assert found.files == (wire.FileChange(path="src/app.py", kind="modified", additions=2, deletions=1),)
    assert call(repo.caller(), wire.DIFF, wire.DiffParams(staged=True)).files == ()
    repo.git("add", ".")
    assert len(call(repo.caller(), wire.DIFF, wire.DiffParams(staged=True)).files) == 1


def test_diff_between_two_commits_names_renames_and_binaries(repo: Repo) -> None:
    repo.write("src/other.py", "\n".join(f"line {n}" for n in range(50)))
    old = repo.git_commit()
    repo.git("mv", "src/other.py", "moved.py")
    repo.write("blob", b"\0\1\2")
    repo.git_commit()
    found = call(repo.caller(), wire.DIFF, wire.DiffParams(old=old, new="HEAD"))
    kinds = {change.path: (change.kind, change.old_path, change.binary) for change in found.files}
    assert kinds == {"blob": ("added", None, True), "moved.py": ("renamed", "src/other.py", False)}
    with pytest.raises(UsageError):
        call(repo.caller(), wire.DIFF, wire.DiffParams(new="HEAD"))
    with pytest.raises(UnknownCommitError):
        call(repo.caller(), wire.DIFF, wire.DiffParams(old="--output=/tmp/x"))


# show


@pytest.mark.promise("show.by-any-name")
def test_a_commit_is_found_by_blake3_id_change_id_prefix_and_git_revision(repo: Repo) -> None:
    repo.write("a", "1\n")
    made = repo.commit("one")
    for name in (made.commit_id, made.commit_id[:12], made.change_id, made.change_id[:8], made.git_commit[:8], "main"):
        assert repo.show(name).git_commit == made.git_commit, name
    with pytest.raises(UnknownCommitError):
        repo.show("nothing-of-that-name")


def test_a_prefix_of_several_commits_is_refused(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    from anvcs import ids

    repo = make_repo(init=False)
    repo.git_commit("second")

    # BLAKE3 will not give two ids with four equal digits on demand.
    def alike(raw_commit: bytes) -> str:
        return "b3:" + "0" * 63 + str(len(raw_commit) % 10)

    monkeypatch.setattr(ids, "commit_id", alike)
    with pytest.raises(AmbiguousCommitError, match="2 commits"):
        repo.show("b3:0000")


# doctor


def test_the_doctor_finds_a_healthy_repository_healthy_and_names_what_is_not(
    repo: Repo, tmp_path: Path, env: dict[str, str]
) -> None:
    repo.write("a", "1\n")
    repo.commit("one")
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    assert report.healthy
    assert {check.id for check in report.checks} >= {"git", "sqlite", "repository", "ledger", "notes", "settings"}
    outside = Caller(cwd=tmp_path, env=env, config_home=tmp_path / "config")
    report = call(outside, wire.DOCTOR, wire.DoctorParams())
    assert not report.healthy
    (repo.path / "ai-vcs.config.yaml").write_text("agnet:\n  name: x\n")
    report = call(repo.caller(), wire.DOCTOR, wire.DoctorParams())
    broken = [check for check in report.checks if check.state == "error"]
    assert [check.id for check in broken] == ["config"]
    assert "agnet" in broken[0].message
    assert "1" in broken[0].message


# uninstall


@pytest.mark.promise("uninstall.leaves-ordinary-git")
def test_uninstall_exports_then_removes_everything_of_ours(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo(init=False)
    config, exclude = (repo.path / ".git/config").read_bytes(), (repo.path / ".git/info/exclude").read_bytes()
    hooks = sorted((repo.path / ".git/hooks").iterdir())
    repo.init()
    repo.write("a", "1\n")
    made = repo.commit("one", metadata=wire.Metadata(prompt="why", agent_id="agent:foo"))
    planned = call(repo.caller(), wire.UNINSTALL, wire.UninstallParams(dry_run=True))
    assert (repo.path / ".git/anvcs").exists()
    result = call(repo.caller(), wire.UNINSTALL, wire.UninstallParams(export=str(tmp_path / "export.jsonl")))
    assert result.removed == planned.removed
    lines = [json.loads(line) for line in (tmp_path / "export.jsonl").read_text().splitlines()]
    assert result.records == len(lines) == 4
    assert any("why" in line.get("line", "") for line in lines)
    assert any(line.get("details", {}).get("gitCommit") == made.git_commit for line in lines)
    assert not (repo.path / ".git/anvcs").exists()
    assert not (repo.path / ".ai").exists()
    assert repo.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert (repo.path / ".git/info/exclude").read_bytes() == exclude
    assert sorted((repo.path / ".git/hooks").iterdir()) == hooks
    assert (repo.path / ".git/config").read_text().split() == config.decode().split()
    assert repo.head() == made.git_commit
    assert repo.status() == ""
    with pytest.raises(NotInitializedError):
        call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())


def test_uninstall_refuses_to_overwrite_a_file(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(PathError, match="exists"):
        call(repo.caller(), wire.UNINSTALL, wire.UninstallParams(export=str(tmp_path / "mine")))
    assert (repo.path / ".git/anvcs").exists()
    assert (tmp_path / "mine").read_text() == "precious"


def test_init_after_uninstall_begins_anew_and_old_commits_keep_their_ids(repo: Repo) -> None:
    repo.write("a", "1\n")
    made = repo.commit("one")
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    repo.init()
    assert repo.show(made.commit_id).metadata_state == "missing"
