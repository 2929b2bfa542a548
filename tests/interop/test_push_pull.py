"""Push and pull over every transport, judged by git at the other end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.config import load
from anvcs.errors import (
    CancelledError,
    DivergedError,
    HookFailedError,
    PushRejectedError,
    RemoteError,
    StreamError,
    UsageError,
    WouldLoseWorkError,
)
from anvcs.history.operations import verify
from tests.conftest import Repo
from tests.interop import remote_support as support
from tests.interop.remote_support import Backend, bare, clone, holds, mode, notes, pull, push, refs

MakeRepo = Callable[..., Repo]
SECRET = "Tell nobody that the tide is high at noon"
OTHER = "Another thing that stays between us"


@pytest.fixture
def hub(tmp_path: Path, env: dict[str, str]) -> Path:
    """An empty bare repository."""
    return bare(tmp_path / "hub.git", env)


@pytest.fixture
def one(make_repo: MakeRepo, hub: Path) -> Repo:
    """A repository with one commit and the hub as its origin."""
    repo = make_repo("one")
    repo.git("remote", "add", "origin", str(hub))
    return repo


@pytest.fixture
def two(one: Repo, hub: Path) -> Iterator[Repo]:
    """A clone of what the first one has pushed."""
    push(one)
    made = clone(str(hub), one, "two")
    yield made
    made.close()


def work(repo: Repo, name: str, text: str = "x\n", *, prompt: str | None = None) -> wire.CommitResult:
    """Commit one file, with a prompt."""
    repo.write(name, text)
    repo.git("add", name)
    return repo.commit(f"about {name}", metadata=wire.Metadata(prompt=prompt))


def newest(repo: Repo, kind: str) -> dict[str, object]:
    """The details of the newest operation, which must be of this kind and truly signed."""
    entry = repo.caller().workspace(None).ledger.operations(limit=1)[0]
    assert (verify(entry.signed).kind, entry.state) == (kind, "published")
    return dict(entry.operation.details)


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


def stopping(repo: Repo, at: str) -> Caller:
    """A caller that cancels when work of that name is reported."""

    def progress(message: str, percent: int | None) -> None:
        del percent
        if at in message:
            raise CancelledError("Cancelled.")

    caller = repo.caller()
    caller.progress = progress
    return caller


@pytest.mark.promise("remote.progress-and-cancel")
def test_a_push_reports_percents_and_can_be_stopped(one: Repo, hub: Path) -> None:
    push(one)
    before = refs(hub, one.env)
    for number in range(200):
        one.write(f"many/{number}", f"{number}\n" * number)
    work(one, "last")
    one.git("add", ".")
    one.commit("many")
    with pytest.raises(CancelledError):
        push(one, caller=stopping(one, "writing objects"))
    assert refs(hub, one.env) == before
    deadline = time.monotonic() + 10
    while support.children() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert support.children() == set()
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


# Pull


@pytest.mark.promise("remote.pull-is-safe")
def test_a_pull_moves_stream_index_and_files_forward(one: Repo, two: Repo) -> None:
    one.git("rm", "--quiet", "src/app.py")
    made = work(one, "new/file", prompt=SECRET)
    push(one)
    two.write("unrelated", "mine\n")
    result = pull(two)
    assert (result.outcome, result.new, set(result.files)) == (
        "fast-forward",
        made.git_commit,
        {"new/file", "src/app.py"},
    )
    assert two.read("new/file") == b"x\n"
    assert not (two.path / "src/app.py").exists()
    assert two.status() == "?? unrelated"
    assert newest(two, "pull")["fetched"] == made.git_commit
    assert pull(two).outcome == "up-to-date"


@pytest.mark.promise("remote.pull-is-safe")
@pytest.mark.parametrize("how", ["changed", "staged", "untracked", "ignored"])
def test_a_pull_that_would_touch_work_in_progress_is_refused_first(one: Repo, two: Repo, how: str) -> None:
    work(one, "README.md", "theirs\n")
    work(one, "new", "theirs\n")
    push(one)
    name = "README.md" if how in {"changed", "staged"} else "new"
    two.write(name, "mine\n")
    if how == "staged":
        two.git("add", name)
    if how == "ignored":
        (two.path / ".git/info/exclude").write_text("new\n")
    before = two.snapshot()
    with pytest.raises(WouldLoseWorkError, match=name):
        pull(two)
    assert two.snapshot() == before
    assert two.read(name) == b"mine\n"


def test_a_stream_that_is_not_checked_out_moves_without_files(one: Repo, two: Repo) -> None:
    two.git("switch", "--quiet", "-c", "side")
    made = work(one, "a")
    push(one)
    result = pull(two, "origin", "main")
    assert (result.outcome, two.git("rev-parse", "main")) == ("fast-forward", made.git_commit)
    assert not (two.path / "a").exists()
    assert two.status() == ""


def test_a_stream_in_another_worktree_is_left_to_it(one: Repo, two: Repo) -> None:
    two.git("switch", "--quiet", "-c", "side")
    two.git("worktree", "add", "--quiet", str(two.path.parent / "tree"), "main")
    work(one, "a")
    push(one)
    before = two.git("rev-parse", "main")
    with pytest.raises(StreamError, match="checked out in"):
        pull(two, "origin", "main")
    assert two.git("rev-parse", "main") == before


def test_a_stream_that_is_new_here_is_made_and_follows_the_remotes(one: Repo, two: Repo) -> None:
    one.git("switch", "--quiet", "-c", "feature")
    made = work(one, "a")
    push(one)
    assert pull(two, "origin", "feature").outcome == "created"
    assert two.git("rev-parse", "feature") == made.git_commit
    assert two.git("rev-parse", "--abbrev-ref", "feature@{upstream}") == "origin/feature"


def test_a_pull_of_a_stream_that_the_remote_has_not(two: Repo) -> None:
    with pytest.raises(RemoteError, match="has no stream absent"):
        pull(two, "origin", "absent")


@pytest.mark.promise("remote.pull-merges-or-refuses")
def test_two_sides_that_touch_different_lines_become_a_merge_commit(one: Repo, two: Repo) -> None:
    theirs = work(one, "a")
    push(one)
    mine = work(two, "b")
    two.write("untracked", "stays\n")
    result = pull(two)
    assert result.outcome == "merge"
    assert two.git("show", "--no-patch", "--format=%P", result.new).split() == [mine.git_commit, theirs.git_commit]
    assert (two.read("a"), two.read("b")) == (b"x\n", b"x\n")
    assert two.status() == "?? untracked"
    assert two.show().metadata_state == "full"
    assert two.git("log", "-1", "--format=%s").startswith("Merge branch 'main' of ")
    assert two.git("fsck", "--strict") == ""
    push(two)


@pytest.mark.promise("remote.pull-merges-or-refuses")
def test_a_conflict_is_refused_with_the_files_and_the_way_out(one: Repo, two: Repo) -> None:
    work(one, "README.md", "theirs\n")
    push(one)
    work(two, "README.md", "mine\n")
    before = two.snapshot()
    with pytest.raises(DivergedError, match=r"same lines of README\.md") as refused:
        pull(two)
    assert "git pull --no-rebase origin main" in refused.value.way_out
    assert two.snapshot() == before
    two.git_fails("pull", "--no-rebase", "origin", "main")
    two.write("README.md", "both\n")
    call(two.caller(), wire.ADD, wire.AddParams(paths=("README.md",)))
    two.commit(None)
    push(two)


@pytest.mark.promise("remote.pull-merges-or-refuses")
@pytest.mark.parametrize(
    ("key", "value", "way_out"),
    [
        ("pull.ff", "only", "git rebase origin/main"),
        ("pull.rebase", "true", "git pull --rebase origin main"),
        ("branch.main.rebase", "merges", "git pull --rebase origin main"),
    ],
)
def test_settings_that_want_no_merge_commit_are_kept(one: Repo, two: Repo, key: str, value: str, way_out: str) -> None:
    work(one, "a")
    push(one)
    work(two, "b")
    two.git("config", key, value)
    before = two.snapshot()
    with pytest.raises(DivergedError) as refused:
        pull(two)
    assert way_out in refused.value.way_out
    assert two.snapshot() == before


def test_a_setting_that_always_wants_a_merge_commit_is_kept(one: Repo, two: Repo) -> None:
    work(one, "a")
    push(one)
    two.git("config", "pull.ff", "false")
    assert pull(two).outcome == "merge"
    assert len(two.git("show", "--no-patch", "--format=%P", "HEAD").split()) == 2


def test_a_pre_merge_commit_hook_gets_its_merge_from_git(one: Repo, two: Repo) -> None:
    work(one, "a")
    push(one)
    work(two, "b")
    hook = two.path / ".git/hooks/pre-merge-commit"
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    with pytest.raises(DivergedError, match="pre-merge-commit"):
        pull(two)


def test_the_post_merge_hook_is_told(one: Repo, two: Repo) -> None:
    work(one, "a")
    push(one)
    hook = two.path / ".git/hooks/post-merge"
    hook.write_text('#!/bin/sh\necho "merged $1"\n')
    hook.chmod(0o755)
    assert "merged 0" in pull(two).output


def test_having_more_than_the_remote_is_said(two: Repo) -> None:
    work(two, "a")
    assert pull(two).outcome == "ahead"


# Clone


@pytest.mark.promise("remote.clone")
def test_a_clone_has_the_metadata_and_a_plain_clone_is_plain(one: Repo, hub: Path, tmp_path: Path) -> None:
    mode(one, "full")
    made = work(one, "a", prompt=SECRET)
    push(one)
    result = call(one.caller(tmp_path), wire.CLONE, wire.CloneParams(url=str(hub)))
    copy = Repo(tmp_path / "hub", one.env, one.config_home)
    assert (result.root, result.stream, result.notes) == (str(tmp_path / "hub"), "main", 1)
    shown = copy.show()
    assert shown.metadata is not None
    assert shown.metadata.prompt == SECRET
    assert newest(copy, "clone")["remote"] == "origin"
    assert copy.git("rev-parse", "refs/notes/anvcs") == refs(hub, one.env)["refs/notes/anvcs"]
    copy.close()
    plain = clone(str(hub), one, "plain", init=False)
    assert set(refs(plain.path, one.env)) == {"refs/heads/main", "refs/remotes/origin/main", "refs/remotes/origin/HEAD"}
    assert plain.head() == made.git_commit


@pytest.mark.promise("remote.clone")
@pytest.mark.parametrize("at", ["Cloning", "receiving objects", "Joining notes"])
def test_a_cancelled_clone_leaves_nothing(one: Repo, hub: Path, tmp_path: Path, at: str) -> None:
    for number in range(300):
        one.write(f"many/{number}", f"{number}\n" * number)
    one.git("add", ".")
    one.commit("many")
    push(one)
    with pytest.raises(CancelledError):
        call(stopping(one, at), wire.CLONE, wire.CloneParams(url=f"file://{hub}", path=str(tmp_path / "new/copy")))
    assert not (tmp_path / "new").exists()
    (tmp_path / "there").mkdir()
    with pytest.raises(CancelledError):
        call(stopping(one, at), wire.CLONE, wire.CloneParams(url=f"file://{hub}", path=str(tmp_path / "there")))
    assert list((tmp_path / "there").iterdir()) == []


def test_a_clone_of_nothing_and_into_something_is_refused(one: Repo, hub: Path, tmp_path: Path) -> None:
    caller = one.caller(tmp_path)
    with pytest.raises(RemoteError):
        call(caller, wire.CLONE, wire.CloneParams(url=str(tmp_path / "absent")))
    assert not (tmp_path / "absent").exists()
    with pytest.raises(UsageError, match="not empty"):
        call(caller, wire.CLONE, wire.CloneParams(url=str(hub), path="one"))


def test_an_empty_repository_can_be_cloned_and_pushed_to(one: Repo, hub: Path, tmp_path: Path) -> None:
    result = call(one.caller(tmp_path), wire.CLONE, wire.CloneParams(url=str(hub), path="copy"))
    assert (result.head, result.stream) == (None, "main")
    copy = Repo(tmp_path / "copy", one.env, one.config_home)
    work(copy, "a")
    assert push(copy).stream == "main"
    copy.close()


# What init writes


@pytest.mark.promise("init.push-setting-is-visible")
def test_init_writes_what_leaves_where_the_team_sees_it(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    result = repo.init()
    text = repo.read("ai-vcs.config.yaml").decode()
    assert "\n  push: hashes\n" in text
    assert load(repo.path / "ai-vcs.config.yaml", {}).provenance.push == "hashes"
    assert any("ai-vcs.config.yaml" in each for each in result.changed)
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert repo.read("ai-vcs.config.yaml").decode() == text


def test_init_leaves_a_configuration_that_is_there_alone(make_repo: MakeRepo) -> None:
    repo = make_repo(init=False)
    repo.write("ai-vcs.config.yaml", "agent:\n  name: porter\n")
    result = repo.init()
    assert repo.read("ai-vcs.config.yaml") == b"agent:\n  name: porter\n"
    assert not any("ai-vcs.config.yaml" in each for each in result.changed)
