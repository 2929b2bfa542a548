"""Brings a remote's stream and metadata here, and joins them with ours."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from anvcs import ids, wire
from anvcs.actions import identity, joining, moving, publish, sharing, team
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.joining import Joined
from anvcs.actions.place import own
from anvcs.actions.plan import Checkout
from anvcs.actions.publish import NOTES
from anvcs.actions.upstream import Target, pull_target
from anvcs.errors import (
    HookFailedError,
    OperationInProgressError,
    RemoteError,
    StoreConflictError,
    StreamMovedError,
    UnmergedPathsError,
)
from anvcs.gitmirror import checkout
from anvcs.gitmirror import remote as remotes
from anvcs.gitmirror.index import Index
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.refs import RefMove
from anvcs.gitmirror.trees import EMPTY_TREE, differing
from anvcs.history.operations import Move
from anvcs.provenance import notes

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.gitmirror.transfer import Ended

ATTEMPTS = 10
"""How often a stream that someone moves here meanwhile is looked at again."""
MANY_PATHS = 1000
_NOISE = ("From ", " * ", "   ", " + ", " - ", " = ", "hint: ", "POST ", "warning: redirecting")

Outcome = Literal["up-to-date", "created", "fast-forward", "merge", "ahead"]


class _Fetched(NamedTuple):
    """What came from the remote."""

    tip: str
    tracked: tuple[Move, ...]
    """How the refs that show the remote's streams moved."""
    notes: int
    output: list[str]


class _Landed(NamedTuple):
    """What became of our stream."""

    outcome: Outcome
    old: str | None
    new: str
    paths: tuple[bytes, ...]
    operation: str | None


def pull(caller: Caller, params: wire.PullParams) -> wire.PullResult:
    """Fetch, join, and move the stream with files and index if it is checked out here.

    Raises RemoteError, DivergedError naming the files in conflict, WouldLoseWorkError naming the files in the way,
    StreamError where another worktree has the stream; what was fetched stays, nothing else has changed then.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        actor = acting(workspace, params)
        target = pull_target(workspace, params.remote, params.stream)
        fetched = _fetch(workspace, actor, target)
        landed = _land(workspace, actor, target, fetched)
        said = _hook(workspace, landed, target)
        workspace.notices += team.keep_up(workspace)
        notices = tuple(workspace.notices)
        workspace.notices.clear()
    return wire.PullResult(
        remote=target.remote.spec if target.remote.named else remotes.shown(target.remote.url),
        url=remotes.shown(target.remote.url),
        stream=target.stream,
        outcome=landed.outcome,
        old=landed.old,
        new=landed.new,
        files=tuple(quote(path) for path in landed.paths[:MANY_PATHS]),
        notes=fetched.notes,
        operation_id=landed.operation,
        output="\n".join([*(line for line in fetched.output if not line.startswith(_NOISE)), *said]),
        notices=notices,
    )


def _fetch(workspace: Workspace, actor: Acting, target: Target) -> _Fetched:
    repo = workspace.repo
    place = sharing.fetched_from(target.remote)
    transfers = sharing.transfers(workspace)
    there = remotes.refs(transfers, place.spec, (target.ref, NOTES, sharing.ACTORS))
    if target.ref not in there:
        raise RemoteError(
            f"The remote has no stream {target.ref.removeprefix('refs/heads/')}.",
            f"Push it first with: ai-vcs push {target.remote.spec} {target.stream}",
        )
    name = remotes.tracking(repo.settings.get(), target.remote.name, target.ref)
    before = repo.ref(name) if name is not None else None
    done = _bring(workspace, target, place, there)
    # What the remote has may have changed since it was asked: what has arrived counts.
    tip = (repo.ref(name) if name is not None else None) or repo.ref(place.stream(target.ref)) or there[target.ref]
    grown = take_in(workspace, actor, place)
    moves = (Move(name, before, tip),) if name is not None and before != tip else ()
    return _Fetched(tip, moves, grown, done.said if done is not None else [])


def _bring(workspace: Workspace, target: Target, place: sharing.Address, there: dict[str, str]) -> Ended | None:
    """Fetch what is not here yet."""
    repo = workspace.repo
    name = remotes.tracking(repo.settings.get(), target.remote.name, target.ref)
    kept = name if name is not None else place.stream(target.ref)
    wanted = [f"+{target.ref}:{kept}"] if repo.ref(kept) != there[target.ref] else []
    for ref, here in ((NOTES, place.notes), (sharing.ACTORS, place.actors)):
        known = ref == NOTES and ref in there and sharing.has_taken(workspace, place, there[ref])
        if ref in there and repo.ref(here) != there[ref] and not known:
            wanted.append(f"+{ref}:{here}")
    if not wanted:
        return None
    return remotes.fetch(sharing.transfers(workspace), place.spec, wanted)


def take_in(workspace: Workspace, actor: Acting, place: sharing.Address) -> int:
    """Join fetched notes and registry with ours; gives how many notes changed here."""
    repo = workspace.repo
    grown = sharing.take_in(workspace, place, repo.ref(place.notes), actor.who)
    registry = repo.ref(place.actors)
    if registry is not None:
        identity.merge(workspace, registry)
    return grown


def _land(workspace: Workspace, actor: Acting, target: Target, fetched: _Fetched) -> _Landed:
    """Move our stream to what was fetched, or join both."""
    for _ in range(ATTEMPTS):
        workspace.repo.objects.discard()
        try:
            return _try(workspace, actor, target, fetched)
        except StoreConflictError:
            continue
    raise StreamMovedError(f"{target.stream} kept moving here.", "Try again when others have finished.")


def _try(workspace: Workspace, actor: Acting, target: Target, fetched: _Fetched) -> _Landed:
    repo = workspace.repo
    old = repo.ref(target.source)
    here = repo.head_ref() == target.source
    joined = joining.join(workspace, actor, target, old, fetched.tip)
    if joined.new == old:
        outcome: Outcome = "ahead" if joined.new != fetched.tip else "up-to-date"
        return _Landed(outcome, old, joined.new, (), _record(workspace, actor, target, fetched))
    if here:
        _refuse_busy(workspace)
    before = repo.tree_of(old) if old is not None else EMPTY_TREE
    after = repo.tree_of(joined.new)
    moves = differing(repo.objects, before, after)
    if here:
        obstacles = checkout.obstacles(repo, _loaded(workspace), moves)
        if obstacles:
            raise checkout.refusal(obstacles, "Pulling")
        moving.ask(workspace, old, joined.new)
    operation = _publish(workspace, actor, target, fetched, joined, old, Checkout(before, after) if here else None)
    if here:
        workspace.notices += moving.followed(workspace, old, joined.new)
    if old is None:
        _follow(workspace, target)
    outcome = "merge" if joined.new != fetched.tip else "fast-forward" if old is not None else "created"
    return _Landed(outcome, old, joined.new, tuple(moves), operation)


def _publish(
    workspace: Workspace,
    actor: Acting,
    target: Target,
    fetched: _Fetched,
    joined: Joined,
    old: str | None,
    files: Checkout | None,
) -> str:
    place = own(workspace)
    move = RefMove(target.source, old, joined.new)
    paths = tuple(differing(workspace.repo.objects, files.old, files.new)) if files is not None else ()
    details: dict[str, str | int | bool] = {"remote": target.remote.name, "fetched": fetched.tip, **joined.details}
    draft, private = actor.draft(
        "pull",
        (*_unseen(workspace, fetched.tracked), *publish.moves_of(place, (move,))),
        arguments={"remote": target.given_remote, "stream": target.given_stream},
        details=details,
        commit_point=target.source,
        names=(publish.NOTES, publish.KEEP),
        paths=paths if len(paths) <= MANY_PATHS else (),
    )
    line = joined.line
    operation = publish.publish(
        workspace,
        publish.Publication(
            draft=draft,
            signer=actor.signer,
            parts=(
                publish.PartOf(
                    place, (move,), checkout=files, head=f"ref: {target.source}" if files is not None else None
                ),
            ),
            who=actor.who,
            order="checkout" if files is not None else "forward",
            keep=tuple(value for value in (joined.new, old) if value is not None),
            private={**private, **joined.private},
            note=None if line is None else (joined.new, lambda existing: notes.merge(existing, line)),
            summary=f"pull: {joined.said}",
        ),
    )
    return ids.text(operation.id)


def _follow(workspace: Workspace, target: Target) -> None:
    """Let a stream that is new here follow the remote's, as git does for a branch that it makes."""
    key = f"branch.{target.stream}"
    if target.remote.named and workspace.repo.settings.get().get(f"{key}.merge") is None:
        workspace.git.output("config", "--local", f"{key}.remote", target.remote.spec)
        workspace.git.output("config", "--local", f"{key}.merge", target.ref)


def _record(workspace: Workspace, actor: Acting, target: Target, fetched: _Fetched) -> str | None:
    """The operation of a pull that moved no stream of ours; none if nothing came."""
    moves = _unseen(workspace, fetched.tracked)
    if not moves and not fetched.notes:
        return None
    draft, private = actor.draft(
        "pull",
        moves,
        arguments={"remote": target.given_remote, "stream": target.given_stream},
        details={"remote": target.remote.name, "fetched": fetched.tip, "notes": fetched.notes},
        names=(NOTES,) if fetched.notes else (),
    )
    return ids.text(actor.record(draft, private).id)


def _unseen(workspace: Workspace, moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """Those moves that the ledger does not hold yet: another process may have looked in between."""
    view = workspace.ledger.view()
    return tuple(move for move in moves if view.get(move.name) != move.new)


def _loaded(workspace: Workspace) -> Index:
    workspace.index.load()
    return workspace.index


def _refuse_busy(workspace: Workspace) -> None:
    state = workspace.repo.in_progress()
    if state is not None:
        raise OperationInProgressError(
            f"A {state} is in progress.", f"Finish it first, or stop it with: git {state} --abort"
        )
    if _loaded(workspace).unmerged():
        raise UnmergedPathsError("Some files still have conflicts.", "Resolve and commit them first.")


def _hook(workspace: Workspace, landed: _Landed, target: Target) -> list[str]:
    """Tell the post-merge hook, as git pull does; the pull stands whatever it answers."""
    if landed.outcome not in ("fast-forward", "merge") or workspace.repo.head_ref() != target.source:
        return []
    with suppress(HookFailedError):
        return workspace.hooks().run("post-merge", "0", index_file=workspace.repo.index_path).output.splitlines()
    return []
