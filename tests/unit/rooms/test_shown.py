"""What editors have shown is found again, by its text or only by its digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs.rooms import shown
from anvcs.rooms.shown import Shown

PATH = "src/app.py"


def test_a_text_that_any_window_has_shown_is_known_in_its_own_room_only(tmp_path: Path) -> None:
    shown.note(tmp_path, PATH, "room", 1, "one", 10)
    shown.note(tmp_path, PATH, "room", 1, "two", 20)
    shown.note(tmp_path, PATH, "room", 2, "one", 30)
    assert shown.last_shown(tmp_path, PATH, "room", "one") == 30
    assert shown.last_shown(tmp_path, PATH, "room", "two") == 20
    assert shown.last_shown(tmp_path, PATH, "room", "three") is None
    assert shown.last_shown(tmp_path, PATH, "another", "one") is None
    assert shown.last_shown(tmp_path, "src/other.py", "room", "one") is None


def test_an_entry_that_was_cut_off_hides_no_other(tmp_path: Path) -> None:
    shown.note(tmp_path, PATH, "room", 1, "one", 10)
    shown.note(tmp_path, PATH, "room", 1, "two", 20)
    (file,) = tmp_path.rglob(f"*{shown.SEEN}")
    file.write_bytes(file.read_bytes()[:-3])
    assert shown.last_shown(tmp_path, PATH, "room", "one") == 10
    assert shown.last_shown(tmp_path, PATH, "room", "two") is None


def test_the_oldest_of_many_texts_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "ENTRIES", 4)
    for number in range(8):
        shown.note(tmp_path, PATH, "room", 1, str(number), number)
    known = [number for number in range(8) if shown.last_shown(tmp_path, PATH, "room", str(number)) is not None]
    assert known == [4, 5, 6, 7]


def test_what_a_window_has_shown_goes_with_its_last_text(tmp_path: Path) -> None:
    for client in range(1, shown.KEPT + 2):
        shown.note(tmp_path, PATH, "room", client, f"shown {client}", 10)
        shown.write(tmp_path, PATH, client, Shown("room", f"last {client}"))
    assert shown.read(tmp_path, PATH, "room")[-1] == "last 2"
    assert shown.last_shown(tmp_path, PATH, "room", "shown 1") is None
    assert shown.last_shown(tmp_path, PATH, "room", "shown 2") == 10


def test_what_was_on_its_way_to_an_editor_comes_before_what_it_showed(tmp_path: Path) -> None:
    shown.write(tmp_path, PATH, 1, Shown("room", "shown", "coming"))
    shown.write(tmp_path, PATH, 2, Shown("another", "elsewhere"))
    assert shown.read(tmp_path, PATH, "room") == ["coming", "shown"]


def test_what_only_living_windows_have_shown_is_nothing_that_comes_back(tmp_path: Path) -> None:
    for client, texts in ((1, ("first", "both")), (2, ("first", "both", "only here"))):
        for time, text in enumerate(texts):
            shown.note(tmp_path, PATH, "room", client, text, time)
    shown.write(tmp_path, PATH, 1, Shown("room", "first"))
    shown.write(tmp_path, PATH, 2, Shown("room", "only here", "both"))
    assert shown.by_the_gone(tmp_path, PATH, "room", {2}) == ["first", "both"]
    assert set(shown.by_the_gone(tmp_path, PATH, "room", {1})) == {"first", "both", "only here"}
    assert shown.by_the_gone(tmp_path, PATH, "room", {1, 2}) == []
