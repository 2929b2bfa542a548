"""How merge queues are called and shown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from anvcs import wire
from anvcs.cli.render import proposal as proposals
from anvcs.cli.render.queue import listed, placed, ran
from anvcs.cli.screen import Line, Look
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import B3, GIT, PROPOSAL, PROPOSED

T = 1_795_000_000_000
ENTRY = wire.QueueEntry(proposal=PROPOSED, position=1, actor="human:ada@example.org", time=T)
EVIDENCE = wire.GuardEvidence(
    guard="tests", outcome="failed", milliseconds=1200, output="1 failed\n", actor="human:ada@example.org", time=T
)
LANDED = msgspec.structs.replace(PROPOSED, status="accepted", landed=wire.Landed(operation_id=B3, git_commit=GIT))


def text(lines: Iterable[Line]) -> str:
    return "\n".join("".join(span if isinstance(span, str) else span[0] for span in line.spans) for line in lines)


LOOK = Look(now=T // 1000 + 60)


def test_what_waits_is_shown_under_its_stream() -> None:
    other = msgspec.structs.replace(
        ENTRY, proposal=msgspec.structs.replace(PROPOSED, target="release"), awaits="A vote."
    )
    shown = text(listed(wire.Queue(entries=(ENTRY, other), running=("main",)), LOOK))
    assert "main  running now" in shown
    assert "release\n" in shown
    assert "by human:ada@example.org, " in shown
    assert shown.endswith("A vote.")
    assert text(listed(wire.Queue(), LOOK)) == "No merge proposal waits."


def test_a_place_is_told() -> None:
    assert "waits for main, number 2 in line." in text(placed(wire.QueuePlace(proposal=PROPOSED, position=2)))
    assert "does not wait for main any more." in text(placed(wire.QueuePlace(proposal=PROPOSED, position=0)))


def test_a_proposal_that_waits_says_so() -> None:
    waiting = msgspec.structs.replace(PROPOSED, queued=T)
    assert "in the queue" in text(proposals.listed(wire.Proposals(proposals=(waiting,)), LOOK))
    assert "in the queue" not in text(proposals.listed(wire.Proposals(proposals=(PROPOSED,)), LOOK))
    assert "it waits for main since" in text(proposals.details(msgspec.structs.replace(PROPOSAL, queued=T), LOOK))


def test_what_landed_and_what_left_is_shown_with_the_reason() -> None:
    result = wire.QueueResult(
        target="main",
        landed=(LANDED,),
        blocked=(wire.QueueBlocked(proposal=PROPOSED, reason="It did not pass tests.", evidence=(EVIDENCE,)),),
        waiting=(ENTRY,),
        flaky=(wire.QueueFlake(guard="lint", tree=GIT),),
        tests=3,
        stopped="base",
        base=(EVIDENCE,),
    )
    shown = text(ran(result, LOOK))
    assert shown.startswith("main: 1 merge landed, 3 test runs\n  landed")
    for said in ("It did not pass tests.", "1 failed", "lint failed", "main does not pass its guards itself", "  1."):
        assert said in shown
    moved = msgspec.structs.replace(result, stopped="moved")
    assert "kept moving" in text(ran(moved, LOOK))
    assert text(ran(wire.QueueResult(target="main"), LOOK)) == "No merge proposal waits for main."


def test_a_run_that_left_something_behind_exits_with_1(ai_vcs: CommandLine) -> None:
    left = wire.QueueBlocked(proposal=PROPOSED, reason="No.")
    for result, code in (
        (wire.QueueResult(target="main", landed=(LANDED,)), 0),
        (wire.QueueResult(target="main", blocked=(left,)), 1),
        (wire.QueueResult(target="main", stopped="base", waiting=(ENTRY,)), 1),
    ):
        ai_vcs.answers["queue.run"] = result
        assert ai_vcs("queue", "run", "main", "--batch", "2").code == code
    assert ai_vcs.asked[-1] == wire.QueueRunParams(into="main", batch=2)
