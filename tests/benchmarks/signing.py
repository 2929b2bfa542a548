"""What one signature costs: ours in SSH format, against ``ssh-keygen -Y sign`` with the same key and message.

    .venv/bin/python -m tests.benchmarks.signing

Taken in turn in one run; both give the same bytes, which is checked. ssh-keygen is a process of its own, since that is
how git signs. ``raw`` is what our crypto library needs for the bare Ed25519 signature, the floor for any of it.
``enrolled`` is the look-up on the way of every operation, by a process that has done it before and by a new one; its
goal is in milliseconds. Nothing is asserted but equality.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.caller import Caller, call
from anvcs.actors import KeySigner, KeyStore
from anvcs.governance import sshsig
from tests.benchmarks.common import Task, git, in_turn, isolated

GOAL = 0.02
"""Of ssh-keygen."""
LOOKUP_GOAL = 0.1
"""Milliseconds."""


def main() -> None:
    """Print medians, the ratios and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=301)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="anvcs-bench-") as top:
        signatures(Path(top), rounds)
        lookups(Path(top), rounds)


def signatures(top: Path, rounds: int) -> None:
    """One commit's worth of bytes, signed by either."""
    key = top / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    private = load_ssh_private_key(key.read_bytes(), None)
    assert isinstance(private, Ed25519PrivateKey)
    ada = KeySigner("human:ada@example.org", private, private.public_key().public_bytes_raw())
    person = b"Ada <ada@example.org> 1700000000 +0000"
    commit = b"tree 4b82\nauthor %s\ncommitter %s\n\nmessage\n\nANVCS-Change: k\n" % (person, person)

    def by_ssh() -> bytes:
        arguments = ["ssh-keygen", "-Y", "sign", "-n", sshsig.GIT, "-f", key]
        return subprocess.run(arguments, input=commit, capture_output=True, check=True).stdout

    def ours() -> bytes:
        return sshsig.sign(ada, commit, sshsig.GIT)

    if ours() != by_ssh():
        raise SystemExit("the signatures differ")
    theirs, own, raw = in_turn(rounds, Task(by_ssh), Task(ours), Task(lambda: ada.sign(commit[:64])))
    print(f"{'one signature':<16}{'ssh-keygen':>12}{'ours':>10}{'ratio':>9}{'goal':>8}{'raw':>10}")
    print(
        f"{'':<16}{theirs.wall * 1e3:>9.3f} ms{own.wall * 1e3:>7.3f} ms{own.wall / theirs.wall:>8.4f}x{GOAL:>7}x"
        f"{raw.wall * 1e3:>7.3f} ms"
    )


def lookups(top: Path, rounds: int) -> None:
    """What an operation pays to know that its actor is enrolled, among a hundred others."""
    env, folder = isolated(top), top / "repo"
    folder.mkdir()
    git(folder, env, "init", "--quiet")
    caller = Caller(cwd=folder, env=env, config_home=top / "config")
    call(caller, wire.INIT, wire.InitParams())
    workspace, store = caller.workspace(None), KeyStore(top / "config")
    signer = store.signer("agent:0")
    for number in range(100):
        identity.enrolled(workspace, store.signer(f"agent:{number}"))

    def forget() -> None:
        workspace.cache.clear()

    warm, fresh = in_turn(
        rounds,
        Task(lambda: identity.enrolled(workspace, signer), lambda: identity.enrolled(workspace, signer)),
        Task(lambda: identity.enrolled(workspace, signer), forget),
    )
    print(f"{'enrolled':<16}{'warm':>12}{'new':>10}{'':>9}{'goal':>8}")
    print(f"{'':<16}{warm.wall * 1e3:>9.4f} ms{fresh.wall * 1e3:>7.3f} ms{'':>9}{LOOKUP_GOAL:>5} ms")
    caller.close()


if __name__ == "__main__":
    main()
