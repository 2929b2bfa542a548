"""What was worked out lately is not worked out again, and does not pile up."""

from __future__ import annotations

from anvcs.actions.recent import Recent


def test_what_is_known_is_not_made_again_and_what_was_not_asked_for_longest_is_forgotten() -> None:
    made: list[str] = []
    recent = Recent[str, str](2)

    def ask(key: str) -> str:
        return recent.get(key, lambda: made.append(key) or key.upper())

    assert [ask(key) for key in "abacab"] == ["A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"]


def test_that_there_is_nothing_is_remembered_too() -> None:
    recent = Recent[int, None](1)
    made: list[None] = []
    for _ in range(2):
        assert recent.get(1, lambda: made.append(None)) is None
    assert len(made) == 1
