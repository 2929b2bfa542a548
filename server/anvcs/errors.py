"""Every error ANVCS raises on purpose: one tree, each naming the cause and the way out.

Surfaces translate an :class:`AnvcsError` (exit code, LSP ResponseError, HTTP problem) and never show a traceback.
"""

from __future__ import annotations


class AnvcsError(Exception):
    """A refusal a person can act on: what happened (``message``) and what to do about it (``way_out``)."""

    code = "anvcs"
    """Stable name on the wire; never reused for another meaning."""
    exit_code = 1
    """What the command line exits with: 1 refused or failed, 2 called wrongly."""

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.message} {self.way_out}".rstrip()


class UsageError(AnvcsError):
    """The request itself is malformed."""

    code = "usage"
    exit_code = 2


class ConfigError(UsageError):
    """``ai-vcs.config.yaml``, a Git setting or an agent's settings cannot be used as written."""

    code = "config"


class InvalidMetadataError(UsageError):
    """A provenance field has a value of the wrong kind."""

    code = "invalid-metadata"


class CancelledError(AnvcsError):
    """The caller cancelled; nothing was changed."""

    code = "cancelled"


# Repositories


class RepositoryError(AnvcsError):
    """The repository cannot be used this way."""

    code = "repository"


class NotARepositoryError(RepositoryError):
    """No Git repository contains the folder."""

    code = "not-a-repository"


class NotInitializedError(RepositoryError):
    """Git is here, ANVCS is not yet."""

    code = "not-initialized"


class BareRepositoryError(RepositoryError):
    """The verb needs a work tree."""

    code = "bare-repository"


class UnsupportedRepositoryError(RepositoryError):
    """A Git feature (object format, ref storage, index kind) that ANVCS cannot handle."""

    code = "unsupported-repository"


class UnsafeFileSystemError(RepositoryError):
    """State would lie on a file system whose locks cannot be trusted."""

    code = "unsafe-file-system"


class OperationInProgressError(RepositoryError):
    """Git is in the middle of something that must be finished first."""

    code = "operation-in-progress"


class UnmergedPathsError(RepositoryError):
    """Conflicts are still in the index."""

    code = "unmerged-paths"


class LockedError(RepositoryError):
    """Another process holds a lock for longer than we wait."""

    code = "locked"


class StreamMovedError(RepositoryError):
    """Someone moved the stream meanwhile and changed the same paths."""

    code = "stream-moved"


class GitFailedError(RepositoryError):
    """The git program refused; its own words are in the message."""

    code = "git-failed"


# Paths


class PathError(AnvcsError):
    """A path cannot be taken."""

    code = "path"


class PathOutsideError(PathError):
    """The path leaves the repository."""

    code = "path-outside"


class PathNotFoundError(PathError):
    """Nothing at that path, neither on disk nor in Git."""

    code = "path-not-found"


class PathIgnoredError(PathError):
    """The path is ignored by Git."""

    code = "path-ignored"


class UnreadableFileError(PathError):
    """The file exists but cannot be read."""

    code = "unreadable-file"


# Commits


class CommitError(AnvcsError):
    """The commit was refused; nothing was changed."""

    code = "commit"


class NothingToCommitError(CommitError):
    """No difference to record."""

    code = "nothing-to-commit"


class EmptyMessageError(CommitError):
    """The message is empty after clean-up."""

    code = "empty-message"


class MissingIdentityError(CommitError):
    """Git does not know who the author is."""

    code = "missing-identity"


class HookFailedError(CommitError):
    """One of the user's hooks refused; ``output`` holds its own words."""

    code = "hook-failed"

    def __init__(self, message: str, way_out: str = "", *, output: str = "") -> None:
        super().__init__(message, way_out)
        self.output = output


class SigningFailedError(CommitError):
    """Git is set to sign commits and the signing program failed."""

    code = "signing-failed"


class UnknownCommitError(AnvcsError):
    """The name resolves to no commit."""

    code = "unknown-commit"


class AmbiguousCommitError(UnknownCommitError):
    """The name resolves to several commits."""

    code = "ambiguous-commit"


# Operations, undo, streams


class HistoryError(AnvcsError):
    """An operation, an undo or a stream move was refused; nothing was changed."""

    code = "history"


class UnknownOperationError(HistoryError):
    """No operation goes by this name."""

    code = "unknown-operation"


class AmbiguousOperationError(UnknownOperationError):
    """The start of an id fits several operations."""

    code = "ambiguous-operation"


class UndoRefusedError(HistoryError):
    """What was done cannot be taken back as it is."""

    code = "undo-refused"


class CompactedError(UndoRefusedError):
    """The operation stands in the log, but what going back to it needs is not kept any more."""

    code = "compacted"


class WouldLoseWorkError(HistoryError):
    """Files have changes, or stand in the way, that this would overwrite."""

    code = "would-lose-work"


class StreamError(HistoryError):
    """A stream does not exist, exists already, or cannot be what was asked."""

    code = "stream"


# Merge proposals


class MergeError(AnvcsError):
    """Commits cannot be merged as asked; nothing was changed."""

    code = "merge"


class ProposalError(AnvcsError):
    """A merge proposal does not allow it as it stands; nothing was changed."""

    code = "proposal"


class UnknownProposalError(ProposalError):
    """No merge proposal goes by this name."""

    code = "unknown-proposal"


class AmbiguousProposalError(UnknownProposalError):
    """The start of an id fits several merge proposals."""

    code = "ambiguous-proposal"


class ProposalMovedError(ProposalError):
    """The target or a source moved, so that the result is another one than was looked at."""

    code = "proposal-moved"


class ProposalBlockedError(ProposalError):
    """Something stands in the way of landing; the message names it."""

    code = "proposal-blocked"


# Guards


class UntrustedError(AnvcsError):
    """Commands that come with the repository would be run, and its workspace is not trusted."""

    code = "untrusted"


# Language models


class AssistError(AnvcsError):
    """A language model could not be asked, or what it answered cannot be used; nothing was changed."""

    code = "assist"


class AssistConflictError(AssistError):
    """One conflict cannot be asked about, or what was answered about it cannot be used."""

    code = "assist-conflict"


class AssistOffError(AssistError):
    """No language model is set up to be asked here."""

    code = "assist-off"


# Remotes


class RemoteError(AnvcsError):
    """Another repository cannot be reached, does not let us in, or broke off."""

    code = "remote"


class PushRejectedError(RemoteError):
    """The remote has what we do not have, or does not take what we sent."""

    code = "push-rejected"


class DivergedError(RemoteError):
    """Both sides went on, and the two cannot be joined without a person."""

    code = "diverged"


# Actors


class ActorError(AnvcsError):
    """The registry of actors' keys does not allow it; nothing was changed."""

    code = "actor"


# Rooms


class RoomError(AnvcsError):
    """A room cannot be had, or did not take what was given to it."""

    code = "room"


class RoomRefusedError(RoomError):
    """The file cannot be a room; the message says why."""

    code = "room-refused"


class RoomsOffError(RoomError):
    """Rooms are off in this repository, or paused."""

    code = "rooms-off"


class RoomsLeftError(RoomError):
    """The actor left the rooms of this repository and has not come back."""

    code = "rooms-left"


class EditError(RoomError):
    """The edit does not fit the text; nothing was changed."""

    code = "edit"


class BadUpdateError(EditError):
    """The bytes are no update of a room's document; the document is as it was."""

    code = "bad-update"


class RelayError(RoomError):
    """The relay does not run, does not answer, or refuses."""

    code = "relay"


class RelayUnreachableError(RelayError):
    """A relay lives and cannot be reached; it is never pushed aside."""

    code = "relay-unreachable"


class FencedError(RoomError):
    """Another relay owns the room log now; nothing was written."""

    code = "fenced"


class NotKeptError(RoomError):
    """These edits were there and are not kept any more; ``after`` is the last of them."""

    code = "not-kept"

    def __init__(self, message: str, way_out: str = "", *, after: int = 0) -> None:
        super().__init__(message, way_out)
        self.after = after


# Stores


class StoreError(AnvcsError):
    """ANVCS' own state cannot be read or written."""

    code = "store"


class StoreTooNewError(StoreError):
    """The store was written by a newer ANVCS than this one can read or write."""

    code = "store-too-new"


class StoreConflictError(StoreError):
    """A compare-and-swap lost, or an immutable object was to be given another value."""

    code = "store-conflict"


class StoreUnreachableError(StoreError):
    """The server that holds the store does not answer, or the connection to it was lost; nothing was changed."""

    code = "store-unreachable"


class OutcomeUnknownError(StoreError):
    """The connection was lost while a transaction was being committed; ``token`` asks the store about it later."""

    code = "outcome-unknown"

    def __init__(self, message: str, way_out: str = "", *, token: bytes = b"") -> None:
        super().__init__(message, way_out)
        self.token = token


class DiskError(StoreError):
    """The disk is full, read-only, or not ours to use."""

    code = "disk"


class CorruptStoreError(StoreError):
    """What is stored does not match its own hash, signature or schema."""

    code = "corrupt-store"


class DamagedEditError(CorruptStoreError):
    """An edit of a room's log is not as it was written; those before ``seq`` are whole."""

    code = "damaged-edit"

    def __init__(self, message: str, way_out: str = "", *, seq: int = 0) -> None:
        super().__init__(message, way_out)
        self.seq = seq


def all_errors() -> list[type[AnvcsError]]:
    """The whole tree of this module, root first; the wire and the documentation list their codes from it."""
    found: list[type[AnvcsError]] = [AnvcsError]
    for cls in found:
        found.extend(each for each in cls.__subclasses__() if each.__module__ == __name__)
    return found
