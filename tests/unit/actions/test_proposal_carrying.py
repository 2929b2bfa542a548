"""Decisions about conflicts that come back: in later revisions, and in later proposals for the same streams."""

from __future__ import annotations

from typing import Any

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.actions.proposal.book import open_book
from anvcs.governance.proposal_events import Resolved
from tests.conftest import Repo
from tests.merging import BASE, accept, apart, conflicting, merge, proposed, reject, resolve, show

OURS = BASE.replace("two", "two ours").replace("nine", "nine ours")
THEIRS = BASE.replace("two", "two theirs").replace("nine", "nine theirs")


def on(repo: Repo, stream: str, text: str | None, *, path: str = "f") -> None:
    """Go on with a stream, and come back."""
    repo.git("switch", "--quiet", stream)
    if text is None:
        repo.git("rm", "--quiet", path)
    else:
        repo.write(path, text)
    repo.git_commit(f"go on with {stream}")
    repo.git("switch", "--quiet", "main")


def told(it: wire.Proposal, path: str = "f") -> list[tuple[str, bool] | None]:
    """How each conflict of a file is decided, and whether that was carried over."""
    (file,) = [each for each in it.files if each.path == path]
    return [
        (each.resolved.take, each.resolved.carried_from is not None) if each.resolved is not None else None
        for each in file.conflicts
    ]


@pytest.mark.promise("proposals.carried")
@pytest.mark.parametrize(("stream", "before"), [("main", OURS), ("login", THEIRS)])
def test_a_decision_stays_with_its_conflict_when_the_file_changes_around_it(
    repo: Repo, stream: str, before: str
) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="right")
    first = resolve(repo, "f", conflict=2, text="mine")
    on(repo, stream, "a\nb\n" + before.replace("5\n", "5\n5b\n"))
    seen = show(repo)
    it = seen.proposal
    assert (it.revision, it.status, told(it)) == (2, "ready", [("right", True), ("text", True)])
    (resolved,) = [each.resolved for each in it.files[0].conflicts if each.number == 2]
    (decided,) = [each.resolved for each in first.files[0].conflicts if each.number == 2]
    assert resolved is not None
    assert decided is not None
    assert (resolved.actor, resolved.time, resolved.carried_from) == (decided.actor, decided.time, it.proposal_id)
    assert [each for each in seen.notices if "carried over" in each] == [
        f"2 decisions are carried over, since the conflict is the same: by {decided.actor}."
    ]
    accept(repo)
    text = repo.read("f").decode()
    assert "a\nb\none\ntwo theirs\n" in text
    assert "5\n5b\n" in text
    assert "8\nmine\nten\n" in text


@pytest.mark.promise("proposals.carried")
@pytest.mark.parametrize(
    ("stream", "text"),
    [
        ("main", OURS.replace("two ours", "two of ours")),
        ("login", THEIRS.replace("two theirs", "two of theirs")),
        ("main", OURS.replace("two ours", "two ours ")),
    ],
)
def test_a_decision_is_not_carried_where_a_side_differs(repo: Repo, stream: str, text: str) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    resolve(repo, "f", conflict=2, take="left")
    on(repo, stream, text)
    assert told(show(repo).proposal) == [None, ("left", True)]


def test_a_decision_is_not_carried_where_the_base_differs(repo: Repo) -> None:
    """Both sides say again what they said, of a line that has become another one."""
    conflicting(repo)
    it = proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    resolve(repo, "f", conflict=2, take="left")
    repo.git("reset", "--quiet", "--hard", "main~1")
    repo.write("f", BASE.replace("two", "2"))
    repo.git_commit("another base")
    repo.git("branch", "--quiet", "--force", "login", "main")
    on(repo, "login", THEIRS)
    repo.write("f", OURS)
    repo.git_commit("ours again")
    now = show(repo, it.proposal_id).proposal
    assert told(now) == [None, ("left", True)]


@pytest.mark.promise("proposals.carried")
def test_a_new_proposal_for_the_same_streams_has_the_decisions_of_one_that_was_rejected(repo: Repo) -> None:
    conflicting(repo)
    old = proposed(repo)
    first = resolve(repo, "f", conflict=2, take="both")
    decided = first.files[0].conflicts[1].resolved
    assert decided is not None
    reject(repo)
    result = merge(repo)
    it = result.proposal
    assert it is not None
    assert it.proposal_id != old.proposal_id
    assert told(it) == [None, ("both", True)]
    resolved = it.files[0].conflicts[1].resolved
    assert resolved is not None
    assert (resolved.actor, resolved.carried_from) == (decided.actor, old.proposal_id)
    assert f"in proposal {old.proposal_id[3:11]}" in " ".join(result.notices)


def test_what_was_carried_names_the_first_decision_however_often(repo: Repo) -> None:
    conflicting(repo)
    old = proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    reject(repo)
    proposed(repo)
    on(repo, "main", "a\n" + OURS)
    show(repo)
    reject(repo)
    it = proposed(repo)
    resolved = it.files[0].conflicts[0].resolved
    assert resolved is not None
    assert resolved.carried_from == old.proposal_id


def test_what_was_carried_is_an_event_that_names_the_decision(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    on(repo, "main", "a\n" + OURS)
    it = show(repo).proposal
    book = open_book(repo.caller().workspace(None))
    decided, carried = [
        each for each in book.events(bytes.fromhex(it.proposal_id[3:])) if isinstance(each.what, Resolved)
    ]
    assert isinstance(carried.what, Resolved)
    assert carried.what.carried is not None
    assert (carried.what.carried.event, carried.what.carried.by) == (decided.id, decided.body.by)
    assert isinstance(decided.what, Resolved)
    assert decided.what.carried is None


@pytest.mark.promise("proposals.carried")
def test_a_carried_decision_can_be_changed_and_the_change_is_what_is_carried_next(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    on(repo, "main", "a\n" + OURS)
    show(repo)
    assert told(resolve(repo, "f", conflict=1, take="right")) == [("right", False), None]
    on(repo, "main", "b\n" + OURS)
    assert told(show(repo).proposal) == [("right", True), None]


def test_a_decision_about_the_whole_file_takes_back_those_about_its_conflicts(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    resolve(repo, "f", text="whole\n")
    on(repo, "main", "a\n" + OURS)
    assert told(show(repo).proposal) == [None, None]


@pytest.mark.promise("proposals.carried")
@pytest.mark.parametrize("fields", [{"delete": True}, {"take": "left"}, {"text": "mine\n"}])
def test_a_whole_file_that_one_side_removed_stays_decided_in_the_next_proposal(
    repo: Repo, fields: dict[str, Any]
) -> None:
    apart(repo, ours=OURS)
    on(repo, "login", None)
    old = proposed(repo)
    (file,) = resolve(repo, "f", **fields).files
    reject(repo)
    on(repo, "login", "more\n", path="another")
    it = proposed(repo)
    (again,) = it.files
    assert again.resolved is not None
    assert (again.resolved.carried_from, again.result) == (old.proposal_id, file.result)
    assert it.status == "ready"
    reject(repo)
    repo.write("f", OURS + "changed\n")
    repo.git_commit("changed")
    assert proposed(repo).files[0].resolved is None


def test_votes_and_evidence_are_not_carried(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", take="left", whole=True)
    call(repo.caller(), wire.PROPOSAL_VOTE, wire.ProposalVoteParams(choice="approve"))
    reject(repo)
    it = proposed(repo)
    assert it.votes == ()
    assert it.files[0].resolved is not None


def alike(word: str, at: tuple[int, ...] = (5, 20)) -> str:
    """Thirty lines, of which two are the same; a side changes those ``at`` some places."""
    lines = ["same" if number in (5, 20) else str(number) for number in range(30)]
    return "".join(f"{word if number in at else each}\n" for number, each in enumerate(lines))


@pytest.mark.promise("proposals.carried")
@pytest.mark.parametrize(("before", "later"), [((5, 20), (5, 20)), ((5, 20), (5,)), ((5,), (5, 20))])
def test_conflicts_that_nobody_can_tell_apart_are_decided_anew(
    repo: Repo, before: tuple[int, ...], later: tuple[int, ...]
) -> None:
    repo.write("f", alike("same"))
    repo.git_commit("base")
    repo.git("branch", "login")
    on(repo, "login", alike("theirs"))
    repo.write("f", alike("ours", before))
    repo.git_commit("ours")
    proposed(repo)
    for number, take in enumerate(("left", "right")[: len(before)], 1):
        resolve(repo, "f", conflict=number, take=take)
    on(repo, "main", "a\n" + alike("ours", later))
    assert told(show(repo).proposal) == [None] * len(later)


def test_another_source_or_target_has_decisions_of_its_own(repo: Repo) -> None:
    conflicting(repo)
    repo.git("branch", "search", "login")
    repo.git("branch", "release", "main")
    proposed(repo)
    resolve(repo, "f", take="left")
    reject(repo)
    assert proposed(repo, "search").files[0].resolved is None
    assert proposed(repo, into="release").files[0].resolved is None


def test_a_text_at_the_end_of_the_file_gets_a_line_end_where_something_follows(repo: Repo) -> None:
    repo.git("config", "merge.conflictStyle", "zdiff3")
    ours, theirs = BASE.replace("ten", "ten ours"), BASE.replace("ten", "ten theirs")
    apart(repo, ours=ours, theirs=theirs)
    proposed(repo)
    resolve(repo, "f", conflict=1, text="mine")
    on(repo, "main", ours + "more\n")
    on(repo, "login", theirs + "more\n")
    it = show(repo).proposal
    assert told(it) == [("text", True)]
    assert repo.git("cat-file", "-p", f"{it.tree}:f").endswith("nine\nmine\nmore")


def test_a_merge_that_was_taken_back_is_decided_as_before(repo: Repo) -> None:
    conflicting(repo)
    proposed(repo)
    resolve(repo, "f", conflict=1, take="left")
    resolve(repo, "f", conflict=2, take="right")
    accept(repo)
    call(repo.caller(), wire.UNDO, wire.UndoParams())
    it = proposed(repo)
    assert (it.status, told(it)) == ("ready", [("left", True), ("right", True)])


def test_a_proposal_in_the_queue_lands_with_decisions_that_are_carried_over_on_the_way(repo: Repo) -> None:
    conflicting(repo)
    repo.git("switch", "--quiet", "-c", "search")
    repo.write("f", "first\n" + OURS)
    repo.git_commit("search")
    repo.git("switch", "--quiet", "main")
    login, search = proposed(repo), proposed(repo, "search")
    resolve(repo, "f", login.proposal_id, conflict=1, take="right")
    resolve(repo, "f", login.proposal_id, conflict=2, take="right")
    for each in (search, login):
        call(repo.caller(), wire.QUEUE_ADD, wire.QueueAddParams(proposal=each.proposal_id))
    call(repo.caller(), wire.QUEUE_RUN, wire.QueueRunParams())
    assert repo.read("f").decode() == "first\n" + THEIRS


def test_a_given_text_that_defines_something_twice_is_not_safe_though_no_side_touched_that(repo: Repo) -> None:
    function = "def f():\n    return 1\n\n\n"
    repo.write("a.py", function + "x = 1\n")
    repo.git_commit("base")
    repo.git("branch", "login")
    on(repo, "login", function + "x = 2\n", path="a.py")
    repo.write("a.py", function + "x = 3\n")
    repo.git_commit("ours")
    proposed(repo)
    it = resolve(repo, "a.py", text=function + function.replace("1", "4") + "x = 3\n")
    assert (it.status, [each.kind for each in it.findings]) == ("blocked", ["duplicate"])
    on(repo, "main", "login\n", path="other")
    assert [each.kind for each in show(repo).proposal.findings] == ["duplicate"]
