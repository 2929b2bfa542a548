"""The allowed-signers file, as OpenSSH reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from anvcs.actors import KeySigner
from anvcs.governance import sshsig
from anvcs.governance.registry import Registry
from anvcs.governance.signers import HEADER, allowed_signers
from tests.unit.governance.keys import signer

NOW = 1_800_000_000_000
EMPTY = Registry({})


def enrolled(*who: KeySigner) -> Registry:
    """A registry of first keys."""
    registry = EMPTY
    for each in who:
        registry = registry.with_entries(registry.enroll(each, each.actor, each.public_key, NOW))
    return registry


def verdict(folder: Path, registry: Registry, who: KeySigner, name: str, when: str, namespace: str = "git") -> bool:
    """Whether ssh-keygen accepts a signature made at a time (UTC)."""
    (folder / "allowed").write_text(allowed_signers(registry))
    (folder / "sig").write_bytes(sshsig.sign(who, b"hello", namespace))
    arguments = ["ssh-keygen", "-Y", "verify", "-f", folder / "allowed", "-I", name, "-n", namespace]
    arguments += ["-s", folder / "sig", f"-Overify-time={when}"]
    return subprocess.run(arguments, input=b"hello", capture_output=True, check=False).returncode == 0


@pytest.mark.promise("identity.allowed-signers")
def test_openssh_accepts_exactly_what_the_registry_knows(tmp_path: Path) -> None:
    ada, foo, new = signer("human:ada@example.org"), signer("agent:foo"), signer("agent:foo", "new")
    known = enrolled(ada, foo)
    rotated = known.with_entries(known.rotate(foo, "agent:foo", foo.public_key, new.public_key, NOW))
    before, after = "20270115075959Z", "20270115080001Z"
    assert verdict(tmp_path, rotated, foo, "foo@agent.anvcs.invalid", before)
    assert not verdict(tmp_path, rotated, foo, "foo@agent.anvcs.invalid", after)
    for namespace in ("git", "anvcs"):
        assert verdict(tmp_path, rotated, new, "foo@agent.anvcs.invalid", after, namespace)
        assert verdict(tmp_path, rotated, ada, "ada@example.org", after, namespace)
    assert not verdict(tmp_path, rotated, ada, "foo@agent.anvcs.invalid", after)
    assert not verdict(tmp_path, rotated, ada, "ada@example.org", after, "file")
    assert not verdict(tmp_path, rotated, signer("agent:bar"), "bar@agent.anvcs.invalid", after)


def test_a_key_revoked_from_the_beginning_of_time_is_not_in_the_file() -> None:
    ada, foo = signer("human:ada@example.org"), signer("agent:foo")
    known = enrolled(ada, foo)
    revoked = known.with_entries(known.revoke(ada, "agent:foo", foo.public_key, NOW, since=0))
    assert sshsig.key_text(foo.public_key) not in allowed_signers(revoked)


@pytest.mark.parametrize(
    "actor",
    [
        "human:*",
        "agent:a,b",
        "agent:!x",
        'agent:"x',
        "human:#x",
        "agent:x?",
        "human:foo@agent.anvcs.invalid",
        "agent:'",
    ],
)
def test_a_name_that_could_stand_for_another_is_left_out(actor: str) -> None:
    assert allowed_signers(enrolled(signer(actor))) == HEADER


def test_a_moment_far_away_is_still_a_date() -> None:
    ada, foo = signer("human:ada@example.org"), signer("agent:foo")
    known = enrolled(ada, foo)
    revoked = known.with_entries(known.revoke(ada, "agent:foo", foo.public_key, NOW, since=2**62))
    assert 'valid-before="99991231000000Z"' in allowed_signers(revoked)
