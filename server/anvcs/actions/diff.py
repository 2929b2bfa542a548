"""Compares work tree, index and commits, as git does."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.changes import compared
from anvcs.actions.resolve import resolve
from anvcs.errors import UsageError
from anvcs.gitmirror.paths import to_repo_path


def diff(caller: Caller, params: wire.DiffParams) -> wire.DiffResult:
    """The files that differ and a patch. Raises UnknownCommitError or a PathError."""
    workspace = caller.workspace(params.folder)
    if params.new is not None and params.old is None:
        raise UsageError("A commit to compare with needs one to compare from.", "Name both.")
    if params.staged and params.new is not None:
        raise UsageError("Two commits have no staged difference.", "Leave --staged out.")
    if params.at_op is not None and params.old is None:
        raise UsageError("Work tree and index are not in the past.", "Name the commit to compare with, e.g. HEAD.")
    with workspace.lock:
        repo = workspace.repo
        commits = [resolve(workspace, name, params.at_op) for name in (params.old, params.new) if name is not None]
        paths = [to_repo_path(repo.root, caller.cwd, path) or b"." for path in params.paths]
        asked = ["--literal-pathspecs", "diff", "--no-ext-diff", "--no-color", *(["--cached"] if params.staged else [])]
        tail = [*commits, "--", *paths]
        return wire.DiffResult(
            files=compared(repo.git, asked, tail),
            patch=repo.git.output(*asked, "--patch", "-M", *tail).decode("utf-8", "replace"),
        )
