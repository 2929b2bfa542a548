"""Whether rooms are on, as agents' hooks see it."""

from __future__ import annotations

import re

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo


def test_hooks_see_whether_rooms_are_on_and_nothing_they_noted_stays_when_they_are_not(repo: Repo) -> None:
    marker, spool = (repo.path / ".git/anvcs" / name for name in ("rooms-on", "hooks"))
    assert not marker.exists()
    call(repo.caller(), wire.ROOMS_ON, wire.RoomsOnParams(exclude=("private/", "*.sql")))
    patterns = marker.read_text().splitlines()
    assert [
        any(re.fullmatch(each, path, re.DOTALL) for each in patterns) for path in ("private/a", "b/c.sql", "c")
    ] == [
        True,
        True,
        False,
    ]
    leaving = (
        lambda: call(repo.caller(), wire.ROOMS_PAUSE, wire.RoomsPauseParams()),
        lambda: call(repo.caller(), wire.ROOMS_OFF, wire.RoomsOffParams()),
    )
    coming_back = (
        lambda: call(repo.caller(), wire.ROOMS_PAUSE, wire.RoomsPauseParams(resume=True)),
        lambda: call(repo.caller(), wire.ROOMS_ON, wire.RoomsOnParams()),
    )
    for leave, come_back in zip(leaving, coming_back, strict=True):
        repo.write(".git/anvcs/hooks/texts/x", "text")
        leave()
        assert (marker.exists(), list(spool.iterdir())) == (False, [])
        come_back()
        assert marker.read_text().splitlines() == patterns


def test_pausing_one_actor_lets_the_hooks_of_others_go_on(repo: Repo) -> None:
    call(repo.caller(), wire.ROOMS_ON, wire.RoomsOnParams())
    call(repo.caller(), wire.ROOMS_PAUSE, wire.RoomsPauseParams(actor="agent:foo"))
    assert (repo.path / ".git/anvcs/rooms-on").exists()
