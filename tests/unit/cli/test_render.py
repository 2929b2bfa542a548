"""Results as people see them."""

from __future__ import annotations

import io

import pytest

from anvcs import wire
from anvcs.cli.render.diff import patch
from anvcs.cli.render.doctor import doctor, initialized, uninstalled
from anvcs.cli.render.times import age, moment
from anvcs.cli.screen import Line, Look, Screen, clean, line, look
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import ADA, B3, CHANGE, DETAILS, MADE, STATUS, row

PIPE = Look()
DAY = 86_400


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"  # pyright: ignore[reportAssignmentType, reportIncompatibleVariableOverride] - a fake needs no property

    def isatty(self) -> bool:
        """Yes."""
        return True


def shown(lines: list[Line], **fields: object) -> str:
    stream = Terminal()
    Screen(stream, Look(terminal=True, **fields)).lines(lines)  # pyright: ignore[reportArgumentType] - fields vary
    return stream.getvalue()


def test_status_of_a_clean_work_tree(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = STATUS
    assert ai_vcs("status").out == (
        "On stream main at 1a2b3c4d feat: add login\nNothing to commit, the work tree is clean.\n"
    )


def test_status_lists_what_differs_by_kind(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = wire.RepositoryStatus(
        root="/repo",
        initialized=False,
        upstream="origin/main",
        ahead=1,
        behind=2,
        in_progress="merge",
        staged=(wire.FileChange(path="new.py", old_path="old.py", kind="renamed"),),
        unstaged=(wire.FileChange(path="b.txt", kind="modified", additions=2, deletions=1),),
        untracked=("c.txt",),
        unmerged=("d.txt",),
        notices=("A lost note was put back.",),
    )
    done = ai_vcs("status")
    assert done.out.splitlines() == [
        "On no stream (HEAD is detached), before the first commit",
        "1 ahead of and 2 behind origin/main",
        "ANVCS is not set up here yet: ai-vcs init",
        "In the middle of: merge",
        "Unmerged:",
        "  d.txt",
        "Staged:",
        "  renamed     old.py -> new.py",
        "Not staged:",
        "  modified    b.txt  +2  -1",
        "Untracked:",
        "  c.txt",
    ]
    assert done.err == "Note: A lost note was put back.\n"


@pytest.mark.parametrize(
    ("ahead", "behind", "said"), [(0, 0, "Level with o/m"), (3, 0, "3 ahead of o/m"), (0, 4, "4 behind o/m")]
)
def test_status_says_how_far_the_upstream_is(ai_vcs: CommandLine, ahead: int, behind: int, said: str) -> None:
    ai_vcs.answers["status"] = wire.RepositoryStatus(
        root="/r", initialized=True, stream="s", upstream="o/m", ahead=ahead, behind=behind
    )
    assert said in ai_vcs("status").out.splitlines()


def test_a_commit_just_made(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["commit"] = MADE
    assert ai_vcs("commit", "-m", "x").out.splitlines() == [
        "[main 1a2b3c4d] feat: add login",
        f"  commit     {B3}",
        f"  change     {CHANGE}",
        f"  operation  {MADE.operation_id}",
        "  2 files changed, 3 insertions(+), 1 deletion(-)",
    ]


def test_show_tells_why_a_commit_exists(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["show"] = DETAILS
    assert ai_vcs("show").out.splitlines() == [
        f"commit {B3}",
        f"  git        {DETAILS.git_commit}",
        f"  change     {CHANGE}",
        "  author     Ada <ada@example.org>  2026-11-18 12:06 +0100",
        "  agent      agent:foo",
        "",
        "    feat: add login",
        "",
        "    Because people must come in.",
        "",
        "Metadata verified: it matches the commit's trailer",
        "  prompt     Implement login.",
        "             Keep it small.",
        "  model      gpt-5",
        "  tests      passed",
        "  coverage   87.5 %",
        "  env        CI=1",
        "  ticket     7",
        "",
        "1 file changed, 3 insertions(+)",
        "  added       login.py  +3",
    ]


def test_the_graph_in_a_pipe_is_stable_and_complete(ai_vcs: CommandLine) -> None:
    head = wire.Ref(name="main", kind="stream", current=True)
    tag = wire.Ref(name="v1", kind="tag")
    ai_vcs.answers["graph"] = wire.GraphPage(
        rows=(
            row("e", 0, (0, "d"), (1, "c"), refs=(head, tag)),
            row("d", 0, (0, "a"), agent="agent:foo", metadata="full", tests="passed"),
            row("c", 1, (1, "a"), metadata="missing", subject="s" * 200),
            row("a", 0),
        ),
        next_cursor="more",
    )
    assert ai_vcs("graph", "-n", "4").out.splitlines() == [
        "●─╮  e0000000 (HEAD → main, tag: v1) subject of e  Ada  2026-11-18 12:06 +0100",
        "● │  d0000000 subject of d  Ada + agent:foo  2026-11-18 12:06 +0100  [metadata, tests passed]",
        f"│ ●  c0000000 {'s' * 200}  Ada  2026-11-18 12:06 +0100  [metadata missing]",
        "●─╯  a0000000 subject of a  Ada  2026-11-18 12:06 +0100",
    ]


def test_the_graph_is_ascii_where_the_encoding_is(ai_vcs: CommandLine) -> None:
    ai_vcs.look = Look(unicode=False)
    head = wire.Ref(name="main", kind="stream", current=True)
    ai_vcs.answers["graph"] = wire.GraphPage(rows=(row("e", 0, (0, "d"), (1, "c"), refs=(head,)),))
    out = ai_vcs("graph").out
    assert out.isascii()
    assert out.startswith("*-\\  e0000000 (HEAD -> main) subject of e")


def test_on_a_terminal_the_subject_gives_way_to_who_and_when(ai_vcs: CommandLine) -> None:
    ai_vcs.look = Look(terminal=True, width=60, now=ADA.time + 2 * DAY)
    ai_vcs.answers["graph"] = wire.GraphPage(rows=(row("e", 0, subject="word " * 40),), next_cursor="more")
    first, second = ai_vcs("graph", "-n1").out.splitlines()
    assert len(first) == 60
    assert first.startswith("●  e0000000 word word")
    assert first.endswith("…  Ada  2 days ago")
    assert second == "There is more: ai-vcs graph -n 2"


def test_wide_characters_count_as_two_columns() -> None:
    text = shown([Line(("ab ", "漢字" * 30, " end"), shrink=1)], width=40)
    assert text.endswith("… end\n")
    assert sum(2 if ord(char) > 0x3000 else 1 for char in text.strip()) in {39, 40}


@pytest.mark.parametrize(("width", "end"), [(10, ""), (30, "…")])
def test_a_line_never_exceeds_a_narrow_terminal(width: int, end: str) -> None:
    text = shown([Line(("x" * 9, "y" * 50, "z" * 9), shrink=1)], width=width)
    assert len(text.rstrip("\n")) <= width
    assert end in text


def test_colours_are_on_a_terminal_only() -> None:
    red = [line(("alert", "red"))]
    assert "\x1b[31m" in shown(red, colour=True)
    assert "\x1b" not in shown(red, colour=False)
    stream = io.StringIO()
    Screen(stream, PIPE).lines(red)
    assert stream.getvalue() == "alert\n"


def test_no_color_is_honoured() -> None:
    assert look(Terminal(), {"TERM": "xterm"}).colour
    assert not look(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}).colour
    assert look(Terminal(), {"TERM": "xterm", "NO_COLOR": ""}).colour
    assert not look(Terminal(), {"TERM": "dumb"}).colour


def test_the_width_is_the_terminals_or_columns() -> None:
    assert look(Terminal(), {"COLUMNS": "57"}).width == 57
    assert look(Terminal(), {"COLUMNS": "wide"}).width is not None
    assert look(io.StringIO(), {"COLUMNS": "57"}) == Look(unicode=False)


def test_other_peoples_words_cannot_drive_the_terminal() -> None:
    assert clean("a\x1b[31mb\x07\u202ec\u0085\t漢é") == "a\\x1b[31mb\\x07\\u202ec\\x85\t漢é"
    assert "\x1b" not in shown([line("\x1b]0;title\x07")], colour=False)


def test_text_the_encoding_lacks_is_spelt_out_not_refused() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    screen = Screen(stream, look(stream, {}))
    screen.lines([line("é ok")])
    screen.flush()
    assert raw.getvalue() == b"\\xe9 ok\n"
    assert not screen.look.unicode


def test_a_patch_is_coloured_by_place_not_by_looks() -> None:
    text = "diff --git a/q b/q\n--- a/q\n+++ b/q\n@@ -1,2 +1 @@ f\n--- dropped SQL comment\n+kept\n"
    assert [each.spans[0] for each in patch(text)] == [
        ("diff --git a/q b/q", "bold"),
        ("--- a/q", "bold"),
        ("+++ b/q", "bold"),
        ("@@ -1,2 +1 @@ f", "cyan"),
        ("--- dropped SQL comment", "red"),
        ("+kept", "green"),
    ]
    assert list(patch("")) == []


@pytest.mark.parametrize(
    ("passed", "said"),
    [(-5, "in the future"), (3, "just now"), (60, "1 minute ago"), (2 * DAY, "2 days ago"), (800 * DAY, "2 years ago")],
)
def test_an_age_is_in_the_largest_unit_that_fits(passed: int, said: str) -> None:
    assert age(1000, 1000 + passed) == said


def test_an_impossible_time_is_shown_as_git_stores_it() -> None:
    assert moment(wire.Person(name="x", email="y", time=10**18)) == f"@{10**18}"
    assert moment(wire.Person(name="x", email="y", time=0, offset=10_000)) == "@0"


def test_the_doctor_names_what_is_wrong_and_the_way_out() -> None:
    report = wire.DoctorReport(
        healthy=False,
        checks=(
            wire.Check(id="git", state="ok", message="git 2.39.5", way_out="unused"),
            wire.Check(id="notes", state="warning", message="A note is lost.", way_out="Run ai-vcs init."),
            wire.Check(id="ledger", state="error", message="The ledger cannot be read."),
        ),
    )
    assert [each.plain() for each in doctor(report, Look())] == [
        "✓ git 2.39.5",
        "! A note is lost.",
        "  Run ai-vcs init.",
        "✗ The ledger cannot be read.",
        "1 thing must be repaired.",
    ]
    assert next(doctor(report, Look(unicode=False))).plain() == "ok      git 2.39.5"


def test_a_healthy_report_counts_its_warnings() -> None:
    warning = wire.Check(id="x", state="warning", message="Hm.")
    said = [
        [*doctor(wire.DoctorReport(healthy=True, checks=checks), Look())][-1].plain()
        for checks in ((), (warning,), (warning,) * 2)
    ]
    assert said == ["All is well.", "All is well, with 1 warning.", "All is well, with 2 warnings."]


def test_init_says_what_it_changed() -> None:
    made = wire.InitResult(root="/r", state="/r/.git/anvcs", changed=("Set notes.rewriteRef.",))
    assert [each.plain() for each in initialized(made)] == [
        "ANVCS is set up beside Git in /r",
        "  Set notes.rewriteRef.",
    ]
    again = wire.InitResult(root="/r", state="s", already_initialized=True)
    assert "already" in next(initialized(again)).plain()


def test_uninstall_says_what_it_did_or_would_do() -> None:
    result = wire.UninstallResult(exported="/r/out.jsonl", records=1, removed=("refs/notes/anvcs",))
    assert [each.plain() for each in uninstalled(result, dry_run=False)] == [
        "Exported 1 record to /r/out.jsonl",
        "Removed:",
        "  refs/notes/anvcs",
    ]
    assert "Would remove:" in [each.plain() for each in uninstalled(result, dry_run=True)]
    assert [each.plain() for each in uninstalled(wire.UninstallResult(), dry_run=False)] == [
        "There is nothing to remove."
    ]
