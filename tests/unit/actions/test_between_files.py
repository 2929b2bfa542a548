"""No way of merging goes round what breaks between files: a name that one side takes away and the result uses."""

from __future__ import annotations

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import ProposalBlockedError
from tests.conftest import Repo
from tests.merging import RENAMED, USING, A, B, accept, breaking, codes, merge, pkg, proposed, reject, resolve, show


def found(it: wire.Proposal) -> list[str]:
    return [each.kind for each in it.findings if each.severity == "hard"]


@pytest.mark.promise("proposals.between-files")
def test_nothing_lands_by_itself(repo: Repo) -> None:
    breaking(repo)
    result = merge(repo, auto=True)
    assert result.outcome == "proposed"
    assert result.proposal is not None
    assert codes(result.proposal) == ["unsafe"]
    with pytest.raises(ProposalBlockedError):
        accept(repo)


@pytest.mark.promise("proposals.between-files")
def test_a_result_that_becomes_one_when_the_target_moves_does_not_land(repo: Repo) -> None:
    pkg(repo, __init__="", a=A, b=B)
    repo.git("branch", "login")
    repo.git("switch", "--quiet", "login")
    pkg(repo, b=USING)
    repo.git("switch", "--quiet", "main")
    pkg(repo, c="x = 1\n")
    assert proposed(repo).status == "ready"
    pkg(repo, a=RENAMED)
    assert found(show(repo).proposal) == ["renamed"]


@pytest.mark.promise("proposals.between-files")
def test_two_that_are_safe_alone_do_not_land_in_one_batch(repo: Repo) -> None:
    pkg(repo, __init__="", a=A, b=B)
    repo.git("branch", "login")
    repo.git("branch", "search")
    for stream, name, text in (("login", "b", USING), ("search", "a", RENAMED)):
        repo.git("switch", "--quiet", stream)
        pkg(repo, **{name: text})
    repo.git("switch", "--quiet", "main")
    pkg(repo, c="x = 1\n")
    for stream in ("search", "login"):
        assert proposed(repo, stream).status == "ready"
        call(repo.caller(), wire.QUEUE_ADD, wire.QueueAddParams(proposal=stream))
    call(repo.caller(), wire.QUEUE_RUN, wire.QueueRunParams())
    assert repo.read("pkg/a.py") == RENAMED.encode()
    assert repo.read("pkg/b.py") == B.encode()
    assert found(show(repo, "login").proposal) == ["renamed"]


@pytest.mark.promise("proposals.between-files")
def test_two_sources_of_one_merge_are_compared_with_each_other(repo: Repo) -> None:
    pkg(repo, __init__="", a=A, b=B)
    repo.git("branch", "login")
    repo.git("branch", "search")
    for stream, name, text in (("login", "b", USING), ("search", "a", RENAMED)):
        repo.git("switch", "--quiet", stream)
        pkg(repo, **{name: text})
    repo.git("switch", "--quiet", "main")
    pkg(repo, c="x = 1\n")
    assert found(proposed(repo, "login", "search")) == ["renamed"]


@pytest.mark.promise("proposals.between-files")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pkg/b.py", USING + "# mine\n"),
        ("pkg/b.py", B + "\n\ndef mine():\n    return a.get()\n"),
        ("pkg/a.py", RENAMED + "# mine\n"),
        ("pkg/a.py", RENAMED + "\n\ndef mine():\n    return 3\n"),
    ],
)
def test_a_text_that_somebody_gives_is_looked_at_too(repo: Repo, path: str, text: str) -> None:
    breaking(repo)
    proposed(repo)
    it = resolve(repo, path, text=text)
    assert (it.status, found(it)) == ("blocked", ["renamed"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pkg/b.py", B + "\n\ndef more():\n    return a.fetch()\n"),
        ("pkg/a.py", RENAMED + "\n\nget = fetch\n"),
        ("pkg/a.py", RENAMED + "\n\ndef get():\n    return fetch()\n"),
        ("pkg/b.py", "x = 1\n"),
    ],
)
def test_a_text_that_mends_it_lets_it_land(repo: Repo, path: str, text: str) -> None:
    breaking(repo)
    proposed(repo)
    it = resolve(repo, path, text=text)
    assert (it.status, found(it)) == ("ready", [])
    accept(repo)


@pytest.mark.promise("proposals.between-files")
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("text", ["    return a.get() + 2\n", "    return a.get() + a.fetch()\n"])
def test_a_decided_conflict_that_brings_back_what_is_gone_is_found(repo: Repo, text: str, whole: bool) -> None:
    """One side renames a function with its calls, the other changes such a call: both are in conflict there."""
    using = B.replace("a.other()", "a.get()")
    pkg(repo, __init__="", a=A, b=using)
    repo.git("branch", "login")
    pkg(repo, a=RENAMED, b=using.replace("a.get()", "a.fetch() * 3"))
    repo.git("switch", "--quiet", "login")
    pkg(repo, b=using.replace("a.get()", "a.get() + 1"))
    repo.git("switch", "--quiet", "main")
    it = proposed(repo)
    assert (it.conflicts, found(it)) == (1, [])
    given = using.replace("    return a.get()\n", text) if whole else text
    it = resolve(repo, "pkg/b.py", conflict=None if whole else 1, text=given)
    assert (it.status, found(it)) == ("blocked", ["renamed"])
    it = resolve(repo, "pkg/b.py", take="right")
    assert (it.status, found(it)) == ("blocked", ["renamed"])
    it = resolve(repo, "pkg/b.py", text=using.replace("get", "fetch") + "# mine\n")
    assert (it.status, found(it)) == ("ready", [])
    it = resolve(repo, "pkg/b.py", take="left")
    assert (it.status, found(it)) == ("ready", [])


@pytest.mark.promise("proposals.between-files")
def test_a_definition_that_a_decision_takes_away_is_found(repo: Repo) -> None:
    """Neither side did: both keep it, and one newly uses it in another file."""
    pkg(repo, __init__="", a=A, b=B)
    repo.git("branch", "login")
    pkg(repo, a=A.replace("return 2", "return 3"))
    repo.git("switch", "--quiet", "login")
    pkg(repo, a=A.replace("return 2", "return 4"), b=USING)
    repo.git("switch", "--quiet", "main")
    proposed(repo)
    it = resolve(repo, "pkg/a.py", text="def other():\n    return 3\n")
    assert it.status == "blocked"
    assert [each.message for each in it.findings] == [
        "the decision removes get from pkg/a.py, which login newly calls in pkg/b.py:9."
    ]
    it = resolve(repo, "pkg/a.py", take="left")
    assert it.status == "ready"


@pytest.mark.promise("proposals.between-files")
def test_a_decision_that_is_carried_over_is_looked_at_with_the_target_as_it_is_then(repo: Repo) -> None:
    pkg(repo, __init__="", a=A, b=B)
    repo.git("branch", "login")
    pkg(repo, b=B.replace("a.other()", "a.other() + 1"))
    repo.git("switch", "--quiet", "login")
    pkg(repo, b=B.replace("a.other()", "a.other() + 2"))
    repo.git("switch", "--quiet", "main")
    assert proposed(repo).conflicts == 1
    it = resolve(repo, "pkg/b.py", conflict=1, text="    return a.other() + a.get()\n")
    assert it.status == "ready"
    pkg(repo, a=RENAMED)
    assert found(show(repo).proposal) == ["renamed"]
    reject(repo)
    assert found(proposed(repo)) == ["renamed"]
