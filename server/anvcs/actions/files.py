"""Files that an operation changes beside the index: written, and recognized again."""

from __future__ import annotations

from collections.abc import Iterable

from anvcs.actions.plan import FileMove
from anvcs.gitmirror import checkout
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import Entry


def write(repo: GitRepository, files: Iterable[FileMove]) -> None:
    """Give files their new content."""
    moves = tuple(files)
    plain = {move.path: move.new for move in moves if move.new is not None and not move.raw_new}
    raw = {move.path: move.new for move in moves if move.new is not None and move.raw_new}
    checkout.write_files(repo, plain)
    checkout.write_raw(repo, raw)
    checkout.remove_files(repo, [move.path for move in moves if move.new is None])


def still_new(repo: GitRepository, files: Iterable[FileMove]) -> dict[FileMove, bool]:
    """Whether each file is still as the move left it."""
    moves = tuple(files)
    return _stand(repo, {move: (move.new, move.raw_new) for move in moves})


def still_old(repo: GitRepository, files: Iterable[FileMove]) -> dict[FileMove, bool]:
    """Whether each file is as it was before the move."""
    moves = tuple(files)
    return _stand(repo, {move: (move.old, move.raw_old) for move in moves})


def _stand(repo: GitRepository, wanted: dict[FileMove, tuple[Entry | None, bool]]) -> dict[FileMove, bool]:
    found: dict[FileMove, bool] = {}
    for raw in (False, True):
        some = {move: entry for move, (entry, is_raw) in wanted.items() if is_raw == raw}
        now = checkout.worktree_entries(repo, [move.path for move in some], raw=raw)
        found |= {move: checkout.is_as(repo, move.path, entry, now[move.path]) for move, entry in some.items()}
    return found
