"""Messages about making, showing and comparing commits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from anvcs.wire.base import (
    Acting,
    ActorId,
    ChangeId,
    CommitId,
    FileChange,
    GitId,
    Message,
    OperationId,
    OperationName,
    Params,
    Path,
    Person,
    Request,
)


class Metadata(Message, frozen=True, kw_only=True):
    """Why a commit exists; the seed's ``ai-meta``."""

    prompt: str | None = None
    model: str | None = None
    tests_passed: bool | None = None
    test_report_ref: str | None = None
    coverage: Annotated[float, Meta(ge=0, le=100, description="Percent; kept to a hundredth.")] | None = None
    env: dict[str, str] = {}
    agent_id: ActorId | None = None
    artifacts: tuple[dict[str, Any], ...] = ()
    schema_version: int = 1
    extra: dict[str, Any] = {}
    """Fields this version does not know, kept as they came."""


class CommitParams(Acting, frozen=True, kw_only=True):
    """Make a commit of the given paths, else of what is staged, else of every change."""

    message: str | None = None
    """Needed unless ``amend`` keeps the old one or a merge is being concluded."""
    paths: tuple[str, ...] = ()
    amend: bool = False
    allow_empty: bool = False
    no_verify: bool = False
    """Skip pre-commit and commit-msg; recorded."""
    sign: bool | None = None
    """Overrides ``commit.gpgSign``."""
    metadata: Metadata = Metadata()
    """Its ``prompt`` and ``agentId``, if given, go before ``prompt`` and ``agent`` here."""
    live: bool = False
    """First save the text of all rooms here, as they are at one moment."""
    only_agent: str | None = None
    """Take only what this agent wrote in rooms since the last commit; refused where others wrote in the same place."""


class UnsavedRoom(Message, frozen=True, kw_only=True):
    """A file whose room holds text that is not in the file."""

    path: Path
    actors: tuple[ActorId, ...]
    """Whose text it is."""


class SavedRoom(Message, frozen=True, kw_only=True):
    """A room whose text was written into its file for a commit."""

    path: Path
    sequence: int
    """The newest edit that is in it."""


class CommitResult(Message, frozen=True, kw_only=True):
    """The commit that was made."""

    commit_id: CommitId
    git_commit: GitId
    change_id: ChangeId
    operation_id: OperationId
    stream: str | None = None
    """Absent when HEAD is detached."""
    parents: tuple[GitId, ...] = ()
    subject: str = ""
    files: tuple[FileChange, ...] = ()
    redacted: tuple[str, ...] = ()
    """The metadata fields in which likely secrets were replaced by a marker."""
    hook_output: str = ""
    reversibility: Literal["reversible", "compensable", "irreversible"] = "reversible"
    """Whether it can be taken back; a pushed commit only by another one that reverts it."""
    unsaved: tuple[UnsavedRoom, ...] = ()
    """Live text that was left out."""
    saved: tuple[SavedRoom, ...] = ()
    """Live text that was saved first."""
    notices: tuple[str, ...] = ()


class ShowParams(Params, frozen=True, kw_only=True):
    """Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision."""

    commit: str = "HEAD"
    at_op: OperationName | None = None
    """Names are understood as of this operation."""


class CommitDetails(Message, frozen=True, kw_only=True):
    """A commit with everything known about why it exists."""

    commit_id: CommitId
    git_commit: GitId
    tree: GitId
    author: Person
    committer: Person
    subject: str
    message: str
    parents: tuple[GitId, ...] = ()
    change_id: ChangeId | None = None
    agent: ActorId | None = None
    refs: tuple[str, ...] = ()
    metadata: Metadata | None = None
    """Absent for foreign commits."""
    metadata_state: Literal["none", "full", "missing", "mismatch", "inherited"] = "none"
    """none: foreign; full: verified against the trailer; missing: trailer without a record here; mismatch: it fails;
    inherited: it has no trailer, and the metadata is that of ``inheritedFrom``."""
    inherited_from: GitId | None = None
    """The commit that this one was rewritten from, where the metadata was recorded for that one's tree or message.
    Tests count only if the trees are equal."""
    divergent: tuple[GitId, ...] = ()
    """The other live commits of the same change."""
    redacted: tuple[str, ...] = ()
    hooks_skipped: bool = False
    signed: bool = False
    signature: Literal["none", "known", "unknown", "revoked", "bad"] = "none"
    """known: by a key of an actor or one that git trusts; unknown: nothing says whose key; revoked: made when the key
    counted no more; bad: it is false."""
    signer: ActorId | None = None
    """Whose key signed it; absent where no actor of the registry has it."""
    revoked_since: int | None = None
    """From when that key counts no more, in milliseconds since 1970."""
    operation_id: OperationId | None = None
    files: tuple[FileChange, ...] = ()


class DiffParams(Params, frozen=True, kw_only=True):
    """Compare: work tree with index, index with HEAD (``staged``), or two commits."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    old: str | None = None
    """A commit to compare from (to the work tree unless ``new`` is given)."""
    new: str | None = None
    at_op: OperationName | None = None
    """The commits' names are understood as of this operation."""


class DiffResult(Message, frozen=True, kw_only=True):
    """What differs, as a list and as a patch git can apply."""

    files: tuple[FileChange, ...] = ()
    patch: str = ""


COMMIT = Request("commit", "anvcs/commit", CommitParams, CommitResult)
SHOW = Request("show", "anvcs/commit/show", ShowParams, CommitDetails)
DIFF = Request("diff", None, DiffParams, DiffResult)
