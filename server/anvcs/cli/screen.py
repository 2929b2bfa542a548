"""Standard output: what it can show, and lines of styled text written to it."""

from __future__ import annotations

import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TextIO

from anvcs.errors import AnvcsError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Span = str | tuple[str, str]
"""Text, or text with a style that rich understands (``bold red``)."""

_LEAST = 20
"""Columns that a shrinking span keeps: less says nothing."""


class Line(NamedTuple):
    """One line of output; it wraps unless ``shrink`` names the span that gives way on a narrow terminal."""

    spans: tuple[Span, ...]
    shrink: int | None = None

    def plain(self) -> str:
        """The text without styles."""
        return "".join(span if isinstance(span, str) else span[0] for span in self.spans)


def line(*spans: Span) -> Line:
    """A line that wraps."""
    return Line(spans)


class Look(NamedTuple):
    """What the reader of standard output can see."""

    terminal: bool = False
    """A person is looking: colours, relative times, lines cut to ``width``."""
    colour: bool = False
    unicode: bool = True
    width: int | None = None
    """Columns; none in a pipe, where nothing is cut."""
    now: int | None = None
    """Seconds since 1970, for relative times; none in a pipe, where output is stable."""


def look(stream: TextIO, env: Mapping[str, str]) -> Look:
    """What standard output can show. NO_COLOR (any value but empty) and TERM=dumb turn colours off."""
    unicode = _can_encode(stream, "●│╮╯├")
    if not stream.isatty():
        return Look(unicode=unicode)
    colour = not env.get("NO_COLOR") and env.get("TERM") != "dumb"
    columns = env.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and int(columns) else shutil.get_terminal_size().columns
    return Look(terminal=True, colour=colour, unicode=unicode, width=width, now=int(time.time()))


def _can_encode(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def clean(text: str) -> str:
    r"""The text with control and bidirectional characters spelt out: ``\x1b``.

    Subjects, paths and prompts are other people's words; they must not drive the reader's terminal.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelt(char) if _drives_terminal(char) else char for char in text)


def _drives_terminal(char: str) -> bool:
    return char != "\t" and (
        unicodedata.category(char) in {"Cc", "Cs"} or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def _spelt(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode() if ord(char) > 127 else f"\\x{ord(char):02x}"


class OutputClosedError(Exception):
    """The reader of standard output went away, as ``head`` does; nothing is wrong."""


class Screen:
    """Writes lines, documents and raw text to standard output."""

    def __init__(self, stream: TextIO, look: Look) -> None:
        self.stream = stream
        self.look = look
        self._console: Console | None = None

    def lines(self, lines: Iterable[Line]) -> None:
        """Write lines, each as soon as it is made."""
        for each in lines:
            if self.look.terminal:
                self._on_terminal(each)
            else:
                self._write(clean(each.plain()) + "\n")

    def document(self, data: bytes) -> None:
        """Write bytes as they are: JSON, or a patch that git is to apply."""
        self._write("")
        try:
            self.stream.flush()
            self.stream.buffer.write(data)
        except OSError as error:
            raise self._failed(error) from error
        self.flush()

    def flush(self) -> None:
        """Hand everything over. Raises OutputClosedError if nobody takes it."""
        try:
            self.stream.flush()
        except OSError as error:
            raise self._failed(error) from error

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            encoding = self.stream.encoding
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> Exception:
        # What is still buffered may fail again at exit; this is what Python's documentation of SIGPIPE advises.
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, self.stream.fileno())
        os.close(devnull)
        if isinstance(error, BrokenPipeError):
            return OutputClosedError()
        return AnvcsError(f"The answer could not be written: {error.strerror}.", "Make room, or write it elsewhere.")

    def _on_terminal(self, each: Line) -> None:
        from rich.text import Text

        texts = [Text(clean(span)) if isinstance(span, str) else Text(clean(span[0]), span[1]) for span in each.spans]
        if each.shrink is not None and self.look.width is not None:
            _shrink(texts, each.shrink, self.look.width)
        whole = Text().join(texts)
        try:
            if each.shrink is None:
                self._rich().print(whole, soft_wrap=True)
            else:
                self._rich().print(whole, no_wrap=True, overflow="ellipsis", crop=True)
        except OSError as error:
            raise self._failed(error) from error

    def _rich(self) -> Console:
        if self._console is None:
            # Imported here because it costs more than the rest of the command line, and pipes never need it.
            from rich.console import Console

            self._console = Console(
                file=self.stream,
                width=self.look.width,
                force_terminal=True,
                color_system="auto" if self.look.colour else None,
                no_color=not self.look.colour,
                highlight=False,
                markup=False,
                emoji=False,
            )
        return self._console


def _shrink(texts: list[Text], index: int, width: int) -> None:
    """Cut one text with an ellipsis so that all fit, but not below what is readable."""
    excess = sum(text.cell_len for text in texts) - width
    flexible = texts[index]
    if excess > 0:
        flexible.truncate(max(flexible.cell_len - excess, min(_LEAST, flexible.cell_len)), overflow="ellipsis")


def standard_output() -> TextIO:
    """Standard output, or nowhere if the process was started without one."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - None when file descriptor 1 is closed
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
    return sys.stdout
