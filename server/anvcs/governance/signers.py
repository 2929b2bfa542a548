"""The registry as other programs read it: the allowed-signers file of OpenSSH, by which Git verifies commits."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from anvcs.actors import NO_MAIL, address
from anvcs.governance import sshsig
from anvcs.governance.registry import Registry

HEADER = "# Written by ANVCS from refs/anvcs/actors; changes are overwritten. See: ai-vcs actor list\n"
_SAFE = re.compile(r"[^\s,*?!\"'#\\\x00-\x1f\x7f]+")
"""Principals are patterns in a list: other letters would name more actors than one, or another one."""
_LAST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


def allowed_signers(registry: Registry) -> str:
    """One line for each key that is or was its actor's; one that has ended counts for what was signed before.

    Left out are actors whose address OpenSSH would take for a pattern, and humans with the address of an agent.
    """
    open_ended: list[str] = []
    ended: list[str] = []
    for pair in sorted(registry.state.granted):
        name = address(pair.actor)
        pretends = pair.actor.startswith("human:") and name.endswith(f".{NO_MAIL}")
        if pretends or not _SAFE.fullmatch(name):
            continue
        since = registry.state.ended(pair)
        options = f'namespaces="{sshsig.GIT},{sshsig.ANVCS}"'
        if since is None:
            open_ended.append(f"{name} {options} {sshsig.key_text(pair.key)}\n")
        elif since >= 1000:
            # Whole seconds, and 0 would mean that it never ends.
            ended.append(f'{name} {options},valid-before="{_moment(since)}" {sshsig.key_text(pair.key)}\n')
    # An OpenSSH before 9.1 stops at a time in UTC, so those lines come last.
    return HEADER + "".join(open_ended + ended)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(min(milliseconds // 1000, _LAST), UTC).strftime("%Y%m%d%H%M%SZ")
