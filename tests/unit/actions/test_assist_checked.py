"""Suggestions of a language model under guards that run code, and what the settings let be applied."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

import pytest

from anvcs import wire
from anvcs.merge.model import Options
from tests.assisting import (
    BOTH,
    assist,
    caller,
    configured,
    suggestion,
    tides,
    two,
)
from tests.conftest import Repo
from tests.merging import accept, proposed, reject, resolve, show
from tests.models import Model, suggests


def guards(name: str, body: str) -> str:
    """A section of the settings with one required guard, a line of Python."""
    command = json.dumps([sys.executable, "-c", body])
    return f"guards:\n  checks:\n    {name}:\n      command: {command}\n"


WORKS = "assert 'metres(2 * high)' in open('tides.py').read()"


def judged(repo: Repo, model: Model, body: str, **settings: Any) -> wire.Proposal:
    """Both sides change ``tides.py``, and a guard reads it."""
    with_guard = replace_settings(model, guards("tests", body))
    return tides(repo, with_guard, **settings)


def replace_settings(model: Model, more: str) -> Any:
    class Both:
        def settings(self, **given: Any) -> str:
            return model.settings(**given) + more

    return Both()


@pytest.mark.promise("assist.guarded")
def test_guards_run_on_the_result_with_what_is_suggested(repo: Repo, model: Model) -> None:
    it = judged(repo, model, WORKS)
    model.answers(suggests(BOTH))
    found = assist(repo, check=True)
    assert [(each.guard, each.outcome) for each in found.evidence] == [("tests", "passed")]
    assert found.proposal.tree == it.tree
    assert found.proposal.evidence == ()
    repo.git("gc", "--quiet", "--prune=now")
    assert repo.git("cat-file", "-t", str(found.tree)) == "tree"
    # What was judged is what stands there when somebody takes it, so nothing need run again.
    after = resolve(repo, "tides.py", take="suggestion")
    assert (after.tree, after.status) == (found.tree, "ready")
    assert [(each.guard, each.outcome) for each in after.evidence] == [("tests", "passed")]
    assert accept(repo).proposal.status == "accepted"


@pytest.mark.promise("assist.guarded")
def test_a_guard_that_fails_on_it_is_told(repo: Repo, model: Model) -> None:
    judged(repo, model, "raise SystemExit('no')")
    model.answers(suggests(BOTH))
    found = assist(repo, check=True)
    assert [(each.guard, each.outcome) for each in found.evidence] == [("tests", "failed")]
    assert found.proposal.status == "blocked"


def test_where_something_stays_in_conflict_no_guard_runs(repo: Repo, model: Model) -> None:
    two(repo, model)
    model.answers(suggests("two ours theirs\n"))
    found = assist(repo, conflict=1, check=True)
    assert found.evidence == ()
    assert found.notices == ("No guard was run. f is still in conflict.",)


def test_without_guards_a_check_says_so_and_keeps_what_was_suggested(repo: Repo, model: Model) -> None:
    tides(repo, model)
    model.answers(suggests(BOTH))
    found = assist(repo, check=True)
    assert suggestion(found).text == BOTH
    assert "No guards are configured" in found.notices[0]


@pytest.mark.promise("assist.policy")
def test_the_settings_let_what_is_safe_and_passes_be_applied(repo: Repo, model: Model) -> None:
    judged(repo, model, WORKS, apply="safe")
    model.answers(suggests(BOTH))
    found = assist(repo, agent="foo")
    assert (found.asked[0].applied, found.not_applied) == (True, "")
    assert (found.proposal.status, found.proposal.tree) == ("ready", found.tree)
    decided = found.proposal.files[0].conflicts[0].resolved
    assert decided is not None
    assert (decided.take, decided.actor, decided.by_policy) == ("suggestion", "agent:foo", True)
    landed = accept(repo)
    metadata = repo.show(landed.git_commit).metadata
    assert metadata is not None
    (told,) = metadata.extra["suggestions"]
    assert (told["by"], told["appliedBy"]) == ("policy", "agent:foo")


def test_what_the_settings_applied_is_not_carried_over_to_another_proposal(repo: Repo, model: Model) -> None:
    judged(repo, model, WORKS, apply="safe")
    model.answers(suggests(BOTH))
    assert assist(repo).asked[0].applied
    reject(repo)
    assert proposed(repo).files[0].conflicts[0].resolved is None


@pytest.mark.promise("assist.policy")
@pytest.mark.parametrize(
    ("text", "body", "why"),
    [
        ("    return 2 * high\n", "pass", "Not all of it is safe."),
        (BOTH, "raise SystemExit(1)", "With what is suggested, tests did not pass."),
        (None, "pass", "tides.py is still in conflict."),
    ],
)
def test_nothing_else_is_applied_by_the_settings(
    repo: Repo, model: Model, text: str | None, body: str, why: str
) -> None:
    it = judged(repo, model, body, apply="safe")
    model.answers(suggests(text))
    found = assist(repo)
    assert found.not_applied == why
    assert not any(each.applied for each in found.asked)
    assert (found.proposal.status, found.proposal.tree) == ("blocked", it.tree)


@pytest.mark.promise("assist.policy")
def test_the_settings_take_nothing_back_that_somebody_decided(repo: Repo, model: Model) -> None:
    judged(repo, model, "pass", apply="safe")
    decided = resolve(repo, "tides.py", conflict=1, take="left")
    model.answers(suggests(BOTH))
    found = assist(repo, path="tides.py", conflict=1)
    assert suggestion(found).safe
    assert found.not_applied == "Somebody has decided it already."
    assert found.proposal.tree == decided.tree


@pytest.mark.parametrize("what", ["large", "deep"])
def test_what_guards_cannot_look_at_is_not_safe(
    repo: Repo, model: Model, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def too_deep(*_: object, **__: object) -> None:
        raise RecursionError

    tides(repo, model)
    if what == "deep":
        monkeypatch.setattr("anvcs.merge.guards.check", too_deep)
    else:
        monkeypatch.setattr("anvcs.actions.proposal.suggestions.Options", lambda: Options(largest=10))
    model.answers(suggests(BOTH))
    made = suggestion(assist(repo))
    assert not made.safe
    assert [each.kind for each in made.findings] == ["unchecked"]


@pytest.mark.promise("assist.policy")
def test_without_a_guard_nothing_is_applied_by_the_settings(repo: Repo, model: Model) -> None:
    tides(repo, model, apply="safe")
    model.answers(suggests(BOTH))
    found = assist(repo)
    assert found.not_applied == "No guard is required under guards.checks, so nothing can show that it works."
    assert found.proposal.status == "blocked"


@pytest.mark.promise("assist.policy")
def test_a_source_cannot_let_suggestions_be_applied(repo: Repo, model: Model) -> None:
    judged(repo, model, WORKS)
    repo.git("switch", "--quiet", "login")
    configured(repo, model.settings(apply="safe") + guards("tests", "pass"))
    repo.git("switch", "--quiet", "main")
    show(repo)
    model.answers(suggests(BOTH))
    found = assist(repo)
    assert (found.proposal.status, found.not_applied) == ("blocked", "")


@pytest.mark.promise("assist.nothing-half")
@pytest.mark.parametrize("step", ["proposal-event", "proposal-keep"])
@pytest.mark.parametrize("which", [1, 2, 3])
def test_killed_anywhere_a_suggestion_is_there_whole_or_not_at_all(
    repo: Repo, model: Model, step: str, which: int
) -> None:
    it = judged(repo, model, WORKS, apply="safe")
    model.answers(suggests(BOTH))
    reached = 0

    def dies(name: str) -> None:
        nonlocal reached
        reached += name == step
        if reached == which:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        assist(repo, caller(repo, at=dies))
    now = show(repo).proposal
    conflict = now.files[0].conflicts[0]
    if conflict.resolved is None:
        assert now.tree == it.tree
    else:
        assert conflict.suggestion is not None
    before = model.connections
    after = assist(repo) if conflict.resolved is None else None
    if after is not None:
        assert after.asked[0].applied
        # What was answered is not asked again.
        assert model.connections == before + (conflict.suggestion is None)
    assert accept(repo).proposal.status == "accepted"
