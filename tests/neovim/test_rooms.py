"""Two Neovims and an agent on one file: what VS Code's windows are put through, with the same outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Repo
from tests.neovim.conftest import Open, ai_vcs
from tests.neovim.editor import Neovim, eventually
from tests.rounds import FIRST, Rounds, agent_writes

ROUNDS = 20


@pytest.fixture
def file(repo: Repo) -> Path:
    """A committed file."""
    repo.write("src/shared.txt", FIRST)
    repo.git_commit("a file")
    return repo.path / "src/shared.txt"


@pytest.fixture
def pair(neovim: Open, file: Path) -> Sequence[Neovim]:
    """Two Neovims with the file in its room."""
    editors = [neovim(), neovim()]
    for each in editors:
        each.edit(file)
    return editors


def test_what_is_typed_in_one_is_shown_in_the_other_where_it_belongs(pair: Sequence[Neovim], file: Path) -> None:
    one, two = pair
    one.keys("Oé😀漢<Esc>")
    shown(two, "é😀漢\n" + FIRST)
    two.keys("A👪!<Esc>")
    shown(one, "é😀漢👪!\n" + FIRST)
    one.keys("Gonach 😀<CR>und 漢<Esc>")
    shown(two, "é😀漢👪!\n" + FIRST + "nach 😀\nund 漢\n")
    two.keys("ggddG0r字")
    shown(one, FIRST + "nach 😀\n字nd 漢\n")
    assert file.read_text("utf-8") == FIRST


def test_a_save_is_one_that_all_know_of(pair: Sequence[Neovim], file: Path) -> None:
    one, two = pair
    one.keys("Oone<Esc>")
    shown(two, "one\n" + FIRST)
    assert two.modified()
    one.keys(":w<CR>")
    eventually(lambda: file.read_text() == one.text() and not two.modified(), "saved everywhere")
    two.keys("Otwo<Esc>:w<CR>")
    eventually(lambda: file.read_text() == "two\none\n" + FIRST and not one.modified(), "saved everywhere")
    # To their own eyes nobody wrote the file behind their backs.
    for each in pair:
        each.lua("vim.cmd.checktime()")
        assert not re.search("W1[12]|changed since", each.messages()), each.messages()


@pytest.mark.promise("neovim.undo-only-own")
def test_undo_takes_back_ones_own_edits_and_never_anothers(pair: Sequence[Neovim]) -> None:
    one, two = pair
    one.keys("Omine<Esc>")
    shown(two, "mine\n" + FIRST)
    one.keys(":undo<CR>")
    shown(two, FIRST)
    one.keys("Omine<Esc>")
    shown(two, "mine\n" + FIRST)
    outside(pair, "agent: 0", "agent: 1")
    one.keys(":undo<CR>")
    one.keys("u")
    for each in pair:
        shown(each, FIRST.replace("agent: 0", "agent: 1"))
    one.keys("<C-r>")
    for each in pair:
        shown(each, "mine\n" + FIRST.replace("agent: 0", "agent: 1"))


def test_a_cursor_stays_in_its_text_when_others_write(pair: Sequence[Neovim]) -> None:
    one, two = pair
    two.keys("/both<CR>A")
    for number in range(5):
        one.keys(f"ggOabove {number}<Esc>")
    eventually(lambda: "above 4" in two.text(), "shown")
    two.keys("kept<Esc>")
    eventually(lambda: "both: kept\n" in one.text(), "typed where the cursor was")
    # Right at the cursor: what others insert there comes after it.
    two.keys("/agent<CR>i")
    one.keys("/agent<CR>iother <Esc>")
    eventually(lambda: "other agent" in two.text(), "shown")
    two.keys("mine <Esc>")
    eventually(lambda: "mine other agent: 0\n" in one.text(), "typed before it")


def test_formatters_of_two_that_save_at_once_do_their_work_once(pair: Sequence[Neovim], file: Path) -> None:
    formatter = """
    vim.api.nvim_create_autocmd('BufWritePre', { callback = function()
      if vim.api.nvim_buf_get_lines(0, 0, 1, false)[1] ~= '# tides' then
        vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# tides' })
      end
    end })
    """
    for each in pair:
        each.lua(formatter)
    for number in range(1, 7):
        wanted = FIRST.replace("ada: ", f"ada: {'a' * number}")
        pair[0].keys("ggdd/^ada<CR>Aa<Esc>")
        for each in pair:
            shown(each, wanted.removeprefix("# tides\n"))
        for each in pair:
            each.keys(":w<CR>")
        for each in pair:
            shown(each, wanted)
        eventually(lambda wanted=wanted: file.read_text() == wanted, "saved")


def test_a_file_that_cannot_be_written_keeps_its_text_and_says_so(pair: Sequence[Neovim], file: Path) -> None:
    one, two = pair
    one.keys("Oone<Esc>")
    shown(two, "one\n" + FIRST)
    file.parent.rename(file.parent.with_name("elsewhere"))
    one.keys(":w<CR>")
    eventually(lambda: "not saved: " in one.messages(), "told")
    assert one.modified()
    file.parent.with_name("elsewhere").rename(file.parent)
    one.keys(":w<CR>")
    eventually(lambda: not one.modified(), "saved")
    assert file.read_text() == two.text() == "one\n" + FIRST


@pytest.mark.promise("neovim.killed-server")
def test_a_server_that_is_killed_comes_back_and_nothing_is_lost(pair: Sequence[Neovim], file: Path) -> None:
    one, two = pair
    one.keys("Obefore<Esc>")
    shown(two, "before\n" + FIRST)
    one.kill_server()
    one.keys("Omeanwhile<Esc>")
    two.keys("Gobeside<Esc>")
    for each in pair:
        shown(each, "meanwhile\nbefore\n" + FIRST + "beside\n")
    one.keys(":w<CR>")
    eventually(lambda: file.read_text() == two.text(), "saved")


def test_what_is_read_again_from_the_file_gives_up_nobody_elses_text(pair: Sequence[Neovim], file: Path) -> None:
    one, two = pair
    one.keys("Oone<Esc>")
    shown(two, "one\n" + FIRST)
    two.keys(":edit!<CR>")
    for each in pair:
        shown(each, "one\n" + FIRST)
    assert file.read_text() == FIRST


def test_rooms_that_are_switched_off_leave_a_plain_editor(repo: Repo, pair: Sequence[Neovim], file: Path) -> None:
    one, two = pair
    one.keys("Oone<Esc>")
    shown(two, "one\n" + FIRST)
    ai_vcs(repo, "rooms", "off")
    for each in pair:
        eventually(lambda each=each: each.room().get("state") == "off", "off")
    one.keys("Oalone<Esc>u:w<CR>")
    eventually(lambda: not one.modified(), "saved")
    assert file.read_text() == one.text() == two.text()


def test_line_ends_and_a_missing_last_one_stay_as_they_are(repo: Repo, neovim: Open) -> None:
    repo.write("src/crlf.txt", "é\r\n😀 b")
    file = repo.path / "src/crlf.txt"
    editors = [neovim(), neovim()]
    for each in editors:
        each.edit(file)
    one, two = editors
    one.keys("Oone<Esc>")
    shown(two, "one\né\n😀 b")
    two.keys("GA!<Esc>:w<CR>")
    eventually(lambda: file.read_bytes().decode() == "one\r\né\r\n😀 b!", "saved")
    shown(one, "one\né\n😀 b!")


@pytest.mark.promise("neovim.conformance")
@pytest.mark.timeout(240)
def test_unsaved_typing_in_two_neovims_and_an_agents_writes_all_stay(pair: Sequence[Neovim], file: Path) -> None:
    rounds = Rounds()
    for _ in range(ROUNDS):
        turns = rounds.next()
        for each, (place, _) in zip(pair, turns, strict=True):
            each.keys(f"<Esc>gg/^{place}<CR>A")
        for index in range(4):
            for each, (_, letters) in zip(pair, turns, strict=True):
                each.keys(letters[index : index + 1])
            if index == 1:
                agent_writes(file, rounds.number)
        for each in pair:
            each.keys("<Esc>:w<CR>")
        agreed(pair, file, rounds)
    credited(pair[0])
    for each in pair:
        assert not re.search(r"W1\d|E\d+:", each.messages()), each.messages()


def shown(editor: Neovim, text: str) -> None:
    """Wait until an editor shows a text."""
    try:
        eventually(lambda: editor.text() == text, repr(text))
    except AssertionError as error:
        raise AssertionError(f"{error}; {editor.text()!r} {editor.room()} {editor.messages()}") from None


def outside(pair: Sequence[Neovim], before: str, after: str) -> None:
    """Somebody changes the file, from what is in it."""
    path = Path(str(pair[0].lua("return vim.api.nvim_buf_get_name(0)")))
    path.write_text(path.read_text().replace(before, after))
    for each in pair:
        eventually(lambda each=each: after in each.text(), after)


def agreed(pair: Sequence[Neovim], file: Path, rounds: Rounds) -> None:
    """Wait until both editors and the file have one text, saving what is unsaved; it must be the right one."""
    seen: list[str] = []

    def agree() -> bool:
        for each in pair:
            if each.modified():
                each.keys(":w<CR>")
        seen[:] = [*(each.text() for each in pair), file.read_bytes().decode()]
        settled = len(set(seen)) == 1 and not any(each.modified() for each in pair)
        return settled and not rounds.faults(seen[0]) and "" not in seen[0].splitlines()

    try:
        eventually(agree, f"one text everywhere in round {rounds.number}")
    except AssertionError as error:
        told = [f"{rounds.faults(text)}\n{text}" for text in seen]
        raise AssertionError("\n".join((str(error), *(each.messages() for each in pair), *told))) from None


def credited(editor: Neovim) -> None:
    """Letters are their typist's, and what the agent wrote is nobody's who types."""
    lines = editor.text().split("\n")
    for each in editor.attribution():
        start, end = each["range"]["start"], each["range"]["end"]
        for number in range(start["line"], end["line"] + 1):
            last = end["character"] if number == end["line"] else None
            part = lines[number][start["character"] if number == start["line"] else 0 : last]
            typed = lines[number].startswith(("ada: ", "ben: ", "both: ")) and part.strip("adbenoth: ")
            assert not typed or each["actor"].startswith("human:"), (part, each)
            assert not part.startswith("note") or not each["actor"].startswith("human:"), (part, each)
