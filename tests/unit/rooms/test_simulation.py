"""Seeded runs of editors, an agent and a disk in virtual time; see the simulation for what is in them.

``tests/benchmarks/binding.py`` runs as many as one likes.
"""

from __future__ import annotations

import pytest

from anvcs.rooms.binding import Binding
from tests.unit.rooms.simulation import naive
from tests.unit.rooms.simulation.world import Setting, World

SEEDS = 20
QUIET = Setting(
    keys=False,
    undoes=False,
    agent=False,
    reports=True,
    race=False,
    overtaking=False,
    eol="\n",
    formats=False,
    hasty=False,
    tells=True,
    calm=False,
    flushes=False,
)


@pytest.mark.parametrize("tens", range(10))
@pytest.mark.promise("rooms.editors-converge")
def test_windows_an_agent_and_the_disk_come_together_and_nothing_is_lost_doubled_or_credited_to_others(
    tens: int,
) -> None:
    wrong: dict[int, list[str]] = {}
    for seed in range(SEEDS * tens, SEEDS * (tens + 1)):
        if problems := World(seed).run():
            wrong[seed] = problems[:5]
    assert not wrong


def test_the_runs_have_in_them_what_can_go_wrong() -> None:
    kinds: dict[str, int] = {}
    reloads = refused = 0
    for seed in range(40):
        world = World(seed)
        world.run()
        for server in world.servers:
            for kind, count in server.kinds.items():
                kinds[kind] = kinds.get(kind, 0) + count
        reloads += sum(window.reloads for window in world.windows)
        refused += sum(window.refused for window in world.windows)
    assert kinds.keys() >= {"user", "echo", "late", "reload", "undo"}
    assert reloads > 5
    assert refused > 0


@pytest.mark.parametrize(
    ("strategy", "setting", "complaint"),
    [
        (naive.BusyFlag, QUIET, "is lost"),
        (naive.ReloadsAsTyping, QUIET._replace(agent=True, calm=True), "is credited to"),
        (naive.ReloadsAsTyping, QUIET._replace(agent=True, calm=True), "times"),
        (naive.Credulous, QUIET._replace(keys=True), "broken"),
        (naive.SavesAlone, QUIET._replace(formats=True, calm=True, hasty=True), "formatted twice"),
        (naive.LateEchoesAsTyping, QUIET._replace(race=True), "times"),
    ],
)
def test_a_naive_binding_is_found_out(strategy: type[Binding], setting: Setting, complaint: str) -> None:
    def bind(text: str) -> Binding:
        return strategy(text, 1)

    assert any(complaint in "; ".join(World(seed, strategy=bind, setting=setting).run()) for seed in range(60))


def test_a_run_is_told_by_its_seed() -> None:
    one, two = World(7), World(7)
    assert one.setting == two.setting
    one.run()
    two.run()
    assert one.relay.doc.text == two.relay.doc.text
    assert one.clock.steps == two.clock.steps
