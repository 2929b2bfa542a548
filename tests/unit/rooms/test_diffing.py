"""Differences as people see them, in time that does not run away."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.rooms.delta import IDENTITY, apply, replaced
from anvcs.rooms.diffing import cost, fine_diff, split_lines
from tests.unit.rooms.texts import LAW, TEXTS, versions

WORDS = st.lists(st.sampled_from(("a", "b", " ", "=", "\n", "\n", "é", "😀", "\x0c", "\u2028")), max_size=40).map(
    "".join
)


@LAW
@given(st.one_of(st.tuples(WORDS, WORDS), st.tuples(TEXTS, TEXTS), versions()))
def test_a_fine_difference_makes_one_text_of_the_other(pair: tuple[str, str]) -> None:
    a, b = pair
    delta = fine_diff(a, b)
    assert apply(a, delta) == b
    assert cost(delta) <= len(a) + len(b)
    assert fine_diff(a, a) == IDENTITY
    assert sum(len(text) + end - start for start, end, text in replaced(delta)) == cost(delta)


@LAW
@given(TEXTS)
def test_lines_end_with_a_line_feed_alone(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.find("\n") in {-1, len(line) - 1} for line in lines)
    assert all(line.endswith("\n") for line in lines[:-1])


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [
        ("x = 1\ny = 2\nz = 3\n", "x = 1\ny = 20\nz = 3\n", [(11, 11, "0")]),
        ("one two three\n", "one 2 three\n", [(4, 7, "2")]),
        ("a\nb\nc\n", "a\nc\n", [(2, 4, "")]),
        ("a\nc\n", "a\nb\nc\n", [(2, 2, "b\n")]),
        ("x = 1\nmiddle\ny = 2\n", "x = 3\nmiddle\ny = 4\n", [(4, 5, "3"), (17, 18, "4")]),
        (
            "def a():\n    pass\n",
            "def a():\n    pass\n\n\ndef b():\n    pass\n",
            [(18, 18, "\n\ndef b():\n    pass\n")],
        ),
        ("    a()\n", "    b()\n    a()\n", [(0, 0, "    b()\n")]),
        ("a😀b\n", "a😁b\n", [(1, 2, "😁")]),
    ],
)
def test_a_difference_is_where_a_person_sees_it(a: str, b: str, edits: list[tuple[int, int, str]]) -> None:
    assert replaced(fine_diff(a, b)) == edits


def test_other_lines_in_the_same_place_are_not_the_old_ones_changed() -> None:
    a, b = "x\nreturn the value of a\n", "x\nprint the name for b\n"
    assert replaced(fine_diff(a, b)) == [(2, len(a), b[2:])]


def test_formatted_lines_are_the_same_lines() -> None:
    a = "def f():\n  x=1\n  y=2\n"
    b = "def f():\n    x = 1\n    y = 2\n"
    edits = replaced(fine_diff(a, b))
    kept = "".join(set("xy12f") & set(a))
    assert not any(set(a[start:end]) & set(kept) for start, end, _ in edits)


def long_text(rng: random.Random, lines: int, words: int) -> str:
    return "".join(" ".join(f"w{rng.randrange(words)}" for _ in range(9)) + "\n" for _ in range(lines))


def measured(a: str, b: str) -> float:
    started = time.process_time()
    delta = fine_diff(a, b)
    passed = time.process_time() - started
    assert apply(a, delta) == b
    return passed


def test_a_few_changed_lines_of_a_large_file_are_found_quickly_and_alone() -> None:
    rng = random.Random(1)  # noqa: S311 - the same each time
    a = long_text(rng, 60_000, 1_000)
    lines = a.split("\n")
    for row in range(500, len(lines), len(lines) // 6):
        lines[row] += " changed"
    b = "\n".join(lines)
    assert len(a) > 2_000_000
    assert cost(fine_diff(a, b)) == 6 * len(" changed")
    # 150 ms; far more only if it becomes quadratic.
    assert measured(a, b) < 1.5


@pytest.mark.parametrize(
    ("lines", "words"),
    # Lines of which none is there twice, and lines of which all are.
    [(20_000, 1_000), (20_000, 1)],
)
def test_files_that_have_nothing_in_common_take_bounded_time(lines: int, words: int) -> None:
    rng = random.Random(2)  # noqa: S311 - the same each time
    a, b = long_text(rng, lines, words), long_text(rng, lines - 100, words).replace("w", "v")
    assert measured(a, b) < 3


def test_one_line_of_two_megabytes_takes_bounded_time() -> None:
    rng = random.Random(3)  # noqa: S311 - the same each time
    a = " ".join(rng.choice("abcdef") for _ in range(1_000_000))
    b = " ".join(rng.choice("abcdef") for _ in range(1_000_000))
    assert measured(a, b) < 5


def test_a_large_file_that_is_indented_anew_keeps_its_words() -> None:
    rng = random.Random(4)  # noqa: S311 - the same each time
    a = long_text(rng, 20_000, 1_000)
    b = "".join("    " + line for line in split_lines(a))
    assert measured(a, b) < 5
