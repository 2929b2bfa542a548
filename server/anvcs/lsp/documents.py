r"""Open documents, kept as lines, so that a keystroke costs the same in a short file and a long one.

pygls splits and joins the whole text for every change, and splits where Python does (form feed, U+2028 ...), which
no editor calls a line; the protocol knows ``\n``, ``\r\n`` and ``\r`` only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, cast
from urllib.parse import unquote

import msgspec
from lsprotocol import types
from pygls.workspace import TextDocument, Workspace

from anvcs.lsp.places import Range

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")

_CODECS: dict[str, tuple[Literal["utf-8", "utf-16-le", "utf-32-le"], int]] = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}


class Change(msgspec.Struct, frozen=True):
    """What replaces a range, or the whole document."""

    text: str
    range: Range | None = None


class ChangedDocument(msgspec.Struct, frozen=True):
    """Which document changed, and to which version."""

    uri: str
    version: int


class DidChange(msgspec.Struct, frozen=True, rename="camel"):
    """The parameters of ``textDocument/didChange``, read without pygls on the way of every keystroke."""

    text_document: ChangedDocument
    content_changes: list[Change]


def split_lines(text: str) -> list[str]:
    """The lines with their ends; always at least one, the last without an end."""
    lines = cast("list[str]", _LINE.findall(text)) if text else []
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def code_point_column(line: str, units: int, encoding: str) -> int:
    """Where a column in client units is in the line; past the end is the end, inside a character is after it."""
    content = line.rstrip("\r\n")
    if content.isascii():
        return min(units, len(content))
    codec, size = _CODECS[encoding]
    try:
        encoded = content.encode(codec)
    except UnicodeEncodeError:
        return _column_by_character(content, units, encoding)
    left = encoded[: units * size]
    column = len(left.decode(codec, "ignore"))
    # A cut inside a character dropped the character's beginning.
    return column if len(content[:column].encode(codec)) == len(left) else column + 1


def _column_by_character(content: str, units: int, encoding: str) -> int:
    """The slow way, for text with half surrogate pairs: each counts as what it is."""
    codec, size = _CODECS[encoding]
    used = 0
    for column, character in enumerate(content):
        if used >= units:
            return column
        used += len(character.encode(codec, "surrogatepass")) // size
    return len(content)


class LineDocument(TextDocument):
    """A pygls document whose text is a list of lines, spliced where it changes."""

    def __init__(self, uri: str, source: str, version: int | None, language_id: str | None, encoding: str) -> None:
        super().__init__(uri, source=None, version=version, language_id=language_id)
        self._encoding = encoding
        self._lines = split_lines(source)

    @property
    def source(self) -> str:
        """The whole text."""
        return "".join(self._lines)

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends, as pygls has them: no empty one after a final line end."""
        return tuple(self._lines if self._lines[-1] else self._lines[:-1])

    def line(self, number: int) -> str:
        """One line with its end, counted from 0; empty past the end."""
        return self._lines[number] if 0 <= number < len(self._lines) else ""

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        """Take a change in pygls' own form."""
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            self.splice(start.line, start.character, end.line, end.character, change.text)
        else:
            self._lines = split_lines(change.text)

    def take(self, change: Change) -> None:
        """Take a change in our form."""
        if change.range is None:
            self._lines = split_lines(change.text)
        else:
            start, end = change.range.start, change.range.end
            self.splice(start.line, start.character, end.line, end.character, change.text)

    def splice(self, start_line: int, start_column: int, end_line: int, end_column: int, text: str) -> None:
        """Put text in place of a range; places past the end mean the end."""
        if (end_line, end_column) < (start_line, start_column):
            start_line, start_column, end_line, end_column = end_line, end_column, start_line, start_column
        lines = self._lines
        last = len(lines) - 1
        if start_line > last:
            start_line, head = last, lines[last]
        else:
            head = lines[start_line][: code_point_column(lines[start_line], start_column, self._encoding)]
        if end_line > last:
            end_line, tail = last, ""
        else:
            tail = lines[end_line][code_point_column(lines[end_line], end_column, self._encoding) :]
        middle = head + text + tail
        if start_line and middle[:1] == "\n" and lines[start_line - 1][-1:] == "\r":
            # The line end before the range and the new text's beginning are one line end now.
            start_line -= 1
            middle = lines[start_line] + middle
        elif start_line == end_line and "\n" not in text and "\r" not in text:
            lines[start_line] = middle
            return
        new = split_lines(middle)
        if end_line < last and not new[-1]:
            # The empty line after a final line end is the next line, which is there already.
            new.pop()
        lines[start_line : end_line + 1] = new


class Documents(Workspace):
    """pygls' workspace with our documents."""

    def _create_text_document(
        self, doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None
    ) -> TextDocument:
        if source is None:
            # Not open in the editor: pygls would read it from disk, on the loop, as soon as it is used.
            return super()._create_text_document(doc_uri, source, version, language_id)
        encoding = types.PositionEncodingKind(self.position_encoding or "utf-16").value
        return LineDocument(doc_uri, source, version, language_id, encoding)

    def opened(self, uri: str) -> LineDocument | None:
        """The document if the editor has it open."""
        document = self._text_documents.get(uri) or self._text_documents.get(unquote(uri))
        return document if isinstance(document, LineDocument) else None

    def texts(self) -> dict[str, tuple[int, str]]:
        """Every open document's version and text, by its URI."""
        return {
            uri: (document.version or 0, document.source)
            for uri, document in self._text_documents.items()
            if isinstance(document, LineDocument)
        }

    def change(self, params: DidChange) -> None:
        """Take what the user typed. Raises KeyError if the document is not open."""
        document = self.opened(params.text_document.uri)
        if document is None:
            raise KeyError(params.text_document.uri)
        for change in params.content_changes:
            document.take(change)
        document.version = params.text_document.version
