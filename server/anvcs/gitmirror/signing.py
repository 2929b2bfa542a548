"""Signed commits, made by git itself so that every signing program and setting works as the user knows it."""

from __future__ import annotations

from anvcs.errors import SigningFailedError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.settings import Settings


def wants_signature(settings: Settings, override: bool | None = None) -> bool:
    """Whether a commit is to be signed: what the caller says, else ``commit.gpgSign``."""
    return settings.bool("commit.gpgsign") if override is None else override


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
