"""Events of merge proposals, what they come to, and what that lets a proposal do."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from anvcs import ids
from anvcs.errors import CorruptStoreError, StoreTooNewError
from anvcs.governance import proposal_events as events
from anvcs.governance.proposal_events import Flaw, Kept, SignedEvent, Voted
from anvcs.governance.proposal_rules import Rules, Status, approvals, obstacles, ran, status
from anvcs.governance.proposals import State, fold
from tests.unit.governance import proposals
from tests.unit.governance.keys import signer
from tests.unit.governance.proposals import ADA, BO, FOO, OTHER, TREE, V1, V2, F, computed, log, resolved, suggested

DANGLING = Flaw(b"g", "dangling", "total is used and was renamed.")
AGAINST = Voted(tree=TREE, choice="reject", reason="It is wrong.")
FOR = Voted(tree=TREE, choice="approve")


def known(event: SignedEvent) -> bool:
    del event
    return True


def judged(state: State, rules: Rules | None = None, *, at_work: bool = False) -> tuple[Status, list[str]]:
    found = obstacles(state, rules or Rules(), known)
    return status(state, found, at_work=at_work), [each.code for each in found]


def test_an_event_is_read_back_as_it_was_signed() -> None:
    for event in log(computed(disputed=(F,), flaws=(DANGLING,)), resolved(1), AGAINST):
        again = events.read(event.content)
        assert again == event
        assert again.id == ids.digest(ids.Domain.PROPOSAL_EVENT, event.content)


def test_an_event_that_was_changed_is_damaged() -> None:
    (opened,) = log()
    raw, signed = _list(opened.content)
    other = raw.replace(b"refs/heads/main", b"refs/heads/mean")
    assert other != raw
    with pytest.raises(CorruptStoreError, match="signature is false"):
        events.read(ids.encode([other, signed]))
    for broken in (b"", ids.encode([raw]), ids.encode([ids.encode({"version": 1}), signed])):
        with pytest.raises(CorruptStoreError):
            events.read(broken)


def test_an_event_of_a_newer_kind_is_not_misread() -> None:
    (opened,) = log()
    raw, signed = _list(opened.content)
    value = ids.decode(raw)
    assert isinstance(value, dict)
    with pytest.raises(StoreTooNewError, match="version 2"):
        events.read(ids.encode([ids.encode({**value, "version": 2}), signed]))


def _list(content: bytes) -> list[bytes]:
    found = ids.decode(content)
    assert isinstance(found, list)
    return [part for part in found if isinstance(part, bytes)]


def test_a_log_with_a_link_missing_is_refused() -> None:
    whole = log(computed(), AGAINST)
    assert fold(whole).count == 3
    for broken in (whole[1:], [whole[0], whole[2]], [whole[0], whole[0]], []):
        with pytest.raises(CorruptStoreError):
            fold(broken)


def test_a_file_is_resolved_once_all_its_conflicts_are() -> None:
    state = fold(log(computed(disputed=(F,)), resolved(2)))
    assert judged(state) == ("blocked", ["conflict"])
    state = fold(log(computed(disputed=(F,)), resolved(2), resolved(2), resolved(1, tree=OTHER)))
    assert judged(state) == ("ready", [])
    assert state.tree == OTHER


def test_a_file_that_can_only_be_decided_whole_is_decided_whole() -> None:
    whole = events.Disputed(b"f", V1, 0)
    assert judged(fold(log(computed(disputed=(whole,)))))[0] == "blocked"
    assert judged(fold(log(computed(disputed=(whole,)), resolved())))[0] == "ready"


def test_the_last_word_about_a_file_counts() -> None:
    # A conflict decided after the whole file begins anew.
    state = fold(log(computed(disputed=(F,)), resolved(1), resolved(), resolved(2)))
    assert judged(state)[0] == "blocked"
    found = state.resolution(b"f")
    assert found is not None
    assert found.parts.keys() == {2}


def test_a_decision_counts_where_a_revision_says_that_it_fits() -> None:
    begun = (computed(disputed=(F,)), resolved())
    kept = computed(2, OTHER, disputed=(F,), kept=(Kept(b"f", V1),))
    changed = computed(2, OTHER, disputed=(events.Disputed(b"f", V2, 2),))
    assert judged(fold(log(*begun, kept)))[0] == "ready"
    assert judged(fold(log(*begun, changed)))[0] == "blocked"
    # And it is remembered while it does not fit.
    state = fold(log(*begun, changed, computed(3, disputed=(F,), kept=(Kept(b"f", V1),))))
    assert judged(state)[0] == "ready"
    assert state.revision == 3


def test_a_hard_finding_blocks_unless_somebody_replaced_the_text() -> None:
    found = fold(log(computed(flaws=(DANGLING,))))
    assert judged(found) == ("blocked", ["unsafe"])
    assert "total is used and was renamed" in obstacles(found, Rules(), known)[0].message
    assert judged(fold(log(computed(flaws=(DANGLING,)), resolved(path=b"g"))))[0] == "ready"
    again = Flaw(b"g", "syntax", "It cannot be read.")
    assert judged(fold(log(computed(flaws=(DANGLING,)), resolved(path=b"g", flaws=(again,)))))[1] == ["unsafe"]


def test_what_is_found_in_the_last_conflict_decided_counts() -> None:
    again = Flaw(b"f", "syntax", "It cannot be read.")
    old = Flaw(b"f", "duplicate", "total is defined twice.")
    begun = (computed(disputed=(F,), flaws=(old,)), resolved(1, flaws=(again,)))
    assert [each.kind for each in fold(log(*begun)).flaws()] == ["duplicate"]
    assert fold(log(*begun, resolved(2))).flaws() == ()
    assert [each.kind for each in fold(log(*begun, resolved(2, flaws=(again,)))).flaws()] == ["syntax"]


def test_evidence_counts_for_the_tree_it_is_about() -> None:
    rules = Rules(guards=("tests", "types"))
    assert judged(fold(log(computed())), rules) == ("open", ["guard-missing"])
    passed = proposals.ran(("tests", "passed"), ("types", "passed"))
    assert judged(fold(log(computed(), passed)), rules) == ("ready", [])
    elsewhere = proposals.ran(("tests", "passed"), ("types", "passed"), tree=OTHER)
    assert judged(fold(log(computed(), elsewhere)), rules) == ("open", ["guard-missing"])
    assert judged(fold(log(computed(), passed, computed(2, OTHER))), rules) == ("open", ["guard-missing"])
    assert judged(fold(log(computed(), passed, computed(2, OTHER), computed(3))), rules) == ("ready", [])


@pytest.mark.parametrize("outcome", ["failed", "timed-out", "error"])
def test_only_passing_passes(outcome: events.Outcome) -> None:
    rules = Rules(guards=("tests",))
    bad = fold(log(computed(), proposals.ran(("tests", "passed")), proposals.ran(("tests", outcome))))
    assert judged(bad, rules) == ("blocked", ["guard-failed"])
    better = fold(log(computed(), proposals.ran(("tests", outcome)), proposals.ran(("tests", "passed"))))
    assert judged(better, rules) == ("ready", [])


def test_a_run_that_was_cancelled_is_none() -> None:
    rules = Rules(guards=("tests",))
    assert judged(fold(log(computed(), proposals.ran(("tests", "cancelled")))), rules) == ("open", ["guard-missing"])
    before = fold(log(computed(), proposals.ran(("tests", "passed")), proposals.ran(("tests", "cancelled"))))
    assert judged(before, rules) == ("ready", [])


def test_a_guard_that_need_not_pass_blocks_nothing() -> None:
    state = fold(log(computed(), proposals.ran(("lint", "failed"), required=False)))
    assert judged(state) == ("ready", [])
    assert judged(state, Rules(guards=("lint",))) == ("blocked", ["guard-failed"])
    assert ran(state)["lint"].outcome == "failed"


def test_guards_are_not_awaited_while_files_are_in_conflict() -> None:
    state = fold(log(computed(disputed=(F,))))
    assert judged(state, Rules(guards=("tests",))) == ("blocked", ["conflict"])


def test_approvals_are_those_of_other_people_for_this_result() -> None:
    rules = Rules(approvals=1)
    for voter in (ADA, FOO):
        assert judged(fold(log(computed(), (voter, FOR))), rules) == ("open", ["approvals"])
    state = fold(log(computed(), (BO, FOR)))
    assert judged(state, rules) == ("ready", [])
    assert obstacles(state, rules, lambda _: False)
    moved = fold(log(computed(), (BO, FOR), computed(2, OTHER)))
    assert judged(moved, rules) == ("open", ["approvals"])
    assert judged(moved, replace(rules, keep_approvals=True)) == ("ready", [])
    assert len(approvals(moved, replace(rules, keep_approvals=True), known)) == 1


def test_an_objection_stands_until_its_voter_says_otherwise() -> None:
    begun = (computed(), (FOO, AGAINST), computed(2, OTHER))
    assert judged(fold(log(*begun))) == ("blocked", ["vote-against"])
    for choice in ("approve", "withdraw"):
        other = Voted(tree=OTHER, choice=choice)
        assert judged(fold(log(*begun, (FOO, other)))) == ("ready", [])
        assert judged(fold(log(*begun, (BO, other))))[0] == "blocked"
    # A key that nobody knows objects to nothing.
    assert obstacles(fold(log(*begun)), Rules(), lambda _: False) == ()


def test_it_is_checking_only_while_who_checks_lives() -> None:
    state = fold(log(computed(), events.Checking(tree=TREE, guards=("tests",))))
    rules = Rules(guards=("tests",))
    assert judged(state, rules, at_work=True)[0] == "checking"
    assert judged(state, rules, at_work=False)[0] == "open"
    ended = fold(log(computed(), events.Checking(tree=TREE, guards=("tests",)), proposals.ran(("tests", "passed"))))
    assert judged(ended, rules, at_work=True)[0] == "ready"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (events.Rejected(reason="No."), "rejected"),
        (events.Superseded(reason="main has it."), "superseded"),
        (events.Accepted(tree=TREE, commit="4" * 40, operation=b"o" * 32), "accepted"),
    ],
)
def test_what_has_ended_stays_as_it_ended(what: events.AnyEvent, expected: str) -> None:
    ended = fold(log(computed(), what))
    assert judged(ended)[0] == expected
    later = fold(log(computed(), what, AGAINST, events.Rejected(reason="Later."), computed(2, OTHER)))
    assert judged(later)[0] == expected
    assert (later.reason, later.tree) == (ended.reason, ended.tree)


def test_a_landing_that_nobody_finished_is_seen() -> None:
    landing = events.Landing(tree=TREE, target="1" * 40, commit="4" * 40)
    assert fold(log(computed(), landing)).landed == landing
    assert fold(log(computed(), landing, events.Released(reason="It died."))).landing is None


def test_asking_again_otherwise_has_it_worked_out_anew() -> None:
    same = fold(log(computed(), events.Restated(message="m", fast_forward=True)))
    assert (same.opened.message, same.stale) == ("m", False)
    other = events.Restated(message=None, fast_forward=False)
    assert fold(log(computed(), other)).stale
    assert not fold(log(computed(), other, computed(2))).stale


def test_an_event_is_signed_by_who_acts() -> None:
    (opened,) = log()
    assert opened.body.by == ADA
    assert opened.body.signed_by == signer(ADA).public_key


def test_what_is_found_between_files_is_that_of_the_newest_result() -> None:
    between = Flaw(b"a", "dangling", "total is gone from b.", other=b"b")
    soft = Flaw(b"a", "vanished", "net is used once more.", severity="soft")
    begun = msgspec.structs.replace(computed(), between=(between, soft))
    assert judged(fold(log(begun))) == ("blocked", ["unsafe"])
    # Deciding the file itself does not settle it: another look does.
    blind = resolved(path=b"a")
    assert fold(log(begun, blind)).flaws() == (between,)
    seen = msgspec.structs.replace(resolved(path=b"b"), between=(soft,))
    assert judged(fold(log(begun, seen))) == ("ready", [])
    assert fold(log(begun, seen)).between == (soft,)
    assert fold(log(begun, seen, begun)).flaws() == (between,)


@pytest.mark.promise("assist.suggests-only")
def test_a_suggestion_decides_nothing() -> None:
    before = fold(log(computed(disputed=(F,))))
    after = fold(log(computed(disputed=(F,)), (FOO, suggested())))
    assert (after.tree, after.unresolved(), after.taken()) == (before.tree, before.unresolved(), ())
    assert judged(after) == judged(before)


def test_the_newest_suggestion_for_just_this_conflict_counts() -> None:
    found = log(computed(disputed=(F,)), suggested(), suggested(text=None), suggested(2), suggested(sides=V2))
    state = fold(found)
    assert state.suggested(b"f", V1, 1, V1) == found[3]
    assert state.suggested(b"f", V1, 1, V2) == found[5]
    for other in ((b"g", V1, 1, V1), (b"f", V2, 1, V1), (b"f", V1, 3, V1)):
        assert state.suggested(*other) is None


def test_what_was_taken_is_what_the_result_has() -> None:
    asked = (computed(disputed=(F,)), suggested(), suggested(2))
    _, _, one, two = log(*asked)
    takes = [
        msgspec.structs.replace(resolved(number), take="suggestion", suggestion=made.id)
        for number, made in ((1, one), (2, two))
    ]
    whole = (*asked, (BO, takes[0]), takes[1])
    state = fold(log(*whole))
    assert [(each.suggested.conflict, each.decision.body.by) for each in state.taken()] == [(1, BO), (2, ADA)]
    # What somebody decides afterwards takes its place.
    assert [each.suggested.conflict for each in fold(log(*whole, resolved(2))).taken()] == [1]
    assert fold(log(*whole, resolved())).taken() == ()
