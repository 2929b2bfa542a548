"""The actor registry: who may say what about whose key, and that merging loses and decides nothing by chance."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs import ids
from anvcs.actors import KeySigner
from anvcs.errors import CorruptStoreError, StoreTooNewError
from anvcs.governance import authority, entries
from anvcs.governance.authority import Pair, State
from anvcs.governance.entries import Entry, SignedEntry
from anvcs.governance.registry import Registry
from anvcs.ids import Domain
from tests.unit.governance.keys import signer

ADA, BOB, FOO, MALLORY = "human:ada@example.org", "human:bob@example.org", "agent:foo", "human:mallory@example.org"
NOW = 1_800_000_000_000
EMPTY = Registry({})


def first(registry: Registry, who: KeySigner, time: int = NOW) -> Registry:
    """The registry with a first key, taken on trust."""
    return registry.with_entries(registry.enroll(who, who.actor, who.public_key, time))


def state(registry: Registry, who: KeySigner, time: int = NOW) -> str:
    """How a signature counts that this key made."""
    return registry.status(who.public_key, who.actor, time).state


@pytest.fixture
def ada() -> KeySigner:
    """A human."""
    return signer(ADA)


@pytest.fixture
def known(ada: KeySigner) -> Registry:
    """A registry that knows her."""
    return first(EMPTY, ada)


def test_an_actor_s_first_key_is_taken_on_trust(known: Registry, ada: KeySigner) -> None:
    assert state(EMPTY, ada) == "unknown"
    assert state(known, ada) == "known"
    assert known.status(ada.public_key, BOB, NOW).state == "unknown"
    (key,) = known.keys(NOW)
    assert (key.actor, key.key, key.event, key.by, key.on_trust) == (ADA, ada.public_key, "enroll", ADA, True)


@pytest.mark.promise("identity.later-keys-vouched")
def test_a_later_key_needs_an_old_one_of_the_actor_or_an_enrolled_human(known: Registry, ada: KeySigner) -> None:
    foo, more, thief = signer(FOO), signer(FOO, "more"), signer(FOO, "thief")
    agents = first(known, foo)
    alone = first(agents, thief)
    assert (state(alone, thief), state(alone, foo)) == ("unknown", "known"), "nobody vouched"
    by_itself = agents.with_entries(agents.enroll(foo, FOO, more.public_key, NOW))
    by_human = agents.with_entries(agents.enroll(ada, FOO, more.public_key, NOW))
    assert state(by_itself, more) == state(by_human, more) == "known"


def test_an_agent_vouches_for_nobody_else(known: Registry) -> None:
    foo, bar = signer(FOO), signer("agent:bar")
    agents = first(first(known, foo), bar)
    other = signer("agent:bar", "more")
    vouched = agents.with_entries(agents.enroll(foo, "agent:bar", other.public_key, NOW))
    revoked = agents.with_entries(agents.revoke(foo, "agent:bar", bar.public_key, NOW))
    assert state(vouched, other) == "unknown"
    assert state(revoked, bar) == "known"


def test_a_human_who_is_not_enrolled_vouches_for_nobody(known: Registry) -> None:
    mallory, more = signer(MALLORY), signer(ADA, "more")
    vouched = known.with_entries(known.enroll(mallory, ADA, more.public_key, NOW))
    assert state(vouched, more) == "unknown"


@pytest.mark.promise("identity.rotation")
def test_after_a_rotation_the_new_key_counts_and_the_old_one_for_what_came_before(
    known: Registry, ada: KeySigner
) -> None:
    new = signer(ADA, "new")
    rotated = known.with_entries(known.rotate(ada, ADA, ada.public_key, new.public_key, NOW))
    assert state(rotated, new) == "known"
    assert state(rotated, ada, NOW - 1) == "known"
    assert rotated.status(ada.public_key, ADA, NOW) == ("revoked", ADA, ada.public_key, NOW)
    later = rotated.with_entries(rotated.enroll(ada, ADA, signer(ADA, "later").public_key, NOW + 1))
    assert state(later, signer(ADA, "later"), NOW + 2) == "unknown", "the old key vouches no more"


def test_a_rotation_must_name_a_key_of_the_actor(known: Registry, ada: KeySigner) -> None:
    new = signer(ADA, "new")
    odd = known.with_entries(known.rotate(ada, ADA, signer(ADA, "other").public_key, new.public_key, NOW))
    assert state(odd, new) == "unknown"


@pytest.mark.promise("identity.revocation")
def test_a_revoked_key_counts_until_the_moment_named_and_never_again(known: Registry, ada: KeySigner) -> None:
    foo = signer(FOO)
    agents = first(known, foo)
    revoked = agents.with_entries(agents.revoke(ada, FOO, foo.public_key, NOW, since=NOW - 1000, reason="leaked"))
    assert state(revoked, foo, NOW - 1001) == "known"
    assert revoked.status(foo.public_key, FOO, NOW - 1000) == ("revoked", FOO, foo.public_key, NOW - 1000)
    again = revoked.with_entries(revoked.enroll(ada, FOO, foo.public_key, NOW + 1))
    assert state(again, foo, NOW + 2) == "revoked", "what ended never begins again"
    assert [(key.verdict.state, key.reason) for key in again.keys(NOW) if key.actor == FOO] == [("revoked", "leaked")]


def test_of_several_revocations_the_earliest_moment_counts_in_any_order(known: Registry, ada: KeySigner) -> None:
    foo = signer(FOO)
    agents = first(known, foo)
    for moments in ((NOW - 5, NOW - 9), (NOW - 9, NOW - 5)):
        registry = agents
        for since in moments:
            registry = registry.with_entries(registry.revoke(ada, FOO, foo.public_key, NOW, since=since))
        assert registry.status(foo.public_key, FOO, NOW).since == NOW - 9


def test_an_actor_may_revoke_its_own_key_and_then_needs_a_human(known: Registry, ada: KeySigner) -> None:
    foo, new = signer(FOO), signer(FOO, "new")
    agents = first(known, foo)
    alone = agents.with_entries(agents.revoke(foo, FOO, foo.public_key, NOW))
    assert state(alone, foo) == "revoked"
    assert state(first(alone, new), new) == "unknown"
    assert state(alone.with_entries(alone.enroll(ada, FOO, new.public_key, NOW)), new) == "known"


@pytest.mark.promise("identity.causal-authority")
def test_a_thief_cannot_write_into_the_past(known: Registry, ada: KeySigner) -> None:
    bob, grip, deeper = signer(BOB), signer(ADA, "grip"), signer(ADA, "deeper")
    both = first(known, bob)
    # Made from an old state of the registry, with a clock set back, by a key that was stolen.
    stolen = both.with_entries(both.enroll(ada, ADA, grip.public_key, NOW - 10**9))
    stolen = stolen.with_entries(stolen.enroll(grip, ADA, deeper.public_key, NOW - 10**9))
    assert state(stolen, deeper) == "known"
    revoked = both.with_entries(both.revoke(bob, ADA, ada.public_key, NOW))
    merged = revoked.union(stolen)
    assert state(merged, grip, NOW - 10**9) == state(merged, deeper, NOW - 10**9) == "unknown"


def test_what_a_key_granted_before_its_revocation_stays(known: Registry, ada: KeySigner) -> None:
    bob, more = signer(BOB), signer(ADA, "more")
    granted = first(known.with_entries(known.enroll(ada, ADA, more.public_key, NOW)), bob)
    revoked = granted.with_entries(granted.revoke(bob, ADA, ada.public_key, NOW))
    assert state(revoked, more) == "known"


def test_humans_who_revoke_each_other_unaware_are_both_revoked(known: Registry, ada: KeySigner) -> None:
    bob = signer(BOB)
    both = first(known, bob)
    left = both.with_entries(both.revoke(ada, BOB, bob.public_key, NOW))
    right = both.with_entries(both.revoke(bob, ADA, ada.public_key, NOW))
    merged = left.union(right)
    assert state(merged, ada) == state(merged, bob) == "revoked"


def test_a_clone_keeps_the_first_key_that_it_saw_and_a_fresh_one_believes_neither(ada: KeySigner) -> None:
    ours, theirs = first(EMPTY, ada), first(EMPTY, signer(ADA, "thief"))
    pinned = ours.with_pins(ours.new_pins())
    merged = pinned.union(theirs)
    assert state(merged, ada) == "known"
    assert state(merged, signer(ADA, "thief")) == "unknown"
    fresh = merged.with_pins({})
    assert state(fresh, ada) == state(fresh, signer(ADA, "thief")) == "unknown"
    assert fresh.new_pins() == {}


def test_a_thief_with_a_rival_first_key_revokes_nobody(ada: KeySigner) -> None:
    thief = signer(MALLORY, "thief")
    ours = first(first(EMPTY, ada), signer(MALLORY))
    rival = first(EMPTY, thief)
    rival = rival.with_entries(rival.revoke(thief, ADA, ada.public_key, NOW))
    merged = ours.with_pins(ours.new_pins()).union(rival)
    assert state(merged, ada) == "known"


def test_first_keys_made_on_two_machines_are_both_good_once_each_vouches_for_the_other(ada: KeySigner) -> None:
    desk = signer(ADA, "desk")
    laptop_registry, desk_registry = first(EMPTY, ada), first(EMPTY, desk)
    here = laptop_registry.with_pins(laptop_registry.new_pins()).union(desk_registry)
    there = desk_registry.with_pins(desk_registry.new_pins()).union(laptop_registry)
    here = here.with_entries(here.enroll(ada, ADA, desk.public_key, NOW))
    assert state(here, desk) == state(here, ada) == "known"
    one_sided = Registry(here.contents)
    assert state(one_sided, desk) == state(one_sided, ada) == "unknown"
    both = here.union(there.with_entries(there.enroll(desk, ADA, ada.public_key, NOW)))
    fresh = Registry(both.contents)
    assert state(fresh, desk) == state(fresh, ada) == "known"
    # The same one after the other, and with more to come.
    desk_next = here.with_pins({ADA: desk.public_key})
    line = first(desk_next.with_entries(desk_next.enroll(desk, ADA, ada.public_key, NOW)), signer(BOB))
    fresh = Registry(line.contents)
    assert state(fresh, desk) == state(fresh, ada) == state(fresh, signer(BOB)) == "known"


def test_the_same_first_key_from_two_clones_of_one_machine_is_no_rival(ada: KeySigner) -> None:
    merged = first(EMPTY, ada, NOW).union(first(EMPTY, ada, NOW + 5))
    assert state(merged, ada) == "known"
    assert merged.new_pins() == {ADA: ada.public_key}


# Forgery and damage


def forged(entry: Entry, signature: bytes = bytes(64)) -> SignedEntry:
    """An entry whose author did not sign it."""
    body = ids.encode(msgspec.to_builtins(entry, builtin_types=(bytes,)))
    content = ids.encode([body, signature])
    return SignedEntry(ids.digest(Domain.ACTOR_ENTRY, content), content, entry)


@pytest.mark.promise("identity.forgery-refused")
def test_a_forged_entry_is_kept_named_and_never_counts(known: Registry, ada: KeySigner) -> None:
    thief = signer(ADA, "thief")
    entry = Entry(
        event="enroll", actor=ADA, key=thief.public_key, time=NOW, by=ADA, signed_by=ada.public_key, parents=known.heads
    )
    own = ids.digest(Domain.ACTOR_ENTRY, b"another message")
    for signature in (bytes(64), thief.sign(own), ada.sign(own)):
        fake = forged(entry, signature)
        merged = known.with_entries(fake)
        assert state(merged, thief) == "unknown"
        assert "signature is false" in merged.damaged[fake.id]
        assert merged.contents[fake.id] == fake.content
        assert merged.heads == known.heads


def test_an_entry_cannot_be_signed_in_another_s_name(ada: KeySigner) -> None:
    entry = Entry(event="enroll", actor=ADA, key=bytes(32), time=NOW, by=ADA, signed_by=ada.public_key)
    with pytest.raises(ValueError, match="cannot sign"):
        entries.sign(entry, signer(MALLORY))
    with pytest.raises(ValueError, match="cannot sign"):
        entries.sign(entry, signer(ADA, "other"))


def test_a_content_under_another_id_does_not_count(known: Registry) -> None:
    (content,) = known.contents.values()
    moved = Registry({bytes(32): content})
    assert "own id" in moved.damaged[bytes(32)]
    assert not moved.entries
    assert known.union(Registry(dict.fromkeys(known.contents, b"junk"))).contents == known.contents


def test_what_follows_a_missing_entry_waits_for_it(known: Registry, ada: KeySigner) -> None:
    foo, bar = signer(FOO), signer("agent:bar")
    whole = first(first(known, foo), bar)
    middle = next(name for name, each in whole.entries.items() if each.entry.actor == FOO)
    partial = Registry({name: content for name, content in whole.contents.items() if name != middle})
    assert state(partial, ada) == "known"
    assert state(partial, bar) == "unknown"
    assert partial.heads == known.heads
    assert state(partial.union(whole), bar) == "known"


@pytest.mark.parametrize(
    "content", [b"", b"junk", ids.encode([b"", b""]), ids.encode([1, 2]), ids.encode([ids.encode({}), bytes(64)])]
)
def test_a_damaged_content_is_named_and_passed_over(content: bytes, known: Registry, ada: KeySigner) -> None:
    with pytest.raises(CorruptStoreError, match=r"cannot be decoded|is damaged"):
        entries.read(content)
    name = ids.digest(Domain.ACTOR_ENTRY, content)
    damaged = known.union(Registry({name: content}))
    assert state(damaged, ada) == "known"
    assert list(damaged.damaged) == [name]


def test_an_entry_of_a_newer_anvcs_says_so(ada: KeySigner) -> None:
    body = ids.encode({"version": 2, "future": True})
    with pytest.raises(StoreTooNewError, match="newer ANVCS"):
        entries.read(ids.encode([body, ada.sign(body)]))


def test_an_entry_survives_its_encoding(known: Registry, ada: KeySigner) -> None:
    made = known.revoke(ada, FOO, bytes(32), NOW, since=7, reason="größer")
    assert entries.read(made.content) == made
    assert made.entry.parents == known.heads


# Laws


ACTORS = [signer(actor, word) for actor in (ADA, BOB, FOO) for word in ("", "2", "3")]
Step = tuple[str, int, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["first", "enroll", "rotate", "revoke", "merge"]),
        st.integers(0, 2),
        st.integers(0, len(ACTORS) - 1),
        st.integers(0, len(ACTORS) - 1),
        st.integers(0, 2),
    ),
    max_size=14,
)


def played(steps: list[Step], clock: int = 1) -> list[Registry]:
    """Three clones after what honest and dishonest actors did in them, and after some pulls; the clock may run back."""
    clones = [EMPTY, EMPTY, EMPTY]
    for number, (what, where, who, whom, other) in enumerate(steps):
        here, by, about = clones[where], ACTORS[who], ACTORS[whom]
        match what:
            case "first":
                made = here.enroll(by, by.actor, by.public_key, NOW + clock * number)
            case "enroll":
                made = here.enroll(by, about.actor, about.public_key, NOW + clock * number)
            case "rotate":
                made = here.rotate(by, by.actor, by.public_key, about.public_key, NOW + clock * number, str(number))
            case "revoke":
                made = here.revoke(by, about.actor, about.public_key, NOW + clock * number, reason=str(number))
            case _:
                clones[where] = here.union(clones[other])
                continue
        clones[where] = here.with_entries(made)
    return clones


@given(STEPS)
@settings(max_examples=60, deadline=None)
@pytest.mark.promise("identity.merge-loses-nothing")
def test_merging_commutes_associates_repeats_and_loses_nothing(steps: list[Step]) -> None:
    a, b, c = played(steps)
    assert a.union(b).contents == b.union(a).contents
    assert a.union(b).union(c).contents == a.union(b.union(c)).contents
    assert a.union(a).contents == a.contents
    merged = a.union(b, c)
    assert all(each.contents.items() <= merged.contents.items() for each in (a, b, c))
    states = [x.union(y, z).state for x, y, z in itertools.permutations([a, b, c])]
    assert all(each == states[0] for each in states)


def settled_at_once(registry: Registry) -> State:
    """The same without carrying a state along: every past is settled from nothing."""
    judge = authority._Judge
    simple = judge._is_simple
    try:
        judge._is_simple = lambda self, entry, state: False  # noqa: ARG005 - the slow way as oracle
        return authority.settle(registry.order, registry.pins)
    finally:
        judge._is_simple = simple


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_carrying_a_state_along_gives_what_settling_from_nothing_gives(steps: list[Step]) -> None:
    for clone in played(steps):
        slow = settled_at_once(clone)
        assert (slow.revoked, slow.retired, slow.roots) == (clone.state.revoked, clone.state.retired, clone.state.roots)
        assert slow.granted.keys() == clone.state.granted.keys()


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_a_key_without_an_enrolment_by_someone_is_never_known(steps: list[Step]) -> None:
    for clone in played(steps):
        named = {Pair(each.entry.actor, each.entry.key) for each in clone.entries.values()}
        assert clone.state.granted.keys() <= named
        for each in ACTORS:
            verdict = clone.status(each.public_key, each.actor, NOW + 1000)
            assert verdict.state != "known" or Pair(each.actor, each.public_key) in named


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_clocks_decide_nothing(steps: list[Step]) -> None:
    def standing(clone: Registry) -> tuple[set[Pair], set[Pair]]:
        return set(clone.state.granted), {pair for pair in clone.state.granted if clone.is_active(*pair)}

    with_clocks = [standing(clone) for clone in played(steps)]
    assert [standing(clone) for clone in played(steps, clock=-1)] == with_clocks
