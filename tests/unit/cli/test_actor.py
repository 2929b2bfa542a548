"""``ai-vcs actor``: what reaches the actions, and how keys are shown."""

from __future__ import annotations

import msgspec
import pytest

from anvcs import wire
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import DETAILS, KEY, MADE

RESULT = wire.ActorResult(key=KEY, operation_id=MADE.operation_id, notices=("Something to know.",))
REVOKED = msgspec.structs.replace(KEY, state="revoked", revoked_since=1_795_000_060_000, reason="stolen", mine=True)


def test_keys_are_listed_below_their_actors(ai_vcs: CommandLine) -> None:
    first = msgspec.structs.replace(KEY, on_trust=True, by="agent:foo")
    ada = msgspec.structs.replace(KEY, actor="human:ada@example.org", state="unknown")
    damaged = ("An entry of the actor registry is damaged: its signature is false.",)
    ai_vcs.answers = {"actor.list": wire.ActorListResult(keys=(first, REVOKED, ada), damaged=damaged)}
    done = ai_vcs("actor", "list", "foo")
    assert done.out.splitlines() == [
        "agent:foo",
        f"  {KEY.fingerprint}  known",
        f"    {KEY.key}",
        "    first key, on trust, 2026-11-18 11:06:40",
        f"  {KEY.fingerprint}  revoked since 2026-11-18 11:07:40 (stolen)  this machine's",
        f"    {KEY.key}",
        "    by human:ada@example.org, 2026-11-18 11:06:40",
        "human:ada@example.org",
        f"  {KEY.fingerprint}  unknown",
        f"    {KEY.key}",
        "    by human:ada@example.org, 2026-11-18 11:06:40",
    ]
    assert done.err == f"Note: {damaged[0]}\n"
    assert ai_vcs.asked == [wire.ActorListParams(actor="foo")]


def test_a_registry_without_keys_says_so(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"actor.list": wire.ActorListResult()}
    assert ai_vcs("actor", "list").out == "No actor has signed here yet.\n"


def test_what_was_changed_is_shown_with_its_operation(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"actor.enroll": RESULT}
    done = ai_vcs("actor", "enroll", "agent:foo", KEY.key, "--agent", "bar", "--confidence", "9000")
    assert done.out.splitlines()[0] == "agent:foo"
    assert MADE.operation_id in done.out
    assert done.err == "Note: Something to know.\n"
    assert ai_vcs.asked == [wire.ActorEnrollParams(actor="agent:foo", key=KEY.key, agent="bar", confidence=9000)]


def test_every_option_of_rotate_and_revoke_reaches_the_action(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"actor.rotate": RESULT, "actor.revoke": RESULT}
    ai_vcs("actor", "rotate", "--reason", "once a year", "--agent", "foo")
    ai_vcs("actor", "revoke", "agent:foo", "--since", "2026-11-18T11:06:40+00:00", "--reason", "stolen")
    assert ai_vcs.asked == [
        wire.ActorRotateParams(reason="once a year", agent="foo"),
        wire.ActorRevokeParams(key="agent:foo", since=1_795_000_000_000, reason="stolen"),
    ]


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "99999-01-01"])
def test_a_moment_that_is_none_is_called_wrongly(ai_vcs: CommandLine, text: str) -> None:
    done = ai_vcs("actor", "revoke", "agent:foo", "--since", text)
    assert done.code == 2
    assert "is not a time" in done.err
    assert ai_vcs.asked == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"signature": "known", "signer": "agent:foo"}, "yes, by agent:foo"),
        ({"signature": "known"}, "yes"),
        ({"signature": "unknown"}, "yes, with a key that nobody here is known by"),
        (
            {"signature": "revoked", "signer": "agent:foo", "revoked_since": 1_795_000_000_000},
            "with a key of agent:foo that is revoked since 2026-11-18 11:06:40",
        ),
        ({"signature": "revoked"}, "with a key of someone that is revoked"),
        ({"signature": "bad"}, "no: the signature is false"),
    ],
)
def test_show_says_how_far_a_signature_counts(ai_vcs: CommandLine, fields: dict[str, object], said: str) -> None:
    ai_vcs.answers = {"show": msgspec.structs.replace(DETAILS, signed=True, **fields)}
    (line,) = [each for each in ai_vcs("show").out.splitlines() if each.strip().startswith("signed")]
    assert line.split("signed")[1].strip() == said
