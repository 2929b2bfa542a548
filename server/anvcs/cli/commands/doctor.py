"""``ai-vcs doctor``."""

from __future__ import annotations

import click

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.doctor import doctor


@declare("doctor", "ai-vcs doctor", "ai-vcs doctor --repair")
@click.option("--repair", is_flag=True, help="Put in order what can be.")
def command(invocation: Invocation, repair: bool) -> None:
    """Examine the installation and the repository, and repair it.

    Without --repair it only names the way out of whatever is wrong. Exits with 1 if something must be repaired. Locks
    of other programs are named, never removed.
    """
    result = invocation.perform(wire.DOCTOR, wire.DoctorParams(repair=repair))
    invocation.show(result, lambda look: doctor(result, look))
    if not result.healthy:
        invocation.exit_code = 1
