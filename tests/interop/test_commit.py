"""Commits made by ANVCS, judged by the real git."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import ids, wire
from anvcs.errors import (
    CommitError,
    ConfigError,
    EmptyMessageError,
    HookFailedError,
    InvalidMetadataError,
    NothingToCommitError,
    SigningFailedError,
    UnmergedPathsError,
    UnsupportedRepositoryError,
)
from tests.conftest import Repo

PROVENANCE = wire.Metadata(
    prompt="Implement validation", model="gpt-9", tests_passed=True, coverage=91.25, agent_id="agent:foo"
)


def hook(repo: Repo, name: str, script: str) -> None:
    path = repo.path / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


def note(repo: Repo, commit: str = "HEAD") -> dict[str, object]:
    return json.loads(repo.git("notes", "--ref=anvcs", "show", commit))


@pytest.mark.promise("commit.provenance-in-notes")
def test_plain_git_log_shows_why_a_commit_was_made(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("feat: validation", metadata=PROVENANCE)
    assert "Implement validation" in repo.git("log", "-1", "--notes=anvcs")
    line = note(repo)
    assert line["commit"] == made.git_commit
    assert line["commitId"] == made.commit_id
    assert line["agent"] == "agent:foo"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.promise("commit.ordinary-git-commit")
def test_a_commit_has_gits_author_the_agent_as_co_author_and_both_trailers(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("feat: validation", metadata=PROVENANCE)
    assert repo.git("log", "-1", "--format=%an <%ae>|%cn") == "Ada Lovelace <ada@example.org>|Ada Lovelace"
    trailers = repo.git("log", "-1", "--format=%(trailers)").splitlines()
    assert trailers[:2] == ["Co-authored-by: foo <foo@agent.anvcs.invalid>", f"ANVCS-Change: {made.change_id}"]
    assert trailers[2].startswith("ANVCS-Meta: b3:")
    assert made.stream == "main"
    assert repo.git("log", "-1", "--format=%s") == made.subject == "feat: validation"


@pytest.mark.promise("commit.id-over-raw-bytes")
def test_a_clone_made_by_plain_git_without_our_notes_gives_every_commit_the_same_id(
    repo: Repo, make_repo: Callable[..., Repo]
) -> None:
    repo.write("a", "1\n")
    made = repo.commit("one")
    other = make_repo("clone", empty=True, init=False)
    other.git("pull", "--quiet", str(repo.path), "main")
    theirs = other.show()
    assert theirs.commit_id == made.commit_id == ids.commit_id(repo.git_bytes("cat-file", "commit", "HEAD"))
    assert theirs.change_id == made.change_id
    assert theirs.metadata_state == "missing"
    assert other.show("HEAD^").metadata_state == "none"


@pytest.mark.promise("commit.takes-paths-as-saved")
def test_paths_take_exactly_their_saved_state_and_leave_other_entries_alone(repo: Repo) -> None:
    repo.write("other", "staged\n")
    repo.git("add", "other")
    repo.write("src/app.py", "staged\n")
    repo.git("add", "src/app.py")
    repo.write("src/app.py", "saved\n")
    repo.write("new", "untracked\n")
    made = repo.commit("one path", "src/app.py")
    assert [change.path for change in made.files] == ["src/app.py"]
    assert repo.git("show", "HEAD:src/app.py") == "saved"
    assert repo.status() == "A  other\n?? new"


@pytest.mark.promise("commit.takes-what-is-staged")
def test_without_paths_a_commit_takes_what_is_staged_and_no_more(repo: Repo) -> None:
    repo.write("src/app.py", "staged\n")
    repo.git("add", "src/app.py")
    repo.write("src/app.py", "later\n")
    repo.write("new", "untracked\n")
    repo.commit("staged")
    assert repo.git("show", "HEAD:src/app.py") == "staged"
    assert repo.status() == " M src/app.py\n?? new"


@pytest.mark.promise("commit.takes-every-change")
def test_with_nothing_staged_a_commit_takes_every_change_new_and_removed_files_included(repo: Repo) -> None:
    repo.write("src/app.py", "x = 3\n")
    repo.write("deep/er/new", "n\n")
    (repo.path / "README.md").unlink()
    made = repo.commit("all")
    assert {(change.path, change.kind) for change in made.files} == {
        ("README.md", "deleted"),
        ("deep/er/new", "added"),
        ("src/app.py", "modified"),
    }
    assert repo.status() == ""


@pytest.mark.promise("commit.leaves-the-index-bits")
def test_skip_worktree_assume_unchanged_and_intent_to_add_stay_as_they_were(repo: Repo) -> None:
    for name in ("skip", "assume"):
        repo.write(name, "1\n")
    repo.git_commit()
    repo.write("later", "soon\n")
    repo.git("add", "--intent-to-add", "later")
    repo.git("update-index", "--skip-worktree", "skip")
    repo.git("update-index", "--assume-unchanged", "assume")
    before = repo.git("ls-files", "-v", "skip", "assume", "later")
    repo.write("src/app.py", "x = 9\n")
    repo.commit("paths", "src/app.py")
    assert repo.git("ls-files", "-v", "skip", "assume", "later") == before
    assert repo.status() == " A later"


def test_a_committed_path_is_clean_even_to_plumbing_that_does_not_refresh(repo: Repo) -> None:
    repo.write("src/app.py", "x = 4\n")
    repo.commit("work", "src/app.py")
    assert repo.git("diff-files") == ""
    assert repo.git("diff-index", "HEAD") == ""


def test_a_change_in_the_same_tick_as_the_index_is_still_seen_after_our_commit(repo: Repo) -> None:
    import os

    repo.git("config", "core.trustctime", "false")
    tick = 1_700_000_000 * 10**9
    path = repo.write("same", "old\n")
    os.utime(path, ns=(tick, tick))
    repo.git_commit()
    path.write_text("new\n")
    for file in (path, repo.path / ".git/index"):
        os.utime(file, ns=(tick, tick))
    repo.write("src/app.py", "x = 2\n")
    repo.commit("other", "src/app.py")
    assert repo.status() == " M same"
    repo.commit("everything")
    assert repo.git("show", "HEAD:same") == "new"


def test_a_folder_as_path_takes_its_new_changed_and_removed_files(repo: Repo) -> None:
    repo.write("src/new.py", "n\n")
    (repo.path / "src/app.py").unlink()
    repo.write("elsewhere", "e\n")
    repo.commit("folder", "src")
    assert repo.git("ls-tree", "-r", "--name-only", "HEAD") == "README.md\nsrc/new.py"
    assert repo.status() == "?? elsewhere"


def test_a_path_is_named_from_where_the_caller_stands(repo: Repo) -> None:
    repo.write("src/app.py", "x = 5\n")
    repo.commit("inner", "app.py", caller=repo.caller(repo.path / "src"))
    assert repo.status() == ""


def test_a_file_that_becomes_a_folder_and_back_is_committed_like_git_does(repo: Repo) -> None:
    (repo.path / "README.md").unlink()
    repo.write("README.md/inner", "i\n")
    repo.commit("file to folder")
    assert repo.git("ls-tree", "-r", "--name-only", "HEAD") == "README.md/inner\nsrc/app.py"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert repo.status() == ""
    (repo.path / "README.md/inner").unlink()
    (repo.path / "README.md").rmdir()
    repo.write("README.md", "back\n")
    repo.commit("folder to file", "README.md")
    assert repo.git("ls-tree", "-r", "--name-only", "HEAD") == "README.md\nsrc/app.py"
    assert repo.status() == ""


# Amend


@pytest.mark.promise("commit.amend-keeps-the-change")
def test_amend_keeps_author_change_id_and_reasons_but_not_the_test_results(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    first = repo.commit("one", metadata=PROVENANCE)
    repo.git("config", "user.name", "Someone Else")
    repo.write("src/app.py", "x = 3\n")
    second = repo.commit("two", "src/app.py", amend=True)
    assert second.change_id == first.change_id
    assert second.parents == first.parents
    assert repo.git("log", "-1", "--format=%an|%cn|%s") == "Ada Lovelace|Someone Else|two"
    kept = repo.show().metadata
    assert kept is not None
    assert (kept.prompt, kept.agent_id, kept.tests_passed) == ("Implement validation", "agent:foo", None)
    assert repo.git("log", "-1", "--format=%(trailers:key=ANVCS-Change)").count("ANVCS-Change") == 1


def test_amend_without_a_message_keeps_it_and_takes_only_what_is_staged(repo: Repo) -> None:
    repo.write("a", "1\n")
    repo.commit("the message\n\nwith a body")
    repo.write("a", "unstaged\n")
    made = repo.commit(None, amend=True)
    assert repo.git("log", "-1", "--format=%B").startswith("the message\n\nwith a body\n")
    assert made.files == ()
    assert repo.status() == " M a"


def test_amend_tells_the_post_rewrite_hook_which_commit_became_which(repo: Repo) -> None:
    hook(repo, "post-rewrite", 'cat > rewritten; echo "$1" >> rewritten\n')
    repo.write("a", "1\n")
    old = repo.commit("one").git_commit
    new = repo.commit("two", amend=True).git_commit
    assert repo.read("rewritten").decode() == f"{old} {new}\namend\n"


def test_an_amend_that_would_empty_the_commit_is_refused(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit("change")
    repo.write("src/app.py", "x = 1\n")
    before = repo.snapshot()
    with pytest.raises(NothingToCommitError, match="--allow-empty"):
        repo.commit("gone", "src/app.py", amend=True)
    assert repo.snapshot() == before


# Hooks


@pytest.mark.promise("commit.hooks-as-git-runs-them")
def test_a_failing_hook_shows_its_words_and_changes_nothing(repo: Repo) -> None:
    hook(repo, "pre-commit", 'echo "no tabs please"; exit 3\n')
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    with pytest.raises(HookFailedError, match="pre-commit") as refused:
        repo.commit("work")
    assert "no tabs please" in refused.value.output
    assert repo.snapshot() == before
    assert list((repo.path / ".git/anvcs/tmp").glob("candidate-*")) == []


@pytest.mark.promise("commit.no-verify-is-recorded")
def test_no_verify_goes_past_the_hooks_and_is_recorded(repo: Repo) -> None:
    hook(repo, "pre-commit", "exit 1\n")
    hook(repo, "commit-msg", "exit 1\n")
    repo.write("src/app.py", "x = 2\n")
    repo.commit("work", no_verify=True)
    assert repo.show().hooks_skipped
    assert note(repo)["hooksSkipped"] is True


def test_a_pre_commit_hook_sees_only_what_is_committed_and_what_it_stages_is_taken(repo: Repo) -> None:
    repo.write(".gitignore", "seen\n")
    repo.git_commit()
    hook(repo, "pre-commit", "git diff --cached --name-only > seen; echo formatted > src/app.py; git add src/app.py\n")
    repo.write("other", "staged\n")
    repo.git("add", "other")
    repo.write("src/app.py", "x=2\n")
    repo.commit("work", "src/app.py")
    assert repo.read("seen") == b"src/app.py\n"
    assert repo.git("show", "HEAD:src/app.py") == "formatted"
    assert repo.status() == "A  other"


def test_message_hooks_change_the_message_before_our_trailers_are_added(repo: Repo) -> None:
    hook(repo, "prepare-commit-msg", 'echo "seen $2" > kind; sed -i "1s/^/[T-1] /" "$1"\n')
    hook(repo, "commit-msg", 'grep -q ANVCS "$1" && exit 1; echo "" >> "$1"; echo "Reviewed-by: Bob <b@x>" >> "$1"\n')
    repo.write("src/app.py", "x = 2\n")
    repo.commit("work", "src/app.py")
    assert repo.git("log", "-1", "--format=%s") == "[T-1] work"
    keys = [line.split(":")[0] for line in repo.git("log", "-1", "--format=%(trailers)").splitlines()]
    assert keys == ["Reviewed-by", "ANVCS-Change", "ANVCS-Meta"]
    assert repo.read("kind") == b"seen message\n"


def test_core_hooks_path_is_honoured(repo: Repo) -> None:
    repo.write("githooks/pre-commit", "#!/bin/sh\nexit 1\n").chmod(0o755)
    repo.git("config", "core.hooksPath", "githooks")
    with pytest.raises(HookFailedError):
        repo.commit("work")


def test_the_post_commit_hook_runs_and_cannot_undo_the_commit(repo: Repo) -> None:
    hook(repo, "post-commit", "git rev-parse HEAD > done; echo said; exit 1\n")
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("work", "src/app.py")
    assert repo.read("done").decode().strip() == made.git_commit
    assert "said" in made.hook_output


def test_a_reference_transaction_hook_sees_the_move_and_can_refuse_it(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    hook(repo, "reference-transaction", 'if [ "$1" = prepared ] && grep -q refs/heads/; then exit 1; fi\n')
    before = repo.snapshot()
    with pytest.raises(Exception, match=r"refused|moved"):
        repo.commit("work")
    assert repo.snapshot() == before
    hook(repo, "reference-transaction", 'if [ "$1" = committed ]; then cat >> seen; fi\n')
    made = repo.commit("work", "src/app.py")
    assert f"{made.git_commit} refs/heads/main" in repo.read("seen").decode()


# Signing, identity, environment


@pytest.mark.promise("commit.signing-settings")
def test_commit_signing_settings_are_honoured_and_git_verifies_the_signature(repo: Repo, tmp_path: Path) -> None:
    import subprocess

    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "allowed").write_text("ada@example.org " + key.with_suffix(".pub").read_text())
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true")):
        repo.git("config", name, value)
    repo.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "allowed"))
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("signed", metadata=PROVENANCE)
    assert repo.git("log", "-1", "--format=%G?") == "G"
    assert repo.show().signed
    assert made.commit_id == ids.commit_id(repo.git_bytes("cat-file", "commit", "HEAD"))
    assert repo.git("log", "-1", "--format=%(trailers:key=ANVCS-Change,valueonly)").strip() == made.change_id
    repo.write("src/app.py", "x = 3\n")
    repo.commit("unsigned", sign=False)
    assert not repo.show().signed


def test_a_signing_program_that_fails_changes_nothing(repo: Repo) -> None:
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingKey", "/nowhere/key")
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    with pytest.raises(SigningFailedError, match="/nowhere/key"):
        repo.commit("signed", sign=True)
    assert repo.snapshot() == before


def test_git_variables_set_author_committer_and_date(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    caller = repo.caller(
        GIT_AUTHOR_NAME="Grace",
        GIT_AUTHOR_EMAIL="grace@example.org",
        GIT_AUTHOR_DATE="2026-01-31T12:00:00+01:00",
        GIT_COMMITTER_NAME="Bot",
        GIT_COMMITTER_DATE="@1700000000 +0000",
    )
    repo.commit("dated", caller=caller)
    said = repo.git("log", "-1", "--format=%an <%ae> %aI|%cn %ct")
    assert said == "Grace <grace@example.org> 2026-01-31T12:00:00+01:00|Bot 1700000000"


def test_git_index_file_is_honoured(repo: Repo, tmp_path: Path) -> None:
    other = tmp_path / "other-index"
    repo.git("read-tree", "HEAD", GIT_INDEX_FILE=str(other))
    repo.write("src/app.py", "x = 2\n")
    repo.git("add", "src/app.py", GIT_INDEX_FILE=str(other))
    repo.commit("from the other index", caller=repo.caller(GIT_INDEX_FILE=str(other)))
    assert repo.git("show", "HEAD:src/app.py") == "x = 2"
    assert repo.git("diff", "--cached", GIT_INDEX_FILE=str(other)) == ""


def test_git_dir_and_work_tree_variables_are_honoured(repo: Repo, tmp_path: Path) -> None:
    repo.write("src/app.py", "x = 2\n")
    caller = repo.caller(tmp_path, GIT_DIR=str(repo.path / ".git"), GIT_WORK_TREE=str(repo.path))
    repo.commit("from afar", caller=caller)
    assert repo.status() == ""


# Messages and metadata


def test_the_message_is_cleaned_as_git_cleans_it(repo: Repo) -> None:
    repo.commit("\n\n subject  \n\n\n\nbody\t\n# kept\n\n", allow_empty=True)
    ours = repo.git("log", "-1", "--format=%B").split("\nANVCS-Change")[0].rstrip("\n")
    repo.git("commit", "--quiet", "--allow-empty", "-m", "\n\n subject  \n\n\n\nbody\t\n# kept\n\n")
    assert ours == repo.git("log", "-1", "--format=%B").rstrip("\n")


@pytest.mark.parametrize("message", ["", "  \n\t\n", None])
def test_an_empty_message_is_refused(repo: Repo, message: str | None) -> None:
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    with pytest.raises(EmptyMessageError):
        repo.commit(message)
    assert repo.snapshot() == before


def test_a_message_with_nul_is_refused(repo: Repo) -> None:
    with pytest.raises(CommitError, match="NUL"):
        repo.commit("a\0b", allow_empty=True)


def test_i18n_commit_encoding_is_honoured(repo: Repo) -> None:
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.commit("Grüße", allow_empty=True)
    assert "Grüße".encode("latin-1") in repo.git_bytes("cat-file", "commit", "HEAD")
    assert repo.git("-c", "i18n.logOutputEncoding=UTF-8", "log", "-1", "--format=%s") == "Grüße"
    assert repo.show().subject == "Grüße"


@pytest.mark.promise("commit.secrets-redacted")
def test_likely_secrets_are_redacted_before_anything_is_stored(repo: Repo) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit(
        "work", metadata=wire.Metadata(prompt=f"use {secret} to push", env={"API_TOKEN": "hunter2hunter2"})
    )
    assert set(made.redacted) == {"prompt", "env.API_TOKEN"}
    shown = repo.show()
    assert shown.metadata is not None
    assert "[redacted: " in (shown.metadata.prompt or "")
    for path in repo.path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    assert secret not in repo.git("log", "--all", "--notes=anvcs", "-p")


def test_invalid_metadata_is_refused_naming_the_field_and_changes_nothing(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    before = repo.snapshot()
    with pytest.raises(InvalidMetadataError, match="coverage"):
        repo.commit("work", metadata=wire.Metadata(coverage=140.0))
    with pytest.raises(InvalidMetadataError, match="agent"):
        repo.commit("work", metadata=wire.Metadata(agent_id="no spaces allowed"))
    assert repo.snapshot() == before


@pytest.mark.promise("commit.metadata-mirror")
def test_the_metadata_is_mirrored_for_people_and_tools_and_excluded_from_git(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("work", metadata=PROVENANCE)
    mirrored = json.loads(repo.read(f".ai/meta/{made.commit_id.removeprefix('b3:')}.json"))
    assert mirrored["ai_meta"]["prompt"] == "Implement validation"
    assert repo.status() == ""


def test_a_test_report_fills_in_whether_the_tests_passed(repo: Repo) -> None:
    repo.write("out/report.xml", '<testsuite tests="3" failures="1"><testcase/></testsuite>')
    repo.write(".gitignore", "out/\n")
    repo.commit("work", metadata=wire.Metadata(test_report_ref="out/report.xml"))
    shown = repo.show().metadata
    assert shown is not None
    assert (shown.tests_passed, shown.test_report_ref) == (False, "out/report.xml")


def test_a_test_report_is_named_from_where_the_caller_stands(repo: Repo) -> None:
    repo.write("out/report.json", '{"tests_passed": true, "coverage": 50.5}')
    caller = repo.caller(repo.path / "src")
    repo.commit("work", metadata=wire.Metadata(test_report_ref="../out/report.json"), caller=caller)
    shown = repo.show().metadata
    assert shown is not None
    assert (shown.tests_passed, shown.coverage, shown.test_report_ref) == (True, 50.5, "out/report.json")


@pytest.mark.promise("commit.record-verified")
def test_a_record_that_does_not_match_the_trailer_is_shown_as_a_mismatch(
    repo: Repo, make_repo: Callable[..., Repo]
) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit("work", metadata=PROVENANCE)
    forged = repo.git("notes", "--ref=anvcs", "show", "HEAD").replace("Implement validation", "Something else")
    other = make_repo("clone", empty=True, init=False)
    other.git("pull", "--quiet", str(repo.path), "main")
    other.git("notes", "--ref=anvcs", "add", "-m", forged, "HEAD")
    assert other.show().metadata_state == "mismatch"
    other.git("fetch", "--quiet", str(repo.path), "+refs/notes/anvcs:refs/notes/anvcs")
    assert other.show().metadata_state == "full"


def test_trailers_by_hand_that_are_no_ids_are_not_taken_for_ours(repo: Repo) -> None:
    repo.git("commit", "--quiet", "--allow-empty", "-m", "foreign\n\nANVCS-Change: hello\nANVCS-Meta: world")
    shown = repo.show()
    assert (shown.change_id, shown.metadata_state) == (None, "none")
    assert repo.commit("amended", amend=True).change_id != "hello"


def test_the_configuration_names_the_agent_and_needs_no_credentials_to_commit(repo: Repo) -> None:
    repo.write(
        "ai-vcs.config.yaml",
        "agent:\n  name: ${AGENT:-synth}\n  model: gpt-4o\nadapters:\n  s3:\n    access_key_id: ${S3_KEY_NOT_SET}\n",
    )
    repo.write("src/app.py", "x = 2\n")
    repo.commit("work")
    shown = repo.show().metadata
    assert shown is not None
    assert (shown.agent_id, shown.model) == ("agent:synth", "gpt-4o")
    repo.write("ai-vcs.config.yaml", "agent:\n  nmae: x\n")
    repo.write("src/app.py", "x = 3\n")
    with pytest.raises(ConfigError, match=r"line 2.*nmae"):
        repo.commit("work")


def test_a_branch_whose_name_is_not_utf_8_is_refused(repo: Repo) -> None:
    (repo.path / ".git/HEAD").write_bytes(b"ref: refs/heads/caf\xe9\n")
    with pytest.raises(UnsupportedRepositoryError, match="UTF-8"):
        repo.commit("work", allow_empty=True)


def test_nothing_to_commit_is_refused_unless_allowed(repo: Repo) -> None:
    before = repo.snapshot()
    with pytest.raises(NothingToCommitError):
        repo.commit("nothing")
    assert repo.snapshot() == before
    made = repo.commit("empty on purpose", allow_empty=True)
    assert made.files == ()
    assert repo.git("rev-parse", "HEAD^{tree}") == repo.git("rev-parse", "HEAD^^{tree}")


# What git is in the middle of


def test_a_merge_in_progress_is_concluded_with_all_its_parents(repo: Repo) -> None:
    repo.git("switch", "--quiet", "-c", "side")
    repo.write("src/app.py", "side\n")
    side = repo.git_commit()
    repo.git("switch", "--quiet", "main")
    repo.write("src/app.py", "main\n")
    main = repo.git_commit()
    repo.git_fails("merge", "side")
    with pytest.raises(UnmergedPathsError, match="ai-vcs add"):
        repo.commit("too early")
    repo.write("src/app.py", "both\n")
    repo.git("add", "src/app.py")
    with pytest.raises(Exception, match="whole"):
        repo.commit("partial", "src/app.py")
    made = repo.commit(None)
    assert made.parents == (main, side)
    assert made.subject.startswith("Merge branch 'side'")
    assert repo.status() == ""
    assert not (repo.path / ".git/MERGE_HEAD").exists()


def test_a_cherry_pick_in_progress_is_left_to_git(repo: Repo) -> None:
    (repo.path / ".git/CHERRY_PICK_HEAD").write_text(repo.head() + "\n")
    with pytest.raises(Exception, match="cherry-pick --continue"):
        repo.commit("x", allow_empty=True)
