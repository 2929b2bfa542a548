"""What every verb about streams needs: names, where they are, and who follows a switch."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from anvcs.errors import HookFailedError, OperationInProgressError, StreamError, UnmergedPathsError, UsageError
from anvcs.gitmirror import pointers, refs

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace
    from anvcs.history.ledger import Entry

HEADS = "refs/heads/"


class Follower(Protocol):
    """What changes with the stream that is checked out, beside Git: rooms, then artifacts."""

    def check(self, workspace: Workspace, old: str | None, new: str | None) -> None:
        """Raise WouldLoseWorkError where following from one commit to the other would lose work; change nothing."""
        ...

    def follow(self, workspace: Workspace, old: str | None, new: str | None) -> list[str]:
        """Follow; the switch has taken place. Gives what is worth saying."""
        ...


def ref_of(workspace: Workspace, name: str) -> str:
    """The full name of an existing stream. Raises StreamError."""
    ref = HEADS + name.removeprefix(HEADS)
    if workspace.repo.ref(ref) is None:
        raise StreamError(f"There is no stream {name}.", "See ai-vcs stream list for those there are.")
    return ref


def free_ref(workspace: Workspace, name: str, leaving: str | None = None) -> str:
    """The full name for a new stream (``leaving`` gives its name up). Raises StreamError, UsageError."""
    if not refs.is_branch_name(name):
        raise UsageError(f"{name!r} cannot name a stream.", "See git check-ref-format for what a name may hold.")
    ref = HEADS + name
    for other in pointers.read(workspace.repo):
        if other == ref:
            raise StreamError(f"There is a stream {name} already.", "Choose another name.")
        if other.startswith(ref + "/") or (other.startswith(HEADS) and ref.startswith(other + "/")):
            if other == leaving:
                raise StreamError(
                    f"Git cannot rename {other.removeprefix(HEADS)} to {name} in one step: one is the other's folder.",
                    "Rename it to another name first.",
                )
            raise StreamError(
                f"{name} cannot stand beside the stream {other.removeprefix(HEADS)}: one would be the other's folder.",
                "Choose another name.",
            )
    return ref


def refuse_busy(workspace: Workspace) -> None:
    """Raise where git is in the middle of something, or files have conflicts."""
    state = workspace.repo.in_progress()
    if state is not None and state != "bisect":
        raise OperationInProgressError(
            f"A {state} is in progress.", f"Finish it first, or stop it with: git {state} --abort"
        )
    workspace.index.load()
    if workspace.index.unmerged():
        raise UnmergedPathsError("Some files still have conflicts.", "Resolve and commit them first.")


def told(workspace: Workspace, old: str | None, new: str | None) -> str:
    """Tell the post-checkout hook, as git does; the switch stands whatever it answers. Gives what it printed."""
    zero = "0" * 40
    with suppress(HookFailedError):
        return workspace.hooks().run("post-checkout", old or zero, new or zero, "1").output
    return ""


def rename_settings(workspace: Workspace, old: str, new: str) -> None:
    """Let upstream and description of a stream follow its name."""
    if workspace.repo.settings.get().names(f"branch.{old}."):
        workspace.git.run("config", "--local", "--remove-section", f"branch.{new}")
        workspace.git.run("config", "--local", "--rename-section", f"branch.{old}", f"branch.{new}")


def follow_name(workspace: Workspace, entry: Entry, *, again: bool) -> None:
    """Settings follow a stream whose renaming was taken back or done again."""
    new, old = (entry.operation.details.get(name) for name in ("stream", "renamedFrom"))
    if entry.operation.kind == "stream-rename" and isinstance(new, str) and isinstance(old, str):
        rename_settings(workspace, *((old, new) if again else (new, old)))
