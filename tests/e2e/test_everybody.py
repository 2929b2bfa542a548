"""Everybody at once on one file, with two windows of real VS Code."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.others import Others, Words
from tests.e2e.repository import Repository
from tests.e2e.rooms_support import RoomWindow, eventually, room_file
from tests.e2e.test_rooms import open_window, probes, rooms_editor

pytestmark = pytest.mark.editor
__all__ = ["open_window", "probes", "rooms_editor"]
SECONDS: Final = float(os.environ.get("ANVCS_EVERYBODY_SECONDS", "20"))
"""For how long; longer on wish: ANVCS_EVERYBODY_SECONDS=60."""
LINES: Final = 8
BEGIN: Final = "first é\nsecond \N{GRINNING FACE}\nthird 漢字\n" + "line\n" * LINES + "end\n"
NOOR: Final = "human:noor@example.org"


@pytest.fixture
def file(repository: Repository) -> Path:
    """A file with CRLF in a repository whose rooms are on."""
    return room_file(repository, "all.txt", BEGIN.replace("\n", "\r\n"))


@pytest.fixture
def windows(open_window: Callable[[Path], RoomWindow], file: Path) -> Sequence[RoomWindow]:
    """Two windows with the file open, both in its room."""
    found = [open_window(file.parent) for _ in range(2)]
    found[0].configure(
        files__autoSave="off",
        editor__quickSuggestions=False,
        editor__wordBasedSuggestions="off",
        editor__acceptSuggestionOnEnter="off",
    )
    for window in found:
        window.show(file)
        window.in_room()
    return found


@pytest.fixture
def words() -> Words:
    """What everybody wrote."""
    return Words()


@pytest.fixture
def others(windows: Sequence[RoomWindow], repository: Repository, file: Path, words: Words) -> Iterator[Others]:
    """All who are no window, in the room."""
    del windows
    made = Others(repository, file, words)
    yield made
    made.close()


@pytest.mark.promise("rooms-editor.everybody-at-once")
@pytest.mark.timeout(240 + 3 * SECONDS)
def test_everybody_changes_one_file_and_nothing_is_lost_doubled_or_credited_to_another(
    windows: Sequence[RoomWindow], others: Others, words: Words, file: Path
) -> None:
    rng = random.Random(7)  # noqa: S311 - reproducible
    others.start()
    until = time.monotonic() + SECONDS
    turn = 0
    while time.monotonic() < until:
        turn += 1
        for kind, window in zip("ab", windows, strict=True):
            _type(window, words.word(kind, NOOR), rng)
            if turn % 4 == 0:
                window.press("Control+s")
    others.stop()
    text = _agreed(windows, others, file)
    for number, window in enumerate(windows):
        window.workbench.picture(f"rooms-9-everybody-{number}")
        assert window.complaints() == []
    # A write that an editor writes over before anybody came to read it is lost: a limit that README tells.
    assert len(others.again) <= 1 + turn // 20, others.again
    assert sorted(text.splitlines()) == sorted([*BEGIN.splitlines(), *words.wrote])
    credited = others.credited()
    assert len(credited) == len(text)
    for word, (actor, how) in words.wrote.items():
        place = text.index(word)
        found = set(credited[place : place + len(word)])
        assert {who for who, _ in found} == {actor}, word
        assert {known for _, known in found} <= set(how), word


def _type(window: RoomWindow, word: str, rng: random.Random) -> None:
    """Type a line above one of the first, in two pieces."""
    window.focus_editor()
    window.caret_by_keys(rng.randrange(LINES))
    half = word.index(" ")
    window.type(word[:half])
    window.type(word[half:] + "\n")


def _agreed(windows: Sequence[RoomWindow], others: Others, file: Path) -> str:
    """Wait until all show one text and the file has it, saving what is unsaved; gives it."""
    shown: list[str] = []

    def agree() -> bool:
        for window in windows:
            if window.is_dirty(file):
                window.focus_editor()
                window.press("Control+s")
        shown[:] = [window.text(file) for window in windows]
        shown.append(file.read_bytes().decode())
        shown[:] = [text.replace("\r\n", "\n") for text in shown] + others.texts()
        return len(set(shown)) == 1

    try:
        eventually(windows[0], agree, "one text everywhere", 40)
    except AssertionError as error:
        raise AssertionError("\n".join(map(repr, shown))) from error
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")
    return shown[0]
