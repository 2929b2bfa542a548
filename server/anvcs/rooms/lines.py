r"""Where things are in a text: code points, UTF-8 bytes, and the lines and UTF-16 columns of editors.

Lines end with ``\n`` alone, as in every room; other characters that some call a line end (form feed, U+2028) do not
end one. Lines are kept in blocks. What is asked or changed is mostly where the last thing was, so places are counted
from the block under the cursor, and from the lines in it that have been counted before.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain

BLOCK = 256
"""Lines in a block when it is made; one of more than twice as many is cut up."""


class _Block:
    """Some lines; each counts with its end, the last of the text too."""

    __slots__ = ("bytes", "lines", "size")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        text = "\n".join(lines)
        self.size = len(text) + 1
        self.bytes = _utf8(text) + 1

    def change(self, first: int, end: int, text: str) -> None:
        """Put text in place of whole lines."""
        old = "\n".join(self.lines[first:end])
        self.lines[first:end] = text.split("\n")
        self.size += len(text) - len(old)
        self.bytes += _utf8(text) - _utf8(old)


class Lines:
    """An index of a text that follows its changes."""

    def __init__(self, text: str = "") -> None:
        self._blocks = _cut(text.split("\n"))
        self._length = len(text)
        self._ascii = text.isascii()
        self._index = 0
        """The block under the cursor; then where it begins."""
        self._row: int = 0
        self._start: int = 0
        self._byte: int = 0
        self._block = self._blocks[0]
        self._starts: list[int] = [0]
        """Where the lines of this block begin in it, as far as that has been counted."""
        self._bytes: list[int] = [0]

    def __len__(self) -> int:
        return self._length

    @property
    def is_ascii(self) -> bool:
        """There is nothing but ASCII in it, and never was."""
        return self._ascii

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(chain.from_iterable([block.lines for block in self._blocks]))

    def splice(self, start: int, end: int, text: str) -> None:
        """Put text in place of a range of code points."""
        row, column = self._find(start)
        block = self._block
        line = block.lines[row]
        until = column + end - start
        if until > len(line) or "\n" in text:
            self._splice_lines(row, column, end, text)
        else:
            new = f"{line[:column]}{text}{line[until:]}"
            block.lines[row] = new
            grown = len(new) - len(line)
            if block.size == block.bytes and text.isascii():
                block.bytes += grown
            else:
                block.bytes += _utf8(new) - _utf8(line)
            block.size += grown
            del self._starts[row + 1 :], self._bytes[row + 1 :]
        self._length += len(text) - (end - start)
        self._ascii = self._ascii and text.isascii()

    def slice(self, start: int, end: int) -> str:
        """The text of a range of code points."""
        if start >= end:
            return ""
        row, column = self._find(start)
        index, first, head = self._index, row, self._block.lines[row]
        if column + end - start <= len(head):
            return head[column : column + end - start]
        last, until = self._find(end)
        blocks = self._blocks[index : self._index + 1]
        lines = blocks[0].lines[first : last + 1 if len(blocks) == 1 else None]
        for block in blocks[1:-1]:
            lines += block.lines
        if len(blocks) > 1:
            lines += blocks[-1].lines[: last + 1]
        lines[-1] = lines[-1][:until]
        lines[0] = lines[0][column:]
        return "\n".join(lines)

    def offset(self, line: int, column: int) -> int:
        """The code point at a line and UTF-16 column; past an end is the end, inside a pair is before it."""
        if line < 0:
            return 0
        while line < self._row:
            self._back()
        while line >= self._row + len(self._block.lines):
            if not self._on():
                return self._length
        row = line - self._row
        self._count(row)
        return self._start + self._starts[row] + _from_utf16(self._block.lines[row], column)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and UTF-16 column of a code point."""
        row, column = self._find(offset)
        return self._row + row, _utf16(self._block.lines[row][:column])

    def byte(self, offset: int) -> int:
        """Where a code point is in UTF-8."""
        if self._ascii:
            return offset
        row, column = self._find(offset)
        if self._block.size == self._block.bytes:
            return self._byte + offset - self._start
        self._count_bytes(row)
        return self._byte + self._bytes[row] + _utf8(self._block.lines[row][:column])

    def cp(self, byte: int) -> int:
        """The code point at a place in UTF-8 that begins one."""
        if self._ascii:
            return byte
        while byte < self._byte:
            self._back()
        while byte >= self._byte + self._block.bytes and self._on():
            pass
        lines, sizes = self._block.lines, self._bytes
        place = byte - self._byte
        if self._block.size == self._block.bytes:
            return self._start + place
        while sizes[-1] <= place and len(sizes) < len(lines):
            self._count_bytes(len(sizes))
        row = bisect_right(sizes, place) - 1
        self._count(row)
        encoded = lines[row].encode("utf-8", "surrogatepass")[: place - sizes[row]]
        return self._start + self._starts[row] + len(encoded.decode("utf-8", "surrogatepass"))

    def _find(self, offset: int) -> tuple[int, int]:
        """Put the cursor on the block with a code point; gives the line in it, and the place in that."""
        while offset < self._start:
            self._back()
        while offset >= self._start + self._block.size and self._on():
            pass
        starts, place = self._starts, offset - self._start
        if starts[-1] <= place and len(starts) < len(self._block.lines):
            lines, at = self._block.lines, starts[-1]
            for row in range(len(starts) - 1, len(lines) - 1):
                at += len(lines[row]) + 1
                starts.append(at)
                if at > place:
                    break
        row = bisect_right(starts, place) - 1
        return row, place - starts[row]

    def _count(self, row: int) -> None:
        starts, lines = self._starts, self._block.lines
        for index in range(len(starts) - 1, row):
            starts.append(starts[index] + len(lines[index]) + 1)

    def _count_bytes(self, row: int) -> None:
        sizes, lines = self._bytes, self._block.lines
        for index in range(len(sizes) - 1, row):
            sizes.append(sizes[index] + _utf8(lines[index]) + 1)

    def _on(self) -> bool:
        """Move the cursor to the next block, if there is one."""
        if self._index + 1 == len(self._blocks):
            return False
        block = self._block
        self._row += len(block.lines)
        self._start += block.size
        self._byte += block.bytes
        self._index += 1
        self._block = self._blocks[self._index]
        self._starts, self._bytes = [0], [0]
        return True

    def _back(self) -> None:
        self._index -= 1
        block = self._block = self._blocks[self._index]
        self._row -= len(block.lines)
        self._start -= block.size
        self._byte -= block.bytes
        self._starts, self._bytes = [0], [0]

    def _splice_lines(self, row: int, column: int, end: int, text: str) -> None:
        """Put text in place of what is between a place in the block under the cursor and one in it or behind it."""
        first = self._index
        block = self._block
        at = self._start, self._row, self._byte, self._starts[: row + 1], self._bytes[: row + 1]
        head = block.lines[row][:column]
        last, until = self._find(end)
        new = f"{head}{text}{self._block.lines[last][until:]}"
        if self._block is block and len(block.lines) + text.count("\n") <= 2 * BLOCK:
            block.change(row, last + 1, new)
            del self._starts[row + 1 :], self._bytes[row + 1 :]
            return
        lines = [*block.lines[:row], *new.split("\n"), *self._block.lines[last + 1 :]]
        # What is before the place stays as it was, so the cursor can go back there as it was.
        self._blocks[first : self._index + 1] = _cut(lines)
        self._start, self._row, self._byte, self._starts, self._bytes = at
        self._index, self._block = first, self._blocks[first]
        del self._starts[len(self._block.lines) :], self._bytes[len(self._block.lines) :]


def _cut(lines: list[str]) -> list[_Block]:
    if len(lines) <= 2 * BLOCK:
        return [_Block(lines)]
    return [_Block(lines[start : start + BLOCK]) for start in range(0, len(lines), BLOCK)]


def _utf8(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


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
