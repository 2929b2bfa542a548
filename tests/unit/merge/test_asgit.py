"""What may take the place of a conflict of git's, and what is said of what is left."""

from __future__ import annotations

import pytest

from anvcs.merge import asgit
from anvcs.merge.model import Conflict, Finding, MergeResult, Options, Step

BASE = b"import math\n\n\ndef high(day):\n    return math.sin(day)\n"
OURS = BASE.replace(b"import math\n", b"import math\nimport moon\n")
THEIRS = BASE.replace(b"import math\n", b"import math\nimport units\n")
LEFT, RIGHT = BASE.replace(b"math.sin", b"moon"), BASE.replace(b"math.sin", b"sun")
HARD = Finding("lost", "Edits are lost: x.", line=3)


def improved(
    base: bytes, ours: bytes, theirs: bytes, *, path: str = "tides.py", largest: int = 10_000
) -> asgit.Improved:
    return asgit.improve(base, ours, theirs, path=path, options=Options(largest=largest))


def test_what_is_clean_and_safe_is_taken() -> None:
    found = improved(BASE, OURS, THEIRS)
    assert found.clean
    assert found.text is not None
    assert b"import moon\nimport units\n" in found.text
    assert asgit.told("tides.py", found) == ()


def test_where_nothing_is_won_gits_own_markers_stand_and_the_place_is_told() -> None:
    found = improved(BASE, LEFT, RIGHT)
    assert (found.text, found.clean) == (None, False)
    [told] = asgit.told("tides.py", found)
    assert told.startswith("tides.py: def high")


def test_a_result_that_only_looks_right_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def merge(base: bytes, left: bytes, right: bytes, *, path: str, options: Options) -> MergeResult:
        del base, right, path, options
        return MergeResult(left, clean=True, findings=(HARD,), trace=(Step("entity", "", 1),))

    monkeypatch.setattr(asgit, "merge", merge)
    found = improved(BASE, OURS, THEIRS)
    assert (found.text, found.clean) == (None, False)
    assert asgit.told("tides.py", found) == ("tides.py:3: Edits are lost: x.",)


@pytest.mark.parametrize(
    "texts",
    [
        (BASE, OURS, THEIRS + b"# " + b"x" * 10_000),
        (BASE, OURS + b"\n<<<<<<< ours\n=======\n>>>>>>> theirs\n", THEIRS),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", OURS, THEIRS),
    ],
    ids=["long", "markers", "pointer"],
)
def test_what_is_no_ordinary_text_is_left_to_git(texts: tuple[bytes, bytes, bytes]) -> None:
    assert improved(*texts) == asgit.Improved()


def test_text_that_only_looks_like_a_marker_is_text() -> None:
    assert improved(BASE, OURS, THEIRS + b"# >>>>>>> theirs\n").clean


def test_only_what_is_surely_wrong_is_warned_of() -> None:
    twice = BASE + b"\n\ndef low():\n    return 1\n"
    merged = twice + b"\n\ndef low():\n    return 2\n"
    [warning] = asgit.warnings(BASE, twice, BASE + b"\n\ndef low():\n    return 2\n", merged, path="tides.py")
    assert warning.severity == "hard"
    assert asgit.warnings(BASE, OURS, LEFT, OURS.replace(b"math.sin", b"moon"), path="tides.py") == ()


def test_of_many_conflicts_a_few_are_told() -> None:
    many = tuple(Conflict("both-edit", "both sides changed it.", b"", b"", b"", line=line) for line in range(1, 9))
    told = asgit.told("a.py", asgit.Improved(text=b"", conflicts=many))
    assert told[0] == "a.py:1: both sides changed it."
    assert told[-1] == "a.py: 3 more."
    assert len(told) == asgit.SHOWN + 1
