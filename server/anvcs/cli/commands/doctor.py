"""``ai-vcs doctor``."""

from __future__ import annotations

from anvcs import wire
from anvcs.cli.invocation import Invocation
from anvcs.cli.options import declare
from anvcs.cli.render.doctor import doctor


@declare("doctor", "ai-vcs doctor")
def command(invocation: Invocation) -> None:
    """Examine the installation and the repository.

    Exits with 1 if something must be repaired.
    """
    result = invocation.perform(wire.DOCTOR, wire.DoctorParams())
    invocation.show(result, lambda look: doctor(result, look))
    if not result.healthy:
        invocation.exit_code = 1
