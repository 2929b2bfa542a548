"""Rooms beside the verbs that look after a repository."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.link import start
from anvcs.link.ask import LazyRelay
from anvcs.link.processes import is_dead
from tests.conftest import Repo


@pytest.fixture
def caller(repo: Repo) -> Caller:
    """A caller who can reach the relay, with rooms on and one room made."""
    made = Caller(
        cwd=repo.path, env=repo.env, config_home=repo.config_home, relay=LazyRelay(repo.env, repo.config_home)
    )
    call(made, wire.ROOMS_ON, wire.RoomsOnParams())
    ask(made, "open", worktree=str(repo.path), path="README.md", actor="human:ada@example.org")
    return made


def ask(caller: Caller, method: str, **params: object) -> None:
    assert caller.relay is not None
    caller.relay.ask(caller.cwd / ".git" / "anvcs", method, params, start=True)


def checks(caller: Caller) -> dict[str, wire.Check]:
    return {each.id: each for each in call(caller, wire.DOCTOR, wire.DoctorParams()).checks}


def test_the_doctor_looks_at_every_edit_and_at_the_relay(caller: Caller, repo: Repo) -> None:
    found = checks(caller)
    assert (found["rooms"].state, found["rooms"].message) == ("ok", "The room log is whole: 1 edits.")
    assert (found["relay"].state, found["relay"].message) == ("ok", "The relay answers.")
    call(caller, wire.ROOMS_OFF, wire.RoomsOffParams())
    with closing(sqlite3.connect(repo.path / ".git" / "anvcs" / "rooms.db")) as db:
        db.execute("UPDATE edits SET crc = crc + 1")
        db.commit()
    found = checks(caller)
    assert found["rooms"].state == "error"
    assert "damaged" in found["rooms"].message


def test_du_counts_the_room_log(caller: Caller) -> None:
    costs = {each.name: each.bytes for each in call(caller, wire.DU, wire.DuParams()).costs}
    assert costs["rooms"] > 0


def test_leaving_ends_the_relay_first(caller: Caller, repo: Repo, tmp_path: Path) -> None:
    state = repo.path / ".git" / "anvcs"
    running = start.find(state)
    assert running is not None
    call(caller, wire.UNINSTALL, wire.UninstallParams(export=str(tmp_path / "export.jsonl")))
    assert not state.exists()
    assert is_dead(running.process)
