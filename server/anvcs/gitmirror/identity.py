"""Who authors and who commits, decided as git decides it, mostly without starting git."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec.structs import replace

from anvcs.errors import GitFailedError, MissingIdentityError, UsageError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.settings import Settings

_CRUD = bytes(range(33)) + b",:;<>\"\\'"
"""What git strips from both ends of a name or address; versions before 2.46 strip ``.`` as well."""

_LINE = re.compile(
    rb"(?P<name>[^<]*?)\s*<(?P<email>[^>]*)>.*?(?:\s(?P<time>\d+) (?P<sign>[+-])(?P<zone>\d{4}))?", re.DOTALL
)


class Ident(msgspec.Struct, frozen=True):
    """A name and address at a time, as a commit object holds it."""

    name: bytes
    email: bytes
    time: int
    """Seconds since 1970."""
    offset: int
    """Minutes east of UTC."""

    def raw(self) -> bytes:
        """``Name <mail> 1700000000 +0100``."""
        return b"%s <%s> %d %s" % (self.name, self.email, self.time, _zone(self.offset))

    def env(self, who: str) -> dict[str, str]:
        """The variables that make git use it: ``GIT_<who>_NAME``, ``_EMAIL`` and ``_DATE``."""
        return {
            f"GIT_{who}_NAME": os.fsdecode(self.name),
            f"GIT_{who}_EMAIL": os.fsdecode(self.email),
            f"GIT_{who}_DATE": f"@{self.time} {_zone(self.offset).decode()}",
        }

    @classmethod
    def parse(cls, line: bytes) -> Ident:
        """The reverse of :meth:`raw`; a line without a readable date is from 1970. Raises UsageError without ``<>``."""
        found = _LINE.fullmatch(line.strip(b"\n"))
        if found is None:
            raise UsageError(f"{line.decode('utf-8', 'replace')!r} is not of the form Name <address>.", "Write it so.")
        zone = int(found["zone"] or 0)
        minutes = zone // 100 * 60 + zone % 100
        return cls(
            found["name"], found["email"], int(found["time"] or 0), -minutes if found["sign"] == b"-" else minutes
        )


def author(git: Git, settings: Settings, now: Callable[[], float] = time.time) -> Ident:
    """The author of a commit made now. Raises MissingIdentityError where git would not know one."""
    return _ident(git, settings, now, "AUTHOR")


def committer(git: Git, settings: Settings, now: Callable[[], float] = time.time) -> Ident:
    """The committer of a commit made now. Raises MissingIdentityError where git would not know one."""
    return _ident(git, settings, now, "COMMITTER")


def without_crud(text: bytes) -> bytes:
    """A name or address as git writes it into a commit."""
    return text.strip(_CRUD).translate(None, b"\n<>")


def local_offset(env: Mapping[str, str], seconds: int) -> int | None:
    """Minutes east of UTC where the caller is, or None if only git can tell (an unusual ``TZ``)."""
    zone = env.get("TZ")
    if zone is None:
        return time.localtime(seconds).tm_gmtoff // 60
    try:
        offset = datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return None if offset is None else int(offset.total_seconds()) // 60


def _ident(git: Git, settings: Settings, now: Callable[[], float], who: str) -> Ident:
    seconds = int(now())
    if not git.env.get(f"GIT_{who}_DATE"):
        name = _plain(git.env, settings, who, "name")
        email = _plain(git.env, settings, who, "email")
        offset = local_offset(git.env, seconds)
        if name and email and offset is not None:
            return Ident(name, email, seconds, offset)
    return _ask_git(git, who, seconds)


def _plain(env: Mapping[str, str], settings: Settings, who: str, part: str) -> bytes | None:
    """The name or address where it is plainly set; None leaves every unusual case to git."""
    value = env.get(f"GIT_{who}_{part.upper()}")
    if value is None:
        value = settings.get(f"{who.lower()}.{part}") or settings.get(f"user.{part}")
    if not value:
        return None
    clean = without_crud(os.fsencode(value))
    # Whether a dot at an end is kept depends on git's version.
    return None if clean.startswith(b".") or clean.endswith(b".") else clean


def _ask_git(git: Git, who: str, seconds: int) -> Ident:
    done = git.run("var", f"GIT_{who}_IDENT")
    if done.returncode:
        raise _refusal(who, done.stderr.decode("utf-8", "replace").strip())
    found = Ident.parse(done.stdout)
    return found if git.env.get(f"GIT_{who}_DATE") else replace(found, time=seconds)


def _refusal(who: str, said: str) -> MissingIdentityError | UsageError | GitFailedError:
    reason = next((line.removeprefix("fatal: ") for line in said.splitlines() if line.startswith("fatal: ")), said)
    if "invalid date format" in reason:
        return UsageError(f"GIT_{who}_DATE cannot be read: {reason}.", "Write it as 2026-01-31T12:00:00+01:00.")
    if any(word in reason for word in ("name", "email", "ident")):
        return MissingIdentityError(
            f"Git does not know who the {who.lower()} is: {reason}.",
            'Tell it: git config --global user.name "Your Name" and git config --global user.email you@example.com.',
        )
    return GitFailedError(
        f"git var failed: {reason or 'no reason given'}.", f"Run git var GIT_{who}_IDENT to see more."
    )


def _zone(offset: int) -> bytes:
    hours, minutes = divmod(abs(offset), 60)
    return b"%c%02d%02d" % (b"-" if offset < 0 else b"+", hours, minutes)
