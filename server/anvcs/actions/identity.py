"""Whose keys are whose in this repository: enrols actors when they first sign, and judges signatures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from anvcs import actors
from anvcs.errors import AnvcsError, CorruptStoreError, MissingIdentityError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvcs.actions.workspace import Workspace
    from anvcs.actors import Signer
    from anvcs.gitmirror.identity import Ident
    from anvcs.governance.entries import SignedEntry
    from anvcs.governance.registry import Registry
    from anvcs.governance.verdict import Verdict
    from anvcs.history.operations import SignedOperation

# The registry is imported late on purpose: a commit by an actor that is enrolled already never looks at it.

ALLOWED = "allowed_signers"
"""Our file for ``gpg.ssh.allowedSignersFile``."""
SETTING = "gpg.ssh.allowedSignersFile"
_SEEN = "actors.json"
STEPS = ("registry-objects", "registry-ref", "registry-files", "registry-seen")
"""The fault points of enrolling, each reached just before the step of its name."""
_ENROLLED = "enrolled"
"""A line ``actor key`` for each key that needs nothing more; a cache of the registry, which may be gone at any time."""


class _Seen(msgspec.Struct, frozen=True):
    """What this clone remembers of the registry."""

    tip: str | None = None
    """The commit that the files beside it were made from."""
    pins: dict[str, str] = {}
    """The first key of each actor that this clone saw, which another first key never takes the place of."""


class _Loaded(NamedTuple):
    tip: str | None
    registry: Registry


def enrolled(workspace: Workspace, signer: Signer) -> None:
    """See to it that the registry knows the actor's key; called before an actor signs, and cheap where it does.

    A further key of an actor is vouched for by one it had before on this machine or, but for humans, by the human who
    works here. Where nobody can, the key stays unknown until somebody does. Never fails: what is signed is true
    without a registry too, and the next time tries again.
    """
    line = f"\n{signer.actor} {signer.public_key.hex()}\n"
    known = workspace.cache.get(_ENROLLED)
    if isinstance(known, str) and line in known:
        return
    try:
        text = (workspace.folder / _ENROLLED).read_text("utf-8")
    except OSError:
        text = "\n"
    if line not in text:
        try:
            text = _enroll(workspace, signer)
        except (AnvcsError, OSError) as error:
            reason = error.message if isinstance(error, AnvcsError) else str(error)
            workspace.notices.append(f"The key of {signer.actor} is not in the actor registry: {reason}")
            return
    workspace.cache[_ENROLLED] = text


def registry(workspace: Workspace) -> Registry:
    """Every key of every actor that this clone knows of."""
    from anvcs.gitmirror import actors as store
    from anvcs.governance.registry import Registry

    tip = store.tip(workspace.repo)
    known = workspace.cache.get("registry")
    if isinstance(known, _Loaded) and known.tip == tip:
        return known.registry
    seen = _seen(workspace)
    found = Registry(store.read(workspace.repo, tip), {actor: bytes.fromhex(key) for actor, key in seen.pins.items()})
    if workspace.folder.is_dir() and tip and (seen.tip != tip or not (workspace.folder / ALLOWED).exists()):
        found = _remember(workspace, tip, found)
    workspace.cache["registry"] = _Loaded(tip, found)
    return found


def refresh(workspace: Workspace) -> Registry:
    """Read the registry again, after something else moved it (a pull), and bring the files made from it up to date."""
    workspace.cache.pop("registry", None)
    workspace.cache.pop(_ENROLLED, None)
    return registry(workspace)


def append(workspace: Workspace, entries: Iterable[SignedEntry]) -> Registry:
    """Add entries to the registry, durably. Raises LockedError."""
    from anvcs.gitmirror import actors as store

    store.append(workspace.repo, {each.id: each.content for each in entries}, _who(), at=workspace.caller.at)
    return refresh(workspace)


def merge(workspace: Workspace, theirs: str) -> Registry:
    """Add every entry of a fetched registry, given by its commit. Raises LockedError."""
    from anvcs.gitmirror import actors as store

    # First what is ours is pinned: a first key that arrives now must not be there before ours is remembered.
    registry(workspace)
    store.merge(workspace.repo, theirs, _who(), at=workspace.caller.at)
    return refresh(workspace)


def replacement(workspace: Workspace, old: Signer, new: Signer, reason: str = "") -> SignedEntry | None:
    """The entry by which an actor's new key comes into the registry; None if nobody here can vouch for it."""
    found = registry(workspace)
    if found.is_active(old.actor, old.public_key):
        return found.rotate(old, old.actor, old.public_key, new.public_key, _now(), reason)
    return _vouched(workspace, found, new)


def judge(workspace: Workspace, public_key: bytes, actor: str, moment: int) -> Verdict:
    """How far a true signature counts that the key made for the actor at a moment (milliseconds since 1970)."""
    return registry(workspace).status(public_key, actor, moment)


def judge_operation(workspace: Workspace, signed: SignedOperation) -> Verdict:
    """How far an operation's signature counts."""
    from anvcs.governance.verdict import Verdict
    from anvcs.history import operations

    try:
        operation = operations.verify(signed)
    except CorruptStoreError:
        return Verdict("bad", None, signed.public_key)
    return judge(workspace, signed.public_key, operation.actor, operation.time)


def judge_commit(workspace: Workspace, oid: str, raw: bytes) -> Verdict | None:
    """How far a commit's signature counts; None if it has none. Git is asked about keys that no actor has."""
    from anvcs.gitmirror import signing
    from anvcs.governance import sshsig
    from anvcs.governance.verdict import Verdict

    payload, signature = signing.split_signature(raw)
    if signature is None:
        return None
    try:
        key = sshsig.parse(signature).public_key
    except CorruptStoreError:
        return Verdict(signing.judged_by_git(workspace.git, oid))
    if sshsig.verify(signature, payload, sshsig.GIT) is None:
        return Verdict("bad", None, key)
    found, moment = registry(workspace), _committed(payload)
    verdicts = [found.status(key, actor, moment) for actor in found.actors_of(key)]
    verdicts.sort(key=lambda verdict: verdict.state != "known")
    if verdicts:
        return verdicts[0]
    if workspace.repo.settings.get().get(SETTING) == str(workspace.folder / ALLOWED):
        return Verdict("unknown", None, key)
    return Verdict(signing.judged_by_git(workspace.git, oid), None, key)


def _committed(commit: bytes) -> int:
    """When a commit was made, in milliseconds since 1970."""
    from anvcs.gitmirror.identity import Ident

    lines = commit.partition(b"\n\n")[0].split(b"\n")
    committer = next((line for line in lines if line.startswith(b"committer ")), b"committer <>")
    return Ident.parse(committer.removeprefix(b"committer ")).time * 1000


def _enroll(workspace: Workspace, signer: Signer) -> str:
    """Bring the key into the registry if somebody here may; gives what the next call need not look at again."""
    from anvcs.actions.init import replace_file

    found = registry(workspace)
    verdict = found.status(signer.public_key, signer.actor, _now())
    if verdict.state == "unknown":
        entry = _vouched(workspace, found, signer)
        if entry is not None:
            found = append(workspace, [entry])
    elif verdict.state == "revoked":
        workspace.notices.append(
            f"The key of {signer.actor} was revoked: what it signs counts no more. Run: ai-vcs actor rotate"
        )
        return _active(found)
    text, line = _active(found), f"{signer.actor} {signer.public_key.hex()}\n"
    if f"\n{line}" not in text:
        # Nobody here can vouch for it: tried again only when the registry has changed.
        text += line
        replace_file(workspace.folder / _ENROLLED, text.encode())
    return text


def _vouched(workspace: Workspace, found: Registry, signer: Signer) -> SignedEntry | None:
    actor, key = signer.actor, signer.public_key
    if not found.knows(actor):
        return found.enroll(signer, actor, key, _now())
    store = actors.KeyStore(workspace.caller.config_home)
    for old in store.previous(actor):
        if found.is_active(actor, old.public_key):
            return found.rotate(old, actor, old.public_key, key, _now())
    if actor.startswith("human:"):
        return None
    human = _human(workspace, store)
    if human is not None and found.is_active(human.actor, human.public_key):
        return found.enroll(human, actor, key, _now())
    return None


def _human(workspace: Workspace, store: actors.KeyStore) -> Signer | None:
    """The human who works here, if they have signed before on this machine."""
    from anvcs.gitmirror import identity

    try:
        author = identity.author(workspace.git, workspace.repo.settings.get())
    except MissingIdentityError:
        return None
    return store.known(actors.actor_id("human", author.email.decode("utf-8", "replace") or "unknown"))


def _remember(workspace: Workspace, tip: str | None, found: Registry) -> Registry:
    """Pin first keys that are new here, and write what is made from the registry."""
    from anvcs.actions.init import replace_file
    from anvcs.governance.signers import allowed_signers

    pinned = found.with_pins(found.new_pins())
    seen = _Seen(tip, {actor: key.hex() for actor, key in sorted(pinned.pins.items())})
    try:
        workspace.caller.at("registry-files")
        replace_file(workspace.folder / ALLOWED, allowed_signers(pinned).encode())
        replace_file(workspace.folder / _ENROLLED, _active(pinned).encode())
        workspace.caller.at("registry-seen")
        # Last, since it says that the others are true.
        replace_file(workspace.folder / _SEEN, msgspec.json.encode(seen))
    except OSError:
        # Reading must work where nothing can be written; whoever can write does it.
        return pinned
    return pinned


def _active(found: Registry) -> str:
    pairs = sorted(pair for pair in found.state.granted if found.state.is_active(pair))
    return "\n" + "".join(f"{actor} {key.hex()}\n" for actor, key in pairs)


def _seen(workspace: Workspace) -> _Seen:
    try:
        return msgspec.json.decode((workspace.folder / _SEEN).read_bytes(), type=_Seen)
    except (OSError, msgspec.DecodeError):
        return _Seen()


def _who() -> Ident:
    """Who commits to the registry's ref: no one in particular, since every entry names and signs for itself."""
    from anvcs.gitmirror.identity import Ident

    return Ident(b"anvcs", b"actors@anvcs.invalid", int(time.time()), 0)


def _now() -> int:
    return time.time_ns() // 1_000_000
