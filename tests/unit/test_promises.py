"""The manifest and the tests agree, in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises import all_marks, load, marks


def test_every_promise_has_a_test() -> None:
    shown = {mark.id for mark in all_marks() if mark.on_test}
    assert sorted(load().keys() - shown) == []


def test_every_mark_names_a_promise() -> None:
    promises = load()
    assert [mark for mark in all_marks() if mark.id not in promises] == []


def test_every_mark_is_attached_to_a_test() -> None:
    assert [mark for mark in all_marks() if not mark.on_test] == []


def test_a_mark_counts_on_tests_classes_and_modules_only() -> None:
    source = """
import pytest
pytestmark = [pytest.mark.promise("a.module")]

@pytest.mark.promise("a.class")
class TestThing:
    @pytest.mark.promise("a.method", "a.second")
    async def test_it(self): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.promise("a.param"))])
def test_param(x): ...

@pytest.mark.promise("a.helper")
def helper(): ...
"""
    found = {mark.id: mark.on_test for mark in marks(source, "x.py")}
    assert found == {
        "a.module": True,
        "a.class": True,
        "a.method": True,
        "a.second": True,
        "a.param": True,
        "a.helper": False,
    }


def test_a_mark_with_a_computed_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x\.py:1: a promise is named by a plain string"):
        list(marks("pytest.mark.promise(name)", "x.py"))


def test_a_duplicate_promise_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text('PROMISES = {"x.same": ("Same.", "here")}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.py: x\.same is promised twice"):
        load(tmp_path)


@pytest.mark.parametrize("entry", ['"noarea": ("A.", "s")', '"a.b": ("no full stop", "s")', '"a.b": ("A.", "")'])
def test_a_malformed_promise_is_refused(tmp_path: Path, entry: str) -> None:
    (tmp_path / "a.py").write_text(f"PROMISES = {{{entry}}}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"needs an id"):
        load(tmp_path)
