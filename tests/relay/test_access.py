"""Tokens, origins and what a socket's address may say."""

from __future__ import annotations

import pytest

from anvcs.relay.access import Denied, Tokens, Visitor, is_own_origin


def tokens(now: list[float] | None = None) -> Tokens:
    """Tokens on a clock."""
    return Tokens("own", "human:local", clock=lambda: (now or [0.0])[0])


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://localhost", True),
        ("http://127.0.0.1:3000", True),
        ("https://[::1]:1", True),
        ("vscode-webview://x", True),
        ("http://localhost.evil.example", False),
        ("http://evil.example", False),
        ("null", False),
        ("file://", False),
        ("http://[", False),
    ],
)
def test_pages_of_this_machine_and_editors_are_let_in(origin: str, own: bool) -> None:
    assert is_own_origin(origin) is own


def test_the_relay_s_own_token_may_name_any_actor_and_a_granted_one_only_its_own() -> None:
    made = tokens()
    assert made.admit("/rooms/r1?token=own&actor=agent:x&client=5&anvcs=1", {}, []) == Visitor(
        "r1", "agent:x", False, 5, True
    )
    assert made.admit("/rooms/r1", {"Authorization": "Bearer own"}, []) == Visitor(
        "r1", "human:local", False, None, False
    )
    granted = made.grant("agent:x", None)
    assert made.admit(f"/rooms/r1?token={granted}", {}, []) == Visitor("r1", "agent:x", True, None, False)
    assert isinstance(made.admit(f"/rooms/r1?token={granted}&actor=human:ada", {}, []), Denied)


def test_a_granted_token_ends_in_time() -> None:
    now = [0.0]
    made = tokens(now)
    granted = made.grant("agent:x", 10)
    assert made.lookup(granted) is not None
    now[0] = 10.0
    assert made.lookup(granted) is None


@pytest.mark.parametrize(
    "target",
    [
        "/rooms/r1",
        "/rooms/r1?token=",
        "/rooms/r1?token=OWN",
        "/rooms/r1?token=%ff",
        "/rooms/r1?token=own&actor=nobody",
        "/rooms/r1?token=own&client=-1",
        "/rooms/r1?token=own&client=99999999999999999999",
        "/rooms/?token=own",
        "/rooms/a/b?token=own",
        "/?token=own",
        "/control?token=own&x=" + "y" * 5000,
    ],
)
def test_everything_else_is_refused(target: str) -> None:
    assert isinstance(tokens().admit(target, {}, []), Denied)
    assert isinstance(tokens().admit("/control?token=own", {}, ["http://evil.example"]), Denied)
