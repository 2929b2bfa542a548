"""Messages about making, showing and comparing commits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from anvcs.wire.base import (
    ActorId,
    ChangeId,
    CommitId,
    FileChange,
    GitId,
    Message,
    OperationId,
    Params,
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


class CommitParams(Params, frozen=True, kw_only=True):
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
    notices: tuple[str, ...] = ()


class ShowParams(Params, frozen=True, kw_only=True):
    """Name a commit: a BLAKE3 id, a Git id, a change id (or an unambiguous prefix), or any Git revision."""

    commit: str = "HEAD"


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
    metadata_state: Literal["none", "full", "missing", "mismatch"] = "none"
    """none: foreign; full: verified against the trailer; missing: trailer without a record here; mismatch: it fails."""
    redacted: tuple[str, ...] = ()
    hooks_skipped: bool = False
    signed: bool = False
    operation_id: OperationId | None = None
    files: tuple[FileChange, ...] = ()


class DiffParams(Params, frozen=True, kw_only=True):
    """Compare: work tree with index, index with HEAD (``staged``), or two commits."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    old: str | None = None
    """A commit to compare from (to the work tree unless ``new`` is given)."""
    new: str | None = None


class DiffResult(Message, frozen=True, kw_only=True):
    """What differs, as a list and as a patch git can apply."""

    files: tuple[FileChange, ...] = ()
    patch: str = ""


COMMIT = Request("commit", "anvcs/commit", CommitParams, CommitResult)
SHOW = Request("show", "anvcs/commit/show", ShowParams, CommitDetails)
DIFF = Request("diff", None, DiffParams, DiffResult)
