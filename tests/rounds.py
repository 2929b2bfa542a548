"""Rounds in which two people type unsaved into one file that an agent rewrites, and what must stand there after each.

Every third round both type in the same line; else each has a line of their own. Their letters tell who typed what.
"""

from __future__ import annotations

import re
from pathlib import Path

FIRST = "# tides\nada: \nben: \nboth: \nagent: 0\nend\n"
"""The file before the first round."""
WRITERS = (("ada: ", "ABCDEFGH"), ("ben: ", "abcdefgh"))
"""Each one's own line, and letters that nobody else types."""
SHARED = "both: "


class Rounds:
    """What was typed so far."""

    def __init__(self) -> None:
        self.number = 0
        self._typed = {prefix: "" for prefix, _ in WRITERS}
        self._together = ["", ""]

    def next(self) -> list[tuple[str, str]]:
        """The next round: for each, the line at whose end they type, by its beginning, and what they type."""
        self.number += 1
        number = self.number
        letters = [own[number % 8] * (1 + number % 4) for _, own in WRITERS]
        if number % 3 == 0:
            self._together = [before + new for before, new in zip(self._together, letters, strict=True)]
            return [(SHARED, new) for new in letters]
        for (prefix, _), new in zip(WRITERS, letters, strict=True):
            self._typed[prefix] += new
        return [(prefix, new) for (prefix, _), new in zip(WRITERS, letters, strict=True)]

    def lacks_only_the_agent(self, text: str) -> bool:
        """Whether a text is right but for what the agent wrote in this round."""
        return not self._faults(text, agent=self.number - 1)

    def faults(self, text: str) -> list[str]:
        """What is lost, doubled or astray in a text."""
        return self._faults(text, agent=self.number)

    def _faults(self, text: str, *, agent: int) -> list[str]:
        lines = text.split("\n")
        expected = {f"{prefix}{own}" for prefix, own in self._typed.items()}
        expected |= {_agent(agent) if agent else "agent: 0", "# tides", "end"}
        expected |= {f"note {each}" for each in range(1, agent + 1)}
        faults = [f"{line!r} is there {lines.count(line)} times" for line in sorted(expected) if lines.count(line) != 1]
        shared = [line for line in lines if line.startswith(SHARED)]
        extra = [line for line in lines if line and line not in expected and line not in shared]
        if len(shared) != 1:
            return [*faults, f"shared lines: {shared}"]
        for (_, own), written in zip(WRITERS, self._together, strict=True):
            found = "".join(letter for letter in shared[0].removeprefix(SHARED) if letter in own)
            if found != written:
                faults.append(f"together: {found!r} instead of {written!r}")
        return [*faults, *(f"astray: {line!r}" for line in extra)]


def agent_writes(file: Path, number: int) -> None:
    """Rewrite the whole file as an agent does: from what it read, every other time by a rename."""
    before = _whole(file)
    after = re.sub(r"(?m)^agent: .*$", _agent(number), before)
    after = after.replace("end\n", f"note {number}\nend\n")
    if number % 2:
        file.write_bytes(after.encode())
    else:
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(after.encode())
        beside.replace(file)


def _whole(file: Path) -> str:
    """What stands in the file; an editor that saves it empties it first, and nobody rewrites what is not there yet."""
    text = ""
    for _ in range(100_000):
        text = file.read_bytes().decode()
        if text.endswith("end\n"):
            return text
    raise AssertionError(f"{file} was never whole: {text!r}")


def _agent(number: int) -> str:
    return f"agent: {number} {'x' * (number % 7)}"
