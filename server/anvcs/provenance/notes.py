"""The text of a note: JSON Lines, each line naming the commit and tree it was written for.

Lines travel: after a plain ``git rebase`` the new commit's note holds the old commit's line. Such a line is ancestry,
and its evidence counts only if its tree is the same. Lines that are not ours are kept as they are.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from anvcs.errors import AnvcsError
from anvcs.provenance import record as records
from anvcs.provenance import values
from anvcs.provenance.record import Record
from anvcs.wire.base import ActorId, ChangeId, CommitId, GitId, OperationId

VERSION = 1

Badge = Literal["none", "full", "missing"]
Tests = Literal["passed", "failed", "unknown"]


class NoteLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a note says about one commit."""

    v: Literal[1] = msgspec.field(default=VERSION)
    commit: GitId
    tree: GitId
    commit_id: CommitId
    change_id: ChangeId | None = None
    meta: CommitId | None = None
    """The metadata record's root."""
    record: dict[str, Any] | None = None
    """The record itself, as ``Record.to_builtins`` gives it; absent where only hashes may travel, or nothing."""
    agent: ActorId | None = None
    tests: Literal["passed", "failed"] | None = None
    hooks_skipped: bool = False
    operation: OperationId | None = None

    def open_record(self) -> Record | None:
        """The record, if it is there, readable, and the one with the root and tree this line names."""
        if self.record is None or self.meta is None:
            return None
        try:
            found = records.from_builtins(self.record)
        except AnvcsError:
            return None
        return found if found.tree == self.tree and found.verify(self.meta) else None


class Described(NamedTuple):
    """A note, read for one commit."""

    own: NoteLine | None = None
    """The line that names this commit."""
    ancestry: tuple[NoteLine, ...] = ()
    """Lines that name other commits: what this one was made from by rebase, squash or amend."""
    foreign: tuple[bytes, ...] = ()
    """Lines that are not ours, or of a later version."""

    def line_with(self, root: str) -> NoteLine | None:
        """The line that names the record with that root, own or ancestry; of several, the one that says most of it."""
        lines = (*((self.own,) if self.own else ()), *self.ancestry)
        return max((line for line in lines if line.meta == root), key=_fullness, default=None)

    @property
    def agent(self) -> str | None:
        """The agent that made this commit."""
        return self.own.agent if self.own else None


_decoder = msgspec.json.Decoder(NoteLine)


def line_of(line: NoteLine) -> bytes:
    """The line's one text: compact JSON, keys sorted, and a newline. Only that newline is one."""
    # The version is always written, although it is the default: it is what makes a line ours.
    return values.canonical({**msgspec.to_builtins(line), "v": VERSION}) + b"\n"


def parse(note: bytes, commit: str, tree: str | None) -> Described:
    """A note's lines, sorted out for the commit it is attached to (and its tree, where known)."""
    own: list[NoteLine] = []
    ancestry: list[NoteLine] = []
    foreign: list[bytes] = []
    for text in note.split(b"\n"):
        line = read_line(text)
        if line is None:
            if text.strip():
                foreign.append(text)
        elif line.commit == commit and tree in (None, line.tree):
            own.append(line)
        else:
            ancestry.append(line)
    # Two lines for one commit differ after a purge or an export of hashes; the one that says more is shown.
    best = max(own, key=lambda line: (line.meta is not None, _fullness(line), line_of(line)), default=None)
    return Described(best, tuple(ancestry), tuple(foreign))


def merge(existing: bytes | None, line: bytes) -> bytes:
    """The note with one more line: ours sorted and without doubles, after whatever is not ours, as it stands.

    On notes of our lines alone this is what git's ``cat_sort_uniq`` gives.
    """
    foreign: list[bytes] = []
    ours = {line.removesuffix(b"\n")}
    for text in (existing or b"").removesuffix(b"\n").split(b"\n"):
        if read_line(text) is None:
            foreign.append(text)
        else:
            ours.add(text)
    kept = foreign if any(foreign) else []
    return b"".join(text + b"\n" for text in (*kept, *sorted(ours)))


def tests(described: Described, tree: str) -> Tests:
    """Whether the tests passed on this tree: by the commit's own line, else by ancestry with an equal tree."""
    if described.own is not None and described.own.tests is not None:
        return described.own.tests
    said = {line.tests for line in described.ancestry if line.tree == tree and line.tests is not None}
    # One failure outweighs: the same tree tested twice with different results is not known to be good.
    return "failed" if "failed" in said else "passed" if said else "unknown"


def badge(described: Described, root: str | None) -> Badge:
    """full: the record that the trailer names is at hand and verifies; missing: it is not; none: no trailer."""
    if root is None:
        return "none"
    line = described.line_with(root)
    return "full" if line is not None and line.open_record() is not None else "missing"


def read_line(text: bytes) -> NoteLine | None:
    """The line in one line of a note, without its newline; None where it is not ours or of a later version."""
    if not text.startswith(b"{"):
        return None
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _fullness(line: NoteLine) -> int:
    found = line.open_record()
    return -1 if found is None else len(found.fields) - len(found.purged)
