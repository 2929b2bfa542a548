"""What a language model is told about one conflict: the conflict, little around it, and no secret that we know of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from anvcs.actions import known
from anvcs.actions.proposal import suggestions
from anvcs.assist import question
from anvcs.assist.question import Intention, Question
from anvcs.errors import AnvcsError, AssistConflictError
from anvcs.gitmirror import messages
from anvcs.provenance.redaction import redact_part, redact_text
from anvcs.rooms import admission

if TYPE_CHECKING:
    from anvcs.actions.proposal.applying import Marked
    from anvcs.actions.proposal.deciding import At
    from anvcs.assist.model import Prompt
    from anvcs.config import Assist

_NEAR = 12
"""Lines before and after a conflict."""
_HEADS = 4
"""Lines that begin what a conflict is in."""
_TOP = 200
"""Lines at the beginning of a file among which imports are looked for."""
_IMPORTS = 30
_COMMITS = 4
"""The newest commits of each side that touch the file."""
_WORDS = 600
"""Characters of a commit's message, and of a prompt."""
_LONGEST = 400
"""Characters of a line; longer ones are data, not code."""
_IMPORT = re.compile(r"\s*(?:import|from|use|using|require|include|#\s*include|package|export .* from)\b|.*\brequire\(")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")


class Asked(NamedTuple):
    """What would be sent, and how many secrets were taken out of it."""

    prompt: Prompt
    redacted: int


def ask(it: At, text: Marked, number: int, settings: Assist) -> Asked:
    """The prompt for one conflict. Raises AssistConflictError where nothing of the file may be sent, or too much."""
    path = it.path.decode("utf-8", "replace")
    refuse_path(path, settings)
    whole = suggestions.alone(text, suggestions.decided(it), number, text.regions[number - 1].sides.left)
    sides = text.regions[number - 1].sides
    pen = _Pen()
    parts = [
        pen.part(_text(each, path), whole.start, len(part))
        for each, part in zip(whole[:3], (sides.base or b"", sides.left, sides.right), strict=True)
    ]
    around = _Around(_text(whole.left, path), whole.start, len(sides.left))
    words = set(_WORD.findall(" ".join(parts)))
    why = text.conflicts[number - 1]
    target, sources = it.state.opened.target.removeprefix("refs/heads/"), it.state.opened.sources
    asked = Question(
        path=path,
        base=parts[0] if sides.base is not None else None,
        left=parts[1],
        right=parts[2],
        names=(target, ", ".join(each.name for each in sources)),
        entity=why.entity if why is not None else None,
        rule=why.rule if why is not None else "",
        reason=why.reason if why is not None else "",
        head=pen.lines(around, around.head()),
        before=pen.lines(around, around.before()),
        after=pen.lines(around, around.after()),
        imports=pen.lines(around, around.imports(words)),
        intentions=dict(_intentions(it, pen, prompts=settings.prompts)),
    )
    return Asked(question.prompt(asked, settings.context * 1024), pen.redacted)


def refuse_path(path: str, settings: Assist) -> None:
    """Raise AssistConflictError for a file of which nothing is ever sent."""
    if secret := admission.holds_secrets(path):
        raise AssistConflictError(f"{path} {secret}, so nothing of it is sent.", "Decide it yourself.")
    for pattern in settings.exclude:
        if admission.excludes(pattern, path):
            raise AssistConflictError(
                f"{path} is excluded by {pattern!r} in merge.assist.exclude, so nothing of it is sent.",
                "Decide it yourself.",
            )


class _Pen:
    """Takes secrets out of everything that it passes on, and counts them."""

    def __init__(self) -> None:
        self.redacted = 0

    def part(self, text: _Decoded, start: int, size: int) -> str:
        """A part of a file, seen in the whole of it."""
        found, count = redact_part(text.text, *text.characters(start, start + size))
        self.redacted += count
        return found

    def lines(self, around: _Around, wanted: Sequence[_Line]) -> tuple[str, ...]:
        """Lines of a file, each seen in the whole of it."""
        found: list[str] = []
        for line in wanted:
            clean, count = redact_part(around.file.text, line.start, line.end)
            self.redacted += count
            found.append(clean[:_LONGEST])
        return tuple(found)

    def words(self, text: str) -> str:
        """The beginning of what somebody wrote."""
        clean, count = redact_text(text.strip())
        self.redacted += count
        return clean if len(clean) <= _WORDS else clean[:_WORDS] + " ..."


class _Line(NamedTuple):
    """Where a line stands, in characters, without its end."""

    start: int
    end: int
    text: str


class _Decoded(msgspec.Struct, frozen=True):
    data: bytes
    text: str

    def characters(self, start: int, end: int) -> tuple[int, int]:
        """A span of bytes in characters; both ends are ends of lines."""
        first = len(self.data[:start].decode())
        return first, first + len(self.data[start:end].decode())


def _text(data: bytes, path: str) -> _Decoded:
    try:
        return _Decoded(data, data.decode())
    except UnicodeDecodeError as error:
        raise AssistConflictError(f"{path} is not UTF-8 text, so it is not sent.", "Decide it yourself.") from error


class _Around:
    """What stands around a conflict in a file."""

    def __init__(self, file: _Decoded, start: int, size: int) -> None:
        self.file = file
        first, last = file.characters(start, start + size)
        self._above = list(_lines(file.text, 0, first))
        self._below = list(_lines(file.text, last, len(file.text)))
        inside = [each for each in file.text[first:last].splitlines() if each.strip()]
        self._indent = min((_indent(each) for each in inside), default=None)

    def before(self) -> list[_Line]:
        """The lines just above it."""
        return self._above[-_NEAR:]

    def after(self) -> list[_Line]:
        """The lines just below it."""
        return self._below[:_NEAR]

    def head(self) -> list[_Line]:
        """The lines that begin what it is in: the nearest above of each smaller indentation, the outermost first."""
        found: list[_Line] = []
        indent = self._indent
        for line in reversed(self._above):
            if not line.text.strip() or (indent is not None and _indent(line.text) >= indent):
                continue
            if indent is None:
                # An empty side: what is above it says how deep it stands.
                indent = _indent(line.text) + 1
            if not re.match(r"[\s)\]}]*$", line.text):
                found.append(line)
            indent = _indent(line.text)
            if not indent or len(found) == _HEADS:
                break
        near = set(self.before())
        return [line for line in reversed(found) if line not in near]

    def imports(self, words: set[str]) -> list[_Line]:
        """The lines that bring in a name which the conflict uses."""
        top = (line for line in self._above[:_TOP] if _IMPORT.match(line.text))
        near = set(self.before())
        return [line for line in top if line not in near and words & set(_WORD.findall(line.text))][:_IMPORTS]


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    for line in text[start:end].splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        yield _Line(start, start + len(bare), bare)
        start += len(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _intentions(it: At, pen: _Pen, *, prompts: bool) -> Iterator[tuple[str, tuple[Intention, ...]]]:
    """Why both sides did what they did: the newest commits of each that touch the file."""
    computed = it.state.computed
    assert computed is not None  # noqa: S101 - it was brought up to date
    path = os.fsdecode(it.path)
    bases = [f"^{each}" for each in it.merge.bases]
    for name, tip in (("left", computed.target), ("right", computed.sources[0])):
        wanted = ("log", f"--max-count={_COMMITS}", "--no-merges", "--format=%H", tip, *bases, "--", path)
        listed = it.workspace.git.text("--literal-pathspecs", *wanted).split()
        yield name, tuple(_intention(it, pen, oid, prompts=prompts) for oid in listed)


def _intention(it: At, pen: _Pen, oid: str, *, prompts: bool) -> Intention:
    body = it.workspace.repo.objects.read(oid, "commit").partition(b"\n\n")[2]
    trailers = {b"%s: %s" % pair for pair in messages.trailers(body)}
    said = b"\n".join(line for line in body.splitlines() if line not in trailers)
    prompt: str | None = None
    if prompts:
        # What cannot be read says nothing.
        with suppress(AnvcsError):
            metadata = known.metadata_of(it.workspace, oid)
            prompt = metadata.prompt if metadata is not None else None
    message = pen.words(said.decode("utf-8", "replace"))
    return Intention(message, pen.words(prompt) if prompt is not None else None)
