"""Reads what ``git merge-tree --write-tree --messages -z`` says of a merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from anvcs.merge.model import Version

AUTO_MERGING = "Auto-merging"
CONTENTS = "CONFLICT (contents)"
"""Names of kinds of messages; git promises never to change them."""

_ADVICE = b"Recursive merging with submodules"
"""How the advice begins that git prints after everything else, in no form at all."""
_STAGE = re.compile(rb"([0-7]{6}) ([0-9a-f]+) ([123])\t(.+)", re.DOTALL)


class UnreadableReportError(ValueError):
    """git said something in a form that we do not know."""


@dataclass(frozen=True, slots=True)
class Message:
    """What git says of some paths."""

    paths: tuple[bytes, ...]
    kind: str
    text: str
    """For people, in English."""

    @property
    def conflict(self) -> bool:
        """It tells of a conflict."""
        return self.kind.startswith("CONFLICT")


@dataclass(frozen=True, slots=True)
class Report:
    """A merge by git."""

    tree: str
    stages: Mapping[bytes, Mapping[int, Version]]
    """The versions of each path in conflict: 1 of the base, 2 of ours, 3 of theirs."""
    messages: tuple[Message, ...]


def parse(out: bytes) -> Report:
    """The report in full. Raises UnreadableReportError."""
    *whole, rest = out.split(b"\0")
    if rest and not rest.startswith(_ADVICE):
        raise UnreadableReportError("it ends too early")
    fields = iter(whole)
    stages: dict[bytes, dict[int, Version]] = {}
    try:
        tree = next(fields).decode("ascii", "replace")
        # The files in conflict end with an empty field; without any of them there is just that.
        while field := next(fields):
            found = _STAGE.fullmatch(field)
            if found is None:
                raise UnreadableReportError(f"no file: {field[:200]!r}")
            version = Version(found[1].decode("ascii"), found[2].decode("ascii"))
            stages.setdefault(found[4], {})[int(found[3])] = version
        return Report(tree, stages, tuple(_messages(fields)))
    except StopIteration:
        raise UnreadableReportError("it ends too early") from None


def _messages(fields: Iterator[bytes]) -> Iterator[Message]:
    for field in fields:
        try:
            paths = tuple(next(fields) for _ in range(int(field)))
            kind, text = (next(fields).decode("utf-8", "backslashreplace") for _ in range(2))
        except (ValueError, StopIteration, RuntimeError):
            raise UnreadableReportError(f"no message: {field[:200]!r}") from None
        yield Message(paths, kind, text.strip())


def made_up(report: Report, names: Mapping[str, str], taken: Callable[[bytes], bool]) -> dict[bytes, bytes]:
    """The paths that git made by adding a commit's id to one that was taken, each with what it should be called.

    ``names`` calls the commits as people do; ``taken`` tells of a path that it is in use.
    """
    found: dict[bytes, bytes] = {}
    for path in report.stages:
        for commit, name in names.items():
            original, mark, rest = path.rpartition(b"~" + commit.encode())
            if mark and re.fullmatch(rb"(_\d+)?", rest):
                wanted = original + b"~" + name.replace("/", "_").encode()
                free, number = wanted, 0
                while taken(free) or free in found.values():
                    free, number = wanted + b"_%d" % number, number + 1
                found[path] = free
    return found


def renamed(report: Report, paths: Mapping[bytes, bytes], names: Mapping[str, str], tree: str) -> Report:
    """The report with other paths, other names of commits, and the tree in which these paths are."""

    def text(said: str) -> str:
        for commit, name in names.items():
            said = said.replace(commit, name)
        return said

    return Report(
        tree,
        {paths.get(path, path): stages for path, stages in report.stages.items()},
        tuple(
            Message(tuple(paths.get(path, path) for path in each.paths), each.kind, text(each.text))
            for each in report.messages
        ),
    )


def relabelled(text: bytes, names: Mapping[str, str]) -> bytes:
    """A text that git wrote with its markers naming the commits as people do."""
    for commit, name in names.items():
        marker = re.compile(rb"^([<>]{7,} )" + commit.encode() + rb"(?=[:\r\n]|$)", re.MULTILINE)
        text = marker.sub(lambda found, name=name: found[1] + name.encode(), text)
    return text
