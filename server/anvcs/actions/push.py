"""Sends a stream and what goes with it to a remote, through git; nothing is ever forced."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from anvcs import ids, wire
from anvcs.actions import forgetting, identity, sharing, team
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.publish import NOTES
from anvcs.actions.upstream import Target, push_target
from anvcs.config import Share
from anvcs.errors import PushRejectedError
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.remote import Pushed, Remote
from anvcs.gitmirror.transfer import Ended, Transfers
from anvcs.history.operations import Move

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

ATTEMPTS = 20
"""How often notes that others moved meanwhile are joined again."""
_PAUSE = 0.02
_NOISE = ("To ", "hint: ", "error: failed to push", "Everything up-to-date", "branch '", "Total ", "POST ", "Delta ")
"""How git's own lines begin that tell nothing our result does not."""


class _Sent(NamedTuple):
    """What one push came to."""

    notes: int
    refused: dict[str, Pushed]
    """Refs of ours that the remote does not take; the stream has arrived all the same."""
    output: list[str]


def push(caller: Caller, params: wire.PushParams) -> wire.PushResult:
    """Push it. Raises RemoteError, PushRejectedError with who is ahead, HookFailedError, UsageError, CancelledError.

    The remote's notes and registry go first and the stream last, in one push: a remote that dies in between
    holds at most notes of commits that come with the next push.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        actor = acting(workspace, params)
        target = push_target(workspace, params.remote, params.stream)
        result = _Push(workspace, actor, target, sharing.mode(workspace)).run()
        return msgspec.structs.replace(result, notices=(*result.notices, *team.keep_up(workspace)))


class _Push:
    """One push under way."""

    def __init__(self, workspace: Workspace, actor: Acting, target: Target, mode: Share) -> None:
        self.workspace = workspace
        self.actor = actor
        self.target = target
        self.remote: Remote = target.remote
        self.place = sharing.pushed_to(target.remote)
        self.mode: Share = mode
        self.transfers: Transfers = sharing.transfers(workspace)

    def run(self) -> wire.PushResult:
        """Look, prepare, send; look again as long as others are faster with their notes."""
        there = self._look()
        old = there.get(self.target.ref)
        self._refuse_behind(old)
        tracked = self._tracked()
        left = 0 if self.mode == "full" else self._left(there.get(NOTES))
        sent = self._send(there, old)
        if sent.notes:
            forgetting.tidy(self.workspace)
        operation = self._record(old, tracked, sent)
        return wire.PushResult(
            remote=self.remote.spec if self.remote.named else remotes.shown(self.remote.url),
            url=remotes.shown(self.place.url),
            stream=self.target.ref.removeprefix("refs/heads/"),
            old=old,
            new=self.target.value,
            up_to_date=operation is None,
            mode=self.mode,
            notes=sent.notes,
            upstream=self.target.shown if self.target.sets_upstream else None,
            operation_id=operation,
            output="\n".join(line for line in sent.output if not line.startswith(_NOISE)),
            notices=tuple(self._notices(sent, left)),
        )

    def _look(self) -> dict[str, str]:
        """What the remote has now; what we lack of it to compare and join is brought here."""
        there = remotes.refs(self.transfers, self.place.spec, (self.target.ref, NOTES, sharing.ACTORS))
        repo = self.workspace.repo
        wanted: list[str] = []
        stream = there.get(self.target.ref)
        if stream is not None and repo.oid(stream) not in repo.handle:
            wanted.append(self.target.ref)
        for name, here in ((NOTES, self.place.notes), (sharing.ACTORS, self.place.actors)):
            if name in there and repo.ref(here) != there[name]:
                wanted.append(f"+{name}:{here}")
        if wanted:
            remotes.fetch(self.transfers, self.place.spec, wanted)
        registry = there.get(sharing.ACTORS)
        if registry is not None and registry != repo.ref(sharing.ACTORS) and self.mode != "none":
            # Ours can follow theirs only if it holds every entry of theirs.
            identity.merge(self.workspace, registry)
        return there

    def _refuse_behind(self, old: str | None) -> None:
        repo = self.workspace.repo
        if old is None or repo.is_ancestor(old, self.target.value):
            return
        count, people = remotes.author_counts(repo.git, self.target.value, old)
        whose = ", ".join(f"{name} ({number})" for name, number in list(people.items())[:5])
        commits = "1 commit" if count == 1 else f"{count} commits"
        raise PushRejectedError(
            f"{self.target.shown} has {commits} that {self.target.stream} has not: {whose}.",
            f"Bring them here first: ai-vcs pull {self.remote.spec} {self.target.stream}",
        )

    def _left(self, theirs: str | None) -> int:
        return sharing.left_already(self.workspace, self.place, self.mode, theirs)

    def _send(self, there: dict[str, str], old: str | None) -> _Sent:
        """Send everything; then only notes and registry, as long as someone else is faster with theirs."""
        output: list[str] = []
        notes = 0
        stream: str | None = f"{self.target.source}:{self.target.ref}" if old != self.target.value else None
        sets_upstream = self.target.sets_upstream
        for attempt in range(ATTEMPTS):
            prepared = self._project(there)
            try:
                refspecs = [*self._extras(there, prepared), *((stream,) if stream else ())]
                if not refspecs and not (sets_upstream and attempt == 0):
                    self._remember(prepared)
                    return _Sent(notes, {}, output)
                refspecs = refspecs or [f"{self.target.source}:{self.target.ref}"]
                found, done = remotes.push(
                    self.transfers, self.place.spec, refspecs, set_upstream=sets_upstream and attempt == 0
                )
            finally:
                if prepared is not None:
                    prepared.pack.release()
            output += done.said
            self._refuse_stream(found, done)
            stream = None
            self._follow(found)
            refused = {name: each for name, each in found.items() if not each.arrived}
            if NOTES not in refused:
                notes += prepared.notes if prepared is not None else 0
                self._remember(prepared)
            if not any(each.outrun for each in refused.values()):
                return _Sent(notes, refused, output)
            time.sleep(random.uniform(0, _PAUSE * (attempt + 1)))  # noqa: S311 - not a secret
            there = self._look()
        raise PushRejectedError(
            f"{self.target.shown} has arrived, but others kept moving its notes.",
            "Push again when they have finished: nothing is lost.",
        )

    def _project(self, there: dict[str, str]) -> sharing.Projected | None:
        if self.mode == "none":
            return None
        return sharing.project(
            self.workspace,
            self.place,
            self.mode,
            there.get(NOTES),
            self.target.value,
            self.remote.name,
            self.actor.who,
        )

    def _remember(self, prepared: sharing.Projected | None) -> None:
        known = sharing.remembered(self.workspace, self.place)
        if prepared is None and known.mode != "none":
            sharing.remember(self.workspace, self.place, sharing.Known(url=known.url))
        if prepared is not None and prepared.known != known:
            sharing.remember(self.workspace, self.place, prepared.known)
            if prepared.tip is not None:
                self.workspace.repo.handle.references.create(self.place.notes, prepared.tip, force=True)

    def _follow(self, found: dict[str, Pushed]) -> None:
        """Note what stands there now, so that the next push need not fetch it."""
        registry = found.get(sharing.ACTORS)
        value = self.workspace.repo.ref(sharing.ACTORS)
        if registry is not None and registry.arrived and value is not None:
            self.workspace.repo.handle.references.create(self.place.actors, value, force=True)

    def _extras(self, there: dict[str, str], prepared: sharing.Projected | None) -> list[str]:
        """What goes before the stream: notes and registry. Logs name private streams: they leave for teams only."""
        repo = self.workspace.repo
        found: list[str] = []
        if prepared is not None and prepared.tip is not None and prepared.tip != there.get(NOTES):
            found.append(f"{prepared.tip}:{NOTES}")
        if self.mode == "none":
            return found
        actors = repo.ref(sharing.ACTORS)
        if actors is not None and actors != there.get(sharing.ACTORS):
            found.append(f"{actors}:{sharing.ACTORS}")
        return found

    def _refuse_stream(self, found: dict[str, Pushed], done: Ended) -> None:
        stream = found.get(self.target.ref)
        if stream is None or stream.arrived:
            return
        if stream.outrun:
            raise PushRejectedError(
                f"{self.target.shown} moved while we were pushing.",
                f"Bring the new commits here first: ai-vcs pull {self.remote.spec} {self.target.stream}",
            )
        said = remotes.shown(" ".join(line.removeprefix("remote: ") for line in done.said if "remote: " in line))
        raise PushRejectedError(
            f"The remote refused {self.target.shown}: {stream.reason}. {said}".rstrip(),
            "Do as it says, then push again.",
        )

    def _tracked(self) -> tuple[str, str | None] | None:
        """The ref that shows the remote's stream here, with its value."""
        name = remotes.tracking(self.workspace.repo.settings.get(), self.remote.name, self.target.ref)
        return (name, self.workspace.repo.ref(name)) if name is not None else None

    def _record(self, old: str | None, tracked: tuple[str, str | None] | None, sent: _Sent) -> str | None:
        """The push as one operation, unless nothing moved anywhere."""
        moves = self._moves(tracked)
        if old == self.target.value and not moves and not sent.notes:
            return None
        details: dict[str, str | int | bool] = {
            "remote": self.remote.name,
            "url": remotes.shown(self.place.url),
            "stream": self.target.ref.removeprefix("refs/heads/"),
            "new": self.target.value,
            "mode": self.mode,
            "notes": sent.notes,
        }
        if old is not None:
            details["old"] = old
        draft, private = self.actor.draft(
            "push",
            moves,
            arguments={"remote": self.target.given_remote, "stream": self.target.given_stream},
            details=details,
            names=(NOTES,) if sent.notes else (),
        )
        return ids.text(self.actor.record(draft, private).id)

    def _moves(self, before: tuple[str, str | None] | None) -> tuple[Move, ...]:
        """How the ref that shows the remote's stream moved, now or in a push whose answer never came."""
        if before is None:
            return ()
        name, old = before
        new = self.workspace.repo.ref(name)
        known = self.workspace.ledger.view().get(name)
        return (Move(name, old if old != new else known, new),) if new != known else ()

    def _notices(self, sent: _Sent, left: int) -> list[str]:
        said = [*self.workspace.notices]
        self.workspace.notices.clear()
        if left:
            records = "1 metadata record" if left == 1 else f"{left} metadata records"
            said.append(
                f"{records} had been sent to {self.place.name} with all values before provenance.push became "
                f"{self.mode}; that cannot be taken back by a push."
            )
        said += [
            f"The remote does not take {name} ({each.reason}); it stays here." for name, each in sent.refused.items()
        ]
        return said
