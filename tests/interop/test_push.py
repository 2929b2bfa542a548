"""Push over every transport and what of it leaves, judged by git at the other end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import (
    CancelledError,
    HookFailedError,
    PushRejectedError,
    RemoteError,
    UsageError,
)
from tests.conftest import Repo
from tests.interop import remote_support as support
from tests.interop.remote_support import (
    OTHER,
    SECRET,
    Backend,
    bare,
    clone,
    holds,
    mode,
    newest,
    notes,
    pull,
    push,
    refs,
    stopping,
    work,
)

MakeRepo = Callable[..., Repo]
# What leaves


@pytest.mark.promise("remote.mode-is-kept")
@pytest.mark.parametrize(("value", "leaves"), [("full", True), ("hashes", False), ("none", False), (None, False)])
def test_a_prompt_leaves_only_in_full_mode(one: Repo, hub: Path, value: str | None, leaves: bool) -> None:
    if value is not None:
        mode(one, value)
    made = work(one, "tide.py", prompt=SECRET)
    result = push(one)
    assert result.mode == (value or "hashes")
    assert holds(hub, one.env, SECRET) is leaves
    there = refs(hub, one.env)
    assert there["refs/heads/main"] == made.git_commit
    if value == "none":
        assert set(there) == {"refs/heads/main"}
        assert result.notes == 0
    else:
        assert notes(hub, one.env).keys() == {made.git_commit}
        assert b'"salt"' in notes(hub, one.env)[made.git_commit] if leaves else True
        assert leaves or not holds(hub, one.env, '"salt"')


@pytest.mark.promise("remote.mode-is-kept")
def test_what_was_pushed_in_full_stays_there_and_nothing_follows_it(one: Repo, hub: Path) -> None:
    mode(one, "full")
    work(one, "a", prompt=SECRET)
    push(one)
    mode(one, "hashes")
    made = work(one, "b", prompt=OTHER)
    result = push(one)
    assert holds(hub, one.env, SECRET)
    assert not holds(hub, one.env, OTHER)
    assert any("1 metadata record had been sent" in each for each in result.notices)
    assert made.git_commit in notes(hub, one.env)
    # Said once: from now on there is nothing new to say.
    work(one, "c", prompt=OTHER + "!")
    assert push(one).notices == ()
    assert not holds(hub, one.env, OTHER)


@pytest.mark.promise("remote.mode-is-kept")
def test_going_from_hashes_to_full_sends_the_values_too(one: Repo, hub: Path) -> None:
    work(one, "a", prompt=SECRET)
    push(one)
    assert not holds(hub, one.env, SECRET)
    mode(one, "full")
    assert push(one).notes == 1
    assert holds(hub, one.env, SECRET)


@pytest.mark.promise("remote.only-what-is-pushed")
def test_notes_of_what_was_amended_away_or_is_on_another_stream_stay_here(one: Repo, hub: Path) -> None:
    mode(one, "full")
    work(one, "a", prompt=SECRET)
    one.write("a", "better\n")
    one.commit(None, amend=True, metadata=wire.Metadata(prompt=OTHER))
    one.git("switch", "--quiet", "-c", "private")
    private = work(one, "b", prompt="Only for me")
    one.git("switch", "--quiet", "main")
    push(one)
    assert holds(hub, one.env, OTHER)
    assert not holds(hub, one.env, SECRET)
    assert not holds(hub, one.env, "Only for me")
    assert not holds(hub, one.env, private.git_commit)
    one.git("switch", "--quiet", "private")
    assert push(one).notes == 1
    assert holds(hub, one.env, "Only for me")
    assert not holds(hub, one.env, SECRET)


@pytest.mark.promise("remote.only-what-is-pushed")
def test_nothing_but_the_stream_notes_and_registry_arrives(one: Repo, hub: Path) -> None:
    one.git("branch", "elsewhere")
    one.git("tag", "mine")
    work(one, "a")
    push(one)
    assert set(refs(hub, one.env)) <= {
        "refs/heads/main",
        "refs/notes/anvcs",
        "refs/anvcs/actors",
    }
    keep = one.git("rev-parse", "refs/anvcs/keep")
    assert not holds(hub, one.env, keep)


@pytest.mark.promise("remote.mode-is-kept")
def test_a_remote_that_changed_its_address_gets_a_history_of_its_own(one: Repo, tmp_path: Path) -> None:
    mode(one, "full")
    work(one, "a", prompt=SECRET)
    push(one)
    public = bare(tmp_path / "public.git", one.env)
    one.git("remote", "set-url", "origin", str(public))
    mode(one, "hashes")
    push(one)
    assert not holds(public, one.env, SECRET)
    assert len(notes(public, one.env)) == 1


@pytest.mark.promise("remote.mode-is-kept")
def test_notes_that_were_wiped_at_the_remote_do_not_come_back_with_old_values(one: Repo, hub: Path) -> None:
    mode(one, "full")
    work(one, "a", prompt=SECRET)
    push(one)
    support.run(one.env, "-C", str(hub), "update-ref", "-d", "refs/notes/anvcs")
    support.run(one.env, "-C", str(hub), "gc", "--quiet", "--prune=now")
    mode(one, "hashes")
    work(one, "b")
    push(one)
    assert len(notes(hub, one.env)) == 2
    assert not holds(hub, one.env, SECRET)


# Notes joined


def test_a_fetched_hash_does_not_replace_a_value_and_a_value_completes_a_hash(one: Repo, two: Repo, hub: Path) -> None:
    made = work(one, "a", prompt=SECRET)
    push(one)
    before = notes(one.path, one.env)
    pull(one)
    assert notes(one.path, one.env) == before
    pull(two)
    assert two.show(made.git_commit).metadata is None or two.show(made.git_commit).metadata == wire.Metadata()
    assert SECRET.encode() not in notes(two.path, two.env)[made.git_commit]
    mode(one, "full")
    push(one)
    assert pull(two).notes == 1
    shown = two.show(made.git_commit).metadata
    assert shown is not None
    assert shown.prompt == SECRET
    assert notes(two.path, two.env) == before
    assert support.run(hub and one.env, "-C", str(hub), "fsck", "--strict") == ""


@pytest.mark.promise("remote.no-note-is-lost")
def test_two_clones_that_write_notes_in_turn_lose_no_line(one: Repo, two: Repo, hub: Path) -> None:
    first = one.head()
    lines: set[bytes] = set()
    for number in range(4):
        for repo in (one, two):
            line = f"{repo.path.name} {number}"
            repo.git("notes", "--ref=anvcs", "append", "-m", line, first)
            lines.add(line.encode())
            mode(repo, "full")
            made = work(repo, f"{repo.path.name}{number}")
            while True:
                try:
                    push(repo)
                    break
                except PushRejectedError:
                    assert pull(repo).outcome in {"merge", "fast-forward"}
            assert made.git_commit in notes(hub, one.env)
    there = notes(hub, one.env)
    assert lines <= set(there[first].split(b"\n"))
    pull(one)
    pull(two)
    assert set(notes(one.path, one.env)[first].split(b"\n")) == set(notes(two.path, two.env)[first].split(b"\n"))


@pytest.mark.promise("remote.no-note-is-lost")
def test_clones_that_push_notes_at_once_lose_no_line(one: Repo, two: Repo, hub: Path) -> None:
    repos = [one, two, clone(str(hub), one, "three"), clone(str(hub), one, "four")]
    first = one.head()
    failures: list[BaseException] = []

    def write(repo: Repo) -> None:
        try:
            mode(repo, "full")
            repo.git("switch", "--quiet", "-c", repo.path.name)
            caller = repo.caller()
            for number in range(5):
                repo.git("notes", "--ref=anvcs", "append", "-m", f"{repo.path.name} {number}", first)
                work(repo, f"{repo.path.name}{number}")
                push(repo, caller=caller)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=write, args=(repo,)) for repo in repos]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert failures == []
    there = notes(hub, one.env)
    wanted = {f"{repo.path.name} {number}".encode() for repo in repos for number in range(5)}
    assert wanted <= set(there[first].split(b"\n"))
    commits = {each for repo in repos for each in repo.git("rev-list", f"{first}..HEAD").split()}
    assert commits <= there.keys()
    for repo in repos[2:]:
        repo.close()


def test_notes_that_a_stranger_moves_in_the_middle_of_a_push_are_joined(one: Repo, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    hub = bare(served / "hub.git", one.env)
    with support.http(served, one.env) as server:
        one.git("remote", "set-url", "origin", f"{server.url}/hub.git")
        mode(one, "full")
        work(one, "a")
        push(one)
        other = clone(str(hub), one, "other")
        mode(other, "full")
        other.git("switch", "--quiet", "-c", "other")
        theirs = work(other, "b", prompt=OTHER)
        mine = work(one, "c", prompt=SECRET)
        server.before_push = lambda: push(other)
        result = push(one)
        other.close()
    assert result.new == mine.git_commit
    assert {theirs.git_commit, mine.git_commit} <= notes(hub, one.env).keys()


# The push itself


@pytest.mark.promise("remote.fast-forward-only")
def test_a_push_that_would_drop_commits_is_refused_and_says_whose(one: Repo, two: Repo, hub: Path) -> None:
    two.git("config", "user.name", "Grace Hopper")
    theirs = work(two, "theirs")
    push(two)
    work(one, "mine")
    before = refs(hub, one.env)
    with pytest.raises(PushRejectedError, match=r"1 commit that main has not: Grace Hopper \(1\)") as refused:
        push(one)
    assert "ai-vcs pull origin main" in refused.value.way_out
    assert refs(hub, one.env) == before
    result = pull(one)
    assert result.outcome == "merge"
    assert push(one).old == theirs.git_commit


def test_a_push_is_one_operation_that_cannot_be_undone(one: Repo, hub: Path) -> None:
    made = work(one, "a")
    result = push(one)
    assert newest(one, "push") | {"url": ""} == {
        "remote": "origin",
        "url": "",
        "stream": "main",
        "new": made.git_commit,
        "mode": "hashes",
        "notes": 1,
    }
    ledger = one.caller().workspace(None).ledger
    operation = ledger.operations(limit=1)[0].operation
    assert operation.reversibility == "irreversible"
    assert [(move.name, move.new) for move in operation.moves] == [("refs/remotes/origin/main", made.git_commit)]
    count = ledger.count()
    again = push(one)
    assert (again.up_to_date, again.operation_id, ledger.count()) == (True, None, count)
    assert result.operation_id is not None
    assert hub.exists()


def test_the_first_push_sets_the_upstream_and_a_bare_push_then_goes_there(one: Repo) -> None:
    assert push(one).upstream == "origin/main"
    assert one.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main"
    one.git("switch", "--quiet", "-c", "feature")
    work(one, "a")
    assert push(one).stream == "feature"
    assert one.git("status", "--porcelain", "--branch").splitlines()[0] == "## feature...origin/feature"


def test_a_stream_that_follows_one_of_another_name_is_not_pushed_there_by_accident(one: Repo, hub: Path) -> None:
    push(one)
    one.git("switch", "--quiet", "-c", "feature", "--track", "origin/main")
    work(one, "a")
    with pytest.raises(UsageError, match="another name"):
        push(one)
    assert refs(hub, one.env)["refs/heads/main"] != one.head()
    one.git("config", "push.default", "upstream")
    assert push(one).stream == "main"


@pytest.mark.parametrize(
    ("args", "match"),
    [(("nowhere",), "no remote nowhere"), (("origin", "absent"), "no stream absent"), (("--all",), "no remote --all")],
)
def test_a_push_of_what_is_not_there_says_so(one: Repo, args: tuple[str, ...], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        push(one, *args)


def test_without_any_remote_the_way_out_is_to_add_one(repo: Repo) -> None:
    with pytest.raises(UsageError) as refused:
        push(repo)
    assert "git remote add" in refused.value.way_out


def test_a_remote_can_be_named_by_its_address(make_repo: MakeRepo, hub: Path) -> None:
    repo = make_repo("plain")
    made = work(repo, "a")
    result = push(repo, f"file://{hub}", "main")
    assert refs(hub, repo.env)["refs/heads/main"] == made.git_commit
    assert (result.remote, result.upstream, result.notes) == (f"file://{hub}", None, 1)
    assert push(repo, f"file://{hub}", "main").up_to_date


@pytest.mark.promise("remote.pre-push-hook")
def test_the_pre_push_hook_sees_what_is_pushed_and_may_refuse(one: Repo, hub: Path) -> None:
    hook = one.path / ".git/hooks/pre-push"
    hook.write_text('#!/bin/sh\ncat > seen\necho "name $1"\ntest ! -e no\n')
    hook.chmod(0o755)
    made = work(one, "a")
    one.write("no", "")
    with pytest.raises(HookFailedError) as refused:
        push(one)
    assert "name origin" in refused.value.output
    assert refs(hub, one.env) == {}
    (one.path / "no").unlink()
    assert "name origin" in push(one).output
    seen = [line.split() for line in one.read("seen").decode().splitlines()]
    assert ["refs/heads/main", made.git_commit, "refs/heads/main", "0" * 40] in seen
    assert "refs/notes/anvcs" in {line[2] for line in seen}


def test_a_remote_that_does_not_take_our_refs_takes_the_stream_all_the_same(one: Repo, hub: Path) -> None:
    hook = hub / "hooks/update"
    hook.write_text('#!/bin/sh\ncase "$1" in refs/heads/*) exit 0;; esac\necho "only branches here"\nexit 1\n')
    hook.chmod(0o755)
    made = work(one, "a")
    result = push(one)
    assert refs(hub, one.env) == {"refs/heads/main": made.git_commit}
    assert any("does not take refs/notes/anvcs" in each for each in result.notices)
    hook.unlink()
    assert push(one).notes == 1
    assert made.git_commit in notes(hub, one.env)


def test_a_remote_that_refuses_the_stream_is_quoted(one: Repo, hub: Path) -> None:
    hook = hub / "hooks/pre-receive"
    hook.write_text('#!/bin/sh\necho "the release is frozen"\nexit 1\n')
    hook.chmod(0o755)
    with pytest.raises(PushRejectedError, match="the release is frozen"):
        push(one)


# Transports


@pytest.fixture
def served(tmp_path: Path, env: dict[str, str]) -> Iterator[tuple[Backend, Path]]:
    """A bare repository over HTTP."""
    folder = tmp_path / "served"
    folder.mkdir()
    hub = bare(folder / "hub.git", env)
    with support.http(folder, env) as server:
        yield server, hub


@pytest.mark.promise("remote.transports")
@pytest.mark.parametrize("kind", ["path", "file", "http", "ssh"])
def test_every_transport_of_git_carries_all(
    make_repo: MakeRepo, served: tuple[Backend, Path], tmp_path: Path, kind: str
) -> None:
    server, hub = served
    url = {"path": str(hub), "file": f"file://{hub}", "http": f"{server.url}/hub.git", "ssh": f"ssh://host{hub}"}[kind]
    repo = make_repo("mine")
    repo.env["GIT_SSH_COMMAND"] = support.ssh(tmp_path)
    repo.git("remote", "add", "origin", url)
    mode(repo, "full")
    made = work(repo, "a", prompt=SECRET)
    push(repo)
    result = call(repo.caller(tmp_path), wire.CLONE, wire.CloneParams(url=url, path="copy"))
    copy = Repo(tmp_path / "copy", repo.env, repo.config_home)
    shown = copy.show()
    assert shown.metadata is not None
    assert (result.notes, result.head, shown.metadata.prompt) == (1, made.git_commit, SECRET)
    work(repo, "b", prompt=OTHER)
    push(repo)
    pulled = pull(copy)
    assert (pulled.outcome, pulled.files, pulled.notes) == ("fast-forward", ("b",), 1)
    assert copy.status() == ""
    assert copy.git("fsck", "--strict") == ""
    copy.close()


@pytest.mark.promise("remote.credentials")
def test_credentials_come_from_gits_helper_and_are_never_shown(one: Repo, served: tuple[Backend, Path]) -> None:
    server, hub = served
    server.password = ("ada", "engine")
    address = server.url.removeprefix("http://")
    one.git("remote", "set-url", "origin", f"http://ada@{address}/hub.git")
    with pytest.raises(RemoteError, match="terminal prompts disabled") as refused:
        push(one)
    assert "ada@" not in str(refused.value)
    helper = one.path.parent / "helper"
    helper.write_text('#!/bin/sh\ntest "$1" = get && echo username=ada && echo password=engine\n')
    helper.chmod(0o755)
    one.git("config", "credential.helper", str(helper))
    result = push(one)
    assert refs(hub, one.env)["refs/heads/main"] == one.head()
    assert "ada@" not in result.url
    assert "ada@" not in str(newest(one, "push")["url"])


@pytest.mark.promise("remote.credentials")
def test_an_askpass_program_is_asked(one: Repo, served: tuple[Backend, Path]) -> None:
    server, hub = served
    server.password = ("ada", "engine")
    one.git("remote", "set-url", "origin", f"{server.url}/hub.git")
    askpass = one.path.parent / "askpass"
    askpass.write_text('#!/bin/sh\ncase "$1" in User*) echo ada;; *) echo engine;; esac\n')
    askpass.chmod(0o755)
    push(one, caller=one.caller(GIT_ASKPASS=str(askpass)))
    assert refs(hub, one.env)["refs/heads/main"] == one.head()


def test_url_rewriting_is_gits(one: Repo, hub: Path) -> None:
    one.git("remote", "set-url", "origin", "hub:project")
    one.git("config", f"url.{hub}.insteadOf", "hub:project")
    push(one)
    assert refs(hub, one.env)["refs/heads/main"] == one.head()


def test_a_push_url_of_its_own_is_a_place_of_its_own(one: Repo, tmp_path: Path, hub: Path) -> None:
    fork = bare(tmp_path / "fork.git", one.env)
    push(one)
    one.git("remote", "set-url", "--push", "origin", str(fork))
    made = work(one, "a")
    push(one)
    assert refs(fork, one.env)["refs/heads/main"] == made.git_commit
    assert made.git_commit in notes(fork, one.env)
    assert refs(hub, one.env)["refs/heads/main"] != made.git_commit


def test_a_remote_that_is_not_there_is_named_with_gits_words(one: Repo, tmp_path: Path) -> None:
    one.git("remote", "set-url", "origin", str(tmp_path / "gone"))
    before = one.snapshot()
    with pytest.raises(RemoteError, match="does not appear to be a git repository") as refused:
        push(one)
    assert "git remote -v" in refused.value.way_out
    with pytest.raises(RemoteError):
        pull(one)
    assert one.snapshot() == before


# Progress and cancel


@pytest.mark.promise("remote.progress-and-cancel")
def test_a_push_reports_percents_and_can_be_stopped(one: Repo, hub: Path) -> None:
    push(one)
    before = refs(hub, one.env)
    for number in range(200):
        one.write(f"many/{number}", f"{number}\n" * number)
    work(one, "last")
    one.git("add", ".")
    one.commit("many")
    others = support.children()
    with pytest.raises(CancelledError):
        push(one, caller=stopping(one, "writing objects"))
    assert refs(hub, one.env) == before
    deadline = time.monotonic() + 10
    while support.children() - others and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert support.children() <= others
    reports: list[tuple[str, int | None]] = []

    def progress(message: str, percent: int | None) -> None:
        reports.append((message, percent))

    caller = one.caller()
    caller.progress = progress
    push(one, caller=caller)
    assert any("writing objects" in message and percent == 100 for message, percent in reports)
    assert refs(hub, one.env)["refs/heads/main"] == one.head()


@pytest.mark.promise("remote.progress-and-cancel")
def test_a_hanging_remote_can_be_left(one: Repo, tmp_path: Path) -> None:
    script = tmp_path / "hangs"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    one.git("remote", "set-url", "origin", "ssh://host/x")
    looks = 0

    def progress(message: str, percent: int | None) -> None:
        nonlocal looks
        del message, percent
        looks += 1
        if looks > 3:
            raise CancelledError("Cancelled.")

    caller = one.caller(GIT_SSH_COMMAND=str(script), GIT_SSH_VARIANT="ssh")
    caller.progress = progress
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        push(one, caller=caller)
    assert time.monotonic() - begun < 10
