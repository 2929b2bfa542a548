r"""Where things are in a text: code points, UTF-8 bytes, and the lines and UTF-16 columns of editors.

Lines end with ``\n`` alone, as in every room; other characters that some call a line end (form feed, U+2028) do not
end one.
"""

from __future__ import annotations

from bisect import bisect_right


class Lines:
    """An index of a text that follows its changes."""

    def __init__(self, text: str = "") -> None:
        self._lines = text.split("\n")
        self._starts: list[int] = [0]
        """Where lines begin, in code points; right up to ``_known`` of them."""
        self._bytes: list[int] = [0]
        self._length = len(text)
        self._ascii = text.isascii()

    def __len__(self) -> int:
        return self._length

    @property
    def is_ascii(self) -> bool:
        """There is nothing but ASCII in it, and never was."""
        return self._ascii

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(self._lines)

    def splice(self, start: int, end: int, text: str) -> None:
        """Put text in place of a range of code points."""
        first = self._line_of(start)
        last = self._line_of(end) if end > start else first
        head = self._lines[first][: start - self._starts[first]]
        tail = self._lines[last][end - self._starts[last] :]
        new = (head + text + tail).split("\n") if "\n" in text else [head + text + tail]
        self._lines[first : last + 1] = new
        del self._starts[first + 1 :]
        del self._bytes[first + 1 :]
        self._length += len(text) - (end - start)
        self._ascii = self._ascii and text.isascii()

    def slice(self, start: int, end: int) -> str:
        """The text of a range of code points."""
        if start >= end:
            return ""
        first, last = self._line_of(start), self._line_of(end)
        if first == last:
            return self._lines[first][start - self._starts[first] : end - self._starts[first]]
        parts = [self._lines[first][start - self._starts[first] :], *self._lines[first + 1 : last]]
        return "\n".join([*parts, self._lines[last][: end - self._starts[last]]])

    def offset(self, line: int, column: int) -> int:
        """The code point at a line and UTF-16 column; past an end is the end, inside a pair is before it."""
        if line < 0:
            return 0
        if line >= len(self._lines):
            return self._length
        self._know(line)
        return self._starts[line] + _from_utf16(self._lines[line], column)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and UTF-16 column of a code point."""
        line = self._line_of(offset)
        return line, _utf16(self._lines[line][: offset - self._starts[line]])

    def byte(self, offset: int) -> int:
        """Where a code point is in UTF-8."""
        if self._ascii:
            return offset
        line = self._line_of(offset)
        return self._bytes[line] + len(
            self._lines[line][: offset - self._starts[line]].encode("utf-8", "surrogatepass")
        )

    def cp(self, byte: int) -> int:
        """The code point at a place in UTF-8 that begins one."""
        if self._ascii:
            return byte
        while self._bytes[-1] <= byte and len(self._bytes) < len(self._lines):
            self._know(len(self._bytes))
        line = bisect_right(self._bytes, byte) - 1
        encoded = self._lines[line].encode("utf-8", "surrogatepass")[: byte - self._bytes[line]]
        return self._starts[line] + len(encoded.decode("utf-8", "surrogatepass"))

    def _line_of(self, offset: int) -> int:
        starts = self._starts
        while starts[-1] <= offset and len(starts) < len(self._lines):
            self._know(len(starts))
        return bisect_right(starts, offset) - 1

    def _know(self, line: int) -> None:
        starts, sizes, lines = self._starts, self._bytes, self._lines
        for index in range(len(starts) - 1, line):
            starts.append(starts[index] + len(lines[index]) + 1)
            size = len(lines[index]) if self._ascii else len(lines[index].encode("utf-8", "surrogatepass"))
            sizes.append(sizes[index] + size + 1)


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _from_utf16(line: str, units: int) -> int:
    if units <= 0:
        return 0
    if line.isascii():
        return min(units, len(line))
    used = 0
    for index, character in enumerate(line):
        used += 2 if character > "\uffff" else 1
        if used > units:
            return index
    return len(line)
