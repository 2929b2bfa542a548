"""How push, pull and clone are called and shown."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from anvcs import wire
from anvcs.cli.render.remote import cloned, pulled, pushed
from anvcs.cli.screen import Line
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import B3, CLONED, PULLED, PUSHED


def plain(lines: Iterable[Line]) -> list[str]:
    return [each.plain() for each in lines]


def test_a_push_says_where_how_far_and_with_what() -> None:
    assert plain(pushed(PUSHED)) == [
        "Pushed to origin/main: 22222222 -> 1a2b3c4d, with hashes for metadata",
        "  notes      2 commits",
        "  upstream   origin/main",
        f"  operation  {B3}",
    ]
    first = wire.PushResult(remote="origin", url="u", stream="new", new="3" * 40, mode="none")
    assert plain(pushed(first)) == ["Pushed to origin/new: new at 33333333, without metadata"]
    assert plain(pushed(msgspec.structs.replace(first, up_to_date=True))) == ["origin/new is up to date"]


def test_a_pull_says_what_became_of_the_stream() -> None:
    assert plain(pulled(PULLED)) == [
        "Pulled from origin; main moved forward: 22222222 -> 1a2b3c4d",
        "  notes      1 commit",
        "  files      1",
        f"  operation  {B3}",
    ]
    still = wire.PullResult(remote="origin", url="u", stream="main", outcome="up-to-date", old="3" * 40, new="3" * 40)
    assert plain(pulled(still)) == ["Pulled from origin; main is up to date"]


def test_a_clone_says_what_is_there() -> None:
    assert plain(cloned(CLONED)) == ["Cloned into /x", "  stream     main at 1a2b3c4d", "  notes      3 commits"]
    assert plain(cloned(wire.CloneResult(root="/x", url="u"))) == ["Cloned into /x"]


@pytest.mark.parametrize("verb", ["push", "pull"])
def test_remote_and_stream_are_taken_in_this_order(ai_vcs: CommandLine, verb: str) -> None:
    ai_vcs.answers[verb] = PUSHED if verb == "push" else PULLED
    done = ai_vcs(verb, "hub", "feature", "--agent", "porter")
    assert done.code == 0, done.err
    params = ai_vcs.asked[-1]
    assert isinstance(params, wire.PushParams | wire.PullParams)
    assert (params.remote, params.stream, params.agent) == ("hub", "feature", "porter")
    assert ("thank you" in done.err) is (verb == "push")
