"""What is in conflict in merge proposals, and what guards found, as diagnostics of the documents that show the results.

A result's file is the document ``anvcs:/PATH?tree:TREE``: a new result is another tree, so a document never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal
from urllib.parse import quote, unquote

import msgspec

from anvcs.lsp.boot import CONTENT_SCHEME
from anvcs.lsp.messages import notice
from anvcs.lsp.places import Position, Range
from anvcs.wire import (
    MergeConflict,
    MergeFile,
    MergeResult,
    Proposal,
    ProposalAccepted,
    ProposalAssisted,
    ProposalResult,
    Suggestion,
)

PUBLISH = "textDocument/publishDiagnostics"
SOURCE = "anvcs"
_ERROR, _WARNING, _INFORMATION = 1, 2, 3
_ENDED = ("accepted", "rejected", "superseded")


class Diagnostic(msgspec.Struct, frozen=True):
    """Something worth knowing about a part of a document."""

    range: Range
    message: str
    severity: Literal[1, 2, 3]
    code: str
    source: str = SOURCE


class _Published(msgspec.Struct, frozen=True):
    uri: str
    diagnostics: tuple[Diagnostic, ...]


class Choice(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A way to decide a conflict: what the command that does it is given."""

    proposal: str
    path: str
    take: Literal["left", "right", "both", "suggestion"]
    conflict: int | None = None
    """The file as a whole, if there is none."""
    folder: str | None = None
    suggestion: str | None = None


class Question(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A conflict that a language model can be asked about: what the command that does it is given."""

    proposal: str
    path: str
    conflict: int
    folder: str | None = None


class Open(msgspec.Struct, frozen=True):
    """A conflict in a document."""

    range: Range
    target: str
    source: str
    choices: tuple[Choice, ...]
    question: Question | None = None
    """Where a language model may be asked."""
    model: str = ""
    """Which one suggested something."""
    gone: tuple[str, ...] = ()
    """What is taken to have the file removed."""


class Proposals:
    """Remembers which documents show which results, and tells the editor what is wrong in them."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._shown: dict[str, dict[str, tuple[Diagnostic, ...]]] = {}
        """The documents with diagnostics, by proposal."""
        self._open: dict[str, tuple[Open, ...]] = {}
        self._folders: dict[str, str | None] = {}
        """The open proposals that the client has looked at, and how it named the folder."""

    def took(self, folder: str | None, result: Any) -> None:
        """A verb gave this to a client that named the folder so."""
        given = (MergeResult, ProposalResult, ProposalAccepted, ProposalAssisted)
        if isinstance(result, given) and result.proposal is not None:
            self._show(folder, result.proposal)

    def looked_at(self) -> frozenset[str]:
        """The ids of the open proposals that the client knows results of."""
        return frozenset(self._folders)

    def changed(self, proposals: Iterable[Proposal]) -> None:
        """Somebody else did something to proposals that the client has looked at; this is what they are now."""
        for each in proposals:
            if each.proposal_id in self._folders:
                self._show(self._folders[each.proposal_id], each)

    def conflicts(self, uri: str) -> tuple[Open, ...]:
        """What is in conflict in a document."""
        return self._open.get(normal(uri), ())

    def _show(self, folder: str | None, it: Proposal) -> None:
        if it.status in _ENDED:
            self._folders.pop(it.proposal_id, None)
        else:
            self._folders[it.proposal_id] = folder
        documents: dict[str, tuple[Diagnostic, ...]] = {}
        opened: dict[str, tuple[Open, ...]] = {}
        if it.status not in _ENDED and it.tree is not None:
            for path in dict.fromkeys([*(each.path for each in it.files), *(each.path for each in it.findings)]):
                uri = document(path, it.tree, folder)
                documents[uri] = tuple(_diagnostics(it, path))
                opened[normal(uri)] = tuple(_opened(it, path, folder))
        documents = {uri: found for uri, found in documents.items() if found}
        before = self._shown.pop(it.proposal_id, {})
        for uri in before:
            self._open.pop(normal(uri), None)
        for uri in {**documents, **before}:
            if before.get(uri, ()) != (found := documents.get(uri, ())):
                self._send(notice(PUBLISH, _Published(uri, found)))
        if documents:
            self._shown[it.proposal_id] = documents
            self._open |= {uri: each for uri, each in opened.items() if each}


def document(path: str, tree: str, folder: str | None) -> str:
    """The document that shows a file of a result, as VS Code writes its address."""
    query = f"tree:{tree}" + (f"&folder={folder}" if folder is not None else "")
    return f"{CONTENT_SCHEME}:/{quote(path)}?{quote(query, safe='')}"


def normal(uri: str) -> str:
    """An address with one spelling, whoever escaped it."""
    return unquote(uri)


def _diagnostics(it: Proposal, path: str) -> Iterator[Diagnostic]:
    for conflict in _conflicts(it, path):
        said = conflict.reason or "Both sides changed this, and nobody has decided yet."
        entity = f"{conflict.entity}: " if conflict.entity else ""
        yield Diagnostic(_lines(conflict), entity + said, _ERROR, conflict.rule or "conflict")
        if conflict.suggestion is not None:
            yield _suggested(_lines(conflict), conflict.suggestion)
    for file in _whole(it, path):
        yield Diagnostic(_line(1), file.reason or f"In conflict: {file.kind}.", _ERROR, file.kind)
    for each in it.findings:
        if each.path == path:
            yield Diagnostic(
                _line(max(each.line, 1)), each.message, _ERROR if each.severity == "hard" else _WARNING, each.kind
            )


def _suggested(where: Range, made: Suggestion) -> Diagnostic:
    """What a language model suggested, so that it is seen before somebody takes it."""
    if made.text is None:
        return Diagnostic(where, f"{made.model} could not decide: {made.rationale}", _INFORMATION, "suggestion")
    unsafe = "".join(f"\nUnsafe: {each.message}" for each in made.findings if each.severity == "hard")
    why = f"\nBecause: {made.rationale}" if made.rationale else ""
    return Diagnostic(where, f"{made.model} suggests:\n{made.text}{why}{unsafe}", _INFORMATION, "suggestion")


def _opened(it: Proposal, path: str, folder: str | None) -> Iterator[Open]:
    source = ", ".join(each.name for each in it.sources)
    for conflict in _conflicts(it, path):
        takes: tuple[Literal["left", "right", "both"], ...] = ("left", "right", "both")
        choices = tuple(Choice(it.proposal_id, path, take, conflict.number, folder) for take in takes)
        made = conflict.suggestion
        if made is not None and made.text is not None:
            taken = Choice(it.proposal_id, path, "suggestion", conflict.number, folder, made.suggestion_id)
            choices = (*choices, taken)
        question = Question(it.proposal_id, path, conflict.number, folder) if it.can_assist else None
        yield Open(_lines(conflict), it.target, source, choices, question, made.model if made is not None else "")
    for file in _whole(it, path):
        sides = {"left": file.left, "right": file.right}
        choices = (
            Choice(it.proposal_id, path, "left", None, folder),
            Choice(it.proposal_id, path, "right", None, folder),
        )
        gone = tuple(side for side, version in sides.items() if version is None)
        yield Open(_line(1), it.target, source, choices, gone=gone)


def _conflicts(it: Proposal, path: str) -> Iterator[MergeConflict]:
    for file in it.files:
        if file.path == path and file.open:
            yield from (each for each in file.conflicts if each.resolved is None)


def _whole(it: Proposal, path: str) -> Iterator[MergeFile]:
    """The file, if it can be decided only as a whole."""
    return (each for each in it.files if each.path == path and each.open and not each.conflicts)


def _lines(conflict: MergeConflict) -> Range:
    return Range(Position(max(conflict.line - 1, 0), 0), Position(max(conflict.end_line, 1), 0))


def _line(number: int) -> Range:
    return Range(Position(number - 1, 0), Position(number, 0))
