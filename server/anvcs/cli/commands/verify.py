"""``ai-vcs verify``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.trust import verified


@declare("verify", "ai-vcs verify", "ai-vcs verify --json")
def command(invocation: Invocation) -> None:
    """Recompute every id, chain link, signature and note.

    Names what is not as it was written, and says what share of each could be recomputed. Exits with 1 if anything is
    wrong.
    """
    result = invocation.perform(wire.VERIFY, wire.VerifyParams())
    invocation.show(result, lambda look: verified(result, look))
    if not result.sound:
        invocation.exit_code = 1
