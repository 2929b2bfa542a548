"""The commit object itself: identities, the message's way through hooks and trailers, signature or plain bytes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from anvcs.actions import evidence
from anvcs.actions.workspace import Workspace
from anvcs.actors import Signer
from anvcs.errors import CommitError, EmptyMessageError
from anvcs.gitmirror import identity, messages, signing
from anvcs.gitmirror.hooks import HookResult, Hooks
from anvcs.gitmirror.identity import Ident
from anvcs.governance import sshsig

_SEEING = ("pre-commit", "prepare-commit-msg", "commit-msg")
"""The hooks that are shown the candidate index."""
_SKIPPED = ("pre-commit", "commit-msg")
"""Those that ``--no-verify`` goes past, as in git."""


class Authors(NamedTuple):
    """Who wrote the change and who commits it."""

    author: Ident
    committer: Ident


class Context(msgspec.Struct, frozen=True):
    """What every step of one attempt shares."""

    workspace: Workspace
    hooks: Hooks
    no_verify: bool
    held: bool
    """The repository lock is held already."""

    def runs(self, name: str) -> bool:
        """The hook exists and is not skipped."""
        return self.hooks.exists(name) and not (self.no_verify and name in _SKIPPED)

    def wants_candidate(self) -> bool:
        """Some hook will look at the index."""
        return any(self.runs(name) for name in _SEEING)


class Draft(msgspec.Struct, frozen=True):
    """A commit before its message is final."""

    tree: str
    parents: tuple[str, ...]
    message: bytes
    authors: Authors
    change_id: str
    meta: str
    agent: str | None
    sign: bool | None
    source: tuple[str, str | None]
    """Where the message comes from, as prepare-commit-msg is told: message, merge, or commit and its id."""
    signer: Signer
    """The actor who makes the commit."""


def authors_of(workspace: Workspace, amended: str | None) -> Authors:
    """The identities Git knows; an amended commit keeps its author. Raises MissingIdentityError."""
    settings = workspace.repo.settings.get()
    committer = identity.committer(workspace.git, settings)
    if amended is None:
        return Authors(identity.author(workspace.git, settings), committer)
    for line in workspace.repo.objects.read(amended, "commit").split(b"\n"):
        if line.startswith(b"author "):
            return Authors(Ident.parse(line[7:]), committer)
    raise CommitError(f"Commit {amended} names no author.", "Run git fsck.")


def run_pre_commit(context: Context, candidate: Path) -> HookResult:
    """Let the user's pre-commit hook judge and change the candidate. Raises HookFailedError."""
    if not context.runs("pre-commit"):
        return HookResult(0, "", ran=False)
    return context.hooks.pre_commit(candidate)


def finish_message(context: Context, draft: Draft, candidate: Path | None) -> tuple[bytes, list[str]]:
    """The final message with its trailers, and what the hooks printed. Raises HookFailedError, EmptyMessageError."""
    settings = context.workspace.repo.settings.get()
    mode, comment = settings.get("commit.cleanup"), messages.comment_char(settings)
    message = draft.message
    said: list[str] = []
    if context.runs("prepare-commit-msg") or context.runs("commit-msg"):
        # As git does: hooks see the comments that the clean-up afterwards may remove.
        shown = message if mode == "verbatim" else messages.strip_space(message)
        message = _through_hooks(context, draft, shown, candidate, said)
    message = messages.cleanup(message, mode, comment)
    if messages.is_empty(message, mode):
        raise EmptyMessageError("The message is empty.", "Say what the commit does, with -m.")
    if draft.agent is not None:
        message = messages.add_trailer(message, b"Co-authored-by", evidence.co_author(draft.agent), comment)
    trailers = {b"ANVCS-Change": draft.change_id.encode(), b"ANVCS-Meta": draft.meta.encode()}
    return messages.set_trailers(message, trailers, comment), said


def _through_hooks(context: Context, draft: Draft, message: bytes, candidate: Path | None, said: list[str]) -> bytes:
    file = context.workspace.repo.git_dir / "COMMIT_EDITMSG"
    before = file.read_bytes() if file.exists() else None
    try:
        file.write_bytes(message)
        if context.runs("prepare-commit-msg"):
            said.append(context.hooks.prepare_commit_msg(file, *draft.source, index_file=candidate).output)
        if context.runs("commit-msg"):
            said.append(context.hooks.commit_msg(file, index_file=candidate).output)
        return file.read_bytes()
    except BaseException:
        # A refused commit changes nothing; git would leave its own draft here.
        with suppress(OSError):
            if before is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(before)
        raise


def write_commit(context: Context, draft: Draft, message: bytes) -> str:
    """Write the commit object, signed where Git is set to sign or the caller asks. Raises SigningFailedError."""
    repo = context.workspace.repo
    settings = repo.settings.get()
    encoding = settings.get("i18n.commitEncoding")
    if encoding and encoding.lower().replace("-", "") != "utf8":
        message = _encoded(message, encoding)
    else:
        encoding = None
        message = messages.repair_utf8(message)
    author, committer = draft.authors
    way = signing.way(settings, draft.sign, agent=draft.agent is not None)
    if way == "git":
        # git reads the tree, so it must be there before.
        repo.objects.flush()
        return signing.commit_with_git(
            context.workspace.git,
            tree=draft.tree,
            parents=list(draft.parents),
            message=message,
            author=author,
            committer=committer,
            encoding=encoding,
        )
    lines = [b"tree " + draft.tree.encode(), *(b"parent " + parent.encode() for parent in draft.parents)]
    lines += [b"author " + author.raw(), b"committer " + committer.raw()]
    if encoding:
        lines.append(b"encoding " + os.fsencode(encoding))
    raw = b"\n".join(lines) + b"\n\n" + message
    if way == "actor":
        raw = signing.with_signature(raw, sshsig.sign(draft.signer, raw, sshsig.GIT))
    return repo.objects.write("commit", raw)


def _encoded(message: bytes, encoding: str) -> bytes:
    try:
        return message.decode("utf-8").encode(encoding)
    except (LookupError, UnicodeError) as error:
        raise CommitError(
            f"The message cannot be written in {encoding}.", "Change the message or i18n.commitEncoding."
        ) from error
