"""What every message is made of: the base struct, the identifiers, and the two kinds of registration."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

P = TypeVar("P")
R = TypeVar("R")

PROTOCOL_VERSION = 1
"""Raised only when an old client could misread a new server; additions keep it."""

CommitId = Annotated[str, Meta(pattern="^b3:[0-9a-f]{64}$", description="A commit's BLAKE3 id.")]
GitId = Annotated[str, Meta(pattern="^[0-9a-f]{40}$", description="A real Git object id.")]
ChangeId = Annotated[str, Meta(pattern="^[k-z]{32}$", description="The id that survives amend and rebase.")]
OperationId = Annotated[str, Meta(pattern="^b3:[0-9a-f]{64}$", description="An operation's BLAKE3 id.")]
ActorId = Annotated[str, Meta(pattern="^(human|agent|system):[^\\s:][^\\s]*$", description="Who acts.")]
OperationName = Annotated[
    str, Meta(min_length=1, description="`@` (the newest), `@{n}` (n before it), an operation's id or its start.")
]
Path = Annotated[
    str, Meta(min_length=1, description="A path from the repository's root with `/`; quoted as git does if not UTF-8.")
]


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every message shares: immutable, camelCase on the wire, absent means default."""


class Params(Message, frozen=True, kw_only=True):
    """What every request shares."""

    folder: str | None = None
    """URI or path of anything in the repository meant; the first workspace folder if absent."""


class Acting(Params, frozen=True, kw_only=True):
    """What every request that makes an operation shares: who acts, and what the operation says of itself."""

    agent: str | None = None
    """The agent that acts, with or without ``agent:``; else the configured one, else the human whom Git knows."""
    prompt: str | None = None
    """What the agent was asked; only a salted hash stands in the operation."""
    confidence: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    """Basis points, as the agent judges itself."""
    causes: tuple[OperationId, ...] = ()
    """Operations that led to this one, beside those that are found."""


class Request(msgspec.Struct, Generic[P, R], frozen=True):
    """A request: its LSP method (none for verbs that exist as commands only), what it takes and what it answers."""

    verb: str
    """The action's name: ``ai-vcs.VERB`` as an LSP command, ``ai-vcs VERB`` in a shell, where a dot is a space."""
    method: str | None
    params: type[P]
    result: type[R]


class Exchange(msgspec.Struct, Generic[P, R], frozen=True):
    """A request about an open document, without a verb: it makes sense between an editor and the server only."""

    method: str
    params: type[P]
    result: type[R]


class Notification(msgspec.Struct, Generic[P], frozen=True):
    """A message that has no answer."""

    method: str
    params: type[P]


class Person(Message, frozen=True, kw_only=True):
    """An author or committer, as Git records one."""

    name: str
    email: str
    time: int
    """Seconds since 1970."""
    offset: int = 0
    """Minutes east of UTC."""


class FileChange(Message, frozen=True, kw_only=True):
    """One path that differs."""

    path: Path
    kind: str
    """added, modified, deleted, renamed, copied, type-changed, unmerged or untracked."""
    old_path: Path | None = None
    additions: int | None = None
    """Lines added; absent for binary files and where nobody counted."""
    deletions: int | None = None
    binary: bool = False


class Problem(Message, frozen=True, kw_only=True):
    """A refusal, as every surface shows it."""

    code: str
    """Stable name of the error (docs/errors in protocol/README.md)."""
    message: str
    way_out: str = ""
    output: str = ""
    """What a hook or program printed."""
    log_id: str = ""
    """Set for internal errors only: the entry to look for in the server's log."""


Extra = dict[str, Any]
