"""Two authors who typed at once, replayed from a trace through the relay with their concurrency."""

from __future__ import annotations

import pytest

from tests import two_authors
from tests.relay.conftest import Team


@pytest.mark.promise("relay.two-authors")
@pytest.mark.parametrize("editors", [False, True], ids=["clients", "editors"])
@pytest.mark.parametrize("seed", range(2))
async def test_two_authors_end_at_the_known_text_with_every_character_credited_to_its_author(
    team: Team, seed: int, editors: bool
) -> None:
    trace = two_authors.read(two_authors.made_up(seed, 600))
    team.repo.write("both.txt", "")
    room = str((await team.open("both.txt"))["room"])
    control = await team.control()
    outcome = await two_authors.replay(trace, control, team.relays.start(), room, editors=editors)
    assert two_authors.problems(trace, outcome) == []
    assert outcome.merges > 50
    assert {actor for actor, _ in outcome.attribution} == set(two_authors.ACTORS)


def test_a_trace_that_two_clients_cannot_replay_is_refused() -> None:
    txns = [{"parents": [], "agent": 0, "patches": [[0, 0, text]]} for text in "ab"]
    with pytest.raises(ValueError, match="Transaction 1 does not follow"):
        two_authors.read({"endContent": "ab", "txns": txns})
