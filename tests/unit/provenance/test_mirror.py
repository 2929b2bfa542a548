"""The files in ``.ai/meta``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.provenance import mirror
from anvcs.provenance.mirror import Entry


def entry(number: int = 1, **fields: object) -> Entry:
    return Entry(
        commit_id=f"b3:{number:064x}",
        git_commit=f"{number:040x}",
        tree="a" * 40,
        metadata=wire.Metadata(**fields),  # pyright: ignore[reportArgumentType] - each test names valid fields
    )


def names(top: Path) -> list[str]:
    return sorted(file.name for file in (top / ".ai" / "meta").iterdir())


def test_a_file_has_the_seeds_shape_and_the_ids(tmp_path: Path) -> None:
    full = Entry(
        commit_id="b3:" + "1" * 64,
        git_commit="2" * 40,
        tree="3" * 40,
        change_id="k" * 32,
        operation_id="b3:" + "4" * 64,
        metadata=wire.Metadata(prompt="Why\n", tests_passed=True, coverage=91.2, agent_id="agent:a", extra={"é": 1}),
    )
    assert mirror.write(tmp_path, full) is None
    file = tmp_path / ".ai" / "meta" / ("1" * 64 + ".json")
    assert json.loads(file.read_text("utf-8")) == {
        "commit_id": "b3:" + "1" * 64,
        "git_commit": "2" * 40,
        "tree": "3" * 40,
        "change_id": "k" * 32,
        "operation_id": "b3:" + "4" * 64,
        "ai_meta": {
            "prompt": "Why\n",
            "tests_passed": True,
            "coverage": 91.2,
            "agent_id": "agent:a",
            "artifacts": [],
            "schema_version": 1,
            "extra": {"é": 1},
        },
    }
    assert file.read_bytes().endswith(b"}\n")
    assert names(tmp_path) == [file.name], "nothing temporary stays"


@pytest.mark.promise("provenance.mirror")
def test_the_last_hundred_written_stay(tmp_path: Path) -> None:
    home = tmp_path / ".ai" / "meta"
    for number in range(103):
        assert mirror.write(tmp_path, entry(number)) is None
        os.utime(home / entry(number).file_name, (number, number))
    (home / "README").write_text("a person's own file")
    assert mirror.write(tmp_path, entry(200)) is None
    assert names(tmp_path) == [*(entry(number).file_name for number in range(4, 103)), entry(200).file_name, "README"]


def test_the_file_just_written_stays_even_if_the_clock_went_back(tmp_path: Path) -> None:
    for number in range(3):
        mirror.write(tmp_path, entry(number), kept=2)
        os.utime(tmp_path / ".ai" / "meta" / entry(number).file_name, (1 << 33, 1 << 33))
    assert entry(2).file_name in names(tmp_path)
    assert len(names(tmp_path)) == 2


@pytest.mark.promise("provenance.mirror")
def test_it_is_rebuilt_from_the_newest(tmp_path: Path) -> None:
    for number in range(3):
        mirror.write(tmp_path, entry(number))
    assert mirror.rebuild(tmp_path, (entry(number) for number in range(9, 1, -1)), kept=4) is None
    assert names(tmp_path) == [entry(number).file_name for number in range(6, 10)]


def test_writing_again_replaces(tmp_path: Path) -> None:
    mirror.write(tmp_path, entry(prompt="one"))
    mirror.write(tmp_path, entry(prompt="two"))
    assert json.loads((tmp_path / ".ai" / "meta" / entry().file_name).read_text("utf-8"))["ai_meta"]["prompt"] == "two"


@pytest.mark.promise("provenance.mirror-stays-inside")
@pytest.mark.parametrize("link", [".ai", ".ai/meta"])
def test_a_link_out_of_the_work_tree_is_not_followed(tmp_path: Path, link: str) -> None:
    outside, top = tmp_path / "outside", tmp_path / "top"
    outside.mkdir()
    (top / link).parent.mkdir(parents=True)
    (top / link).symlink_to(outside)
    said = mirror.write(top, entry())
    assert said is not None
    assert f"{link} is a symbolic link" in said
    assert mirror.rebuild(top, [entry()]) == said
    assert list(outside.iterdir()) == []


@pytest.mark.promise("provenance.mirror-stays-inside")
def test_a_file_that_is_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    mirror.write(tmp_path, entry(2))
    (tmp_path / ".ai" / "meta" / entry().file_name).symlink_to(target)
    assert mirror.write(tmp_path, entry()) is None
    assert target.read_text("utf-8") == "precious"
    assert not (tmp_path / ".ai" / "meta" / entry().file_name).is_symlink()


@pytest.mark.promise("provenance.mirror")
def test_a_failure_is_a_sentence_and_not_an_error(tmp_path: Path) -> None:
    (tmp_path / ".ai").write_text("a file of someone")
    said = mirror.write(tmp_path, entry())
    assert said is not None
    assert said.startswith(".ai/meta was not updated: ")
    assert (tmp_path / ".ai").read_text("utf-8") == "a file of someone"
    assert mirror.write(tmp_path / "missing", entry()) is not None
    assert not (tmp_path / "missing").exists()
