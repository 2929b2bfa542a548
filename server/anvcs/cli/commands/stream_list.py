"""``ai-vcs stream list``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import at_op, declare
from anvcs.cli.render.streams import streams


@declare("list", "ai-vcs stream list", "ai-vcs stream list --at-op '@{10}'")
@at_op("The streams as they were after this operation.")
def command(invocation: Invocation, at_operation: str | None) -> None:
    """List the streams.

    They are Git's branches.
    """
    result = invocation.perform(wire.STREAM_LIST, wire.StreamListParams(at_op=at_operation))
    invocation.show(result, lambda _: streams(result))
    invocation.notices(result.notices)
