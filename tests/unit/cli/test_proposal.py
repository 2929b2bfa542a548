"""How merges and proposals are called and shown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from anvcs import wire
from anvcs.cli.render.assist import assisted
from anvcs.cli.render.proposal import accepted, details, listed, merged, rejected, resolved, voted
from anvcs.cli.screen import Line, Look
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import ASSISTED, B3, GIT, PROPOSAL, PROPOSED, SUGGESTION

T = 1_795_000_000_000
BO = "human:bo@example.org"
CONFLICTED = wire.MergeFile(
    path="src/app.py",
    how="conflict",
    reason="Both sides changed it.",
    open=True,
    conflicts=(
        wire.MergeConflict(
            number=1,
            line=12,
            end_line=20,
            entity="class Basket > total",
            reason="Both changed it.",
            left="    return 2\n",
            right="    a\n\n    b\n    c\n    d\n    e\n",
        ),
        wire.MergeConflict(number=2, line=0, resolved=wire.Resolution(take="left", actor=BO, time=T)),
        wire.MergeConflict(number=3, line=40, end_line=46),
    ),
)
FILES = (
    CONFLICTED,
    wire.MergeFile(
        path="old.py", how="conflict", kind="modify/delete", reason="main changed it, login removed it.", open=True
    ),
    wire.MergeFile(path="gone.py", how="conflict", resolved=wire.Resolution(take="delete", actor="agent:foo", time=T)),
    wire.MergeFile(path="a.py", how="git"),
    wire.MergeFile(path="b.py", how="git"),
    wire.MergeFile(
        path="c.py",
        how="engine",
        trace=(
            wire.MergeStep(stage="entity", rule="imports", line=1),
            wire.MergeStep(stage="lines", rule="", line=2),
            wire.MergeStep(stage="order-free", rule="", line=3),
        ),
    ),
)
BLOCKED = msgspec.structs.replace(
    PROPOSAL,
    status="blocked",
    clean=False,
    safe=False,
    conflicts=2,
    files=FILES,
    findings=(
        wire.MergeFinding(path="b.py", kind="dangling", message="total is gone.", severity="hard", line=4),
        wire.MergeFinding(path="c.py", kind="vanished", message="net is used once more.", severity="soft"),
    ),
    evidence=(
        wire.GuardEvidence(guard="types", outcome="passed", milliseconds=1500, cached=True, actor=BO, time=T),
        wire.GuardEvidence(
            guard="tests", outcome="failed", milliseconds=8300, output="x\n1 failed\n", actor=BO, time=T
        ),
    ),
    votes=(
        wire.ProposalVote(actor=BO, choice="reject", tree="8" * 40, counts=True, reason="No retry.", time=T),
        wire.ProposalVote(actor="agent:foo", choice="approve", tree="7" * 40, counts=False, time=T),
    ),
    obstacles=(
        wire.ProposalObstacle(code="conflict", message="2 files in conflict need a decision.", can_be_forced=False),
        wire.ProposalObstacle(code="approvals", message="1 more person must approve.", waits=True),
    ),
    next=("ai-vcs proposal resolve 7d7d7d7d src/app.py --take left|right|both",),
)
LANDED = msgspec.structs.replace(
    PROPOSAL,
    status="accepted",
    files=FILES[2:],
    landed=wire.Landed(operation_id=B3, git_commit=GIT, commit_id=B3),
    next=(),
)


def plain(lines: Iterable[Line]) -> list[str]:
    return [each.plain() for each in lines]


def test_a_proposal_says_who_decided_what_and_what_is_next() -> None:
    assert plain(details(BLOCKED, Look())) == [
        "Proposal 7d7d7d7d  login into main  blocked",
        "  by         human:ada@example.org, 2026-11-18 11:06:40, revision 1",
        "  result     tree 88888888, 3 files changed, 2 files in conflict",
        "  conflict   src/app.py",
        "             1. line 12, class Basket > total: Both changed it.",
        "                main  |     return 2",
        "                login |     a",
        "                      |     b",
        "                      |     c",
        "                      |     d",
        "                      | and 1 line more",
        "             2. the target's by human:bo@example.org",
        "             3. line 40",
        "                main  | (nothing)",
        "                login | (nothing)",
        "  conflict   old.py (modify/delete)",
        "             main changed it, login removed it.",
        "  resolved   gone.py: removed by agent:foo",
        "  merged by git: a.py, b.py",
        "  merged by syntax: c.py (imports, order-free)",
        "  unsafe     b.py:4: total is gone.",
        "  look at    c.py: net is used once more.",
        "  passed     types (1.5 s, from before)",
        "  failed     tests (8.3 s)",
        "             x",
        "             1 failed",
        "  rejects    human:bo@example.org: No retry.",
        "  approves   agent:foo (not for this result)",
        "  blocked    2 files in conflict need a decision.",
        "  awaited    1 more person must approve.",
        "  next       ai-vcs proposal resolve 7d7d7d7d src/app.py --take left|right|both",
        "             left is main, right is login; --file gives another text",
    ]


def test_a_version_of_a_whole_file_is_told_from_one_of_its_conflicts() -> None:
    whole = msgspec.structs.replace(
        CONFLICTED, open=False, conflicts=(), resolved=wire.Resolution(take="left", actor=BO, time=T)
    )
    lines = plain(details(msgspec.structs.replace(BLOCKED, files=(whole,)), Look()))
    assert f"  resolved   src/app.py: the target's whole file by {BO}" in lines


def test_a_merge_that_is_ready_is_short() -> None:
    assert plain(merged(wire.MergeResult(outcome="proposed", target="main", proposal=PROPOSAL), Look())) == [
        "Proposal 7d7d7d7d  login into main  ready",
        "  by         human:ada@example.org, 2026-11-18 11:06:40, revision 1",
        "  result     tree 88888888, 3 files changed",
        "  next       ai-vcs proposal accept 7d7d7d7d",
        "             ai-vcs proposal reject 7d7d7d7d",
    ]
    forward = msgspec.structs.replace(PROPOSAL, fast_forward=True)
    assert "main only moves on" in plain(details(forward, Look()))[2]


def test_what_there_is_nothing_to_merge_of_is_one_line() -> None:
    assert plain(merged(wire.MergeResult(outcome="up-to-date", target="main"), Look())) == [
        "main has all of it already; there is nothing to merge."
    ]


def test_what_kept_it_from_landing_comes_last() -> None:
    problem = wire.Problem(code="stream", message="main is checked out in /x.", way_out="Do it there.")
    result = wire.MergeResult(outcome="proposed", target="main", proposal=PROPOSAL, refused=problem)
    assert plain(merged(result, Look()))[-3:] == ["", "It did not land: main is checked out in /x.", "  Do it there."]


def test_a_landed_merge_says_where_it_is_and_how_it_goes_back() -> None:
    assert plain(accepted(LANDED, ["src/app.py"])) == [
        "main is at 1a2b3c4d: login merged (3 files; 1 by syntax, 2 by git, 1 by hand)",
        f"  commit     {B3}",
        "  proposal   7d7d7d7d",
        f"  operation  {B3}",
        "  changed    src/app.py",
        "  reversible ai-vcs undo takes it back",
    ]
    on = wire.Landed(operation_id=B3, git_commit=GIT)
    forward = msgspec.structs.replace(LANDED, files=(), fast_forward=True, landed=on)
    assert plain(accepted(forward, []))[0] == "main is at 1a2b3c4d: login moved on (3 files)"
    back = msgspec.structs.replace(
        LANDED, landed=wire.Landed(operation_id=B3, git_commit=GIT, commit_id=B3, taken_back=True)
    )
    assert "  landed     1a2b3c4d, which is not there any more" in plain(details(back, Look()))


def test_proposals_are_a_line_each() -> None:
    assert plain(listed(wire.Proposals(), Look())) == ["No merge proposal is open."]
    moved = msgspec.structs.replace(PROPOSED, moved=True, obstacles=BLOCKED.obstacles, status="blocked")
    over = msgspec.structs.replace(PROPOSED, status="rejected", reason="Not now.")
    gone = msgspec.structs.replace(
        PROPOSED, status="accepted", landed=wire.Landed(operation_id=B3, git_commit=GIT, taken_back=True)
    )
    assert plain(listed(wire.Proposals(proposals=(PROPOSED, moved, over, gone)), Look())) == [
        "7d7d7d7d  ready       login into main  2026-11-18 11:06:40",
        "7d7d7d7d  blocked     login into main  moved since  2026-11-18 11:06:40  2 files in conflict need a decision.",
        "7d7d7d7d  rejected    login into main  2026-11-18 11:06:40  Not now.",
        "7d7d7d7d  accepted    login into main  2026-11-18 11:06:40  main does not have it any more",
    ]
    assert plain(listed(wire.Proposals(proposals=(PROPOSED,)), Look(now=T // 1000 + 7200)))[0].endswith("2 hours ago")


def test_a_decision_shows_the_file_and_what_is_left() -> None:
    lines = plain(resolved(BLOCKED, "src/app.py", Look()))
    assert lines[0] == "  conflict   src/app.py"
    assert "Still in conflict: old.py" in lines
    assert lines[-2].startswith("  next")


def test_a_suggestion_shows_its_text_its_reason_and_how_to_take_it() -> None:
    unsafe = msgspec.structs.replace(
        SUGGESTION,
        safe=False,
        findings=(wire.MergeFinding(path="a", kind="lost", message="Edits are lost: x.", severity="hard"),),
    )
    open_end = msgspec.structs.replace(SUGGESTION, text=None, rationale="Ask both.", safe=False)
    problem = wire.Problem(code="assist-conflict", message="old.py has no conflict in its text.")
    result = wire.ProposalAssisted(
        proposal=PROPOSAL,
        asked=(
            ASSISTED,
            wire.Assisted(path="a", conflict=2, suggestion=unsafe, reused=True),
            wire.Assisted(path="b", conflict=1, suggestion=open_end),
            wire.Assisted(path="c", conflict=1, suggestion=SUGGESTION, applied=True),
            wire.Assisted(path="old.py", problem=problem),
        ),
        not_applied="Not all of it is safe.",
    )
    assert plain(assisted(result, Look())) == [
        "src/app.py, conflict 1: small-1 at https://api.example.com",
        "  suggests   |     return 2",
        "  because    Both want it.",
        "  safe       guards of single files find nothing in it",
        "  next       ai-vcs proposal resolve 7d7d7d7d src/app.py --conflict 1 --take suggestion",
        "a, conflict 2: small-1 at https://api.example.com, asked before",
        "  suggests   |     return 2",
        "  because    Both want it.",
        "  unsafe     Edits are lost: x.",
        "  next       ai-vcs proposal resolve 7d7d7d7d a --conflict 2 --take suggestion",
        "b, conflict 1: small-1 at https://api.example.com",
        "  undecided  Ask both.",
        "c, conflict 1: small-1 at https://api.example.com",
        "  suggests   |     return 2",
        "  because    Both want it.",
        "  safe       guards of single files find nothing in it",
        "  applied    as the team's settings say",
        "old.py: old.py has no conflict in its text.",
        "  left       Nothing was applied. Not all of it is safe.",
    ]


def test_a_conflict_shows_what_is_suggested_and_who_took_it() -> None:
    taken = wire.Resolution(take="suggestion", actor=BO, time=T, model="small-1", by_policy=True)
    conflicts = (
        wire.MergeConflict(number=1, line=1, left="a\n", right="b\n", suggestion=SUGGESTION),
        wire.MergeConflict(number=2, line=0, resolved=taken),
    )
    file = msgspec.structs.replace(CONFLICTED, conflicts=conflicts)
    lines = plain(details(msgspec.structs.replace(BLOCKED, files=(file,)), Look()))
    assert "                small-1 suggests a text: Both want it." in lines
    assert "             2. a suggestion of small-1 by human:bo@example.org, by policy" in lines


def test_a_prompt_is_printed_as_it_would_be_sent(ai_vcs: CommandLine) -> None:
    messages = (
        wire.PromptMessage(role="system", content="Merge.\nNow."),
        wire.PromptMessage(role="user", content="{}"),
    )
    prompt = wire.AssistPrompt(messages=messages, prompt_hash=B3, size=14, redacted=1)
    asked = (wire.Assisted(path="a", conflict=1, prompt=prompt),)
    ai_vcs.answers["proposal.assist"] = wire.ProposalAssisted(proposal=PROPOSAL, asked=asked)
    done = ai_vcs("proposal", "assist", "login", "a", "--conflict", "1", "--show-prompt")
    assert done.out.splitlines() == [
        f"a, conflict 1: 14 bytes, 1 secret taken out, {B3}",
        "--- system",
        "Merge.",
        "Now.",
        "--- user",
        "{}",
    ]
    assert (done.code, done.err) == (0, "Nothing was sent: no language model is set up here.\n")
    assert ai_vcs.asked == [
        wire.ProposalAssistParams(proposal="login", path="a", conflict=1, show_prompt=True),
    ]


def test_without_a_suggestion_the_command_says_so_with_its_exit_code(ai_vcs: CommandLine) -> None:
    nothing = msgspec.structs.replace(SUGGESTION, text=None)
    asked = (ASSISTED, wire.Assisted(path="a", conflict=1, suggestion=nothing))
    ai_vcs.answers["proposal.assist"] = wire.ProposalAssisted(proposal=PROPOSAL, asked=asked)
    assert ai_vcs("proposal", "assist").code == 1
    ai_vcs.answers["proposal.assist"] = wire.ProposalAssisted(proposal=PROPOSAL, asked=asked[:1])
    assert ai_vcs("proposal", "assist", "--check", "--fresh").code == 0
    assert ai_vcs.asked[-1] == wire.ProposalAssistParams(check=True, fresh=True)


def test_votes_and_rejections_are_short() -> None:
    assert plain(voted(PROPOSAL, "approve"))[0] == "Proposal 7d7d7d7d is approved of, tree 88888888."
    assert plain(voted(PROPOSAL, "reject"))[0] == "Proposal 7d7d7d7d is objected to, tree 88888888."
    assert plain(rejected(PROPOSAL)) == ["Proposal 7d7d7d7d is rejected; login and main stay as they are."]


@pytest.mark.parametrize(
    ("words", "sources", "into"),
    [
        (["login"], ("login",), None),
        (["login", "into", "main"], ("login",), "main"),
        (["a", "b", "into", "main"], ("a", "b"), "main"),
        (["into"], ("into",), None),
        (["into", "into", "main"], ("into",), "main"),
    ],
)
def test_the_word_into_stands_before_the_target(
    ai_vcs: CommandLine, words: list[str], sources: tuple[str, ...], into: str | None
) -> None:
    ai_vcs.answers["merge"] = wire.MergeResult(outcome="up-to-date", target="main")
    assert ai_vcs("merge", *words).code == 0
    assert ai_vcs.asked == [wire.MergeParams(sources=sources, into=into)]


@pytest.mark.parametrize("words", [["a", "into"], ["a", "into", "b", "c"]])
def test_one_target_is_named(ai_vcs: CommandLine, words: list[str]) -> None:
    done = ai_vcs("merge", *words)
    assert done.code == 2
    assert "one stream" in done.err


def test_what_is_merged_is_named_before_the_target(ai_vcs: CommandLine) -> None:
    done = ai_vcs("merge", "into", "main")
    assert done.code == 2
    assert "what is to be merged" in done.err
    assert ai_vcs.asked == []


def test_every_switch_of_a_merge_reaches_the_action(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["merge"] = wire.MergeResult(outcome="accepted", target="main", proposal=LANDED, hook_output="hi\n")
    done = ai_vcs("merge", "a", "--auto", "--test-check", "--no-ff", "-m", "words", "-n", "--agent", "foo")
    assert (done.code, done.err) == (0, "hi\n")
    assert ai_vcs.asked == [
        wire.MergeParams(
            sources=("a",), auto=True, test_check=True, no_ff=True, message="words", no_verify=True, agent="foo"
        )
    ]


def test_auto_that_did_not_land_exits_with_1(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["merge"] = wire.MergeResult(outcome="proposed", target="main", proposal=BLOCKED)
    assert ai_vcs("merge", "a", "--auto").code == 1
    assert ai_vcs("merge", "a").code == 0
    assert ai_vcs("merge", "a", "--auto", "--json").code == 1


def test_a_text_is_read_as_it_is(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["proposal.resolve"] = wire.ProposalResult(proposal=PROPOSAL)
    (ai_vcs.folder / "part").write_bytes("\ufeffé\r\n".encode())
    ai_vcs("proposal", "resolve", "7d7d", "src/app.py", "--conflict", "2", "--file", "part")
    ai_vcs("proposal", "resolve", "7d7d", "src/app.py", "--delete")
    assert ai_vcs.asked == [
        wire.ProposalResolveParams(proposal="7d7d", path="src/app.py", conflict=2, text="\ufeffé\r\n"),
        wire.ProposalResolveParams(proposal="7d7d", path="src/app.py", delete=True),
    ]


def test_a_proposal_that_was_worked_out_anew_is_said_beside_it(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["proposal.show"] = wire.ProposalResult(proposal=PROPOSAL, renewed=True)
    assert ai_vcs("proposal", "show").err == "A stream moved, so the merge was worked out anew: revision 1.\n"
    assert ai_vcs("proposal", "show", "--json").err == ""


def test_accepting_votes_and_rejecting_take_a_reason(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["proposal.accept"] = wire.ProposalAccepted(proposal=LANDED, operation_id=B3, git_commit=GIT)
    ai_vcs.answers["proposal.vote"] = ai_vcs.answers["proposal.reject"] = wire.ProposalResult(proposal=PROPOSAL)
    ai_vcs("proposal", "accept", "--force", "--reason", "why", "-m", "words", "-n")
    ai_vcs("proposal", "vote", "login", "reject", "--reason", "why")
    ai_vcs("proposal", "reject", "login", "--reason", "why")
    assert ai_vcs.asked == [
        wire.ProposalAcceptParams(force=True, reason="why", message="words", no_verify=True),
        wire.ProposalVoteParams(proposal="login", choice="reject", reason="why"),
        wire.ProposalRejectParams(proposal="login", reason="why"),
    ]


def test_a_decision_that_was_carried_over_says_from_where() -> None:
    here, before = PROPOSAL.proposal_id, "b3:" + "5c" * 32
    decided = (
        wire.MergeFile(
            path="a.py",
            how="conflict",
            conflicts=(
                wire.MergeConflict(
                    number=1,
                    line=0,
                    entity="total",
                    resolved=wire.Resolution(take="left", actor=BO, time=T, carried_from=here),
                ),
            ),
        ),
        wire.MergeFile(
            path="b.py",
            how="conflict",
            resolved=wire.Resolution(take="delete", actor=BO, time=T, carried_from=before),
        ),
    )
    lines = plain(details(msgspec.structs.replace(PROPOSAL, files=decided), Look()))
    assert "             1. total: the target's by human:bo@example.org in an earlier revision" in lines
    assert "  resolved   b.py: removed by human:bo@example.org in proposal 5c5c5c5c" in lines
