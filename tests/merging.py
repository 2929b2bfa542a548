"""What the tests of merges share: streams that have gone apart, and the verbs as short calls."""

from __future__ import annotations

from typing import Any

from anvcs import wire
from anvcs.actions.caller import Caller, call
from tests.conftest import Repo

BASE = "one\ntwo\n3\n4\n5\n6\n7\n8\nnine\nten\n"
A = "def get():\n    return 1\n\n\ndef other():\n    return 2\n"
B = "from pkg import a\n\n\ndef use():\n    return a.other()\n"
RENAMED = A.replace("get", "fetch")
USING = B + "\n\ndef more():\n    return a.get()\n"


def apart(repo: Repo, *, ours: str | None = None, theirs: str | None = None, stream: str = "login") -> None:
    """Stand on ``main`` beside a stream that went another way from it; without texts each side adds a file."""
    repo.write("f", BASE)
    repo.git_commit("base")
    repo.git("branch", stream)
    repo.git("switch", "--quiet", stream)
    repo.write("theirs" if theirs is None else "f", theirs if theirs is not None else "t\n")
    repo.git_commit("their work")
    repo.git("switch", "--quiet", "main")
    repo.write("ours" if ours is None else "f", ours if ours is not None else "o\n")
    repo.git_commit("our work")


def conflicting(repo: Repo) -> None:
    """Both sides change the second and the ninth line."""
    ours = BASE.replace("two", "two ours").replace("nine", "nine ours")
    apart(repo, ours=ours, theirs=BASE.replace("two", "two theirs").replace("nine", "nine theirs"))


def pkg(repo: Repo, **texts: str) -> None:
    """Commit files of the package."""
    for name, text in texts.items():
        repo.write(f"pkg/{name}.py", text)
    repo.git_commit("pkg")


def breaking(repo: Repo) -> None:
    """``main`` renames a function that ``login`` newly calls in another file; Git merges that cleanly."""
    pkg(repo, __init__="", a=A, b=B)
    repo.git("branch", "login")
    pkg(repo, a=RENAMED)
    repo.git("switch", "--quiet", "login")
    pkg(repo, b=USING)
    repo.git("switch", "--quiet", "main")


def merge(repo: Repo, *sources: str, caller: Caller | None = None, **fields: Any) -> wire.MergeResult:
    """Propose a merge."""
    return call(caller or repo.caller(), wire.MERGE, wire.MergeParams(sources=sources or ("login",), **fields))


def proposed(repo: Repo, *sources: str, **fields: Any) -> wire.Proposal:
    """The proposal of a merge that did not land at once."""
    result = merge(repo, *sources, **fields)
    assert result.outcome == "proposed"
    assert result.proposal is not None
    return result.proposal


def show(repo: Repo, name: str | None = None, **fields: Any) -> wire.ProposalResult:
    """Look at a proposal."""
    return call(repo.caller(), wire.PROPOSAL_SHOW, wire.ProposalShowParams(proposal=name, **fields))


def listed(repo: Repo, *, everything: bool = False) -> tuple[wire.ProposalSummary, ...]:
    """The proposals there are."""
    return call(repo.caller(), wire.PROPOSAL_LIST, wire.ProposalListParams(all=everything)).proposals


def resolve(repo: Repo, path: str, name: str | None = None, **fields: Any) -> wire.Proposal:
    """Decide a file or a conflict."""
    params = wire.ProposalResolveParams(proposal=name, path=path, **fields)
    return call(repo.caller(), wire.PROPOSAL_RESOLVE, params).proposal


def vote(repo: Repo, choice: Any, name: str | None = None, **fields: Any) -> wire.Proposal:
    """Say what to think of a result."""
    params = wire.ProposalVoteParams(proposal=name, choice=choice, **fields)
    return call(repo.caller(), wire.PROPOSAL_VOTE, params).proposal


def accept(
    repo: Repo, name: str | None = None, *, caller: Caller | None = None, **fields: Any
) -> wire.ProposalAccepted:
    """Let it land."""
    return call(caller or repo.caller(), wire.PROPOSAL_ACCEPT, wire.ProposalAcceptParams(proposal=name, **fields))


def reject(repo: Repo, name: str | None = None, **fields: Any) -> wire.Proposal:
    """End it."""
    return call(repo.caller(), wire.PROPOSAL_REJECT, wire.ProposalRejectParams(proposal=name, **fields)).proposal


def codes(found: wire.ProposalSummary) -> list[str]:
    """What stands in the way, by its stable names."""
    return [each.code for each in found.obstacles]
