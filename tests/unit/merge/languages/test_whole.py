"""Whole files: edits that go together, and what must hold of any file."""

from __future__ import annotations

from itertools import combinations

import pytest

from anvcs.merge import merge
from tests.unit.merge.languages.three import Edit, Sample
from tests.unit.merge.languages.whole import SAMPLES

ALL = pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.file) for sample in SAMPLES])


def pairs(sample: Sample) -> list[tuple[Edit, Edit]]:
    """Edits close to one another, where lines conflict, and some that are not."""
    numbered = list(enumerate(sample.edits))
    return [(one, other) for (i, one), (k, other) in combinations(numbered, 2) if k - i <= 2 or (k - i) % 11 == 0]


@ALL
def test_two_edits_of_one_file_are_both_there_and_nothing_else_changes(sample: Sample) -> None:
    for one, other in pairs(sample):
        left, right, want = sample.edited(one), sample.edited(other), sample.edited(one, other)
        result = sample.merged(left, right)
        assert result.clean, (one, other, result.conflicts)
        assert result.text.decode() == want, (one, other)
        assert result.findings == (), (one, other)
        assert sample.by_syntax(left, right) == want, (one, other)


@ALL
def test_line_ends_of_windows_stay(sample: Sample) -> None:
    for one, other in pairs(sample)[::5]:
        left, right, want = sample.edited(one), sample.edited(other), sample.edited(one, other)
        assert sample.by_syntax(left, right, eol="\r\n") == want.replace("\n", "\r\n"), (one, other)


@ALL
def test_what_one_side_alone_did_or_both_did_alike_is_taken_as_it_is(sample: Sample) -> None:
    base = sample.text
    for edit in sample.edits:
        changed = sample.edited(edit)
        for left, right in ((changed, base), (base, changed), (changed, changed)):
            result = sample.merged(left, right)
            assert result.clean
            assert result.text.decode() == changed
            assert result.findings == ()
            assert sample.by_syntax(left, right) == changed


@ALL
def test_samples_and_their_edits_are_valid(sample: Sample) -> None:
    for text in (sample.text, *(sample.edited(edit) for edit in sample.edits)):
        assert not sample.profile.parse(text.encode()).root_node.has_error


@ALL
def test_a_part_that_does_not_parse_is_left_to_lines(sample: Sample) -> None:
    broken = sample.text + "\n(((\n"
    left, right = broken.replace("sum", "total", 1), broken + "}\n"
    result = merge(broken.encode(), left.encode(), right.encode(), path=sample.file)
    assert result.clean
    assert "total" in result.text.decode()
