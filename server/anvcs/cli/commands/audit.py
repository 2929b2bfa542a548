"""``ai-vcs audit``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare


@declare("audit", "ai-vcs audit > log.jsonl", "ai-vcs audit --after 1200 | jq .operation.kind")
@click.option("--after", default=0, type=click.IntRange(min=0), metavar="N", help="Begin after this sequence.")
@click.option("--replica", metavar="ID", help="Another clone's log, as far as it is known here.")
def command(invocation: Invocation, after: int, replica: str | None) -> None:
    """Write the operation log as JSON lines.

    One operation a line, oldest first, with the exact bytes that were signed. Ids, chain and signatures can be checked
    from these lines alone; protocol/README.md says how.
    """
    import msgspec

    encoder = msgspec.json.Encoder()
    while True:
        page = invocation.perform(wire.AUDIT, wire.AuditParams(after=after, replica=replica))
        if page.entries:
            invocation.screen.document(b"".join(encoder.encode(entry) + b"\n" for entry in page.entries))
            after = page.entries[-1].operation.sequence
        if not page.more:
            return
