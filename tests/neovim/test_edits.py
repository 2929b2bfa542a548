"""Edits of a room in a Neovim buffer: one change each, the right text, and the cursor in its place."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anvcs.rooms.lines import Lines
from tests.neovim.editor import Neovim

PIECES = ("a", "é", "😀", "漢字", "\n", "x\ny", "")
APPLY = """
local text, cursor, edits = ...
local final = text:sub(-1) == '\\n'
vim.cmd.enew({ bang = true })
vim.bo.endofline, vim.bo.fixendofline = final, false
vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(final and text:sub(1, -2) or text, '\\n', { plain = true }))
vim.api.nvim_win_set_cursor(0, { cursor[1] + 1, 0 })
local line = vim.api.nvim_get_current_line()
vim.cmd.startinsert()
vim.api.nvim_win_set_cursor(0, { cursor[1] + 1, vim.str_byteindex(line, 'utf-16', cursor[2], false) })
local changes = 0
vim.api.nvim_buf_attach(0, false, { on_lines = function() changes = changes + 1 end })
require('anvcs.edits').apply(vim.api.nvim_get_current_buf(), edits, 'utf-16')
local at = require('anvcs.edits').position(0, vim.api.nvim_win_get_cursor(0), 'utf-16')
vim.cmd.stopinsert()
return { text = require('anvcs.edits').text(0), changes = changes, line = at.line, character = at.character }
"""


@pytest.fixture
def editor(tmp_path: Path, env: dict[str, str]) -> Iterator[Neovim]:
    """A Neovim."""
    made = Neovim(tmp_path / "nvim", env, tmp_path)
    yield made
    made.close()


def test_edits_give_the_same_text_as_anywhere_in_one_change(editor: Neovim) -> None:
    rng = random.Random(11)  # noqa: S311 - reproducible
    for _ in range(300):
        text = "".join(rng.choices(PIECES, k=rng.randrange(1, 12)))
        places = sorted(rng.randrange(len(text) + 1) for _ in range(2 * rng.randrange(1, 4)))
        edits = [(places[i], places[i + 1], rng.choice(PIECES)) for i in range(0, len(places), 2)]
        # Apart from each other, as the server sends them.
        edits = [each for i, each in enumerate(edits) if i == 0 or each[0] > edits[i - 1][1]]
        expected = text
        for start, end, new in reversed(edits):
            expected = expected[:start] + new + expected[end:]
        cursor = rng.randrange(len(text) + 1)
        found = apply(editor, text, cursor, edits)
        case = (text, edits, cursor, found)
        assert found["text"] == expected, case
        assert found["changes"] <= 1, case


def test_a_cursor_stays_before_what_is_written_at_it_and_moves_with_what_is_before(editor: Neovim) -> None:
    text = "é😀 one\ntwo 漢\nthree\n"
    for place, edits, line, character in (
        (text.index("two"), [(0, 0, "new\n")], 2, 0),
        (text.index("two") + 1, [(text.index("two"), text.index("two"), "字😀")], 1, 4),
        (text.index("one"), [(text.index("one"), text.index("one"), "zero ")], 0, 4),
        (text.index("wo"), [(0, text.index("two"), "")], 0, 1),
        (text.index("wo"), [(0, text.index("three"), "x")], 0, 1),
        (text.index("ree"), [(0, 0, "a\nb"), (text.index("two"), text.index("two"), "\n")], 4, 2),
    ):
        found = apply(editor, text, place, edits)
        assert (found["line"], found["character"]) == (line, character), (place, edits, found)


def apply(editor: Neovim, text: str, cursor: int, edits: list[tuple[int, int, str]]) -> dict[str, Any]:
    """What comes of edits in a buffer; places count code points."""
    lines = Lines(text)
    last = text.count("\n") - text.endswith("\n")
    line, character = lines.position(cursor)
    if line > last:
        line, character = last, 0
    sent = [
        {
            "range": {
                side: dict(zip(("line", "character"), lines.position(place), strict=True))
                for side, place in (("start", start), ("end", end))
            },
            "newText": new,
        }
        for start, end, new in edits
    ]
    found: dict[str, Any] = editor.lua(APPLY, text, [line, character], sent)
    return found
