"""The actor registry's ref: added to by several writers at once, merged by union, read whatever stands in it."""

from __future__ import annotations

import threading
from itertools import permutations

import pytest

from anvcs import ids
from anvcs.errors import LockedError
from anvcs.gitmirror import actors
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.repository import GitRepository
from anvcs.ids import Domain
from tests.unit.gitmirror.conftest import Box

ME = Ident(b"Ada", b"ada@example.com", 1_700_000_000, 0)


def entry(text: str) -> dict[bytes, bytes]:
    """Some content under its id."""
    return {ids.digest(Domain.ACTOR_ENTRY, text.encode()): text.encode()}


def opened(box: Box) -> GitRepository:
    """The repository under test."""
    return GitRepository.open(box.top, box.env)


def there(box: Box) -> dict[bytes, bytes]:
    """What the registry holds."""
    repo = opened(box)
    return actors.read(repo, actors.tip(repo))


def test_there_is_no_registry_at_first(box: Box) -> None:
    assert actors.tip(opened(box)) is None
    assert there(box) == {}


def test_entries_are_added_once_each_a_file_of_its_own_name(box: Box) -> None:
    repo = opened(box)
    one = actors.append(repo, entry("one"), ME)
    both = actors.append(repo, entry("two"), ME)
    assert actors.append(repo, {**entry("one"), **entry("two")}, ME) == both
    assert there(box) == {**entry("one"), **entry("two")}
    assert box.out("rev-list", both).split() == [both.encode(), one.encode()]
    (name,) = entry("one")
    assert box.out("cat-file", "blob", f"{actors.REF}:{name.hex()[:2]}/{name.hex()[2:]}") == b"one"
    box.run("fsck", "--strict")


def fork(box: Box, start: str | None, *texts: str) -> str:
    """A commit of a registry that went on from ``start``."""
    box.run("update-ref", *([actors.REF, start] if start else ["-d", actors.REF]))
    repo = opened(box)
    for text in texts:
        actors.append(repo, entry(text), ME)
    return actors.tip(repo) or ""


def test_a_merge_is_a_union_whatever_the_order(box: Box) -> None:
    base = fork(box, None, "base")
    tips = [fork(box, base, "a"), fork(box, base, "b", "b2"), fork(box, None, "unrelated")]
    trees: set[str] = set()
    for first, second, third in permutations(tips):
        box.run("update-ref", actors.REF, first)
        repo = opened(box)
        actors.merge(repo, second, ME)
        tip = actors.merge(repo, third, ME)
        assert there(box).keys() == {name for text in ("base", "a", "b", "b2", "unrelated") for name in entry(text)}
        assert all(repo.is_ancestor(each, tip) for each in tips)
        trees.add(repo.tree_of(tip))
    assert len(trees) == 1
    box.run("fsck", "--strict")


def test_a_merge_goes_forward_where_one_side_has_all_of_the_other(box: Box) -> None:
    base = fork(box, None, "base")
    ahead = fork(box, base, "more")
    repo = opened(box)
    assert actors.merge(repo, base, ME) == ahead
    box.run("update-ref", actors.REF, base)
    assert actors.merge(opened(box), ahead, ME) == ahead
    box.run("update-ref", "-d", actors.REF)
    assert actors.merge(opened(box), ahead, ME) == ahead


def written(box: Box, path: str, content: bytes, mode: str = "100644") -> str:
    """A registry commit with one file somebody put there."""
    blob = box.out("hash-object", "-w", "--stdin", stdin=content).decode().strip()
    env = {"GIT_INDEX_FILE": str(box.home / "index")}
    box.run("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", env=env)
    tree = box.out("write-tree", env=env).decode().strip()
    (box.home / "index").unlink()
    return box.out("commit-tree", "-m", "by hand", tree).decode().strip()


def test_of_two_contents_under_one_name_the_true_one_stays_on_either_side(box: Box) -> None:
    (name,) = entry("true")
    path = f"{name.hex()[:2]}/{name.hex()[2:]}"
    false = written(box, path, b"false")
    true = written(box, path, b"true")
    for ours, theirs in ((false, true), (true, false)):
        box.run("update-ref", actors.REF, ours)
        actors.merge(opened(box), theirs, ME)
        assert there(box) == entry("true")


@pytest.mark.parametrize(
    ("path", "mode"),
    [("README", "100644"), ("aa/short", "100644"), ("zz/" + "0" * 62, "100644"), ("aa/" + "0" * 62, "120000")],
)
def test_what_somebody_else_put_there_is_passed_over_and_kept(box: Box, path: str, mode: str) -> None:
    odd = written(box, path, b"odd", mode)
    box.run("update-ref", actors.REF, odd)
    actors.append(opened(box), entry("one"), ME)
    assert there(box) == entry("one")
    assert box.out("cat-file", "blob", f"{actors.REF}:{path}") == b"odd"


def test_a_lock_that_stays_is_named_and_nothing_changes(box: Box) -> None:
    tip = fork(box, None, "base")
    lock = box.git_dir / f"{actors.REF}.lock"
    lock.touch()
    with pytest.raises(LockedError, match=actors.REF) as refused:
        actors.append(opened(box), entry("one"), ME, patience=0.01)
    assert ".lock" in refused.value.way_out
    lock.unlink()
    assert actors.tip(opened(box)) == tip


@pytest.mark.promise("identity.append-loses-nothing")
def test_writers_at_once_lose_nothing(box: Box) -> None:
    fork(box, None, "base")
    start = threading.Barrier(4)

    def write(number: int) -> None:
        repo = opened(box)
        start.wait(timeout=10)
        for each in range(5):
            actors.append(repo, entry(f"{number}.{each}"), ME)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert len(there(box)) == 21
    box.run("fsck", "--strict")
