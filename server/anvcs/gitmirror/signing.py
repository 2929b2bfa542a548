"""Signed commits: made by git itself, so that the user's program and settings work, or with a signature of ours."""

from __future__ import annotations

from typing import Literal, TypeAlias

from anvcs.errors import SigningFailedError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.settings import Settings


def wants_signature(settings: Settings, override: bool | None = None) -> bool:
    """Whether a commit is to be signed: what the caller says, else ``commit.gpgSign``."""
    return settings.bool("commit.gpgsign") if override is None else override


Way: TypeAlias = Literal["none", "git", "actor"]
"""none: unsigned; git: by the user's own program and key; actor: by the key with which the actor signs operations."""
_KEY_SETTINGS = ("user.signingKey", "gpg.ssh.defaultKeyCommand", "gpg.format", "gpg.program", "gpg.ssh.program")


def way(settings: Settings, override: bool | None, *, agent: bool) -> Way:
    """How a commit is to be signed.

    The user's settings count as in git. Where they name neither a key nor a program, or an agent that asks for a
    signature made the commit, the actor signs: a person's key does not vouch for what an agent did.
    """
    if not wants_signature(settings, override):
        return "none"
    configured = settings.bool("commit.gpgsign") or any(settings.all(name) for name in _KEY_SETTINGS)
    return "actor" if override and (agent or not configured) else "git"


def with_signature(commit: bytes, signature: bytes) -> bytes:
    """A commit's bytes with an armoured signature of them, where git puts it: last in the header."""
    header, _, body = commit.partition(b"\n\n")
    return header + b"\ngpgsig " + signature.rstrip(b"\n").replace(b"\n", b"\n ") + b"\n\n" + body


def split_signature(commit: bytes) -> tuple[bytes, bytes | None]:
    """What was signed of a commit, and the armoured signature, if it has one."""
    header, _, body = commit.partition(b"\n\n")
    kept: list[bytes] = []
    found: list[bytes] = []
    place: list[bytes] = kept
    for line in header.split(b"\n"):
        if line.startswith(b" "):
            place.append(line[1:] if place is found else line)
        elif line.startswith(b"gpgsig "):
            place = found
            found.append(line.removeprefix(b"gpgsig "))
        elif line.startswith(b"gpgsig-sha256 "):
            # git leaves out the signature for the other kind of repository too.
            place = []
        else:
            place = kept
            kept.append(line)
    return b"\n".join(kept) + b"\n\n" + body, b"\n".join(found) + b"\n" if found else None


_MARKS: dict[str, Literal["known", "unknown", "revoked", "bad"]] = {"G": "known", "B": "bad", "R": "revoked"}


def judged_by_git(git: Git, commit: str) -> Literal["known", "unknown", "revoked", "bad"]:
    """What git makes of a commit's signature, with the keyrings and files that the user told it of."""
    done = git.run("show", "--no-patch", "--format=%G?", commit)
    return _MARKS.get(done.stdout.decode("ascii", "replace").strip(), "unknown")


def commit_with_git(
    git: Git,
    *,
    tree: str,
    parents: list[str],
    message: bytes,
    author: Ident,
    committer: Ident,
    encoding: str | None = None,
    key: str | None = None,
) -> str:
    """Write a signed commit object durably and give its id; nothing points to it yet.

    ``key`` overrides ``user.signingKey``; ``encoding`` is what the header names, none for UTF-8. Raises
    SigningFailedError with the signing program's own words; then no object was written.
    """
    durable = ("-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync")
    arguments = [*durable, "-c", f"i18n.commitEncoding={encoding or 'UTF-8'}"]
    arguments += ["commit-tree", f"-S{key or ''}", *(f"-p{parent}" for parent in parents), tree]
    done = git.run(*arguments, stdin=message, extra={**author.env("AUTHOR"), **committer.env("COMMITTER")})
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise SigningFailedError(
            f"The commit could not be signed: {said or 'the signing program gave no reason'}",
            "Check user.signingKey, gpg.format and that the key is unlocked, or commit with --no-gpg-sign.",
        )
    return done.stdout.decode("ascii").strip()
