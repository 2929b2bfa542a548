"""How a command line ends when something goes wrong."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import msgspec
import pytest

from anvcs import wire
from anvcs.actions.places import config_home, state_home
from anvcs.cli.failure import internal
from anvcs.cli.screen import Look, OutputClosedError, Screen, line
from anvcs.cli.spinner import Spinner
from anvcs.errors import AnvcsError, HookFailedError, NotARepositoryError, all_errors
from tests.unit.cli.conftest import CommandLine


def problem(text: str) -> wire.Problem:
    return msgspec.json.decode(text, type=wire.Problem)


@pytest.mark.promise("cli.exit-codes")
@pytest.mark.parametrize("error", [each for each in all_errors() if each.__module__ == "anvcs.errors"])
def test_every_error_is_a_sentence_a_hint_and_an_exit_code(ai_vcs: CommandLine, error: type[AnvcsError]) -> None:
    ai_vcs.answers["status"] = error("It is so.", "Do that.")
    done = ai_vcs("status")
    assert (done.code, done.out, done.err) == (error.exit_code, "", "Error: It is so.\nHint: Do that.\n")
    assert done.code in {1, 2}


@pytest.mark.promise("cli.json-everywhere")
def test_json_answers_an_error_with_a_problem(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = NotARepositoryError("This is no repository.", "Run ai-vcs init.")
    done = ai_vcs("status", "--json")
    assert (done.code, done.err) == (1, "")
    assert problem(done.out) == wire.Problem(
        code="not-a-repository", message="This is no repository.", way_out="Run ai-vcs init."
    )


def test_what_a_failed_hook_said_comes_first(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["commit"] = HookFailedError("pre-commit refused.", output="lint: \x1b[31mbad\n")
    assert ai_vcs("commit", "-m", "x").err == "lint: \\x1b[31mbad\nError: pre-commit refused.\n"
    assert problem(ai_vcs("commit", "-m", "x", "--json").out).output == "lint: \x1b[31mbad\n"


@pytest.mark.promise("cli.exit-codes")
@pytest.mark.parametrize("arguments", [["bogus"], ["status", "--bogus"], ["show", "a", "b"], ["commit", "-m"], ["-C"]])
def test_a_malformed_command_line_is_called_wrongly(ai_vcs: CommandLine, arguments: list[str]) -> None:
    done = ai_vcs(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error: " in done.err
    assert "Hint: See ai-vcs" in done.err
    assert problem(ai_vcs("--json", *arguments).out).code == "usage"
    assert ai_vcs.asked == []


def test_dashes_protect_a_path_called_json(ai_vcs: CommandLine) -> None:
    assert ai_vcs("show", "a", "b", "--", "--json").out == ""


def test_without_a_command_there_is_help(ai_vcs: CommandLine) -> None:
    done = ai_vcs()
    assert done.code == 2
    assert "Commands:" in done.err


def test_help_tells_the_exit_codes(ai_vcs: CommandLine) -> None:
    done = ai_vcs("--help")
    assert done.code == 0
    assert "1    refused or failed" in done.out


@pytest.mark.promise("cli.no-traceback")
def test_a_defect_is_one_sentence_and_a_log(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["commit"] = KeyError("oops")
    done = ai_vcs("commit", "-m", "s3cret", "--prompt", "s3cret")
    logs = list((ai_vcs.folder / "home/.local/state/anvcs").iterdir())
    assert len(logs) == 1
    assert done.code == 1
    assert done.err == (
        f"Error: An internal error stopped ai-vcs (KeyError).\nHint: Please report it with the log in {logs[0]}\n"
    )
    log = logs[0].read_text(encoding="utf-8")
    assert "KeyError: 'oops'" in log
    assert "s3cret" not in log
    assert stat.S_IMODE(logs[0].stat().st_mode) == 0o600


@pytest.mark.promise("cli.no-traceback")
def test_json_names_the_log_of_a_defect(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = RuntimeError("oops")
    done = ai_vcs("status", "--json")
    assert problem(done.out).code == "internal"
    assert (ai_vcs.folder / f"home/.local/state/anvcs/{problem(done.out).log_id}.log").exists()
    assert "Traceback" not in done.out + done.err


def test_the_details_are_shown_on_demand(ai_vcs: CommandLine) -> None:
    ai_vcs.env = {**ai_vcs.env, "ANVCS_DEBUG": "1"}
    ai_vcs.answers["status"] = RuntimeError("oops")
    assert "Traceback" in ai_vcs("status").err


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = internal(RuntimeError("oops"), tmp_path / "file")
    assert error.log is None
    assert "ANVCS_DEBUG=1" in error.way_out


@pytest.mark.promise("cli.exit-codes")
def test_an_interrupt_is_quiet(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = KeyboardInterrupt()
    done = ai_vcs("status")
    assert (done.code, done.out, done.err) == (130, "", "\n")


class Failing(io.StringIO):
    """A stream nobody can write to."""

    def __init__(self, error: OSError, descriptor: int) -> None:
        super().__init__()
        self.error = error
        self.descriptor = descriptor

    def write(self, text: str, /) -> int:
        """Fail."""
        del text
        raise self.error

    def fileno(self) -> int:
        """A real descriptor, which may be redirected."""
        return self.descriptor


def test_a_closed_pipe_is_told_apart_from_a_full_disk(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        with pytest.raises(OutputClosedError):
            Screen(Failing(BrokenPipeError(), out.fileno()), Look()).lines([line("x")])
        with pytest.raises(AnvcsError, match="could not be written: No space left"):
            Screen(Failing(OSError(28, os.strerror(28)), out.fileno()), Look()).lines([line("x")])


def test_a_broken_pipe_inside_an_action_is_not_taken_for_ours(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["status"] = BrokenPipeError()
    assert "internal error" in ai_vcs("status").err


def test_another_folder_is_stood_in(ai_vcs: CommandLine) -> None:
    (ai_vcs.folder / "a/b").mkdir(parents=True)
    ai_vcs.answers["status"] = wire.RepositoryStatus(root="/r", initialized=True)
    ai_vcs("-C", "a", "-C", "b", "status")
    ai_vcs("status")
    assert [caller.cwd for caller in ai_vcs.callers] == [ai_vcs.folder / "a/b", ai_vcs.folder]
    assert ai_vcs("-C", "missing", "status").err == (
        "Error: -C: there is no folder missing.\nHint: Name an existing folder.\n"
    )


@pytest.mark.parametrize(
    ("env", "platform", "expected"),
    [
        ({"HOME": "/h"}, "linux", "/h/.config/anvcs"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "linux", "/x/anvcs"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "x"}, "linux", "/h/.config/anvcs"),
        ({"HOME": "/h"}, "darwin", "/h/.config/anvcs"),
        ({"APPDATA": "/a", "USERPROFILE": "/u"}, "win32", "/a/anvcs"),
        ({"USERPROFILE": "/u"}, "win32", "/u/.config/anvcs"),
    ],
)
def test_keys_live_where_the_platform_keeps_settings(env: dict[str, str], platform: str, expected: str) -> None:
    assert config_home(env, platform) == Path(expected)


def test_logs_live_where_the_platform_keeps_state() -> None:
    assert state_home({"HOME": "/h"}, "linux") == Path("/h/.local/state/anvcs")
    assert state_home({}, "linux").is_absolute()


def test_progress_waits_draws_at_its_pace_and_leaves_no_trace() -> None:
    times = iter([0.0, 0.2, 0.4, 0.45, 0.6])
    stream = io.StringIO()
    spinner = Spinner(stream, 20, unicode=False, clock=lambda: next(times))
    for percent in (None, 1, 2, 3, 4):
        spinner("Reading a very long history", percent)
    assert stream.getvalue() == "\r\x1b[K/ Reading a very lo\r\x1b[K- Reading a very lo"
    spinner.clear()
    spinner.clear()
    assert stream.getvalue().endswith("lo\r\x1b[K")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.mark.parametrize("error", [None, NotARepositoryError("No repository here.")])
def test_progress_is_gone_before_anything_else_is_said(
    ai_vcs: CommandLine, monkeypatch: pytest.MonkeyPatch, error: AnvcsError | None
) -> None:
    drawn = Terminal()
    monkeypatch.setattr("sys.stderr", drawn)
    monkeypatch.setattr("anvcs.cli.spinner._PATIENCE", 0)

    def answer(_: wire.Params) -> wire.RepositoryStatus:
        ai_vcs.callers[-1].progress("Reading", 50)
        if error is not None:
            raise error
        return wire.RepositoryStatus(root="/r", initialized=True, notices=("Look.",))

    ai_vcs.answers["status"] = answer
    ai_vcs("status")
    said = "Note: Look.\n" if error is None else "Error: No repository here.\n"
    assert drawn.getvalue().endswith(f"Reading 50 %\r\x1b[K{said}")
