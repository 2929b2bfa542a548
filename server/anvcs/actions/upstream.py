"""Which remote and which of its streams a push or pull means, by git's own configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from anvcs.actions.streams import HEADS
from anvcs.errors import UsageError
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.remote import Remote
from anvcs.gitmirror.settings import Settings

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


class Target(NamedTuple):
    """A stream here and its counterpart at a remote."""

    remote: Remote
    stream: str
    """Its name here."""
    ref: str
    """The counterpart's ref at the remote."""
    value: str
    """The commit our stream stands on; empty where we have no such stream."""
    sets_upstream: bool = False
    given_remote: str | None = None
    given_stream: str | None = None

    @property
    def source(self) -> str:
        """Our ref."""
        return HEADS + self.stream

    @property
    def shown(self) -> str:
        """The counterpart as people say it, e.g. ``origin/main``."""
        name = self.remote.name if self.remote.named else remotes.shown(self.remote.url)
        return f"{name}/{self.ref.removeprefix(HEADS)}"


def push_target(workspace: Workspace, remote: str | None, stream: str | None) -> Target:
    """Where ``git push`` would send the stream, by ``push.default`` and the stream's upstream. Raises UsageError."""
    repo = workspace.repo
    settings = repo.settings.get()
    name = stream if stream is not None else _current(workspace, "pushed")
    value = repo.ref(HEADS + name)
    if value is None:
        raise UsageError(f"There is no stream {name} with a commit here.", "See the streams with: git branch")
    chosen = remote or _push_remote(settings, name)
    found = remotes.find(repo.git, settings, chosen)
    upstream = settings.get(f"branch.{name}.merge")
    follows = upstream is not None and settings.get(f"branch.{name}.remote") == found.spec
    ref = HEADS + name
    if stream is None and remote is None:
        ref = _by_default(settings, name, upstream if follows else None, found)
    sets = found.named and upstream is None
    return Target(found, name, ref, value, sets, remote, stream)


def pull_target(workspace: Workspace, remote: str | None, stream: str | None) -> Target:
    """Where ``git pull`` would bring the stream from. Raises UsageError."""
    repo = workspace.repo
    settings = repo.settings.get()
    name = stream if stream is not None else _current(workspace, "pulled")
    chosen = remote or settings.get(f"branch.{name}.remote") or _only(settings, name)
    if chosen == ".":
        raise UsageError(f"{name} follows a stream of this repository.", "Merge it with: git pull")
    found = remotes.find(repo.git, settings, chosen)
    upstream = settings.get(f"branch.{name}.merge")
    follows = upstream is not None and settings.get(f"branch.{name}.remote") == found.spec
    ref = upstream if follows and upstream is not None else HEADS + name
    return Target(found, name, ref, repo.ref(HEADS + name) or "", False, remote, stream)


def _current(workspace: Workspace, verb: str) -> str:
    ref = workspace.repo.head_ref()
    if ref is None or not ref.startswith(HEADS):
        raise UsageError(f"No stream is checked out that could be {verb}.", "Name a remote and a stream.")
    return ref.removeprefix(HEADS)


def _push_remote(settings: Settings, stream: str) -> str:
    for key in (f"branch.{stream}.pushRemote", "remote.pushDefault", f"branch.{stream}.remote"):
        value = settings.get(key)
        if value is not None and value != ".":
            return value
    return _only(settings, stream)


def _only(settings: Settings, stream: str) -> str:
    """The remote that nobody needs to name: the only one, or ``origin``."""
    known = remotes.names(settings)
    if len(known) == 1:
        return known[0]
    if "origin" in known or not known:
        if not known:
            raise UsageError("This repository has no remote.", "Add one with: git remote add origin URL")
        return "origin"
    raise UsageError(f"{stream} belongs to no remote yet.", f"Name one of {', '.join(known)}.")


def _by_default(settings: Settings, stream: str, upstream: str | None, remote: Remote) -> str:
    """The remote's ref that ``push.default`` means for a push that names nothing."""
    chosen = settings.get("push.default") or "simple"
    if chosen == "nothing":
        raise UsageError("push.default is nothing.", f"Name what to push: ai-vcs push {remote.spec} {stream}")
    if upstream is None or chosen in ("current", "matching"):
        return HEADS + stream
    if chosen == "simple" and upstream != HEADS + stream:
        there = upstream.removeprefix(HEADS)
        raise UsageError(
            f"{stream} follows {remote.spec}/{there}, which has another name.",
            f"Push to a stream of its own name with: ai-vcs push {remote.spec} {stream} - or to the other with: "
            f"git push {remote.spec} {stream}:{there}",
        )
    return upstream
