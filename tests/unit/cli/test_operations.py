"""The operation log, undo, checkpoints and streams: what reaches the actions, and what people see."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from anvcs import wire
from anvcs.cli.render.operations import log
from anvcs.cli.screen import Look
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import B3, CHECKPOINT, GIT, MADE, MOVED, OPERATION, SWITCHED

OP = OPERATION.operation_id
ACTING = ["--agent", "foo", "--confidence", "8500", "--cause", OP, "--cause", "b3:1e1e"]
WHO: dict[str, Any] = {"agent": "foo", "confidence": 8500, "causes": (OP, "b3:1e1e")}
ASKED: list[tuple[list[str], wire.Message, wire.Params]] = [
    (["undo", "--dry-run"], MOVED, wire.UndoParams(dry_run=True, **WHO)),
    (["redo", "--dry-run"], MOVED, wire.RedoParams(dry_run=True, **WHO)),
    (["revert", "main~1", "-n"], MADE, wire.RevertParams(commit="main~1", no_verify=True, **WHO)),
    (
        ["restore", "--source", "main", "--at-op", "@{1}", "a", "b"],
        MOVED,
        wire.RestoreParams(paths=("a", "b"), source="main", at_op="@{1}", **WHO),
    ),
    (
        ["op", "restore", "@{2}", "--all-worktrees", "--dry-run"],
        MOVED,
        wire.OpRestoreParams(operation="@{2}", all_worktrees=True, dry_run=True, **WHO),
    ),
    (
        ["checkpoint", "create", "good", "-m", "why"],
        wire.CheckpointResult(checkpoint=CHECKPOINT, operation_id=B3),
        wire.CheckpointCreateParams(name="good", message="why", **WHO),
    ),
    (
        ["checkpoint", "restore", "good", "--all-worktrees", "--dry-run"],
        MOVED,
        wire.CheckpointRestoreParams(name="good", all_worktrees=True, dry_run=True, **WHO),
    ),
    (
        ["stream", "create", "x", "v1", "--switch"],
        SWITCHED,
        wire.StreamCreateParams(name="x", start="v1", switch=True, **WHO),
    ),
    (["stream", "switch", "x", "--detach"], SWITCHED, wire.StreamSwitchParams(name="x", detach=True, **WHO)),
    (["stream", "delete", "x", "-f"], SWITCHED, wire.StreamDeleteParams(name="x", force=True, **WHO)),
    (["stream", "rename", "x", "y"], SWITCHED, wire.StreamRenameParams(old="x", new="y", **WHO)),
]


def verb_of(arguments: list[str]) -> str:
    return ".".join(arguments[: 2 if arguments[0] in {"op", "checkpoint", "stream"} else 1])


@pytest.mark.parametrize(("arguments", "answer", "asked"), ASKED, ids=[verb_of(each[0]) for each in ASKED])
def test_what_acts_says_who_acts_how_sure_and_why(
    ai_vcs: CommandLine, arguments: list[str], answer: wire.Message, asked: wire.Params
) -> None:
    ai_vcs.answers[verb_of(arguments)] = answer
    done = ai_vcs(*arguments, *ACTING)
    assert done.code == 0, done.err
    assert ai_vcs.asked == [asked]


def test_a_commit_says_how_sure_the_agent_is_and_what_led_to_it(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["commit"] = MADE
    assert ai_vcs("commit", "-m", "x", *ACTING).code == 0
    (params,) = ai_vcs.asked
    assert isinstance(params, wire.CommitParams)
    assert (params.confidence, params.causes) == (8500, (OP, "b3:1e1e"))
    assert params.metadata.agent_id == "agent:foo"


def test_confidence_is_a_number_of_basis_points(ai_vcs: CommandLine) -> None:
    assert ai_vcs("undo", "--confidence", "10001").code == 2
    assert ai_vcs.asked == []


@pytest.mark.parametrize(
    ("arguments", "answer", "asked"),
    [
        (["op", "log", "-n", "5", "--actor", "foo", "--before", "b3:0f0f", "--at-op", "@{3}"],
         wire.OpLogPage(operations=()), wire.OpLogParams(limit=5, actor="foo", before="b3:0f0f", at_op="@{3}")),
        (["op", "diff", "@{2}", "@"], wire.OpDiff(), wire.OpDiffParams(operation="@{2}", to="@")),
        (["stream", "list", "--at-op", "@{3}"], wire.Streams(), wire.StreamListParams(at_op="@{3}")),
        (["diff", "main", "--at-op", "@{3}", "--", "a"], wire.DiffResult(),
         wire.DiffParams(old="main", paths=("a",), at_op="@{3}")),
        (["graph", "--at-op", "@{3}"], wire.GraphPage(rows=()), wire.GraphParams(limit=30, at_op="@{3}")),
    ],
    ids=["op log", "op diff", "stream list", "diff", "graph"],
)  # fmt: skip
def test_what_reads_the_past_says_when(
    ai_vcs: CommandLine, arguments: list[str], answer: wire.Message, asked: wire.Params
) -> None:
    two = arguments[0] in {"op", "stream"}
    ai_vcs.answers[".".join(arguments[: 1 + two])] = answer
    done = ai_vcs(*arguments)
    assert done.code == 0, done.err
    assert ai_vcs.asked == [asked]


def test_the_log_is_one_line_for_each_operation(ai_vcs: CommandLine) -> None:
    change = msgspec.structs.replace
    ai_vcs.answers["op.log"] = wire.OpLogPage(
        operations=(
            change(
                OPERATION,
                kind="undo",
                said="took back an operation",
                subject=None,
                details={"undoes": OP},
                actor="human:ada@example.org",
            ),
            change(OPERATION, undone=True),
            change(
                OPERATION,
                kind="git-reset",
                said="plain git reset",
                foreign=True,
                subject=None,
                actor="system:git",
                reversibility="compensable",
                details={"command": "reset: to x"},
                moves=(
                    wire.PointerMove(name="main-worktree/HEAD", new=GIT),
                    *(wire.PointerMove(name=f"refs/heads/{name}") for name in "wxyz"),
                ),
            ),
            change(OPERATION, state="unknown", said="pushed", subject=None, reversibility="irreversible", moves=()),
        ),
        more=True,
        notices=("Something to know.",),
    )
    done = ai_vcs("op", "log")
    assert done.out.splitlines() == [
        "2026-11-18 11:06:40  b3:0f0f0f0f  human:ada@example.org  took back an operation: b3:0f0f0f0f  (main)",
        "2026-11-18 11:06:40  b3:0f0f0f0f  agent:foo  committed: feat: add login  (main)  [taken back]",
        "2026-11-18 11:06:40  b3:0f0f0f0f  system:git  plain git: reset: to x  (w, x, y and 1 more)  [compensable]",
        "2026-11-18 11:06:40  b3:0f0f0f0f  agent:foo  pushed  [unknown, irreversible]",
    ]
    assert done.err == "Note: Something to know.\n"


def test_on_a_terminal_the_log_says_how_long_ago_and_how_to_go_on() -> None:
    page = wire.OpLogPage(operations=(OPERATION,), more=True)
    first, last = log(page, Look(terminal=True, now=1_795_000_000 + 7200))
    assert first.plain().startswith("2 hours ago  b3:0f0f0f0f")
    assert last.plain() == "There is more: ai-vcs op log --before b3:0f0f0f0f"


@pytest.mark.promise("undo.says-before-and-after")
def test_undo_says_what_it_did_what_it_left_and_how_to_come_back(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["undo"] = MOVED
    done = ai_vcs("undo")
    assert done.out.splitlines() == [
        "Taken back b3:0f0f0f0f of agent:foo: committed: feat: add login",
        "  main                 1a2b3c4d -> nothing",
        "  changed    login.py",
        "  left       old.py: it has changes",
        "  left       The stream side is left as it is.",
        f"  operation  {MOVED.operation_id}",
        "  reversible ai-vcs redo does it again",
    ]
    assert done.err == "Note: Something to know.\n"


@pytest.mark.promise("undo.says-before-and-after")
def test_a_dry_run_speaks_of_what_would_be_done(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {
        "undo": msgspec.structs.replace(MOVED, operation_id=None, left=(), left_pointers=()),
        "op.restore": wire.MoveResult(target=OPERATION),
    }
    assert ai_vcs("undo", "--dry-run").out.splitlines() == [
        "Would take back b3:0f0f0f0f of agent:foo: committed: feat: add login",
        "  main                 1a2b3c4d -> nothing",
        "  changes    login.py",
        "  reversible ai-vcs redo does it again",
    ]
    assert ai_vcs("op", "restore", "@", "--dry-run").out.splitlines() == [
        "Would go back to the state after b3:0f0f0f0f of agent:foo: committed: feat: add login",
        "  Nothing differs.",
    ]


def test_an_operation_is_shown_with_everything_it_says(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["op.show"] = wire.OperationDetails(
        operation=msgspec.structs.replace(OPERATION, undone=True, path_count=1200),
        view_before=B3,
        view_after=B3,
        causes=(B3, OP),
        confidence=8550,
        prompt="Implement login.\nKeep it small.",
        arguments={"amend": False},
        rewrites=(wire.RewriteLink(new="1" * 40, old="2" * 40, evidence="reflog"),),
        signature="known",
        undo="It was taken back already.",
    )
    assert ai_vcs("op", "show").out.splitlines() == [
        f"operation {OP}",
        "  what       committed: feat: add login",
        "  kind       commit, published, taken back",
        "  actor      agent:foo",
        "  time       2026-11-18 11:06:40",
        "  worktree   main-worktree",
        f"  replica    {'ab' * 16}, operation 7",
        "  signed     the key is known",
        "  undo       reversible: It was taken back already.",
        "  replay     red",
        f"  commit     {B3}",
        f"  git        {GIT}",
        f"  change     {OPERATION.change_id}",
        "  confidence 85.5 %",
        f"  cause      {B3}",
        f"             {OP}",
        "  rewrites   22222222 -> 11111111 (reflog)",
        "  prompt     Implement login.",
        "             Keep it small.",
        '  arguments  {"amend":false}',
        "  main                 nothing -> 1a2b3c4d",
        "1200 paths",
        "  login.py",
    ]


def test_a_prompt_of_which_only_the_hash_is_here_is_said_to_be_so(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["op.show"] = wire.OperationDetails(
        operation=OPERATION, view_before=B3, view_after=B3, prompt_hash=B3
    )
    assert f"  prompt     kept as a hash only, {B3}" in ai_vcs("op", "show").out.splitlines()


def test_pointers_are_shown_as_people_call_them(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["op.diff"] = wire.OpDiff(
        moves=(
            wire.PointerMove(name="main-worktree/HEAD", old="ref: refs/heads/main", new="2" * 40),
            wire.PointerMove(name="worktrees/side/HEAD", new="ref: refs/heads/side"),
            wire.PointerMove(name="refs/stash", old=f"{'3' * 40} {'4' * 40}"),
            wire.PointerMove(name="checkpoints/good", new=B3),
        )
    )
    assert [" ".join(each.split()) for each in ai_vcs("op", "diff").out.splitlines()] == [
        "HEAD main -> 22222222",
        "worktrees/side/HEAD nothing -> side",
        "stash 33333333 44444444 -> nothing",
        "good nothing -> b3:5c5c5c5c",
    ]
    ai_vcs.answers["op.diff"] = wire.OpDiff()
    assert ai_vcs("op", "diff").out == "No pointer differs.\n"


def test_checkpoints_are_listed_with_what_they_are_for(ai_vcs: CommandLine) -> None:
    bare = wire.Checkpoint(name="bare", operation_id=B3)
    ai_vcs.answers["checkpoint.list"] = wire.Checkpoints(checkpoints=(CHECKPOINT, bare))
    assert ai_vcs("checkpoint", "list").out.splitlines() == [
        "good  b3:5c5c5c5c  All is well  human:ada@example.org  2026-11-18 11:06:40",
        "bare  b3:5c5c5c5c",
    ]
    ai_vcs.answers["checkpoint.list"] = wire.Checkpoints()
    assert ai_vcs("checkpoint", "list").out == "There is no checkpoint yet: ai-vcs checkpoint create NAME\n"


def test_streams_are_listed_with_where_they_stand(ai_vcs: CommandLine) -> None:
    other = wire.ConflictedStream(
        stream="main", replica="cd" * 16, ours=GIT, theirs="5" * 40, fetched=False, actor="agent:foo"
    )
    ai_vcs.answers["stream.list"] = wire.Streams(
        streams=(
            wire.Stream(
                name="main",
                git_commit=GIT,
                subject="feat: add login",
                current=True,
                upstream="origin/main",
                ahead=1,
                behind=2,
                conflicts=(other,),
            ),
            wire.Stream(name="new"),
            wire.Stream(name="side", git_commit=GIT, subject="s", upstream="origin/side", worktree="/w/side"),
        ),
        notices=("Something to know.",),
    )
    done = ai_vcs("stream", "list")
    assert done.out.splitlines() == [
        "* main  1a2b3c4d  feat: add login  [origin/main: 1 ahead, 2 behind]",
        "    conflicted: replica cdcdcdcd has it at 55555555, which is not fetched by agent:foo",
        "  new  nowhere",
        "  side  1a2b3c4d  s  [origin/side]  (in /w/side)",
    ]
    assert done.err == "Note: Something to know.\n"
    ai_vcs.answers["stream.list"] = wire.Streams()
    assert ai_vcs("stream", "list").out == "There is no stream yet.\n"


def test_a_switch_says_what_it_changed_and_how_to_come_back(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["stream.switch"] = SWITCHED
    done = ai_vcs("stream", "switch", "login")
    assert done.out.splitlines() == [
        "Switched to login at 1a2b3c4d",
        "  changed    login.py",
        "  left       old.py: it has changes",
        f"  operation  {SWITCHED.operation_id}",
        "  reversible ai-vcs undo takes it back",
    ]
    assert done.err == "switched\nNote: Something to know.\n"
