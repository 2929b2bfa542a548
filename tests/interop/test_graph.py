"""The commit graph against the real git: what it shows, page by page, whatever happens to the repository."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from anvcs import ids
from anvcs.actions import graph_index
from anvcs.actions.graph import update_index
from anvcs.errors import CancelledError
from anvcs.gitmirror.git import Git
from anvcs.history import rows as rows_module
from anvcs.history.rows import RowIndex
from anvcs.wire import GraphPage
from tests.conftest import Repo
from tests.interop.graph_support import (
    age,
    all_rows,
    assert_children_first,
    fast_import,
    open_below,
    page,
    shown,
    told_by_git,
)

MakeRepo = Callable[..., Repo]


# What is shown


@pytest.mark.promise("graph.agrees-with-git")
def test_every_field_is_what_git_log_says(many: Repo) -> None:
    caller = many.caller()
    assert page(caller).source == "index"
    rows = all_rows(caller)
    assert shown(rows) == told_by_git(many)
    assert_children_first(rows)
    for row in rows[::40]:
        assert row.commit_id == ids.commit_id(many.git_bytes("cat-file", "commit", row.git_commit))


def raw_commit(
    repo: Repo, author: bytes, message: bytes, *, headers: bytes = b"", parents: tuple[str, ...] = ()
) -> str:
    tree = repo.git("rev-parse", "HEAD^{tree}").encode()
    raw = b"tree " + tree + b"\n" + b"".join(b"parent " + parent.encode() + b"\n" for parent in parents)
    raw += b"author " + author + b"\ncommitter C <c@example.org> 1700000000 +0000\n" + headers + b"\n" + message
    return repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=raw)


@pytest.mark.parametrize(
    ("author", "message", "headers"),
    [
        (b"A <a@b> 1700000000 +0530", b"plain\n", b""),
        (b"A <a@b> 1700000000 -0930", b"two lines\nof subject\n\nbody\n", b""),
        (b"A <a@b> 1700000000 +0000", b"\n\n  \n  indented after blanks  \nmore\t\n \nbody", b""),
        (b"A <a@b> 1700000000 +0000", b"", b""),
        (b"A <a@b> 1700000000 +0000", b"no newline", b""),
        (b" <a@b> 1700000000 +0000", b"nobody\n", b""),
        (b'"Q" J. R. Jr. <.a@b.> 1700000000 +0000', b"kept as it is\n", b""),
        (b"A > B <a@b> 1700000000 +0000", b"arrow\n", b""),
        (b"A <> 1700000000 +0000", b"no address\n", b""),
        (b"J. \xd6d\xf6n <j@b> 1700000000 +0000", b"gr\xfc\xdfe\n", b"encoding ISO-8859-1\n"),
        (b"J. \xc3\x96 <j@b> 1700000000 +0000", b"gr\xc3\xbc\xc3\x9fe\n", b"encoding utf-8\n"),
        (b"A <a@b> 1700000000 +0000", b"signed\n", b"gpgsig -----BEGIN\n author X <x> 1 +0000\n \n -----END\n"),
        (b"A <a@b> 1700000000 +0000", b"cut\n\0never shown", b""),
        (b"A B  C\t <a@b> 1700000000 +0000", b"blanks\r\n\r\nbody\r\n", b""),
    ],
)
def test_odd_commits_are_shown_as_git_shows_them(repo: Repo, author: bytes, message: bytes, headers: bytes) -> None:
    oid = raw_commit(repo, author, message, headers=headers)
    repo.git("update-ref", "refs/heads/odd", oid)
    row = next(row for row in all_rows(repo.caller()) if row.git_commit == oid)
    assert shown([row])[oid] == told_by_git(repo)[oid]
    minutes = row.author.offset
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    assert zone == repo.git("log", "-1", "--date=format:%z", "--format=%ad", oid)
    assert row.commit_id == ids.commit_id(repo.git_bytes("cat-file", "commit", oid))


@pytest.mark.parametrize(
    "author",
    [
        b"A <a@b>",
        b"A <a@b> soon +0000",
        b"A <a@b> 99999999999999999999 +0000",
        b"A",
        b"A <a@b",
        b"\xff\xfe <\xff> 1 +9999999",
    ],
)
def test_a_damaged_author_line_breaks_nothing(repo: Repo, author: bytes) -> None:
    oid = raw_commit(repo, author, b"damaged \xff\n", headers=b"encoding no-such\n")
    repo.git("update-ref", "refs/heads/odd", oid)
    assert oid in {row.git_commit for row in all_rows(repo.caller())}


def test_an_endless_subject_is_cut(repo: Repo) -> None:
    repo.git_commit("x" * 100_000)
    assert len(page(repo.caller()).rows[0].subject) == 1000


def test_names_stand_on_their_rows_with_what_is_checked_out_first(repo: Repo) -> None:
    first = repo.head()
    repo.git("tag", "light")
    repo.git("tag", "-a", "-m", "note", "heavy")
    repo.git("tag", "-a", "-m", "of a tag", "nested", "heavy")
    repo.git("tag", "of-a-tree", "HEAD^{tree}")
    repo.git("branch", "aside")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    names = [(ref.kind, ref.name, ref.current) for ref in page(repo.caller()).rows[0].refs]
    assert names == [
        ("stream", "main", True),
        ("stream", "aside", False),
        ("remote", "origin/main", False),
        ("tag", "heavy", False),
        ("tag", "light", False),
        ("tag", "nested", False),
    ]
    repo.git_commit("second")
    repo.git("checkout", "--quiet", first)
    assert page(repo.caller()).rows[1].refs[0].kind == "head"
    assert page(repo.caller()).rows[1].refs[0].current
    assert not any(ref.current for ref in page(repo.caller()).rows[0].refs)


def test_detached_worktrees_are_shown_and_our_own_refs_stash_and_notes_are_not(repo: Repo) -> None:
    base = repo.head()
    repo.git("worktree", "add", "--quiet", "--detach", "../elsewhere")
    elsewhere = Repo(repo.path.parent / "elsewhere", repo.env, repo.config_home)
    detached = elsewhere.git_commit("detached elsewhere")
    repo.write("README.md", "changed\n")
    repo.git("stash")
    repo.git("notes", "--ref=anvcs", "add", "-m", "x")
    repo.git("notes", "add", "-m", "x")
    repo.git("update-ref", "refs/anvcs/keep", repo.git("commit-tree", "-m", "kept", "HEAD^{tree}"))
    assert {row.git_commit for row in all_rows(repo.caller())} == {base, detached}


def test_an_empty_repository_has_an_empty_page(make_repo: MakeRepo) -> None:
    for ready in (False, True):
        caller = make_repo(f"empty-{ready}", empty=True, init=ready).caller()
        assert page(caller) == GraphPage(rows=(), source="index" if ready else "git")


# Straight from git


@pytest.mark.promise("graph.first-page-before-index")
@pytest.mark.parametrize("skew", [False, True])
@pytest.mark.parametrize(("big", "commit_graph"), [(False, False), (True, False), (True, True)])
def test_without_an_index_pages_come_from_git_and_say_the_same(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch, *, big: bool, commit_graph: bool, skew: bool
) -> None:
    if big:
        monkeypatch.setattr(graph_index, "AT_ONCE", 50)
    repo = make_repo("plain", empty=True, init=False)
    fast_import(repo, 120, seed=2, skew=skew)
    repo.git("switch", "--quiet", "tip120")
    if commit_graph:
        repo.git("commit-graph", "write", "--reachable")
    caller = repo.caller()
    assert page(caller).source == "git"
    rows = all_rows(caller)
    assert shown(rows) == told_by_git(repo)
    if commit_graph or not big or not skew:
        assert_children_first(rows)


def test_where_clocks_were_wrong_a_page_still_puts_children_first_and_leaves_no_line_open(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_index, "AT_ONCE", 50)
    repo = make_repo("skewed", empty=True, init=False)
    fast_import(repo, 200, seed=3, skew=True)
    repo.git("switch", "--quiet", "tip200")
    whole = list(page(repo.caller()).rows)
    assert_children_first(whole)
    rows = all_rows(repo.caller(), limit=9)
    assert open_below(rows) == []
    assert {row.git_commit for row in rows} == {row.git_commit for row in whole}


def test_a_big_history_is_answered_by_git_until_its_index_is_built(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_index, "AT_ONCE", 50)
    repo = make_repo("big", empty=True)
    fast_import(repo, 120, seed=4)
    caller = repo.caller()
    first = page(caller, limit=40)
    assert first.source == "git"
    said: list[str] = []
    assert update_index(repo.caller(), None, lambda message, _: said.append(message))
    assert said
    assert not update_index(repo.caller(), None)
    assert page(caller).source == "index"
    # The page after one of git's is git's too, so nothing is shown twice or missed.
    following = page(caller, first.next_cursor)
    assert following.source == "git"
    ids_shown = [row.git_commit for row in (*first.rows, *following.rows)]
    assert sorted(ids_shown) == sorted(repo.git("rev-list", "--branches").split())


def test_where_anvcs_is_not_set_up_no_index_is_made(make_repo: MakeRepo) -> None:
    repo = make_repo("bare-git", init=False)
    assert page(repo.caller()).source == "git"
    assert not update_index(repo.caller(), None)
    assert not (repo.path / ".git" / "anvcs").exists()


# History moves


@pytest.mark.promise("graph.exact")
def test_after_whatever_plain_git_does_the_graph_shows_what_git_reaches(many: Repo) -> None:
    caller = many.caller()
    steps: list[tuple[str, ...]] = [
        ("commit", "--quiet", "--allow-empty", "-m", "on top"),
        ("commit", "--quiet", "--allow-empty", "--amend", "-m", "amended"),
        ("branch", "another"),
        ("reset", "--quiet", "--hard", "HEAD~1"),
        ("merge", "--quiet", "--no-ff", "--no-edit", "-s", "ours", "another"),
        ("branch", "-D", "another"),
        ("switch", "--quiet", "--orphan", "lonely"),
        ("commit", "--quiet", "--allow-empty", "-m", "unrelated"),
        ("switch", "--quiet", "--detach"),
        ("commit", "--quiet", "--allow-empty", "-m", "detached"),
        ("branch", "-D", "lonely"),
        ("pack-refs", "--all"),
        ("switch", "--quiet", "tip300"),
        ("-c", "gc.reflogExpire=now", "reflog", "expire", "--expire=now", "--all"),
        ("gc", "--quiet", "--prune=now"),
        ("commit", "--quiet", "--allow-empty", "-m", "after gc"),
    ]
    for step in steps:
        many.git(*step)
        rows = list(page(caller).rows)
        assert shown(rows) == told_by_git(many), step
        assert_children_first(rows)


def test_a_head_that_was_pruned_before_anyone_looked_is_no_obstacle(many: Repo) -> None:
    caller = many.caller()
    many.git("switch", "--quiet", "-c", "doomed")
    many.git_commit("doomed")
    page(caller)
    many.git("switch", "--quiet", "tip300")
    many.git("branch", "-D", "doomed")
    many.git("reflog", "expire", "--expire=now", "--all")
    many.git("prune", "--expire=now")
    # What is lost cannot be told any more, so git answers until the index is built anew.
    assert shown(list(page(caller).rows)) == told_by_git(many)
    update_index(many.caller(), None)
    assert page(caller).source == "index"
    assert shown(list(page(caller).rows)) == told_by_git(many)


@pytest.mark.promise("graph.never-twice")
def test_rows_are_never_shown_twice_while_history_moves_between_pages(many: Repo) -> None:
    caller = many.caller()
    seen: list[str] = []
    cursor, turn = None, 0
    while cursor is not None or not turn:
        part = page(caller, cursor, 60)
        seen += [row.git_commit for row in part.rows]
        many.git("branch", "-D", many.git("branch", "--format=%(refname:short)", "--list", "tip*").split()[0])
        many.git_commit(f"meanwhile {turn}")
        page(caller, None, 5)
        cursor, turn = part.next_cursor, turn + 1
    assert len(seen) == len(set(seen))


def test_a_line_to_a_commit_that_is_gone_goes_no_further(repo: Repo) -> None:
    repo.git_commit("main")
    repo.git("switch", "--quiet", "-c", "side", "HEAD~1")
    for nth, message in enumerate(("side", "side, too")):
        date = f"{int(time.time()) + 60 + nth} +0000"
        repo.git("commit", "--quiet", "--allow-empty", "-m", message, GIT_COMMITTER_DATE=date)
    repo.git("switch", "--quiet", "main")
    caller = repo.caller()
    first = page(caller, limit=1)
    assert first.rows[0].subject == "side, too"
    repo.git("branch", "-D", "side")
    page(caller)
    following = page(caller, first.next_cursor)
    assert [row.subject for row in following.rows] == ["main", "first"]
    assert following.open_lanes == ()


def test_many_new_commits_at_once_are_all_shown(many: Repo) -> None:
    caller = many.caller()
    for size, seed in ((30, 8), (250, 9)):
        page(caller)
        fast_import(many, size, seed=seed, skew=True)
        rows = list(page(caller).rows)
        assert shown(rows) == told_by_git(many)
        assert_children_first(rows)


def test_a_warm_page_starts_no_git_process(many: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = many.caller()
    page(caller)
    age(many)
    before = page(caller)

    def refuse(*args: object, **_: object) -> None:
        raise AssertionError(args)

    monkeypatch.setattr(Git, "run", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert page(caller) == before
    assert page(caller, before.next_cursor, 20).rows == before.rows[:20]


@pytest.mark.promise("graph.exact")
def test_a_build_killed_in_the_middle_leaves_an_index_that_the_next_one_completes(make_repo: MakeRepo) -> None:
    repo = make_repo("killed", empty=True)
    fast_import(repo, 120, seed=5)
    program = (
        "import os, sys; from pathlib import Path; from anvcs.actions.caller import Caller; "
        "from anvcs.actions.graph import update_index; from anvcs.history import rows; rows.BATCH = 20; "
        "caller = Caller(cwd=Path(sys.argv[1]), env=dict(os.environ), config_home=Path(sys.argv[2])); "
        "update_index(caller, None, lambda _, percent: os.kill(os.getpid(), 9) if (percent or 0) > 50 else None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, repo.path, repo.config_home], env=repo.env, check=False, timeout=60
    )
    assert done.returncode == -9
    index = RowIndex(repo.path / ".git" / "anvcs" / "cache.db")
    assert index.state().standing is None
    assert index.state().next > 60
    index.close()
    assert update_index(repo.caller(), None)
    assert shown(all_rows(repo.caller())) == told_by_git(repo)


def test_two_processes_may_build_at_once(make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BATCH", 20)
    repo = make_repo("raced", empty=True)
    fast_import(repo, 120, seed=6)
    other = repo.caller()
    calls: list[str] = []

    def meanwhile(message: str, percent: int | None) -> None:
        calls.append(message)
        if percent is not None and len(calls) < 50:
            calls.extend(["once"] * 50)
            update_index(other, None)

    update_index(repo.caller(), None, meanwhile)
    assert shown(all_rows(repo.caller())) == told_by_git(repo)


def test_a_cancelled_build_changes_nothing_that_is_shown(many: Repo) -> None:
    page(many.caller())
    before = all_rows(many.caller())
    many.git("switch", "--quiet", "-c", "more")
    many.git_commit("more")

    def cancel(message: str, percent: int | None) -> None:
        raise CancelledError(f"{message} {percent}")

    with pytest.raises(CancelledError):
        update_index(many.caller(), None, cancel)
    many.git("switch", "--quiet", "tip300")
    many.git("branch", "-D", "more")
    assert all_rows(many.caller()) == before


@pytest.mark.parametrize("damage", [b"x" * 8192, b""])
def test_a_damaged_index_is_built_again(many: Repo, damage: bytes) -> None:
    before = all_rows(many.caller())
    many.close()
    for path in (many.path / ".git" / "anvcs").glob("cache.db*"):
        path.unlink()
    (many.path / ".git" / "anvcs" / "cache.db").write_bytes(damage)
    rows = all_rows(many.caller())
    assert shown(rows) == shown(before)


def test_an_index_deleted_under_an_open_one_is_built_again(many: Repo) -> None:
    caller = many.caller()
    before = page(caller)
    for path in (many.path / ".git" / "anvcs").glob("cache.db*"):
        path.unlink()
    assert page(caller) == before
    assert (many.path / ".git" / "anvcs" / "cache.db").exists()


# What git sees otherwise than commits say


def test_a_shallow_clone_ends_where_git_ends_it_and_goes_on_when_deepened(many: Repo) -> None:
    many.git("clone", "--quiet", "--depth=5", "--no-single-branch", many.path.as_uri(), "../shallow")
    shallow = Repo(many.path.parent / "shallow", many.env, many.config_home)
    shallow.init()
    caller = shallow.caller()
    assert page(caller).source == "index"
    assert shown(all_rows(caller)) == told_by_git(shallow)
    shallow.git("fetch", "--quiet", "--deepen=7")
    assert shown(list(page(caller).rows)) == told_by_git(shallow)
    shallow.git("fetch", "--quiet", "--unshallow")
    assert shown(list(page(caller).rows)) == told_by_git(shallow)
    shallow.close()


@pytest.mark.parametrize("ready", [True, False])
def test_a_replaced_commit_is_shown_as_git_shows_it_under_the_id_of_its_true_bytes(
    make_repo: MakeRepo, *, ready: bool
) -> None:
    repo = make_repo("replaced", init=ready)
    root = repo.head()
    middle = repo.git_commit("middle")
    repo.git_commit("top")
    caller = repo.caller()
    page(caller)
    other = raw_commit(repo, b"R <r@b> 1700000000 +0000", b"replacement\n")
    repo.git("replace", middle, other)
    rows = list(page(caller).rows)
    assert shown(rows) == told_by_git(repo)
    assert root not in shown(rows)
    row = next(row for row in rows if row.git_commit == middle)
    assert row.subject == "replacement"
    true = repo.git_bytes("cat-file", "commit", middle, GIT_NO_REPLACE_OBJECTS="1")
    assert row.commit_id == ids.commit_id(true)
    repo.git("replace", "-d", middle)
    assert shown(list(page(caller).rows)) == told_by_git(repo)
    repo.close()
