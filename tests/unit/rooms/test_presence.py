"""Awareness as the relay keeps it."""

from __future__ import annotations

import msgspec
import pytest

from anvcs.rooms import presence
from anvcs.rooms.frames import FrameError, State
from anvcs.rooms.presence import Presence


def said(client: int, clock: int, **body: object) -> State:
    return State(client, clock, msgspec.json.encode(body).decode())


def test_others_hear_a_state_with_the_actor_that_the_connection_is_bound_to() -> None:
    (heard,) = Presence().take("a", "human:ada", (said(1, 1, name="Ada", actor="human:eve"),))
    assert msgspec.json.decode(heard.state) == {"name": "Ada", "actor": "human:ada"}


def test_one_who_joins_sees_everybody_and_nobody_who_left() -> None:
    room = Presence()
    room.take("a", "human:ada", (said(1, 1),))
    room.take("b", "human:bob", (said(2, 1),))
    assert [each.client for each in room.snapshot()] == [1, 2]
    (gone,) = room.leave("a")
    assert (gone.client, gone.clock, gone.state) == (1, 2, "null")
    assert [each.client for each in room.snapshot()] == [2]


def test_a_client_leaves_by_itself_with_its_own_clock() -> None:
    room = Presence()
    room.take("a", "human:ada", (said(1, 4),))
    (gone,) = room.take("a", "human:ada", (State(1, 4, "null"),))
    assert gone.state == "null"
    assert room.snapshot() == []


def test_echoes_of_others_change_nothing() -> None:
    room = Presence()
    room.take("a", "human:ada", (said(1, 1),))
    assert room.take("b", "human:bob", (said(1, 9), State(1, 10, "null"))) == []
    room.leave("a")
    assert room.take("b", "human:bob", (said(1, 1), State(1, 1, "null"))) == []
    assert room.snapshot() == []


def test_old_clocks_are_passed_over() -> None:
    room = Presence()
    room.take("a", "human:ada", (said(1, 5, x=1),))
    assert room.take("a", "human:ada", (said(1, 5, x=2), said(1, 4, x=3))) == []


@pytest.mark.parametrize("state", ["x", "[]", "1", '"a"', "{", "[" * 2000, '{"a": "%s"}' % ("x" * presence.MAX_STATE)])
def test_a_state_that_is_no_object_is_refused_and_nothing_is_taken(state: str) -> None:
    room = Presence()
    with pytest.raises(FrameError):
        room.take("a", "human:ada", (said(1, 1), State(2, 1, state)))
    assert room.snapshot() == []


def test_one_connection_brings_few_clients() -> None:
    room = Presence()
    with pytest.raises(FrameError, match="more than"):
        room.take("a", "human:ada", tuple(said(client, 1) for client in range(presence.MAX_OWN + 1)))
    assert room.snapshot() == []
