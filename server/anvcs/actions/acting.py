"""Who acts: the actor with its key, and what every operation says of itself, from a request's ``Acting`` fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from anvcs import actors, ids, wire
from anvcs.actions import evidence
from anvcs.actions import identity as keys
from anvcs.actions.rooms import heads
from anvcs.actors import KeyStore, Signer
from anvcs.gitmirror import identity
from anvcs.gitmirror.identity import Ident
from anvcs.history import kinds
from anvcs.history.ledger import Draft
from anvcs.history.operations import Move, Rewrite, SignedOperation
from anvcs.ids import Domain
from anvcs.provenance.redaction import redact_text

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


class Acting(msgspec.Struct, frozen=True):
    """An actor at work in one worktree."""

    workspace: Workspace
    request: wire.Acting
    signer: Signer
    who: Ident
    """As git would name the committer: for reflogs, notes and commits."""

    def draft(
        self,
        kind: str,
        moves: tuple[Move, ...] = (),
        *,
        arguments: Mapping[str, ids.Value] | None = None,
        details: Mapping[str, str | int | bool] | None = None,
        commit_point: str | None = None,
        names: tuple[str, ...] = (),
        paths: tuple[bytes, ...] = (),
        causes: tuple[bytes | None, ...] = (),
        rewrites: tuple[Rewrite, ...] = (),
    ) -> tuple[Draft, dict[bytes, bytes]]:
        """An operation of this actor, and the records by their root that may be purged of it."""
        private: dict[bytes, bytes] = {}
        hashed, prompt = b"", None
        if arguments is not None:
            hashed = _hide(private, Domain.ARGUMENTS, dict(arguments))
        if self.request.prompt is not None:
            prompt = _hide(private, Domain.PROMPT, redact_text(self.request.prompt)[0])
        found = self._causes(moves, causes)
        known = kinds.KINDS[kind]
        draft = Draft(
            kind=kind,
            moves=moves,
            commit_point=commit_point,
            names=names,
            arguments=hashed,
            prompt=prompt,
            confidence=self.request.confidence,
            causes=found,
            tier=known.tier,
            paths=paths,
            reversibility=known.reversibility,
            details=dict(details or {}),
            worktree=self.workspace.repo.worktree_name(),
            rewrites=rewrites,
        )
        return draft, private

    def record(
        self,
        draft: Draft,
        private: Mapping[bytes, bytes],
        *,
        signer: Signer | None = None,
        replaced: Mapping[bytes, bytes | None] | None = None,
    ) -> SignedOperation:
        """Write an operation down that moves no ref; the registry knows its key first. Another ``signer`` is enrolled.

        ``replaced`` as :meth:`Ledger.record` takes it.
        """
        if signer is None:
            keys.enrolled(self.workspace, self.signer)
        draft = heads.with_heads(self.workspace, draft)
        self.workspace.caller.at("record")
        return self.workspace.ledger.record(draft, signer or self.signer, private, replaced)

    def _causes(self, moves: tuple[Move, ...], given: tuple[bytes | None, ...]) -> tuple[bytes, ...]:
        """The operations that brought what is read or replaced, what the action names, and what the actor states."""
        ledger = self.workspace.ledger
        found = [ledger.find(name) for name in self.request.causes]
        found += [each for each in given if each is not None]
        for move in moves:
            for value in (move.old, move.new):
                producer = ledger.producer(value) if value is not None else None
                if producer is not None:
                    found.append(producer)
        return tuple(dict.fromkeys(found))


def acting(workspace: Workspace, request: wire.Acting) -> Acting:
    """The actor of a request: the agent named, else the configured one, else the human whom Git knows.

    Raises UsageError, MissingIdentityError, UnknownOperationError for a cause that is not there.
    """
    settings = workspace.repo.settings.get()
    who = identity.committer(workspace.git, settings)
    name = request.agent or evidence.configured_agent(workspace)
    actor = actors.agent(name) if name else evidence.actor(wire.Metadata(), identity.author(workspace.git, settings))
    return Acting(workspace, request, KeyStore(workspace.caller.config_home).signer(actor), who)


def _hide(private: dict[bytes, bytes], domain: Domain, value: ids.Value) -> bytes:
    """The value's salted hash, with salt and value among what may be purged."""
    salt = secrets.token_bytes(16)
    hashed = ids.salted(domain, salt, value)
    private[hashed] = ids.encode([salt, value])
    return hashed
