"""Stages paths in Git's own index, as ``git add`` does."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.changes import file_changes
from anvcs.gitmirror import differences, selection
from anvcs.gitmirror.paths import to_repo_path


def add(caller: Caller, params: wire.AddParams) -> wire.AddResult:
    """Stage the saved state of the paths, removals included. Raises a PathError with nothing staged."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        repo = workspace.repo
        paths = [to_repo_path(repo.root, caller.cwd, path) for path in params.paths]
        done = repo.git.run("--literal-pathspecs", "add", "--all", "--", *[path or b"." for path in paths])
        if done.returncode:
            raise selection.refused(done.stderr, paths)
        return wire.AddResult(staged=file_changes(differences.staged(repo, repo.head())))
