"""Who is in a room and where their cursors are: awareness as the relay keeps it, checked before anyone sees it.

A connection speaks for the clients it brought and for no others; Yjs clients repeat what they hear of others, and such
echoes are passed over. When a connection ends, its clients leave.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import msgspec

from anvcs.rooms.frames import FrameError, State

MAX_STATE = 16 << 10
"""Bytes of one client's state."""
MAX_OWN = 8
"""Clients that one connection may bring."""
_MAX_GONE = 1024
"""Clients that left and whose clocks are remembered, so that an echo does not bring them back."""


class _Client(NamedTuple):
    clock: int
    state: str
    connection: Hashable


class Presence:
    """The awareness of one room."""

    def __init__(self) -> None:
        self._clients: dict[int, _Client] = {}
        self._gone: dict[int, int] = {}

    def take(self, connection: Hashable, actor: str, states: tuple[State, ...]) -> list[State]:
        """What a connection says: the states that everybody else is to hear.

        Each carries the actor that the connection is bound to, whatever it claimed. Raises FrameError for a state that
        is no JSON object, is too large, or is one client too many; nothing is taken then.
        """
        checked = [(each, _checked(each, actor)) for each in states]
        own = {client for client, known in self._clients.items() if known.connection == connection}
        own |= {each.client for each, text in checked if text is not None and each.client not in self._clients}
        if len(own) > MAX_OWN:
            raise FrameError(f"One connection brings more than {MAX_OWN} clients.")
        heard: list[State] = []
        for each, text in checked:
            known = self._clients.get(each.client)
            if known is not None and known.connection != connection:
                continue
            newest = known.clock if known is not None else self._gone.get(each.client, -1)
            if each.clock < newest or (each.clock == newest and not (text is None and known is not None)):
                continue
            if text is None:
                if known is None:
                    continue
                heard.append(self._leave(each.client, each.clock))
                continue
            self._gone.pop(each.client, None)
            self._clients[each.client] = _Client(each.clock, text, connection)
            heard.append(State(each.client, each.clock, text))
        return heard

    def leave(self, connection: Hashable) -> list[State]:
        """A connection ended: what everybody else is to hear."""
        mine = [client for client, known in self._clients.items() if known.connection == connection]
        return [self._leave(client, self._clients[client].clock + 1) for client in mine]

    def snapshot(self) -> list[State]:
        """Everybody, for one who joins."""
        return [State(client, known.clock, known.state) for client, known in self._clients.items()]

    def _leave(self, client: int, clock: int) -> State:
        known = self._clients.pop(client)
        clock = max(clock, known.clock + 1)
        while len(self._gone) >= _MAX_GONE:
            self._gone.pop(next(iter(self._gone)))
        self._gone[client] = clock
        return State(client, clock, "null")


def _checked(state: State, actor: str) -> str | None:
    if len(state.state) > MAX_STATE:
        raise FrameError(f"A state of {len(state.state)} characters is more than {MAX_STATE}.")
    try:
        value: Any = msgspec.json.decode(state.state.encode())
    except (msgspec.DecodeError, RecursionError) as error:
        raise FrameError(f"A client's state is no JSON: {error}.", text=True) from error
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FrameError("A client's state is no JSON object.")
    return msgspec.json.encode({**value, "actor": actor}).decode()
