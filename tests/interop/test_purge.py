"""A purged value is gone from every byte we keep, everything still verifies, and no copy brings it back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.forgetting import STEPS
from anvcs.errors import UnknownCommitError, UsageError
from tests.conftest import Repo
from tests.interop import remote_support as remote
from tests.interop.operation_support import collect_garbage, log, sound
from tests.interop.retention_support import places_with

PROMPT = "the password of the database is tangerine-4711"
META = wire.Metadata(prompt=PROMPT, model="gpt-5", agent_id="agent:foo", env={"TOKEN": "mandarin-0815"})


def purge(repo: Repo, commit: str | None = "HEAD", **fields: object) -> wire.PurgeResult:
    params = wire.PurgeParams(commit=commit, **fields)  # pyright: ignore[reportArgumentType] - fields vary
    return call(repo.caller(), wire.PURGE, params)


def verify(repo: Repo) -> wire.VerifyReport:
    return call(repo.caller(), wire.VERIFY, wire.VerifyParams())


def committed(repo: Repo) -> wire.CommitResult:
    repo.write("src/app.py", "x = 2\n")
    return repo.commit("secret", metadata=META)


@pytest.mark.promise("purge.everywhere")
@pytest.mark.parametrize("packed", [False, True])
def test_a_purged_prompt_is_in_no_byte_that_is_kept(repo: Repo, packed: bool) -> None:
    made = committed(repo)
    repo.write("src/app.py", "x = 3\n")
    repo.commit("harmless")
    if packed:
        repo.git("repack", "-adq")
        repo.git("pack-refs", "--all")
    dangling = repo.git("hash-object", "-w", "--stdin", stdin=b"the user's own, reached by nothing\n")
    if packed:
        repo.git("repack", "-q", "-a", "-d", "--keep-unreachable")
    assert places_with(repo, PROMPT)
    result = purge(repo, made.git_commit)
    assert places_with(repo, PROMPT) == []
    assert result.operation_id is not None
    assert result.removed
    shown = repo.show(made.git_commit)
    assert shown.metadata is not None
    assert shown.metadata.prompt is None
    assert shown.metadata.model == "gpt-5"
    assert shown.metadata_state == "full"
    report = verify(repo)
    assert report.sound, report
    sound(repo)
    assert repo.git("cat-file", "blob", dangling) == "the user's own, reached by nothing"
    collect_garbage(repo)
    sound(repo)
    assert verify(repo).sound


def test_the_same_text_goes_wherever_else_it_is_and_other_texts_stay(repo: Repo) -> None:
    made = committed(repo)
    repo.write("src/app.py", "x = 3\n")
    repo.commit(None, "src/app.py", amend=True)
    call(repo.caller(), wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name="good", prompt=PROMPT))
    repo.write("src/app.py", "x = 4\n")
    other = repo.commit("other", metadata=wire.Metadata(prompt=PROMPT + " and more"))
    purge(repo, made.git_commit)
    assert [place for place in places_with(repo, PROMPT) if not places_with(repo, PROMPT + " and more")] == []
    shown = repo.show(other.git_commit)
    assert shown.metadata is not None
    assert shown.metadata.prompt == PROMPT + " and more"
    purge(repo, other.git_commit)
    assert places_with(repo, PROMPT) == []
    assert verify(repo).sound


def test_any_field_can_be_purged_and_the_rest_stays(repo: Repo) -> None:
    committed(repo)
    purge(repo, field="env.TOKEN")
    assert places_with(repo, "mandarin-0815") == []
    assert places_with(repo, PROMPT)
    shown = repo.show()
    assert shown.metadata is not None
    assert (shown.metadata.env, shown.metadata.prompt) == ({}, PROMPT)
    assert verify(repo).sound


def test_what_an_operation_was_called_with_can_be_purged(repo: Repo) -> None:
    call(repo.caller(), wire.CHECKPOINT_CREATE, wire.CheckpointCreateParams(name="good", prompt=PROMPT))
    result = purge(repo, None, operation="@", field="prompt")
    assert result.operation_id is not None
    assert places_with(repo, PROMPT) == []
    shown = call(repo.caller(), wire.OP_SHOW, wire.OpShowParams(operation="@{1}"))
    assert shown.prompt is None
    assert shown.prompt_hash == result.hash
    assert verify(repo).sound
    assert "Nothing of it" in purge(repo, None, operation="@{1}", field="prompt").notices[-1]


@pytest.mark.promise("purge.one-operation")
def test_a_purge_is_one_signed_operation_that_names_root_and_field(repo: Repo) -> None:
    made = committed(repo)
    result = purge(repo)
    (operation,) = [each for each in log(repo).operations if each.kind == "purge"]
    assert operation.operation_id == result.operation_id
    assert operation.reversibility == "irreversible"
    assert operation.details["field"] == "prompt"
    trailer = repo.git("log", "-1", "--format=%(trailers:key=ANVCS-Meta,valueonly)").strip()
    assert operation.details["root"] == trailer
    assert repo.head() == made.git_commit
    again = purge(repo)
    assert again.operation_id is None
    assert "Nothing of it" in again.notices[-1]


def test_a_dry_run_says_where_it_is_and_changes_nothing(repo: Repo) -> None:
    committed(repo)
    before = (repo.git("for-each-ref"), len(log(repo).operations), len(places_with(repo, PROMPT)))
    planned = purge(repo, dry_run=True)
    assert planned.operation_id is None
    assert any("refs/notes/anvcs" in each for each in planned.removed)
    assert (repo.git("for-each-ref"), len(log(repo).operations), len(places_with(repo, PROMPT))) == before


def test_what_is_not_there_is_refused(repo: Repo) -> None:
    committed(repo)
    with pytest.raises(UsageError, match="no field"):
        purge(repo, field="env.OTHER")
    with pytest.raises(UnknownCommitError, match="no metadata record"):
        purge(repo, "HEAD~1")
    with pytest.raises(UsageError, match="one commit or one operation"):
        purge(repo, None)
    with pytest.raises(UsageError, match="no field"):
        purge(repo, None, operation="@", field="model")


def test_what_the_user_keeps_of_notes_is_named_and_left(repo: Repo) -> None:
    committed(repo)
    repo.git("update-ref", "refs/notes/backup", "refs/notes/anvcs")
    result = purge(repo)
    assert any("git log --all --find-object" in each for each in result.notices)
    sound(repo)
    repo.git("update-ref", "-d", "refs/notes/backup")
    purge(repo)
    assert places_with(repo, PROMPT) == []


def test_a_commit_message_that_has_the_text_is_named(repo: Repo) -> None:
    repo.write("src/app.py", "x = 2\n")
    repo.commit(f"do {PROMPT}", metadata=META)
    assert any("message of" in each for each in purge(repo).notices)


def test_the_mirror_of_another_worktree_loses_it_too(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side", repo.env, repo.config_home)
    side.write("src/app.py", "x = 2\n")
    made = side.commit("secret", metadata=META)
    side.close()
    purge(repo, made.git_commit)
    (file,) = (tmp_path / "side/.ai/meta").glob("*.json")
    assert PROMPT.encode() not in file.read_bytes()
    assert b"gpt-5" in file.read_bytes()


@pytest.mark.promise("purge.survives-kill")
@pytest.mark.parametrize("step", ["purge-ledger", *STEPS])
def test_a_purge_killed_at_any_step_is_finished_by_the_next(repo: Repo, step: str) -> None:
    committed(repo)
    root = Path(__file__).parents[2]
    script = root / "tests/faults/retention_crash.py"
    done = subprocess.run(
        [sys.executable, script, step, repo.config_home, "purge"],
        cwd=repo.path,
        env={**repo.env, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert verify(repo).sound
    purge(repo)
    assert places_with(repo, PROMPT) == []
    assert verify(repo).sound
    sound(repo)
    assert len([each for each in log(repo).operations if each.kind == "purge"]) == 1


@pytest.mark.promise("purge.never-brought-back")
@pytest.mark.parametrize("mode", ["full", "hashes"])
def test_another_clone_that_has_it_does_not_bring_it_back(repo: Repo, mode: str) -> None:
    url = str(remote.bare(repo.path.parent / "there.git", repo.env))
    repo.git("remote", "add", "origin", url)
    remote.mode(repo, "full")
    made = committed(repo)
    remote.push(repo, "origin", "main")
    other = remote.clone(url, repo, "other")
    remote.mode(other, "full")
    remote.pull(other, "origin", "main")
    assert PROMPT in str(other.show(made.git_commit))
    result = purge(repo, made.git_commit)
    (departed,) = result.departed
    assert (departed.remote, departed.url) == ("origin", url)
    assert "git push origin :refs/notes/anvcs" in departed.said
    assert places_with(repo, PROMPT) == []
    other.write("more", "m\n")
    other.commit("more")
    remote.push(other, "origin", "main")
    remote.mode(repo, mode)
    for _ in range(2):
        remote.pull(repo, "origin", "main")
        assert PROMPT not in str(repo.show(made.git_commit))
        assert places_with(repo, PROMPT) == []
    # The remote's notes lose it with the next push; their history there keeps it until somebody collects it.
    repo.write("more", "n\n")
    repo.commit("even more")
    remote.push(repo, "origin", "main")
    assert places_with(repo, PROMPT) == []
    assert PROMPT.encode() not in b"".join(remote.notes(Path(url), repo.env).values())
    assert verify(repo).sound
    other.close()


def test_after_the_advice_was_followed_the_remote_has_it_no_more(repo: Repo) -> None:
    url = str(remote.bare(repo.path.parent / "there.git", repo.env))
    repo.git("remote", "add", "origin", url)
    remote.mode(repo, "full")
    committed(repo)
    remote.push(repo, "origin", "main")
    assert remote.holds(Path(url), repo.env, PROMPT)
    purge(repo)
    remote.pull(repo, "origin", "main")
    repo.git("push", "--quiet", "origin", ":refs/notes/anvcs")
    remote.push(repo, "origin", "main")
    remote.run(repo.env, "-C", url, "gc", "--quiet", "--prune=now")
    assert not remote.holds(Path(url), repo.env, PROMPT)
    assert len(remote.notes(Path(url), repo.env)) == 1
    assert places_with(repo, PROMPT) == []


def test_a_ledger_made_anew_still_knows_what_was_purged(repo: Repo) -> None:
    committed(repo)
    purge(repo)
    workspace = repo.caller().workspace(None)
    known = workspace.ledger.purged()
    assert known
    call(repo.caller(), wire.GC, wire.GcParams(days=0))
    repo.close()
    for each in (repo.path / ".git/anvcs").glob("ledger.db*"):
        each.unlink()
    assert repo.caller().workspace(None).ledger.purged() == known


def test_a_hash_never_went_so_nothing_had_departed(repo: Repo) -> None:
    url = str(remote.bare(repo.path.parent / "there.git", repo.env))
    repo.git("remote", "add", "origin", url)
    remote.mode(repo, "hashes")
    committed(repo)
    remote.push(repo, "origin", "main")
    assert purge(repo).departed == ()


def test_a_process_that_has_everything_open_goes_on_after_packs_were_written_again(repo: Repo) -> None:
    made = committed(repo)
    repo.git("repack", "-adq")
    warm = repo.caller()
    call(warm, wire.SHOW, wire.ShowParams())
    call(warm, wire.GRAPH, wire.GraphParams())
    purge(repo)
    shown = call(warm, wire.SHOW, wire.ShowParams(commit=made.git_commit))
    assert shown.metadata is not None
    assert shown.metadata.prompt is None
    repo.write("src/app.py", "x = 5\n")
    repo.commit("next", caller=warm)
    assert len(call(warm, wire.GRAPH, wire.GraphParams()).rows) == 3
    assert call(warm, wire.VERIFY, wire.VerifyParams()).sound
    sound(repo)


def test_packs_keep_their_marks_and_their_common_index(repo: Repo) -> None:
    committed(repo)
    repo.git("repack", "-adq")
    packs = repo.path / ".git/objects/pack"
    (pack,) = packs.glob("*.pack")
    pack.with_suffix(".keep").write_text("mine\n")
    repo.git("multi-pack-index", "write")
    purge(repo)
    (new,) = packs.glob("*.keep")
    assert new.read_text() == "mine\n"
    assert new.with_suffix(".pack") != pack
    assert not pack.exists()
    repo.git("multi-pack-index", "verify")
    sound(repo)
