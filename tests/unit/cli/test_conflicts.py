"""How it is asked and shown where streams meet."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from anvcs import wire
from anvcs.cli.render.conflicts import found
from anvcs.cli.screen import Line
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import CONFLICTS


def plain(lines: Iterable[Line]) -> list[str]:
    return [each.plain() for each in lines]


def test_conflicts_asks_for_the_named_streams(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["conflicts"] = CONFLICTS
    ai_vcs("conflicts")
    ai_vcs("conflicts", "login", "origin/main", "--hard")
    assert ai_vcs.asked == [
        wire.ConflictsParams(),
        wire.ConflictsParams(streams=("login", "origin/main"), hard=True),
    ]


def test_each_stream_is_shown_with_what_meets_and_where() -> None:
    assert plain(found(CONFLICTS)) == [
        "login  agent:foo  not all committed",
        "  ! shop/web.py:9  agent:foo renames make to create, which you newly call.",
        "    shop/basket.py  You change total, which agent:foo calls in shop/pay.py:3.",
        "      both change README.md",
    ]


def test_only_some_of_many_files_are_named() -> None:
    stream = msgspec.structs.replace(
        CONFLICTS.streams[0], overlaps=(), actors=("login",), live=False, files=tuple(f"{n:02}" for n in range(12))
    )
    assert plain(found(wire.ConflictsFound(streams=(stream,)))) == [
        "login",
        "      both change 00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 2 more",
    ]


def test_nothing_that_meets_is_said_with_how_much_was_looked_at(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["conflicts"] = wire.ConflictsFound(compared=1, notices=("Something to know.",))
    done = ai_vcs("conflicts")
    assert done.out == "Nothing that you change meets what others change (1 stream looked at).\n"
    assert "Something to know." in done.err
