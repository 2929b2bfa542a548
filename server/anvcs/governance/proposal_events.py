"""Events of merge proposals: what one actor did to one proposal, signed, in the order of the proposal's log.

An event's content is the canonical list of its body and the signature over it; its id hashes that content. A proposal
is named by the id of its first event. Each event names the one before it, so that none can be left out unseen.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from anvcs import actors, ids
from anvcs.actors import Signer
from anvcs.governance.sealing import Kind
from anvcs.ids import Domain

VERSION = 1
"""The encoding of events that this ANVCS writes."""

Hash = Annotated[bytes, Meta(min_length=ids.SIZE, max_length=ids.SIZE)]
Choice: TypeAlias = Literal["approve", "reject", "withdraw"]
"""What a vote says of a result tree; ``withdraw`` takes the voter's own vote back."""
Take: TypeAlias = Literal["left", "right", "base", "both", "text", "delete", "suggestion"]
"""How a conflict was resolved: by a version, by two after each other, by a given text, without the file, or by what a
language model suggested."""
Outcome: TypeAlias = Literal["passed", "failed", "timed-out", "cancelled", "error"]
"""How a guard ended."""


class Named(msgspec.Struct, frozen=True, array_like=True):
    """A source: what it was called, and the ref that it follows, if it is one."""

    name: str
    ref: str | None


class Disputed(msgspec.Struct, frozen=True, array_like=True):
    """A path that the merge left in conflict."""

    path: bytes
    versions: Hash
    """What the three sides have there, as ``resolutions.versions`` hashes it."""
    conflicts: int
    """How many conflicts its text has; 0 where it can only be resolved as a whole."""


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A path whose earlier resolution fits the new revision."""

    path: bytes
    versions: Hash


class Flaw(msgspec.Struct, frozen=True, array_like=True):
    """A finding in the result."""

    path: bytes
    kind: str
    message: str
    line: int = 0
    """From 1; 0 for the file as a whole."""
    column: int = 0
    severity: Literal["hard", "soft"] = "hard"
    other: bytes | None = None
    """The file on the other side of it, where it is between two."""


class Ran(msgspec.Struct, frozen=True, array_like=True):
    """How one guard judged a tree."""

    guard: str
    outcome: Outcome
    required: bool


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """Where something comes from that was said before, of the same conflict: in this proposal or in one before it."""

    proposal: Hash
    event: Hash
    """What was said there."""
    by: str
    """Who said it."""
    time: int
    """When, in milliseconds since 1970."""


class What(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="event"):
    """What all kinds of events share."""


class Opened(What, frozen=True, kw_only=True, tag="opened"):
    """Somebody wants the sources merged into the target."""

    target: str
    """The full name of the stream's ref."""
    sources: tuple[Named, ...]
    message: str | None = None
    """Of the merge commit, instead of git's own words."""
    fast_forward: bool = True
    """The target may move to the source where nothing has to be merged."""
    nonce: bytes
    """Keeps apart what is otherwise said alike."""


class Restated(What, frozen=True, kw_only=True, tag="restated"):
    """It was asked for again, in other words."""

    message: str | None
    fast_forward: bool


class Computed(What, frozen=True, kw_only=True, tag="computed"):
    """The merge was worked out: a new revision."""

    revision: int
    target: str
    """The commits that it joins."""
    sources: tuple[str, ...]
    bases: tuple[str, ...]
    tree: str
    """The result, with the resolutions that still fit."""
    forward: bool
    """Nothing had to be merged: the target only moves on."""
    engine: str
    merge: Hash
    """The object that says everything of it, path by path."""
    disputed: tuple[Disputed, ...] = ()
    kept: tuple[Kept, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    """Hard findings in single files."""
    between: tuple[Flaw, ...] = ()
    """What was found between files."""


class Resolved(What, frozen=True, kw_only=True, tag="resolved"):
    """A path, or one conflict of it, was decided."""

    path: bytes
    versions: Hash
    conflict: int | None
    """Which one, from 1; None for the whole file."""
    sides: Hash | None = None
    """What stood in that conflict, as ``resolutions.digest`` hashes it."""
    take: Take
    text: Hash | None = None
    """The object that holds what stands there, where it is no version."""
    entry: tuple[int, str] | None = None
    """Mode and blob of the whole file; None where it is removed, or only one conflict is meant."""
    tree: str
    """The result afterwards."""
    flaws: tuple[Flaw, ...] = ()
    """What a guard found in the text."""
    between: tuple[Flaw, ...] | None = None
    """What is found between files now; None where nobody looked."""
    suggestion: Hash | None = None
    """The event that suggested the text."""
    by_policy: bool = False
    """The team's settings let it be applied, and nobody had to say so."""
    alike: int = 1
    """How many conflicts of the file had just these sides."""
    carried: Carried | None = None
    """The decision that was carried over, where nobody decided anew."""


class Suggested(What, frozen=True, kw_only=True, tag="suggested"):
    """A language model was asked about one conflict; nothing is decided by that."""

    path: bytes
    versions: Hash
    conflict: int
    sides: Hash
    """What stands in the conflict, as ``resolutions.digest`` hashes it."""
    text: Hash | None
    """The object that holds what the model would put there; None where it could not decide."""
    rationale: str
    prompt: Hash
    """The BLAKE3 hash of all that was sent."""
    provider: Literal["endpoint", "editor"]
    place: str
    """Where it was sent."""
    wanted: str
    """The model that was asked for; empty where the editor chose."""
    model: str
    """The model that answered."""
    flaws: tuple[Flaw, ...] = ()
    """What guards find in the result with this text in it."""
    carried: Carried | None = None
    """The suggestion of another proposal that this one is, since a decision that took it was carried over."""


class Checking(What, frozen=True, kw_only=True, tag="checking"):
    """Guards began to run on a tree."""

    tree: str
    guards: tuple[str, ...]


class Checked(What, frozen=True, kw_only=True, tag="checked"):
    """Guards ended."""

    tree: str
    ran: tuple[Ran, ...]
    evidence: Hash
    """The object that holds what they printed."""


class Voted(What, frozen=True, kw_only=True, tag="voted"):
    """An actor judges a result tree."""

    tree: str
    choice: Choice
    reason: str = ""


class Queued(What, frozen=True, kw_only=True, tag="queued"):
    """It waits in the merge queue of its target."""


class Unqueued(What, frozen=True, kw_only=True, tag="unqueued"):
    """It waits there no more, without having landed."""

    blocked: bool
    """Something is wrong with it; else somebody took it out."""
    reason: str = ""
    tree: str | None = None
    """The result on which guards failed."""
    sources: tuple[str, ...] = ()
    """Where its sources stood."""


class Landing(What, frozen=True, kw_only=True, tag="landing"):
    """The target is about to move; what became of it the ledger knows, should nothing follow."""

    tree: str
    target: str
    """Where the stream stands before."""
    commit: str
    """Where it is to stand."""
    forced: str | None = None
    """Why a person let it pass."""


class Accepted(What, frozen=True, kw_only=True, tag="accepted"):
    """It landed."""

    tree: str
    commit: str
    operation: Hash


class Released(What, frozen=True, kw_only=True, tag="released"):
    """What was under way ended without landing."""

    reason: str


class Rejected(What, frozen=True, kw_only=True, tag="rejected"):
    """Somebody decided against it."""

    reason: str = ""


class Superseded(What, frozen=True, kw_only=True, tag="superseded"):
    """There is nothing left for it to do."""

    reason: str


AnyEvent: TypeAlias = (
    Opened
    | Restated
    | Computed
    | Resolved
    | Suggested
    | Checking
    | Checked
    | Voted
    | Queued
    | Unqueued
    | Landing
    | Accepted
    | Released
    | Rejected
    | Superseded
)


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an event says."""

    version: int = VERSION
    before: Hash | None
    """The event before it in the proposal's log; None for the first."""
    time: int
    """Milliseconds since 1970, as its author's clock has it."""
    by: str
    """The actor who signs it."""
    signed_by: Hash
    """The public key that verifies it."""
    what: AnyEvent


class SignedEvent(msgspec.Struct, frozen=True):
    """An event as it is kept."""

    id: bytes
    content: bytes
    body: Body

    @property
    def what(self) -> AnyEvent:
        """What happened."""
        return self.body.what


_KIND = Kind(Domain.PROPOSAL_EVENT, "An event of a merge proposal", VERSION)


def sign(what: AnyEvent, before: bytes | None, moment: int, signer: Signer) -> SignedEvent:
    """The event with its author's signature."""
    body = Body(before=before, time=moment, by=signer.actor, signed_by=signer.public_key, what=what)
    actors.check(body.by)
    content = _KIND.seal(body, signer)
    return SignedEvent(_KIND.name(content), content, body)


def read(content: bytes) -> SignedEvent:
    """The event in a content, its signature found true.

    Raises CorruptStoreError, and StoreTooNewError for an encoding that this ANVCS cannot read.
    """
    return SignedEvent(_KIND.name(content), content, _KIND.open(content, Body, lambda _: None))
