"""What tests of language models share: a disputed file, settings, and callers that have a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anvcs import wire
from anvcs.actions.caller import Caller, call
from anvcs.actions.proposal.book import open_book
from tests.conftest import Repo
from tests.merging import conflicting, proposed
from tests.models import KEY, Model

CONFIG = "ai-vcs.config.yaml"
TIDES = "import moon\nimport units\n\n\ndef tide(day):\n    high = moon.phase(day)\n    return high\n"
SECRET = "ghp_" + "a1B2" * 9


def configured(repo: Repo, text: str) -> None:
    """Commit the team's settings, so that every stream made from now on has them."""
    repo.write(CONFIG, text)
    repo.git("add", "--force", CONFIG)
    repo.git("commit", "--quiet", "-m", "settings")


def caller(repo: Repo, env: Mapping[str, str] | None = None, **given: Any) -> Caller:
    """A caller with more in its environment."""
    made = Caller(
        cwd=repo.path, env={**repo.env, "MODEL_KEY": KEY, **(env or {})}, config_home=repo.config_home, **given
    )
    repo._callers.append(made)
    return made


def assist(repo: Repo, who: Caller | None = None, **fields: Any) -> wire.ProposalAssisted:
    return call(who or caller(repo), wire.PROPOSAL_ASSIST, wire.ProposalAssistParams(**fields))


def suggestion(found: wire.ProposalAssisted, place: int = 0) -> wire.Suggestion:
    made = found.asked[place].suggestion
    assert made is not None
    return made


def disputed(server: Model, repo: Repo, *, ours: str, theirs: str, base: str = TIDES, **settings: Any) -> wire.Proposal:
    """Both sides change ``tides.py``; the model may be asked."""
    configured(repo, server.settings(**{"key_env": "MODEL_KEY", **settings}))
    repo.write("tides.py", base)
    repo.git_commit("base")
    repo.git("branch", "login")
    repo.git("switch", "--quiet", "login")
    repo.write("tides.py", theirs)
    repo.git_commit("theirs: metres")
    repo.git("switch", "--quiet", "main")
    repo.write("tides.py", ours)
    repo.git_commit("ours: twice as high")
    return proposed(repo)


OURS = TIDES.replace("return high", "return 2 * high")
THEIRS = TIDES.replace("return high", "return units.metres(high)")
BOTH = "    return units.metres(2 * high)\n"


def tides(repo: Repo, server: Model, **settings: Any) -> wire.Proposal:
    return disputed(server, repo, ours=OURS, theirs=THEIRS, **settings)


def states(repo: Repo) -> list[type[Any]]:
    """The kinds of events of the only proposal."""
    book = open_book(repo.caller().workspace(None))
    (state,) = book.states()
    return [type(event.what) for event in book.events(state.id)]


def two(repo: Repo, model: Model, **settings: Any) -> None:
    """Two conflicts in one plain file."""
    configured(repo, model.settings(**settings))
    conflicting(repo)
    proposed(repo)
