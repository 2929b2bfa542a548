"""``ai-vcs redo``."""

from __future__ import annotations

from typing import Any

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import acting, acting_params, declare, dry_run
from anvcs.cli.render.operations import moved


@declare("redo", "ai-vcs redo", "ai-vcs redo --agent foo --dry-run")
@dry_run()
@acting()
def command(invocation: Invocation, dry_run: bool, **who: Any) -> None:
    """Do again what you took back last.

    Anything that you do after an undo ends the way forward; ai-vcs op restore still leads to every state there was.
    """
    result = invocation.perform(wire.REDO, wire.RedoParams(dry_run=dry_run, **acting_params(who)))
    invocation.show(result, lambda _: moved(result, "Would do again" if dry_run else "Done again", dry_run=dry_run))
    invocation.notices(result.notices)
