"""What the verbs about keys share: naming actors and keys, showing them, and the one operation for each change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from anvcs import actors, ids, wire
from anvcs.actions import identity, recovery
from anvcs.actions.acting import Acting
from anvcs.actions.plan import Part, Plan
from anvcs.actions.publish import note_published
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore, Signer
from anvcs.errors import ActorError, AnvcsError
from anvcs.gitmirror.actors import REF
from anvcs.governance import sshsig
from anvcs.governance.authority import Pair
from anvcs.governance.entries import SignedEntry
from anvcs.governance.registry import Registry
from anvcs.history.ledger import Draft
from anvcs.history.operations import SignedOperation
from anvcs.storage.lock import exclusive

STEPS = ("actor-prepare", *identity.STEPS, "actor-published")
"""The fault points of a change of keys, each reached just before the step of its name; ``actor-key`` of a rotation."""


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def named(actor: str) -> str:
    """An actor's id; what has no kind before a colon is an agent. Raises UsageError."""
    return actors.check(actor) if actor.partition(":")[0] in actors.KINDS else actors.agent(actor)


def described(workspace: Workspace, registry: Registry) -> list[wire.ActorKey]:
    """Every key of the registry, by actor and time."""
    store = KeyStore(workspace.caller.config_home)
    held: dict[str, bytes | None] = {}
    found: list[wire.ActorKey] = []
    for key in registry.keys(now()):
        if key.actor not in held:
            held[key.actor] = _held(store, key.actor)
        state = key.verdict.state
        found.append(
            wire.ActorKey(
                actor=key.actor,
                key=sshsig.key_text(key.key),
                fingerprint=sshsig.fingerprint(key.key),
                state="known" if state == "known" else "revoked" if state == "revoked" else "unknown",
                by=key.by,
                time=key.time,
                on_trust=key.on_trust,
                revoked_since=registry.state.ended(Pair(key.actor, key.key)),
                reason=key.reason,
                mine=held[key.actor] == key.key,
            )
        )
    return found


def _held(store: KeyStore, actor: str) -> bytes | None:
    try:
        signer = store.known(actor)
    except AnvcsError:
        # A damaged key file is no reason to show nothing; signing with it says what is wrong.
        return None
    return signer.public_key if signer else None


def resolve(registry: Registry, text: str) -> Pair:
    """The key meant by its text, its fingerprint or its actor. Raises ActorError where it is none or not one only."""
    keys = registry.keys(now())
    if text.strip().startswith("ssh-"):
        public = sshsig.public_key(text)
        fitting = [key for key in keys if key.key == public]
    elif text.startswith("SHA256:"):
        fitting = [key for key in keys if sshsig.fingerprint(key.key) == text]
    else:
        actor = named(text)
        fitting = [key for key in keys if key.actor == actor and registry.is_active(actor, key.key)]
    if not fitting:
        raise ActorError(f"The actor registry has no key {text}.", "See them with: ai-vcs actor list")
    if len(fitting) > 1:
        raise ActorError(
            f"{text} stands for {len(fitting)} keys.", "Name one by its fingerprint; see: ai-vcs actor list"
        )
    return Pair(fitting[0].actor, fitting[0].key)


def check(registry: Registry, entry: SignedEntry) -> None:
    """Refuse an entry that would not count. Raises ActorError."""
    made = entry.entry
    if registry.admits(made):
        return
    if not registry.is_active(made.by, made.signed_by):
        raise ActorError(
            f"The key of {made.by} is not known in this repository, so it cannot speak for others.",
            f"Ask an enrolled person to run: ai-vcs actor enroll {made.by} '{sshsig.key_text(made.signed_by)}'",
        )
    raise ActorError(
        f"{made.by} cannot decide about the keys of {made.actor}.", "Let a human who is enrolled do it, or the actor."
    )


def carried_out(
    acting: Acting,
    signer: Signer,
    kind: str,
    pair: Pair,
    entry: SignedEntry | None,
    arguments: Mapping[str, ids.Value],
) -> wire.ActorResult:
    """Bring the entry, if there is one, into the registry as one operation, and show the key. Raises LockedError."""
    workspace = acting.workspace
    details: dict[str, str | int | bool] = {"actor": pair.actor, "key": sshsig.fingerprint(pair.key)}
    if entry is not None:
        details["entry"] = ids.text(entry.id)
    draft, private = acting.draft(kind, arguments=arguments, details=details, names=(REF,))
    if entry is None:
        operation = acting.record(draft, private, signer=signer)
    else:
        operation = _append(workspace, draft, private, signer, entry)
    text = sshsig.key_text(pair.key)
    keys = described(workspace, identity.registry(workspace))
    shown = [each for each in keys if (each.actor, each.key) == (pair.actor, text)]
    notices = tuple(workspace.notices)
    workspace.notices.clear()
    key = shown[0] if shown else _unknown(pair, operation.operation.time)
    return wire.ActorResult(key=key, operation_id=ids.text(operation.id), notices=notices)


def _append(
    workspace: Workspace, draft: Draft, private: Mapping[bytes, bytes], signer: Signer, entry: SignedEntry
) -> SignedOperation:
    """As a publication does it: prepared before the registry moves, which is the commit point, and published after."""
    ledger, at = workspace.ledger, workspace.caller.at
    plan = Plan((Part(str(workspace.repo.git_dir)),), entry=entry.id)
    with exclusive(workspace.lock_path):
        if recovery.needed(workspace):
            workspace.notices += recovery.settle(workspace)
        at("actor-prepare")
        operation = ledger.prepare(draft, signer, msgspec.msgpack.encode(plan), private)
        try:
            identity.append(workspace, [entry])
        except BaseException:
            # Where even that fails (a full disk), it stays prepared and the next process settles it.
            with suppress(OSError, AnvcsError):
                ledger.finish(operation.id, recovery.verdict(workspace.repo, operation, plan), durable=False)
            raise
        at("actor-published")
        note_published(workspace, operation)
    return operation


def _unknown(pair: Pair, time: int) -> wire.ActorKey:
    """A key that the registry does not name yet."""
    return wire.ActorKey(
        actor=pair.actor,
        key=sshsig.key_text(pair.key),
        fingerprint=sshsig.fingerprint(pair.key),
        state="unknown",
        by=pair.actor,
        time=time,
        mine=True,
    )
