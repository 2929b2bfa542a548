"""One guard on one tree: what its evidence says, and how flaky and hanging ones are taken."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace

from anvcs.guards.model import Evidence, Guard
from anvcs.guards.process import Ended, Surroundings
from anvcs.guards.runner import readable, run

TREE = "a" * 40
COUNT = """
import sys
with open("count", "a+") as file:
    file.write(".")
    file.seek(0)
    number = len(file.read())
print("run", number)
"""
"""Knows how often it was run; what follows sees it as ``number``."""


def guard(body: str, **given: float) -> Guard:
    return replace(Guard("tests", (sys.executable, "-c", body), seconds=60), **given)


def runs(around: Surroundings) -> int:
    return len((around.folder / "count").read_text())


def test_evidence_names_the_guard_the_tree_and_the_command(around: Surroundings) -> None:
    wanted = guard("print('fine')", required=False)
    evidence = run(wanted, TREE, around)
    assert evidence == Evidence(
        guard="tests",
        tree=TREE,
        outcome="passed",
        command=wanted.command,
        exit_code=0,
        seconds=evidence.seconds,
        output="fine\n",
        required=False,
    )
    assert evidence.seconds > 0


def test_another_exit_code_than_0_fails(around: Surroundings) -> None:
    evidence = run(guard("raise SystemExit('wrong')"), TREE, around)
    assert (evidence.outcome, evidence.exit_code, evidence.output) == ("failed", 1, "wrong\n")


def test_a_guard_that_cannot_be_run_never_counts_as_passed(around: Surroundings) -> None:
    evidence = run(replace(guard(""), command=("no-such-program",)), TREE, around)
    assert (evidence.outcome, evidence.exit_code) == ("error", None)
    assert "no such program" in evidence.output


def test_a_guard_that_hangs_is_timed_out_and_shows_how_far_it_came(around: Surroundings) -> None:
    evidence = run(replace(guard(""), command=("sh", "-c", "echo so far; exec sleep 600"), seconds=0.5), TREE, around)
    assert (evidence.outcome, evidence.exit_code, evidence.output) == ("timed-out", None, "so far\n")


def test_a_cancelled_guard_is_not_repeated(around: Surroundings) -> None:
    evidence = run(guard(f"{COUNT}\nwhile True: pass", retries=3), TREE, around, cancelled=lambda: True)
    assert evidence.outcome == "cancelled"


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_what_fails_each_time_has_failed_after_its_retries(around: Surroundings, retries: int) -> None:
    evidence = run(guard(f"{COUNT}\nraise SystemExit(number)", retries=retries), TREE, around)
    assert runs(around) == retries + 1
    assert (evidence.outcome, evidence.flaky) == ("failed", False)
    assert (evidence.exit_code, evidence.output) == (retries + 1, f"run {retries + 1}\n")


def test_what_passes_when_repeated_is_flaky_and_shows_both_runs(around: Surroundings) -> None:
    evidence = run(guard(f"{COUNT}\nsys.exit(number < 2)", retries=3), TREE, around)
    assert runs(around) == 2
    assert (evidence.outcome, evidence.flaky, evidence.exit_code) == ("passed", True, 0)
    assert evidence.output == "[A run failed with exit code 1:]\nrun 1\n[The next one passed:]\nrun 2\n"


def test_a_guard_that_hung_once_is_flaky_too(around: Surroundings) -> None:
    hanging = "echo x >>ran; test $(wc -l <ran) -gt 1 || exec sleep 600"
    evidence = run(replace(guard(""), command=("sh", "-c", hanging), seconds=1, retries=1), TREE, around)
    assert (evidence.outcome, evidence.flaky) == ("passed", True)
    assert evidence.output.startswith("[A run took too long:]\n")


def test_a_guard_that_passes_at_once_is_not_repeated(around: Surroundings) -> None:
    assert not run(guard(COUNT, retries=3), TREE, around).flaky
    assert runs(around) == 1


def test_long_output_keeps_its_end_in_whole_lines_and_says_what_is_missing(around: Surroundings) -> None:
    evidence = run(guard("[print('line', number) for number in range(1000)]"), TREE, replace(around, output=100))
    first, *lines = evidence.output.splitlines()
    assert evidence.truncated
    assert lines[-1] == "line 999"
    assert all(line.startswith("line ") for line in lines)
    missing = sum(len(f"line {number}\n") for number in range(1000)) - len("\n".join(lines)) - 1
    assert first == f"[{missing:,} bytes before this are not kept]"


def test_a_very_long_line_is_cut_where_it_must_be() -> None:
    assert readable(Ended(0, b"x" * 5000, dropped=7), 5000) == f"[7 bytes before this are not kept]\n{'x' * 5000}"


def test_output_that_is_no_text_is_shown_as_far_as_it_is(around: Surroundings) -> None:
    evidence = run(guard(r"import os; os.write(1, b'caf\xe9 \xff ok')"), TREE, around)
    assert evidence.output == "caf\ufffd \ufffd ok"
