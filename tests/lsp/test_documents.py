"""Incremental changes: pygls' own document as the oracle, and the protocol's words where pygls differs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument

from anvcs.lsp.documents import Change, LineDocument, code_point_column, split_lines
from anvcs.lsp.places import Position, Range
from tests.lsp.client import FakeActions, always, bounded, connected

ENCODINGS = ("utf-8", "utf-16", "utf-32")

# What pygls splits lines at too.
AGREED = st.text(st.sampled_from("ab\n\r\té😋ↁ"), max_size=30)
# Form feed, file separator, next line, line and paragraph separators, halves of a surrogate pair.
ANY = st.text(st.sampled_from("ab\n\r😋é\x0c\x0b\x1c\x85\u2028\u2029\ud83d\ude0b"), max_size=30)


class Edit(NamedTuple):
    """One change by code points."""

    start: int
    end: int
    text: str


def units(text: str, encoding: str) -> int:
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return sum(len(character.encode(codec, "surrogatepass")) // size for character in text)


def starts(text: str) -> list[int]:
    """Where each line begins, by the protocol's rules."""
    return [0, *(found.end() for found in re.finditer("\r\n|\r|\n", text))]


def position(text: str, offset: int, encoding: str) -> Position:
    """The place of an offset that is not inside a line end, in the client's units."""
    begins = [start for start in starts(text) if start <= offset]
    return Position(len(begins) - 1, units(text[begins[-1] : offset], encoding))


def places(text: str) -> list[int]:
    """Every offset that a client can name: none is between a carriage return and its line feed."""
    return [at for at in range(len(text) + 1) if text[at - 1 : at + 1] != "\r\n"]


@st.composite
def edited(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[str, list[Edit]]:
    text = first = draw(texts)
    edits: list[Edit] = []
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.lists(st.sampled_from(places(text)), min_size=2, max_size=2)))
        edits.append(Edit(start, end, draw(texts)))
        text = text[:start] + edits[-1].text + text[end:]
    return first, edits


def document(text: str, encoding: str) -> LineDocument:
    return LineDocument("file:///x", text, 1, "plaintext", encoding)


@pytest.mark.promise("lsp.documents-are-exact")
@pytest.mark.parametrize("encoding", ENCODINGS)
@given(case=edited(ANY))
def test_every_change_gives_the_text_that_the_client_has(encoding: str, case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    ours = document(text, encoding)
    for edit in edits:
        span = Range(position(text, edit.start, encoding), position(text, edit.end, encoding))
        ours.take(Change(edit.text, span))
        text = text[: edit.start] + edit.text + text[edit.end :]
        assert ours.source == text
        assert list(ours.lines) == [line for line in split_lines(text) if line]
        assert [ours.line(number) for number in range(len(starts(text)) + 1)] == [*split_lines(text), ""]


@pytest.mark.promise("lsp.documents-are-exact")
@pytest.mark.parametrize("encoding", ENCODINGS)
@given(case=edited(AGREED))
def test_every_change_gives_the_text_that_pygls_would_have(encoding: str, case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    ours = document(text, encoding)
    theirs = TextDocument("file:///x", text, position_codec=PositionCodec(encoding))
    for edit in edits:
        start, end = position(text, edit.start, encoding), position(text, edit.end, encoding)
        span = types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))
        change = types.TextDocumentContentChangePartial(span, edit.text)
        ours.apply_change(change)
        theirs.apply_change(change)
        text = text[: edit.start] + edit.text + text[edit.end :]
        assert ours.source == theirs.source == text
        assert ours.lines == theirs.lines


@given(text=ANY)
def test_lines_are_what_the_protocol_calls_lines(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert len(lines) == len(starts(text))
    assert all(re.fullmatch("[^\r\n]*(\r\n|\r|\n)", line) for line in lines[:-1])
    assert re.fullmatch("[^\r\n]*", lines[-1])


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(line=st.text(st.sampled_from("ab😋é\ud83d\ude0b"), max_size=12))
def test_a_column_is_found_from_every_unit(encoding: str, line: str) -> None:
    for column in range(len(line) + 1):
        assert code_point_column(line + "\r\n", units(line[:column], encoding), encoding) == column
    assert code_point_column(line + "\n", 1000, encoding) == len(line)


def test_a_place_inside_a_character_is_after_it_and_places_past_the_end_are_the_end() -> None:
    assert code_point_column("😋b", 1, "utf-16") == 1
    assert [code_point_column("é😋", at, "utf-8") for at in range(8)] == [0, 1, 1, 2, 2, 2, 2, 2]
    far = Position(99, 99)
    for text in ("", "a", "a\n", "a\r\nb"):
        ours = document(text, "utf-16")
        ours.take(Change("!", Range(far, far)))
        assert ours.source == text + "!"
        ours.take(Change("new", Range(Position(0, 0), far)))
        assert ours.source == "new"


def test_a_range_the_wrong_way_round_is_turned() -> None:
    ours = document("abc", "utf-16")
    ours.take(Change("-", Range(Position(0, 2), Position(0, 1))))
    assert ours.source == "a-c"


def test_a_line_end_made_of_two_halves_is_one() -> None:
    ours = document("a\rb\n", "utf-16")
    ours.take(Change("", Range(Position(1, 0), Position(1, 1))))
    assert (ours.source, list(ours.lines)) == ("a\r\n", ["a\r\n"])
    ours = document("a\rb", "utf-16")
    ours.take(Change("\n", Range(Position(1, 0), Position(1, 0))))
    assert (ours.source, list(ours.lines)) == ("a\r\nb", ["a\r\n", "b"])


def test_the_whole_document_is_replaced_in_both_forms() -> None:
    ours = document("old\ntext", "utf-16")
    ours.take(Change("new\n"))
    assert ours.source == "new\n"
    ours.apply_change(types.TextDocumentContentChangeWholeDocument("again"))
    assert ours.source == "again"


@pytest.mark.promise("lsp.documents-are-exact")
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_what_is_typed_reaches_the_server_in_the_agreed_units(tmp_path: Path, encoding: str) -> None:
    actions = FakeActions()
    seen: list[Any] = []
    actions.explain = lambda *arguments: seen.append(arguments[4])  # pyright: ignore[reportUnknownLambdaType] - a fake
    uri = (tmp_path / "ä b.txt").as_uri()
    async with connected(tmp_path, actions) as client:
        result = await client.initialize(tmp_path, {"general": {"positionEncodings": [encoding]}})
        assert result["capabilities"]["positionEncoding"] == encoding
        client.open(uri, "\ud83d😋é\x0cx\r\nnext")
        hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        await client.request("textDocument/hover", hover)
        at = units("\ud83d😋é\x0c", encoding)
        span = {"start": {"line": 0, "character": at}, "end": {"line": 1, "character": 1}}
        client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": 2},
                "contentChanges": [{"range": span, "text": "\ude0b!"}, {"range": span, "text": ""}],
            },
        )
        await client.request("textDocument/hover", hover)
    assert seen == ["\ud83d😋é\x0cx\r\nnext", "\ud83d😋é\x0c"]


async def test_a_document_that_is_not_open_is_not_read_by_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = FakeActions()
    actions.explain = always("why")
    async with connected(tmp_path, actions) as client:
        await client.initialize(tmp_path)
        monkeypatch.setattr(Path, "read_text", always(None))
        hover = {"textDocument": {"uri": (tmp_path / "x").as_uri()}, "position": {"line": 0, "character": 0}}
        assert await bounded(client.begin("textDocument/hover", hover))
