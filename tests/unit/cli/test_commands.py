"""What each command line asks of the actions."""

from __future__ import annotations

import io
import json
import shlex

import click
import msgspec
import pytest

from anvcs import wire
from anvcs.cli.main import COMMANDS, cli
from anvcs.errors import UnknownCommitError
from tests.unit.cli import collab
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import (
    ASSISTED,
    B3,
    CHECKPOINT,
    CLONED,
    COLLECTED,
    CONFLICTS,
    DETAILS,
    GIT,
    KEY,
    MADE,
    MOVED,
    OPERATION,
    PROPOSAL,
    PROPOSED,
    PULLED,
    PURGED,
    PUSHED,
    REPLAYED,
    ROOMS,
    STATUS,
    SWITCHED,
    USED,
    VERIFIED,
    row,
)

NO_VERBS = {"completion", "collab.join", "merge-file"}
"""Commands that a shell alone can have."""
RESULTS: dict[str, wire.Message] = {
    "init": wire.InitResult(root="/r", state="/r/.git/anvcs"),
    "status": STATUS,
    "add": wire.AddResult(staged=(wire.FileChange(path="a", kind="added"),)),
    "commit": MADE,
    "diff": wire.DiffResult(patch="diff --git a/x b/x\n"),
    "conflicts": CONFLICTS,
    "graph": wire.GraphPage(rows=(row("a", 0),)),
    "show": DETAILS,
    "undo": MOVED,
    "redo": MOVED,
    "revert": MADE,
    "restore": MOVED,
    "op.log": wire.OpLogPage(operations=(OPERATION,)),
    "op.show": wire.OperationDetails(operation=OPERATION, view_before=B3, view_after=B3),
    "op.diff": wire.OpDiff(moves=MOVED.moves),
    "op.restore": MOVED,
    "checkpoint.create": wire.CheckpointResult(checkpoint=CHECKPOINT, operation_id=B3),
    "checkpoint.list": wire.Checkpoints(checkpoints=(CHECKPOINT,)),
    "checkpoint.restore": MOVED,
    "stream.list": wire.Streams(streams=(wire.Stream(name="main", current=True),)),
    "stream.create": SWITCHED,
    "stream.switch": SWITCHED,
    "stream.delete": SWITCHED,
    "stream.rename": SWITCHED,
    "merge": wire.MergeResult(outcome="proposed", target="main", proposal=PROPOSAL),
    "mergetool": wire.MergetoolResult(files=(wire.ToolFile(path="a.py", outcome="merged", staged=True),)),
    "proposal.list": wire.Proposals(proposals=(PROPOSED,)),
    "proposal.show": wire.ProposalResult(proposal=PROPOSAL),
    "proposal.check": wire.ProposalResult(proposal=PROPOSAL),
    "proposal.resolve": wire.ProposalResult(proposal=PROPOSAL),
    "proposal.assist": wire.ProposalAssisted(proposal=PROPOSAL, asked=(ASSISTED,)),
    "proposal.vote": wire.ProposalResult(proposal=PROPOSAL),
    "proposal.accept": wire.ProposalAccepted(proposal=PROPOSAL, operation_id=B3, git_commit=GIT),
    "proposal.reject": wire.ProposalResult(proposal=PROPOSAL),
    "queue.add": wire.QueuePlace(proposal=PROPOSED, position=1),
    "queue.list": wire.Queue(),
    "queue.remove": wire.QueuePlace(proposal=PROPOSED, position=0),
    "queue.run": wire.QueueResult(target="main"),
    "actor.list": wire.ActorListResult(keys=(KEY,)),
    "actor.enroll": wire.ActorResult(key=KEY, operation_id=MADE.operation_id),
    "actor.rotate": wire.ActorResult(key=KEY, operation_id=MADE.operation_id),
    "actor.revoke": wire.ActorResult(key=KEY, operation_id=MADE.operation_id),
    "push": PUSHED,
    "pull": PULLED,
    "clone": CLONED,
    "sync": wire.SyncResult(place="origin", sent=1, received=2),
    "stream.resolve": wire.StreamResolveResult(
        stream="main", old=row("a", 0).git_commit, new=B3[3:43], operation_id=B3
    ),
    "verify": VERIFIED,
    "audit": wire.AuditPage(),
    "replay": REPLAYED,
    "du": USED,
    "gc": COLLECTED,
    "purge": PURGED,
    "agents.connect": wire.AgentsConnected(agent="claude", file="/home/ada/.claude/settings.json", connected=True),
    "rooms.on": ROOMS,
    "rooms.off": ROOMS,
    "rooms.pause": ROOMS,
    "rooms.status": ROOMS,
    "rooms.purge": wire.RoomsPurgeResult(erased=3, epoch=2, replayable_from=40),
    "collab.start": wire.CollabStarted(actor="human:ada@example.org", url="ws://127.0.0.1:1"),
    "collab.status": collab.STATUS,
    "collab.leave": wire.CollabLeft(actor="human:ada@example.org", rooms=2),
    "collab.tail": collab.TAIL,
    "collab.review": collab.REVIEW,
    "collab.revert": collab.REVERTED,
    "collab.playback": collab.PLAYBACK,
    "doctor": wire.DoctorReport(healthy=True, checks=()),
    "uninstall": wire.UninstallResult(),
}
NEEDED = {
    "actor.enroll": ["agent:foo", KEY.key],
    "actor.revoke": [KEY.key],
    "add": ["a"],
    "agents.connect": ["claude", "--yes"],
    "clone": ["https://example.org/x.git"],
    "collab.playback": ["a"],
    "collab.revert": ["--actor", "agent:foo"],
    "commit": ["-m", "x"],
    "merge": ["login"],
    "proposal.resolve": ["login", "a", "--take", "left"],
    "proposal.vote": ["login", "approve"],
    "purge": ["HEAD", "--yes"],
    "rooms.purge": ["a"],
    "stream.resolve": ["main", "--keep", "ours"],
    "uninstall": ["--yes"],
    "restore": ["a"],
    "op.restore": ["@{1}"],
    "checkpoint.create": ["good"],
    "checkpoint.restore": ["good"],
    "stream.create": ["login"],
    "stream.switch": ["login"],
    "stream.delete": ["login"],
    "stream.rename": ["login", "sign-in"],
}


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def committed(ai_vcs: CommandLine, *arguments: str) -> wire.CommitParams:
    ai_vcs.answers["commit"] = MADE
    done = ai_vcs("commit", *arguments)
    assert done.code == 0, done.err
    params = ai_vcs.asked[-1]
    assert isinstance(params, wire.CommitParams)
    return params


def refused(ai_vcs: CommandLine, *arguments: str) -> str:
    done = ai_vcs(*arguments)
    assert done.code in {1, 2}
    assert done.out == ""
    assert not any(isinstance(params, wire.CommitParams) for params in ai_vcs.asked)
    return done.err


@pytest.mark.promise("cli.json-everywhere")
@pytest.mark.parametrize("verb", sorted(RESULTS.keys() - {"audit", "collab.tail"}))
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_json_prints_the_wire_type_as_one_document(ai_vcs: CommandLine, verb: str, first: bool) -> None:
    ai_vcs.answers = dict(RESULTS)
    arguments = [*verb.split("."), *NEEDED.get(verb, [])]
    done = ai_vcs(*(["--json", *arguments] if first else [*arguments, "--json"]))
    assert (done.code, done.err) == (0, "")
    assert msgspec.json.decode(done.out, type=type(RESULTS[verb])) == RESULTS[verb]


def test_every_verb_has_a_command() -> None:
    assert set(wire.VERBS) == RESULTS.keys() == {name.replace(" ", ".") for name in COMMANDS} - NO_VERBS


def test_init_takes_the_folder_to_make(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = dict(RESULTS)
    ai_vcs("init", "new")
    ai_vcs("init")
    assert ai_vcs.asked == [wire.InitParams(folder="new"), wire.InitParams()]


def test_add_without_paths_is_called_wrongly(ai_vcs: CommandLine) -> None:
    done = ai_vcs("add")
    assert done.code == 2
    assert "Missing argument 'PATHS...'" in done.err


def test_add_lists_what_is_staged(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = dict(RESULTS)
    assert ai_vcs("add", "a", "b").out == "added       a\n"
    assert ai_vcs.asked == [wire.AddParams(paths=("a", "b"))]


def test_each_message_is_a_paragraph(ai_vcs: CommandLine) -> None:
    assert committed(ai_vcs, "-m", "subject", "-m", "body").message == "subject\n\nbody"


def test_paths_may_follow_dashes(ai_vcs: CommandLine) -> None:
    assert committed(ai_vcs, "-m", "x", "a.txt", "--", "-b", "--json").paths == ("a.txt", "-b", "--json")


def test_every_switch_reaches_the_action(ai_vcs: CommandLine) -> None:
    params = committed(ai_vcs, "-m", "x", "--amend", "--allow-empty", "-n", "-S")
    assert (params.amend, params.allow_empty, params.no_verify, params.sign) == (True, True, True, True)
    params = committed(ai_vcs, "-m", "x", "--no-gpg-sign")
    assert (params.amend, params.allow_empty, params.no_verify, params.sign) == (False, False, False, False)
    assert committed(ai_vcs, "-m", "x").sign is None


@pytest.mark.promise("cli.provenance-options")
def test_provenance_options_fill_the_metadata(ai_vcs: CommandLine) -> None:
    params = committed(
        ai_vcs, "-m", "x", "--prompt", "Do it", "--model", "gpt-4", "--agent", "foo",
        "--test-report", "ai/meta/tests.json", "--tests-failed", "--coverage", "87.126",
        "--env", "CI=1", "--env", "A=b=c",
    )  # fmt: skip
    assert params.metadata == wire.Metadata(
        prompt="Do it",
        model="gpt-4",
        agent_id="agent:foo",
        test_report_ref="ai/meta/tests.json",
        tests_passed=False,
        coverage=87.13,
        env={"CI": "1", "A": "b=c"},
    )


@pytest.mark.promise("cli.provenance-options")
def test_a_prompt_is_read_from_a_file(ai_vcs: CommandLine) -> None:
    (ai_vcs.folder / "p.md").write_text("\ufeffDo é\n", encoding="utf-8")
    assert committed(ai_vcs, "-m", "x", "--prompt", "@p.md").metadata.prompt == "Do é\n"


def test_a_prompt_is_read_from_standard_input(ai_vcs: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, "Do é".encode())
    assert committed(ai_vcs, "-m", "x", "--prompt", "@-").metadata.prompt == "Do é"


def test_a_prompt_that_starts_with_an_at_sign_is_written_with_two(ai_vcs: CommandLine) -> None:
    assert committed(ai_vcs, "-m", "x", "--prompt", "@@bot go").metadata.prompt == "@bot go"
    said = refused(CommandLine(ai_vcs.folder, ai_vcs.capture, ai_vcs.env), "commit", "-m", "x", "--prompt", "@bot go")
    assert said == (
        "Error: --prompt: there is no file bot go.\n"
        "Hint: To give a text that starts with @, write @@ (--prompt @@bot go ...).\n"
    )


def test_an_unreadable_prompt_changes_nothing(ai_vcs: CommandLine) -> None:
    (ai_vcs.folder / "latin").write_bytes(b"caf\xe9")
    assert "latin is not UTF-8 (byte 3)" in refused(ai_vcs, "commit", "-m", "x", "--prompt", "@latin")
    assert "cannot be read" in refused(ai_vcs, "commit", "-m", "x", "--prompt", "@.")
    assert "cannot be read" in refused(ai_vcs, "commit", "-m", "x", "--prompt", "@a\0b")


def test_the_message_comes_from_a_file_or_standard_input(ai_vcs: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    (ai_vcs.folder / "msg").write_text("from file\n", encoding="utf-8")
    assert committed(ai_vcs, "-F", "msg").message == "from file\n"
    standard_input(monkeypatch, b"from input\n")
    assert committed(ai_vcs, "-F", "-").message == "from input\n"


def test_messages_from_two_places_are_called_wrongly(ai_vcs: CommandLine) -> None:
    assert "cannot be used together" in refused(ai_vcs, "commit", "-m", "x", "-F", "y")
    assert "only once" in refused(ai_vcs, "commit", "-F", "-", "--prompt", "@-")


def test_without_a_message_a_pipe_is_refused(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = STATUS
    assert refused(ai_vcs, "commit") == "Error: There is no message.\nHint: Give one with -m or -F.\n"


def test_concluding_a_merge_needs_no_message(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = wire.RepositoryStatus(root="/r", initialized=True, in_progress="merge")
    assert committed(ai_vcs).message is None


def test_amending_in_a_pipe_keeps_the_message(ai_vcs: CommandLine) -> None:
    assert committed(ai_vcs, "--amend").message is None


def test_amending_without_edit_keeps_the_message(ai_vcs: CommandLine) -> None:
    ai_vcs.interactive = True
    assert committed(ai_vcs, "--amend", "--no-edit").message is None


@pytest.mark.parametrize(("given", "said"), [("=x", "NAME=VALUE"), ("x", "NAME=VALUE")])
def test_a_malformed_env_pair_is_named(ai_vcs: CommandLine, given: str, said: str) -> None:
    assert said in refused(ai_vcs, "commit", "-m", "x", "--env", given)


@pytest.mark.parametrize("value", ["101", "-1", "nan", "much"])
def test_an_impossible_coverage_is_refused(ai_vcs: CommandLine, value: str) -> None:
    assert refused(ai_vcs, "commit", "-m", "x", f"--coverage={value}")


def test_bytes_that_are_not_utf8_are_refused_with_the_option_named(ai_vcs: CommandLine) -> None:
    assert "-m is not UTF-8" in refused(ai_vcs, "commit", "-m", "caf\udce9")
    assert "--prompt is not UTF-8" in refused(ai_vcs, "commit", "-m", "x", "--prompt", "caf\udce9")
    assert refused(ai_vcs, "commit", "-m", "x", "--model", "caf\udce9")


@pytest.mark.promise("cli.provenance-options")
def test_meta_gives_all_of_it_and_options_override(ai_vcs: CommandLine) -> None:
    meta = {"prompt": "old", "agentId": "bar", "env": {"A": "1"}, "tests_passed": True, "ticket": 7}
    (ai_vcs.folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    params = committed(ai_vcs, "-m", "x", "--meta", "@meta.json", "--prompt", "new", "--agent", "foo", "--env", "B=2")
    assert params.metadata == wire.Metadata(
        prompt="new", agent_id="agent:foo", env={"A": "1", "B": "2"}, tests_passed=True, extra={"ticket": 7}
    )


@pytest.mark.parametrize("text", ["[1]", "{", "", '{"prompt": 7}', '{"env": 7}'])
def test_bad_meta_is_refused(ai_vcs: CommandLine, text: str) -> None:
    (ai_vcs.folder / "meta.json").write_text(text, encoding="utf-8")
    assert refused(ai_vcs, "commit", "-m", "x", "--meta", "@meta.json")


def test_hook_output_and_redactions_stand_beside_the_result(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["commit"] = msgspec.structs.replace(MADE, hook_output="checked\n", redacted=("prompt", "env.KEY"))
    done = ai_vcs("commit", "-m", "x")
    assert done.err == "checked\nNote: Likely secrets were taken out of prompt, env.KEY.\n"
    assert "checked" not in done.out


def test_diff_takes_commits_before_the_dashes_and_paths_after(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = dict(RESULTS)
    ai_vcs("diff")
    ai_vcs("diff", "--staged", "--", "a", "--b")
    ai_vcs("diff", "A")
    ai_vcs("diff", "A", "B", "--", "c")
    assert ai_vcs.asked == [
        wire.DiffParams(),
        wire.DiffParams(staged=True, paths=("a", "--b")),
        wire.DiffParams(old="A"),
        wire.DiffParams(old="A", new="B", paths=("c",)),
    ]


def test_a_patch_in_a_pipe_is_not_changed_by_a_byte(ai_vcs: CommandLine) -> None:
    patch = "diff --git a/x b/x\n-\x1b[31m\r\n+é\n\\ No newline at end of file\n"
    ai_vcs.answers["diff"] = wire.DiffResult(patch=patch)
    assert ai_vcs("diff").out == patch


def test_a_path_where_a_commit_is_meant_gets_a_hint(ai_vcs: CommandLine) -> None:
    (ai_vcs.folder / "file.txt").touch()
    ai_vcs.answers["diff"] = UnknownCommitError("No commit is called that.")
    assert ai_vcs("diff", "file.txt").err == (
        "Error: file.txt is a path, not a commit.\nHint: Put -- before paths: ai-vcs diff -- file.txt\n"
    )
    assert ai_vcs("diff", "other").err == "Error: No commit is called that.\n"


@pytest.mark.promise("cli.graph-filters")
def test_graph_filters_reach_the_action(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = dict(RESULTS)
    ai_vcs("graph", "-n", "5", "--since", "2w", "--agent", "*", "--author", "ada", "--path", "src", "--tests", "failed")
    ai_vcs("graph", "--since", "2w", "--filter", "agent:agent:foo", "--filter", "tests:passed", "--cursor", "c")
    assert ai_vcs.asked == [
        wire.GraphParams(limit=5, since="2w", agent="*", author="ada", path="src", tests="failed"),
        wire.GraphParams(limit=30, since="2w", agent="agent:foo", tests="passed", cursor="c"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--filter", "colour:red"], "does not know 'colour:red'"),
        (["--filter", "agent"], "does not know 'agent'"),
        (["--filter", "agent:"], "does not know 'agent:'"),
        (["--filter", "tests:green"], "no test result"),
        (["--agent", "a", "--filter", "agent:b"], "filtered twice"),
        (["--tests", "green"], "Invalid value"),
        (["-n", "0"], "Invalid value"),
    ],
)
def test_a_bad_filter_is_called_wrongly(ai_vcs: CommandLine, arguments: list[str], said: str) -> None:
    done = ai_vcs("graph", *arguments)
    assert done.code == 2
    assert said in done.err


def test_more_than_a_page_is_asked_for_in_pages(ai_vcs: CommandLine) -> None:
    def answer(params: wire.GraphParams) -> wire.GraphPage:
        start = int(params.cursor or 0)
        rows = tuple(row(f"{start + i:07x}", 0) for i in range(params.limit))
        return wire.GraphPage(rows=rows, next_cursor=str(start + params.limit))

    ai_vcs.answers["graph"] = answer
    page = msgspec.json.decode(ai_vcs("graph", "-n", "2500", "--json").out, type=wire.GraphPage)
    assert [params.limit for params in ai_vcs.asked if isinstance(params, wire.GraphParams)] == [1000, 1000, 500]
    assert len(page.rows) == 2500
    assert page.next_cursor == "2500"


def test_short_pages_are_followed_until_there_is_enough(ai_vcs: CommandLine) -> None:
    def answer(params: wire.GraphParams) -> wire.GraphPage:
        start = int(params.cursor or 0)
        return wire.GraphPage(rows=(row(f"{start:07x}", 0),), next_cursor=str(start + 1))

    ai_vcs.answers["graph"] = answer
    assert ai_vcs("graph", "-n", "3").out.count("subject of") == 3
    assert [params.limit for params in ai_vcs.asked if isinstance(params, wire.GraphParams)] == [3, 2, 1]


def test_the_doctor_exits_with_1_if_something_must_be_repaired(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["doctor"] = wire.DoctorReport(healthy=False, checks=())
    assert ai_vcs("doctor").code == 1
    assert ai_vcs("doctor", "--json").code == 1


@pytest.mark.promise("cli.uninstall-asks")
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_uninstall_never_goes_on_unasked(ai_vcs: CommandLine, arguments: list[str]) -> None:
    ai_vcs.answers = dict(RESULTS)
    assert ai_vcs("uninstall", *arguments).code == 2
    assert ai_vcs.asked == []


@pytest.mark.promise("cli.uninstall-asks")
@pytest.mark.parametrize(("said", "code", "done"), [(b"y\n", 0, True), (b"n\n", 1, False), (b"", 130, False)])
def test_uninstall_shows_the_plan_and_asks(
    ai_vcs: CommandLine, monkeypatch: pytest.MonkeyPatch, said: bytes, code: int, done: bool
) -> None:
    ai_vcs.answers["uninstall"] = wire.UninstallResult(removed=("refs/notes/anvcs",))
    ai_vcs.interactive = True
    standard_input(monkeypatch, said)
    result = ai_vcs("uninstall", "--export", "out.jsonl")
    assert result.code == code
    assert result.out.startswith("Would remove:\n  refs/notes/anvcs\n")
    plan = wire.UninstallParams(export="out.jsonl", dry_run=True)
    assert ai_vcs.asked == [plan, wire.UninstallParams(export="out.jsonl")] if done else [plan]


def test_uninstall_can_be_looked_at_without_asking(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = dict(RESULTS)
    assert ai_vcs("uninstall", "--dry-run").code == 0
    assert ai_vcs.asked == [wire.UninstallParams(dry_run=True)]


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_completion_prints_a_script(ai_vcs: CommandLine, shell: str) -> None:
    done = ai_vcs("completion", shell)
    assert done.code == 0
    assert f"_AI_VCS_COMPLETE={shell}_complete" in done.out
    assert json.loads(ai_vcs("completion", shell, "--json").out) == {"shell": shell, "script": done.out}


@pytest.mark.promise("cli.help-examples")
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples_that_parse(ai_vcs: CommandLine, name: str) -> None:
    first, *more = name.split()
    out = ai_vcs(first, *more, "--help").out
    lines = [each.strip() for each in out[out.index("Example") :].splitlines()[1:] if each.strip()]
    assert lines
    command = cli.get_command(click.Context(cli), first)
    for word in more:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    assert command.get_short_help_str(100) == COMMANDS[name]
    for each in lines:
        words = shlex.split(each.removeprefix('eval "$(').split(")")[0].split(" > ")[0])
        assert words[: len(more) + 2] == ["ai-vcs", first, *more]
        command.make_context(name, words[len(more) + 2 :], resilient_parsing=True).close()
