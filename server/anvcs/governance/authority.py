"""What the entries of an actor registry come to: which keys are granted, which have ended.

The rules, none of which reads a clock:

1. An entry counts only if it was allowed by what came before it, that is by the entries reachable through its parents:
   its author's key was granted and had not ended, and the author is the same actor or a human.
2. An actor's first key is taken on trust: it signs its own enrolment while nothing earlier names the actor.
3. Where several first keys of one actor come together, made in ignorance of each other, the one that this clone has
   pinned (seen first) is the actor's. Without a pin none is, unless each has vouched for the others or a human does:
   whoever may write to the registry could otherwise become anyone.
4. A revocation undoes every grant by the revoked key that it does not know (is not reachable from it) and whatever
   rests on that grant: a thief cannot write into the past. Revocations that do not know each other both stand.
5. A rotation ends the old key for what comes later; what that key granted meanwhile stays.
6. What ended never begins again: the same key cannot be granted anew.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from anvcs.governance.entries import Entry, SignedEntry


class Pair(NamedTuple):
    """An actor and one of its keys."""

    actor: str
    key: bytes


@dataclass
class State:
    """What a set of entries comes to."""

    granted: dict[Pair, bytes] = field(default_factory=dict[Pair, bytes])
    """Every key that is or was its actor's, with the entry that granted it first."""
    revoked: dict[Pair, int] = field(default_factory=dict[Pair, int])
    """From when each revoked key counts no more."""
    retired: dict[Pair, int] = field(default_factory=dict[Pair, int])
    """From when each replaced key counts no more."""
    roots: dict[str, frozenset[bytes]] = field(default_factory=dict[str, frozenset[bytes]])
    """The keys that claim to be an actor's first."""
    reasons: dict[Pair, str] = field(default_factory=dict[Pair, str])
    """Why each key ended, as whoever came last in causal order says."""
    actors: set[str] = field(default_factory=set[str])
    """Those with a key."""
    rivals: bool = False
    """Whether several keys claim to be the first of one actor."""

    def ended(self, pair: Pair) -> int | None:
        """From when the key counts no more."""
        moments = [each[pair] for each in (self.revoked, self.retired) if pair in each]
        return min(moments, default=None)

    def is_active(self, pair: Pair) -> bool:
        """Whether the key may sign entries now."""
        return pair in self.granted and pair not in self.revoked and pair not in self.retired

    def admits(self, entry: Entry) -> bool:
        """Whether an entry that knows all of this would count."""
        if _is_root(entry) and entry.actor not in self.actors:
            return True
        if entry.event == "rotate" and (
            entry.replaces is None or Pair(entry.actor, entry.replaces) not in self.granted
        ):
            return False
        allowed = entry.by == entry.actor or entry.by.startswith("human:")
        return allowed and self.is_active(_author(entry))

    def copy(self) -> State:
        """An independent copy."""
        return replace(
            self,
            granted=self.granted.copy(),
            revoked=self.revoked.copy(),
            retired=self.retired.copy(),
            roots=self.roots.copy(),
            reasons=self.reasons.copy(),
            actors=self.actors.copy(),
        )

    def claim(self, entry: Entry) -> None:
        """Take note of a key that claims to be its actor's first."""
        keys = self.roots.get(entry.actor, frozenset()) | {entry.key}
        self.roots[entry.actor] = keys
        self.rivals |= len(keys) > 1

    def grant(self, signed: SignedEntry) -> None:
        """Take in an enrolment or rotation that counts."""
        entry = signed.entry
        self.granted.setdefault(Pair(entry.actor, entry.key), signed.id)
        self.actors.add(entry.actor)
        if entry.replaces is not None and entry.event == "rotate":
            self._end(self.retired, Pair(entry.actor, entry.replaces), entry)

    def revoke(self, entry: Entry) -> None:
        """Take in a revocation that counts."""
        self._end(self.revoked, Pair(entry.actor, entry.key), entry)

    def _end(self, ends: dict[Pair, int], pair: Pair, entry: Entry) -> None:
        moment = entry.time if entry.since is None else entry.since
        ends[pair] = min(moment, ends.get(pair, moment))
        self.reasons[pair] = entry.reason


def settle(order: Sequence[SignedEntry], pins: Mapping[str, bytes]) -> State:
    """What entries in causal order come to."""
    return _Judge(order, pins).all()


def _is_root(entry: Entry) -> bool:
    return entry.event == "enroll" and (entry.by, entry.signed_by) == (entry.actor, entry.key)


def _author(entry: Entry) -> Pair:
    return Pair(entry.by, entry.signed_by)


class _Judge:
    """Settles every entry's past once. Sets of entries are integers: bit i is the i-th in causal order."""

    def __init__(self, order: Sequence[SignedEntry], pins: Mapping[str, bytes]) -> None:
        self.order = order
        self.pins = pins
        self.past: list[int] = []
        self.counts = 0
        """The entries that their own past allows."""
        self._after: dict[int, State] = {}
        self._place = {each.id: at for at, each in enumerate(self.order)}
        self._children = [0] * len(self.order)
        for each in self.order:
            for parent in set(each.entry.parents):
                self._children[self._place[parent]] += 1
        for at in range(len(self.order)):
            self._take(at)

    def all(self) -> State:
        heads = [at for at, count in enumerate(self._children) if not count]
        if len(heads) == 1:
            return self._after[heads[0]]
        return self._settled((1 << len(self.order)) - 1)

    def _take(self, at: int) -> None:
        signed = self.order[at]
        parents = [self._place[parent] for parent in set(signed.entry.parents)]
        past = 0
        for parent in parents:
            past |= self.past[parent] | 1 << parent
        self.past.append(past)
        if len(parents) == 1:
            # Almost always the log is a line: then one state is carried along it.
            shared = self._children[parents[0]] > 1
            state = self._after[parents[0]].copy() if shared else self._after.pop(parents[0])
        else:
            state = self._settled(past)
        if state.admits(signed.entry):
            self.counts |= 1 << at
            if self._is_simple(signed.entry, state):
                _put(state, signed)
            else:
                state = self._settled(past | 1 << at)
        elif state.rivals:
            # It may be the last of the vouchers by which rivals turn out to be one actor.
            state = self._settled(past | 1 << at)
        self._after[at] = state

    def _is_simple(self, entry: Entry, state: State) -> bool:
        """Whether one more entry changes only what it says itself: no first keys are rivals, nor is this one."""
        if state.rivals or not _is_root(entry):
            return not state.rivals
        return entry.actor not in state.roots and self.pins.get(entry.actor, entry.key) == entry.key

    def _settled(self, members: int) -> State:
        """What a set of entries that holds the past of each comes to."""
        state = State()
        counting = _bits(members & self.counts)
        for at in counting:
            entry = self.order[at].entry
            if _is_root(entry):
                state.claim(entry)
        standing = {actor: self._first_keys(actor, keys, members) for actor, keys in state.roots.items()}
        rooted = self._resting(counting, standing, {})
        revocations: dict[Pair, list[int]] = {}
        for at in rooted:
            entry = self.order[at].entry
            if entry.event == "revoke":
                revocations.setdefault(Pair(entry.actor, entry.key), []).append(at)
                state.revoke(entry)
        for at in self._resting(rooted, standing, revocations):
            if self.order[at].entry.event != "revoke":
                state.grant(self.order[at])
        return state

    def _resting(
        self, candidates: list[int], standing: Mapping[str, frozenset[bytes]], revocations: Mapping[Pair, list[int]]
    ) -> list[int]:
        """Those that go back to a first key that stands, none of them by way of a grant that a revocation undoes."""
        grants: dict[Pair, list[int]] = {}
        found: list[int] = []
        for at in candidates:
            entry, past = self.order[at].entry, self.past[at]
            author = _author(entry)
            if any(past >> earlier & 1 for earlier in grants.get(author, ())):
                if any(not self.past[late] >> at & 1 for late in revocations.get(author, ()) if late != at):
                    continue
            elif not _is_root(entry) or entry.key not in standing[entry.actor]:
                continue
            found.append(at)
            if entry.event != "revoke":
                grants.setdefault(Pair(entry.actor, entry.key), []).append(at)
        return found

    def _first_keys(self, actor: str, rivals: frozenset[bytes], members: int) -> frozenset[bytes]:
        """Those of the keys that claim to be the actor's first which are the actor's."""
        pin = self.pins.get(actor)
        if pin is not None:
            return rivals & {pin}
        return rivals if len(rivals) == 1 or self._vouch_for_each_other(actor, rivals, members) else frozenset()

    def _vouch_for_each_other(self, actor: str, rivals: frozenset[bytes], members: int) -> bool:
        vouched: dict[bytes, set[bytes]] = {key: {key} for key in rivals}
        for at in _bits(members):
            entry = self.order[at].entry
            if entry.actor == entry.by == actor and entry.signed_by in vouched and entry.event != "revoke":
                vouched[entry.signed_by].add(entry.key)
        return all(rivals <= keys for keys in vouched.values())


def _put(state: State, signed: SignedEntry) -> None:
    """Take in an entry that counts and knows all there is."""
    if _is_root(signed.entry):
        state.claim(signed.entry)
    if signed.entry.event == "revoke":
        state.revoke(signed.entry)
    else:
        state.grant(signed)


def in_causal_order(entries: Mapping[bytes, SignedEntry]) -> list[SignedEntry]:
    """Parents first, otherwise by id; entries with a missing ancestor are left out."""
    waiting = {name: len(set(each.entry.parents)) for name, each in entries.items()}
    children: dict[bytes, list[bytes]] = {}
    for name, each in entries.items():
        for parent in set(each.entry.parents):
            children.setdefault(parent, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    heapq.heapify(ready)
    order: list[SignedEntry] = []
    while ready:
        name = heapq.heappop(ready)
        order.append(entries[name])
        for child in children.get(name, ()):
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, child)
    return order


def _bits(number: int) -> list[int]:
    """The places of the bits that are set, lowest first."""
    found: list[int] = []
    while number:
        low = number & -number
        found.append(low.bit_length() - 1)
        number ^= low
    return found
