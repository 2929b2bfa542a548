"""What the keep chain holds already is not written again, and stays out of reach of git's collector."""

from __future__ import annotations

from anvcs import wire
from anvcs.actions import kept
from anvcs.actions.caller import call
from tests.conftest import Repo
from tests.interop.operation_support import collect_garbage, undo


def create(repo: Repo, name: str, start: str = "HEAD") -> None:
    call(repo.caller(), wire.STREAM_CREATE, wire.StreamCreateParams(name=name, start=start))


def test_a_commit_that_the_chain_leads_to_is_not_kept_again(repo: Repo) -> None:
    repo.write("a", "1")
    repo.commit("one")
    chain = repo.git("rev-parse", kept.KEEP)
    create(repo, "aside")
    create(repo, "older", "HEAD~1")
    assert repo.git("rev-parse", kept.KEEP) == chain
    plain = repo.git("commit-tree", "-m", "never seen", "HEAD^{tree}")
    create(repo, "foreign", plain)
    assert repo.git("rev-parse", f"{kept.KEEP}~1") == chain
    assert plain in kept.recent(repo.caller().workspace(None).repo, repo.git("rev-parse", kept.KEEP))


def test_what_is_not_kept_again_outlives_the_collector(repo: Repo) -> None:
    repo.write("a", "1")
    repo.commit("one")
    lost = repo.head()
    create(repo, "aside")
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    call(repo.caller(), wire.STREAM_DELETE, wire.StreamDeleteParams(name="aside", force=True))
    collect_garbage(repo)
    undo(repo)
    assert repo.git("rev-parse", "aside") == lost
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_the_beginning_of_the_chain_is_read(repo: Repo) -> None:
    workspace = repo.caller().workspace(None)
    beginning = repo.git("rev-list", "--first-parent", "--max-parents=0", kept.KEEP).split()[-1]
    assert kept.recent(workspace.repo, beginning) == frozenset()
