"""``ai-vcs undo``."""

from __future__ import annotations

from typing import Any

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare, dry_run
from anvcs.cli.render.operations import moved


@declare("undo", "ai-vcs undo --dry-run", "ai-vcs undo", "ai-vcs undo --agent foo")
@dry_run()
@acting()
def command(invocation: Invocation, dry_run: bool, **who: Any) -> None:
    """Take back your own last operation here.

    Called again, it takes back the one before. A commit's undo moves the stream and the index and leaves the files;
    that of a switch or pull moves files too, where they have not changed since. What others did since is never
    taken back: it is named, with another way.
    """
    result = invocation.perform(wire.UNDO, wire.UndoParams(dry_run=dry_run, **acting_params(who)))
    done = "Would take back" if dry_run else "Taken back"
    invocation.show(result, lambda _: moved(result, done, dry_run=dry_run, back="ai-vcs redo does it again"))
    invocation.notices(result.notices)
