"""Several commits merged into one, one after the other; what git refuses then is refused here."""

from __future__ import annotations

import pytest

from anvcs.errors import MergeError, UnknownCommitError
from tests.conftest import Repo
from tests.interop.merge_trees_support import LINES, change, line, merge


def branches(repo: Repo, **texts: str) -> None:
    """A branch for each name, which changed the file."""
    change(repo, {"a": LINES, "k": "k\n"}, "base")
    for name, text in texts.items():
        repo.git("checkout", "--quiet", "-b", name, "main")
        change(repo, {"a": text, f"of-{name}": name}, name)
    repo.git("checkout", "--quiet", "main")
    change(repo, {"k": "main\n"}, "on")


def octopus(repo: Repo, *names: str) -> str:
    """The tree of git's own merge, which is taken back again."""
    head = repo.head()
    repo.git("merge", "--quiet", "--no-edit", *names)
    tree = repo.git("rev-parse", "HEAD^{tree}")
    repo.git("reset", "--quiet", "--hard", head)
    return tree


def test_several_are_merged_as_git_merges_them(repo: Repo) -> None:
    branches(repo, one=line(1), two=line(12), three=line(25))
    merged = merge(repo, ["one", "two", "three"])
    assert merged.it.tree == octopus(repo, "one", "two", "three")
    assert merged.it.bases == (repo.git("merge-base", "main", "one"),)
    assert [(each.path, each.how) for each in merged.it.files] == [(b"a", "git")]
    assert merged.engine.asked == []


def test_what_is_contained_in_another_one_adds_nothing(repo: Repo) -> None:
    branches(repo, one=line(1))
    repo.git("branch", "older", "one~")
    merged = merge(repo, ["one", "older", "one"])
    assert merged.it.tree == merge(repo, "one").it.tree


def test_only_what_is_there_already_gives_ours(repo: Repo) -> None:
    branches(repo)
    assert merge(repo, ["main", "main~"]).it.tree == repo.git("rev-parse", "main^{tree}")


def test_a_conflict_is_for_the_last_one_only(repo: Repo) -> None:
    branches(repo, one=line(1), two=line(1, "Y"), three=line(25))
    with pytest.raises(MergeError, match="Before three is merged, a is in conflict already"):
        merge(repo, ["one", "two", "three"], clean=False)
    assert repo.git_fails("merge", "--quiet", "one", "two", "three")
    repo.git("reset", "--quiet", "--hard")
    last = merge(repo, ["one", "three", "two"], clean=False)
    assert [each.how for each in last.it.files] == ["conflict"]


def test_a_conflict_that_the_engine_solves_stops_nobody(repo: Repo) -> None:
    branches(repo, one=line(1), two=line(1, "Y"), three="three\n" + LINES)
    merged = merge(repo, ["one", "two"])
    assert merged.only().how == "engine"
    assert repo.git("ls-tree", "--name-only", merged.it.tree).split() == [
        "README.md",
        "a",
        "k",
        "of-one",
        "of-two",
        "src",
    ]


def test_one_that_has_nothing_in_common_is_refused(repo: Repo) -> None:
    branches(repo, one=line(1))
    repo.git("checkout", "--quiet", "--orphan", "alone")
    repo.git("commit", "--quiet", "--allow-empty", "-m", "alone")
    repo.git("checkout", "--quiet", "main")
    with pytest.raises(MergeError, match="main and alone have no commit in common"):
        merge(repo, ["one", "alone"])


def test_nothing_and_nobody_are_refused(repo: Repo) -> None:
    with pytest.raises(MergeError, match="Nothing is named"):
        merge(repo, [])
    with pytest.raises(UnknownCommitError, match="no stream or commit nowhere"):
        merge(repo, "nowhere")
    with pytest.raises(UnknownCommitError):
        merge(repo, "f" * 40)
