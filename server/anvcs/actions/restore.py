"""Gives files the content they have in a commit; what they hold now is recorded first and can be brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvcs import wire
from anvcs.actions import foreign, moving
from anvcs.actions.acting import acting
from anvcs.actions.caller import Caller
from anvcs.actions.moved import result
from anvcs.actions.moving import Wish
from anvcs.actions.plan import FileMove
from anvcs.actions.resolve import resolve
from anvcs.errors import PathNotFoundError
from anvcs.gitmirror import checkout
from anvcs.gitmirror.paths import quote, to_repo_path
from anvcs.gitmirror.trees import SUBMODULE, Entry

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def restore(caller: Caller, params: wire.RestoreParams) -> wire.MoveResult:
    """Restore files and folders; index and pointers stay. Files that git does not track are never touched.

    Raises PathNotFoundError, PathOutsideError, UnknownCommitError.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.look(workspace)
        actor = acting(workspace, params)
        commit = resolve(workspace, params.source, params.at_op)
        root, cwd = workspace.repo.root, caller.cwd
        paths = [to_repo_path(root, cwd, path) for path in params.paths]
        moves = _moves(workspace, commit, paths)
        wish = Wish(
            kind="restore",
            moves={},
            details={"from": commit},
            arguments={"paths": [quote(path) for path in paths], "source": params.source},
            causes=(workspace.ledger.producer(commit),),
            file_moves=moves,
            keep=(commit,),
            keep_blobs=tuple(dict.fromkeys(move.old.oid for move in moves if move.old is not None)),
        )
        ready = moving.prepare(workspace, wish)
        made = moving.carry_out(actor, wish, ready) if moves else None
        return result(workspace, None, wish, ready.paths, ready.left, made)


def _moves(workspace: Workspace, commit: str, paths: list[bytes]) -> tuple[FileMove, ...]:
    """The files that differ from the commit, each with its bytes of now kept in Git."""
    wanted = _listed(workspace, ["ls-tree", "-r", "-z", "--full-tree", commit, "--"], paths)
    tracked = _listed(workspace, ["ls-files", "--full-name", "--stage", "-z", "--"], paths)
    for path in paths:
        if not any(_is_in(name, path) for name in (*wanted, *tracked)):
            raise PathNotFoundError(
                f"{quote(path)} is not in {commit[:10]}.", "Name a file that is, or another commit."
            )
    now = checkout.worktree_entries(workspace.repo, [*wanted, *(path for path in tracked if path not in wanted)])
    moves: list[FileMove] = []
    for path, content in now.items():
        new = wanted.get(path)
        if (new.oid if new is not None else None) == content and _same_mode(workspace, path, new):
            continue
        if content is not None and path not in tracked and new is None:
            continue
        old = checkout.read_raw(workspace.repo, path) if content is not None else None
        moves.append(FileMove(path, old, new, raw_old=True))
    return tuple(moves)


def _same_mode(workspace: Workspace, path: bytes, entry: Entry | None) -> bool:
    return entry is None or checkout.mode_of(workspace.repo, path) in (entry.mode, None)


def _is_in(name: bytes, path: bytes) -> bool:
    return path in (b"", b".") or name == path or name.startswith(path + b"/")


def _listed(workspace: Workspace, command: list[str], paths: list[bytes]) -> dict[bytes, Entry]:
    """The files below the paths that git lists, submodules left out."""
    literal = [b":(top,literal)" + path for path in paths if path not in (b"", b".")]
    found: dict[bytes, Entry] = {}
    if command[0] == "ls-tree":
        literal = [path for path in paths if path not in (b"", b".")]
    for line in workspace.git.output(*command, *literal).split(b"\0"):
        head, tab, path = line.partition(b"\t")
        if tab:
            mode, second, third = head.split(b" ")[:3]
            oid = third if command[0] == "ls-tree" else second
            if int(mode, 8) != SUBMODULE:
                found[path] = Entry(int(mode, 8), oid.decode())
    return found
