"""The actor registry: every entry about actors' keys that this clone has, and what they come to.

Two registries merge by union. What they come to depends on the entries alone (and on the keys a clone has pinned),
never on a clock or on the order of arrival; the rules are in ``authority``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

import msgspec

from anvcs import ids
from anvcs.actors import Signer
from anvcs.errors import AnvcsError
from anvcs.governance import entries
from anvcs.governance.authority import Pair, State, in_causal_order, settle
from anvcs.governance.entries import Entry, SignedEntry
from anvcs.governance.verdict import Verdict
from anvcs.ids import Domain

NOTHING: Mapping[str, bytes] = MappingProxyType({})


class Key(msgspec.Struct, frozen=True):
    """One key of an actor, and how it stands."""

    actor: str
    key: bytes
    verdict: Verdict
    """Of a signature made now."""
    event: str
    """What brought it: ``enroll`` or ``rotate``; ``revoke`` where it was only ever revoked."""
    by: str
    """Who vouched for it; the actor itself where it was taken on trust or rotated."""
    time: int
    on_trust: bool
    """The actor's first key: nobody else vouched for it."""
    reason: str = ""
    """Why it was revoked."""


class Registry:
    """An immutable set of entries. ``pins`` names the first key of an actor that this clone took on trust."""

    def __init__(self, contents: Mapping[bytes, bytes], pins: Mapping[str, bytes] = NOTHING) -> None:
        """``contents`` by the ids they claim to have; what is not an entry is kept, named and never counted."""
        self.contents = dict(sorted(contents.items()))
        self.pins = dict(pins)
        self.damaged: dict[bytes, str] = {}
        """What is wrong with contents that are not entries."""
        self.entries: dict[bytes, SignedEntry] = {}
        for name, content in self.contents.items():
            try:
                entry = entries.read(content)
            except AnvcsError as error:
                self.damaged[name] = error.message
                continue
            if entry.id == name:
                self.entries[name] = entry
            else:
                self.damaged[name] = "An entry of the actor registry does not stand under its own id."

    def with_pins(self, pins: Mapping[str, bytes]) -> Registry:
        """The same entries, judged with these pins."""
        other = object.__new__(Registry)
        other.contents, other.entries, other.damaged = self.contents, self.entries, self.damaged
        other.pins = dict(pins)
        return other

    def union(self, *others: Registry) -> Registry:
        """Every entry of all; the pins are this one's."""
        contents = dict(self.contents)
        for other in others:
            for name, content in other.contents.items():
                # Only damage can give one id two contents; then the true one stays.
                contents[name] = min(
                    contents.get(name, content), content, key=lambda each: (not _fits(name, each), each)
                )
        return Registry(contents, self.pins)

    def with_entries(self, *new: SignedEntry) -> Registry:
        """The registry with these added."""
        return self.union(Registry({each.id: each.content for each in new}))

    @cached_property
    def order(self) -> list[SignedEntry]:
        """The entries, parents first; without those of which an ancestor is missing."""
        return in_causal_order(self.entries)

    @cached_property
    def heads(self) -> tuple[bytes, ...]:
        """The newest entries: those that no other names as parent."""
        named = {parent for each in self.order for parent in each.entry.parents}
        return tuple(sorted({each.id for each in self.order} - named))

    @cached_property
    def state(self) -> State:
        """What all entries come to."""
        return settle(self.order, self.pins)

    def status(self, public_key: bytes, actor: str, time: int) -> Verdict:
        """How far a signature counts that the key made for the actor at a time (milliseconds since 1970)."""
        pair = Pair(actor, public_key)
        since = self.state.ended(pair)
        if since is not None and (time >= since or pair not in self.state.granted):
            return Verdict("revoked", actor, public_key, since)
        return Verdict("known" if pair in self.state.granted else "unknown", actor, public_key)

    def is_active(self, actor: str, public_key: bytes) -> bool:
        """Whether the key may sign entries for the actor now."""
        return self.state.is_active(Pair(actor, public_key))

    def active_keys(self, actor: str) -> list[bytes]:
        """The keys that the actor may sign with now."""
        return sorted(pair.key for pair in self.state.granted if pair.actor == actor and self.state.is_active(pair))

    def actors_of(self, public_key: bytes) -> list[str]:
        """Whose key it is or was."""
        return sorted(pair.actor for pair in self.state.granted if pair.key == public_key)

    def knows(self, actor: str) -> bool:
        """Whether the actor has or had a key: then another one must be vouched for."""
        return actor in self.state.actors or actor in self.state.roots

    def admits(self, entry: Entry) -> bool:
        """Whether an entry made now, knowing all others, would count."""
        return self.state.admits(entry)

    def keys(self, now: int) -> list[Key]:
        """Every key that was ever named, by actor and time."""
        found: dict[Pair, Key] = {}
        for each in sorted(self.entries.values(), key=lambda each: (each.entry.time, each.id)):
            entry, pair = each.entry, Pair(each.entry.actor, each.entry.key)
            live = self.state.granted.get(pair) == each.id
            if pair not in found or live:
                on_trust = entry.event == "enroll" and entry.signed_by == entry.key
                verdict = self.status(entry.key, entry.actor, now)
                reason = self.state.reasons.get(pair, "")
                found[pair] = Key(entry.actor, entry.key, verdict, entry.event, entry.by, entry.time, on_trust, reason)
        return sorted(found.values(), key=lambda key: (key.actor, key.time, key.key))

    def new_pins(self) -> dict[str, bytes]:
        """The pins with every first key that stands alone."""
        alone = {actor: next(iter(keys)) for actor, keys in self.state.roots.items() if len(keys) == 1}
        return {**alone, **self.pins}

    def enroll(self, signer: Signer, actor: str, key: bytes, time: int) -> SignedEntry:
        """An entry, made on the newest ones, that gives the actor a key."""
        return self._sign(signer, Entry(event="enroll", actor=actor, key=key, time=time, by="", signed_by=key))

    def rotate(self, signer: Signer, actor: str, old: bytes, new: bytes, time: int, reason: str = "") -> SignedEntry:
        """An entry, made on the newest ones, that puts a new key in an old one's place."""
        return self._sign(
            signer,
            Entry(event="rotate", actor=actor, key=new, replaces=old, time=time, reason=reason, by="", signed_by=new),
        )

    def revoke(
        self, signer: Signer, actor: str, key: bytes, time: int, *, since: int | None = None, reason: str = ""
    ) -> SignedEntry:
        """An entry, made on the newest ones, after which the key counts no more: from a moment on, else from now."""
        return self._sign(
            signer,
            Entry(event="revoke", actor=actor, key=key, since=since, time=time, reason=reason, by="", signed_by=key),
        )

    def _sign(self, signer: Signer, entry: Entry) -> SignedEntry:
        placed = msgspec.structs.replace(entry, by=signer.actor, signed_by=signer.public_key, parents=self.heads)
        return entries.sign(placed, signer)


def _fits(name: bytes, content: bytes) -> bool:
    return ids.digest(Domain.ACTOR_ENTRY, content) == name
