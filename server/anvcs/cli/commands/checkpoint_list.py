"""``ai-vcs checkpoint list``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.operations import checkpoints


@declare("list", "ai-vcs checkpoint list")
def command(invocation: Invocation) -> None:
    """List the checkpoints."""
    result = invocation.perform(wire.CHECKPOINT_LIST, wire.CheckpointListParams())
    invocation.show(result, lambda look: checkpoints(result, look))
