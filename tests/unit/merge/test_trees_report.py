"""What git says of a merge, read in full, with commits called as people call them."""

from __future__ import annotations

import pytest

from anvcs.merge.model import Version
from anvcs.merge.treereport import (
    AUTO_MERGING,
    CONTENTS,
    Message,
    Report,
    UnreadableReportError,
    made_up,
    parse,
    relabelled,
    renamed,
)

TREE = "ab" * 20
ONE, TWO = "1" * 40, "2" * 40
OID = "c" * 40


_CUT = b"\x00100644 %s 1\tx\0" % OID.encode()


def test_a_clean_merge_is_a_tree_and_nothing_more() -> None:
    assert parse(TREE.encode() + b"\0\0") == Report(TREE, {}, ())


def test_messages_of_a_clean_merge_are_read() -> None:
    out = TREE.encode() + b"\0\0" + b"1\0a b\0Auto-merging\0Auto-merging a b\n\0"
    assert parse(out).messages == (Message((b"a b",), AUTO_MERGING, "Auto-merging a b"),)


def test_stages_and_messages_of_conflicts_are_read() -> None:
    stages = b"".join(b"100644 %s %d\tx\ty\0" % (OID.encode(), stage) for stage in (1, 2, 3))
    said = b"2\0x\ty\0\xff\0CONFLICT (contents)\0CONFLICT (content): \xff\n\0"
    report = parse(TREE.encode() + b"\0" + stages + b"\0" + said)
    assert report.stages == {b"x\ty": {stage: Version("100644", OID) for stage in (1, 2, 3)}}
    assert report.messages == (Message((b"x\ty", b"\xff"), CONTENTS, "CONFLICT (content): \\xff"),)
    assert report.messages[0].conflict


@pytest.mark.parametrize(
    "rest",
    [b"", _CUT, b"\x00garbage\0\0", b"\x00100644 zz 1\tx\0\0", b"\0\x00two\0a\0", b"\0\x002\0a\0", b"\0\x001\0a\0k\0"],
    ids=["tree-only", "no-end", "no-stage", "no-id", "no-number", "too-few-paths", "no-text"],
)
def test_what_is_cut_off_or_unknown_is_refused(rest: bytes) -> None:
    with pytest.raises(UnreadableReportError):
        parse(TREE.encode() + rest)


def test_advice_at_the_end_is_no_part_of_the_report() -> None:
    out = TREE.encode() + b"\0\x001\0s\0CONFLICT (submodule)\0Failed\n\0"
    advice = b"Recursive merging with submodules currently only supports trivial cases.\n - and more\n"
    assert parse(out + advice) == parse(out)


def report_of(*paths: bytes) -> Report:
    stages = {path: {2: Version("100644", OID)} for path in paths}
    return Report(TREE, stages, tuple(Message((path,), "CONFLICT", f"{path!r} from {ONE}") for path in paths))


def test_a_path_that_git_made_up_is_called_after_the_side() -> None:
    report = report_of(b"d/a~" + ONE.encode(), b"b~" + TWO.encode() + b"_0", b"c~other")
    found = made_up(report, {ONE: "main", TWO: "feature/x"}, lambda _: False)
    assert found == {b"d/a~" + ONE.encode(): b"d/a~main", b"b~" + TWO.encode() + b"_0": b"b~feature_x"}


def test_a_path_is_not_called_as_another_one_is() -> None:
    there = {b"a~main", b"a~main_0"}
    found = made_up(report_of(b"a~" + ONE.encode(), b"a~" + ONE.encode() + b"_1"), {ONE: "main"}, there.__contains__)
    assert [*found.values()] == [b"a~main_1", b"a~main_2"]


def test_a_report_is_told_in_the_names_of_people() -> None:
    made = b"a~" + ONE.encode()
    report = renamed(report_of(made), {made: b"a~main"}, {ONE: "main"}, "other")
    assert report.tree == "other"
    assert [*report.stages] == [b"a~main"]
    assert report.messages[0].paths == (b"a~main",)
    assert ONE not in report.messages[0].text


def test_markers_name_the_sides_and_other_text_stays() -> None:
    ours, theirs = ONE.encode(), TWO.encode()
    text = b"%s\n<<<<<<< %s:old\nx %s\r\n=======\ny\n>>>>>>>>> %s\r\n>>>>>>> %s" % (ours, ours, ours, theirs, theirs)
    found = relabelled(text, {ONE: "main", TWO: r"fix\1"})
    assert found == b"%s\n<<<<<<< main:old\nx %s\r\n=======\ny\n>>>>>>>>> fix\\1\r\n>>>>>>> fix\\1" % (ours, ours)
