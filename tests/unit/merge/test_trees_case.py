"""Names that only some file systems can tell apart, when a merge brings them together."""

from __future__ import annotations

import unicodedata

from anvcs.merge.treecase import collisions
from tests.unit.merge.test_trees import Files, Memory, plain


def found(left: Files, right: Files, merged: Files | None = None) -> list[tuple[bytes, bytes | None]]:
    memory = Memory()
    trees = [memory.tree(files) for files in (left, right, merged or {**left, **right})]
    return [(each.path, each.other) for each in collisions(memory, *trees)]


def test_names_that_differ_in_case_are_found_in_any_folder() -> None:
    assert found(plain(Readme=1, d__e__A=1), plain(README=1, d__e__a=1)) == [
        (b"Readme", b"README"),
        (b"d/e/A", b"d/e/a"),
    ]


def test_folders_that_differ_in_case_are_found_once() -> None:
    assert found(plain(Src__a=1, Src__b=1), plain(src__a=1, src__c=1)) == [(b"Src", b"src")]


def test_a_folder_and_a_file_that_differ_in_case_are_found() -> None:
    assert found(plain(Src__a=1), plain(src=1)) == [(b"Src", b"src")]


def test_names_that_are_on_one_side_together_are_its_own_matter() -> None:
    assert found(plain(a=1, A=1), plain(b=1)) == []


def test_names_of_which_one_did_not_come_into_the_result_do_not_meet() -> None:
    assert found(plain(a=1, k=1), plain(A=1, k=2), plain(a=1, k=3)) == []


def test_equal_names_do_not_collide() -> None:
    assert found(plain(a=1, x=1), plain(a=2, y=1), plain(a=3, x=1, y=1)) == []


def test_letters_that_are_encoded_in_two_ways_are_found_and_said_so() -> None:
    memory = Memory()
    names = [unicodedata.normalize(form, "\u00fc").encode() for form in ("NFC", "NFD")]
    left, right = ({name: (b"100644", 1)} for name in names)
    (only,) = collisions(memory, memory.tree(left), memory.tree(right), memory.tree({**left, **right}))
    assert "encoded" in only.finding.message
    assert (only.path, only.other) == (names[0], names[1])
    assert only.finding.severity == "hard"


def test_bytes_that_are_no_text_are_compared_as_they_are() -> None:
    left: Files = {b"\xffA": (b"100644", 1)}
    assert found(left, {b"\xffa": (b"100644", 1)}) == [(b"\xffA", b"\xffa")]
    assert found(left, {b"\xfeA": (b"100644", 1)}) == []
