"""Other repositories, through the git program: protocols, credentials, proxies, URL rewriting and hooks are its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from anvcs.errors import HookFailedError, RemoteError, UsageError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.settings import Settings
from anvcs.gitmirror.transfer import Ended, Transfers

_USER = re.compile(r"(\w[\w+.-]*://)[^/@\s']+@")
_BROKEN = (
    "hung up",
    "early EOF",
    "RPC failed",
    "unexpected disconnect",
    "Broken pipe",
    "Connection reset",
    "closed by",
)
_REASONS = (
    (
        ("Authentication failed", "could not read Username", "could not read Password", "Permission denied"),
        "Check your credentials for it; git fetch in a terminal asks for them.",
    ),
    (("Could not resolve", "Connection refused", "Connection timed out", "unable to access"), "Check the network."),
    (("not appear to be a git repository", "not found", "does not exist"), "Check its address with: git remote -v"),
    (_BROKEN, "Try again: what had arrived is kept, and the rest follows."),
)


class Remote(NamedTuple):
    """Another repository that git knows by a name, or by its URL alone."""

    name: str
    """How our refs and messages call it; made from the URL where it has no name."""
    spec: str
    """What git is given: the name or the URL."""
    url: str
    """Where to fetch from, after git's rewriting."""
    push_url: str

    @property
    def named(self) -> bool:
        """Git's configuration has it."""
        return self.name == self.spec


class Pushed(NamedTuple):
    """What the remote did with one ref: git's own flag (space, ``*``, ``=``, ``!`` ...) and its words."""

    flag: str
    reason: str

    @property
    def arrived(self) -> bool:
        """The ref stands there now as sent."""
        return self.flag != "!"

    @property
    def outrun(self) -> bool:
        """Someone else moved the ref meanwhile, so that it is worth looking again."""
        return not self.arrived and any(
            word in self.reason
            for word in ("fetch first", "non-fast-forward", "stale info", "cannot lock", "already exists", "failed to")
        )


def names(settings: Settings) -> list[str]:
    """The remotes that the configuration names."""
    found = (key.removeprefix("remote.").rpartition(".") for key in settings.names("remote."))
    return list(dict.fromkeys(name for name, _, field in found if name and field in ("url", "pushurl")))


def find(git: Git, settings: Settings, given: str) -> Remote:
    """The remote of that name or URL. Raises UsageError if there is none."""
    done = git.run("remote", "get-url", "--", given)
    if done.returncode:
        # As git does: what looks like an address is one.
        if not given.startswith("-") and ("/" in given or ":" in given):
            digest = hashlib.sha256(given.encode("utf-8", "surrogateescape")).hexdigest()
            return Remote(f"url-{digest[:16]}", given, given, given)
        known = ", ".join(names(settings))
        raise UsageError(
            f"There is no remote {given}.",
            f"Known here: {known}." if known else f"Add it with: git remote add {given} URL",
        )
    url = done.stdout.decode("utf-8", "surrogateescape").splitlines()[0]
    push_urls = git.text("remote", "get-url", "--push", "--all", "--", given).splitlines()
    if len(push_urls) > 1:
        raise UsageError(
            f"{given} has {len(push_urls)} push URLs.", "Push to each by its URL, or with plain git: git push " + given
        )
    return Remote(given, given, url, push_urls[0])


def shown(url: str) -> str:
    """A URL or any text of git's without user names and passwords."""
    return _USER.sub(r"\1", url)


def refs(transfers: Transfers, remote: str, wanted: Sequence[str]) -> dict[str, str]:
    """Those of the wanted refs (``*`` at the end for any) that the remote has now, with their values.

    Raises RemoteError.
    """
    done = transfers.run("ls-remote", "--quiet", "--", remote, *wanted, title=f"Asking {shown(remote)}")
    if done.code:
        raise refused(done, remote)
    found = (line.split("\t", 1) for line in done.output.splitlines() if "\t" in line)
    return {name: value for value, name in found if name in wanted}


def fetch(transfers: Transfers, remote: str, refspecs: Sequence[str]) -> Ended:
    """Bring refs here, all or none. Raises RemoteError."""
    done = transfers.run(
        "fetch",
        "--progress",
        "--atomic",
        "--no-write-fetch-head",
        "--",
        remote,
        *refspecs,
        title=f"Fetching from {shown(remote)}",
    )
    if done.code:
        raise refused(done, remote)
    return done


def push(
    transfers: Transfers, remote: str, refspecs: Sequence[str], *, set_upstream: bool = False
) -> tuple[dict[str, Pushed], Ended]:
    """What became of each ref by its name there. Nothing is forced.

    Raises RemoteError if git got no answer, HookFailedError if the pre-push hook refused.
    """
    upstream = ["--set-upstream"] if set_upstream else []
    done = transfers.run(
        "push", "--progress", "--porcelain", *upstream, "--", remote, *refspecs, title=f"Pushing to {shown(remote)}"
    )
    found: dict[str, Pushed] = {}
    hook: list[str] = []
    for line in done.output.splitlines():
        flag, tab, rest = line.partition("\t")
        names_, second, summary = rest.partition("\t")
        if tab and second and len(flag) == 1:
            found[names_.rpartition(":")[2]] = Pushed(flag, summary)
        elif line != "Done" and not line.startswith(("To ", "branch '")):
            hook.append(line)
    done = replace(done, said=[*hook, *done.said])
    if done.code and not found and "failed to push some refs" in done.words and "fatal: " not in done.words:
        # Nothing was even offered to the remote, which is what a hook that says no comes to.
        output = "".join(line + "\n" for line in done.said if not line.startswith("error: failed to push"))
        raise HookFailedError(
            "The pre-push hook refused the push.", "Correct what it reports and push again.", output=output
        )
    if done.code and (not found or any(word in done.words for word in _BROKEN)):
        raise refused(done, remote)
    return found, done


def clone(transfers: Transfers, url: str, folder: str) -> Ended:
    """A plain ``git clone``. Raises RemoteError; git takes away what it made when it fails or is stopped."""
    done = transfers.run("clone", "--progress", "--", url, folder, title=f"Cloning {shown(url)}")
    if done.code:
        raise refused(done, url)
    return done


def folder_of(url: str) -> str:
    """The folder name that git clone would choose. Raises UsageError if the URL has no name in it."""
    path = url.rstrip("/").removesuffix("/.git").rstrip("/")
    name = re.split(r"[/:]", path)[-1].removesuffix(".git").removesuffix(".bundle")
    if not name or name in (".", ".."):
        raise UsageError(f"{shown(url)} does not tell a folder's name.", "Name the folder after the URL.")
    return name


def refused(done: Ended, remote: str) -> RemoteError:
    """Why git could not talk to the remote, in its own words, and what to do."""
    words = [line for line in done.said if not line.startswith("hint: ") and line.strip()]
    said = shown(" ".join(line.removeprefix("fatal: ").removeprefix("error: ") for line in words[-4:]))
    way_out = next((out for marks, out in _REASONS if any(mark in done.words for mark in marks)), "")
    return RemoteError(
        f"{shown(remote)}: {said or 'git ended without a reason'}.".replace("..", "."),
        way_out or "Try the same with plain git to see more.",
    )


def tracking(settings: Settings, remote: str, ref: str) -> str | None:
    """Where the configuration keeps the remote's ref here, e.g. ``refs/remotes/origin/main``."""
    for spec in settings.all(f"remote.{remote}.fetch"):
        source, _, target = (spec or "").removeprefix("+").partition(":")
        if source == ref and target:
            return target
        head, star, tail = source.partition("*")
        if star and target and ref.startswith(head) and ref.endswith(tail) and len(ref) >= len(head) + len(tail):
            return target.replace("*", ref[len(head) : len(ref) - len(tail)], 1)
    return None


def author_counts(git: Git, old: str, new: str) -> tuple[int, Mapping[str, int]]:
    """How many commits one has that the other does not, and of whom."""
    lines = git.output("log", "--format=%an", f"{old}..{new}", "--").decode("utf-8", "replace").splitlines()
    return len(lines), {name: lines.count(name) for name in dict.fromkeys(lines)}
