"""The user's hooks of a merge: pre-merge-commit sees the result in an index of its own, post-merge is told."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from anvcs.errors import HookFailedError

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


def pre_merge_commit(workspace: Workspace, tree: str) -> str:
    """Let it judge the result. Raises HookFailedError where it refuses, or changes what was to land."""
    hooks = workspace.hooks()
    if not hooks.exists("pre-merge-commit"):
        return hooks.notice("pre-merge-commit")
    workspace.repo.objects.flush()
    candidate = workspace.scratch / f"candidate-merge-{os.getpid()}-{secrets.token_hex(4)}"
    extra = {"GIT_INDEX_FILE": str(candidate)}
    try:
        workspace.git.output("read-tree", tree, extra=extra)
        done = hooks.run("pre-merge-commit", index_file=candidate)
        if done.returncode:
            raise HookFailedError(
                f"The pre-merge-commit hook refused the merge (exit code {done.returncode}).",
                "Correct what it reports, or go past it with --no-verify, which is recorded.",
                output=done.output,
            )
        if workspace.git.text("write-tree", extra=extra) != tree:
            raise HookFailedError(
                "The pre-merge-commit hook changed the result, and only what was looked at may land.",
                "Commit what it changes to the source first, or go past it with --no-verify, which is recorded.",
                output=done.output,
            )
    finally:
        for name in (candidate, candidate.with_name(candidate.name + ".lock")):
            with suppress(OSError):
                name.unlink()
    return done.output


def post_merge(workspace: Workspace) -> str:
    """Tell it, as git does where files were merged; the merge stands whatever it answers. Gives what it printed."""
    with suppress(HookFailedError):
        return workspace.hooks().run("post-merge", "0", index_file=workspace.repo.index_path).output
    return ""
