"""The notes writer, with git as the oracle."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pygit2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygit2 import Oid, Repository, Signature
from pygit2.enums import FileMode

from anvcs.errors import LockedError, RepositoryError
from anvcs.gitmirror import notes
from anvcs.provenance import notes as lines
from anvcs.provenance.notes import NoteLine

from .conftest import Box

REF = "refs/notes/anvcs"
ME = Signature("Ada", "ada@example.com", 1_700_000_000, 0)


def key(seed: object) -> str:
    return hashlib.sha1(str(seed).encode(), usedforsecurity=False).hexdigest()


def put(content: bytes) -> Callable[[bytes | None], bytes]:
    return lambda _: content


def opened(box: Box) -> Repository:
    return Repository(str(box.top))


def spelled(repo: Repository, files: dict[str, bytes]) -> Oid:
    """A notes commit of exactly these paths."""

    def tree(folder: dict[str, bytes]) -> Oid:
        builder = repo.TreeBuilder()
        inner: dict[str, dict[str, bytes]] = {}
        for path, content in folder.items():
            head, _, rest = path.partition("/")
            if rest:
                inner.setdefault(head, {})[rest] = content
            else:
                builder.insert(head, repo.create_blob(content), FileMode.BLOB)
        for head, below in inner.items():
            builder.insert(head, tree(below), FileMode.TREE)
        return builder.write()

    return repo.create_commit(None, ME, ME, "spelled", tree(files), [])


def paths(box: Box, tip: Oid | None) -> dict[str, str]:
    """Path to blob id of everything in a notes commit, by git."""
    listed = box.out("ls-tree", "-r", "-z", str(tip)).decode().split("\0")[:-1]
    return {line.partition("\t")[2]: line.split()[2] for line in listed}


def spelling(git_id: str, depth: int) -> str:
    return "/".join([*(git_id[2 * level : 2 * level + 2] for level in range(depth)), git_id[2 * depth :]])


@pytest.mark.promise("notes.git-agrees")
def test_git_shows_lists_and_logs_a_note_of_ours_and_finds_nothing_wrong(box: Box) -> None:
    commit = box.commit()
    made = notes.write(opened(box), REF, put(b'{"v":1}\n'), commit, ME)
    assert box.out("notes", "--ref=anvcs", "show", commit) == b'{"v":1}\n'
    assert box.out("notes", "--ref=anvcs", "list").split()[1].decode() == commit
    assert b'Notes (anvcs):\n    {"v":1}' in box.out("log", "--notes=anvcs")
    assert paths(box, made).keys() == {spelling(commit, 1)}
    assert box.run("fsck", "--strict", "--no-dangling").stderr == b""


@pytest.mark.promise("notes.every-fan-out")
@pytest.mark.parametrize("depth", range(5))
def test_a_note_is_read_at_every_depth_and_rewritten_at_one(box: Box, depth: int) -> None:
    repo = opened(box)
    other = key("other")
    kept = {spelling(other, depth): b"theirs\n", "README": b"not a note\n", "zz/file": b"not a note\n"}
    tip = spelled(repo, {spelling(key(1), depth): b"old\n", **kept})
    assert notes.read(repo, tip, key(1)) == b"old\n"
    made = notes.build(repo, tip, {key(1): b"new\n"}, ME)
    assert notes.read(repo, made, key(1)) == b"new\n"
    assert paths(box, made).keys() == {spelling(key(1), 1), *kept}
    before, after = paths(box, tip), paths(box, made)
    assert all(before[path] == after[path] for path in kept)


@pytest.mark.promise("notes.every-fan-out")
def test_several_spellings_of_one_key_are_read_together_and_become_one(box: Box) -> None:
    repo = opened(box)
    tip = spelled(repo, {spelling(key(1), 0): b"a", spelling(key(1), 1): b"b\n", spelling(key(1), 2): b"a"})
    assert notes.read(repo, tip, key(1)) == b"a\nb\n"
    made = notes.build(repo, tip, {key(1): notes.read(repo, tip, key(1))}, ME)
    assert paths(box, made).keys() == {spelling(key(1), 1)}


def test_a_file_that_has_a_folders_name_stays_and_the_key_is_spelled_in_full(box: Box) -> None:
    repo = opened(box)
    box.commit()
    tip = spelled(repo, {key(1)[:2]: b"a file of someone\n"})
    made = notes.build(repo, tip, {key(1): b"x\n"}, ME)
    assert paths(box, made).keys() == {key(1)[:2], key(1)}
    assert notes.read(repo, made, key(1)) == b"x\n"
    box.run("update-ref", REF, str(made))
    assert box.out("notes", "--ref=anvcs", "list").split()[1].decode() == key(1)
    assert box.run("fsck", "--strict", "--no-dangling").stderr == b""


def test_removing_the_last_note_leaves_an_empty_tree_that_git_accepts(box: Box) -> None:
    repo = opened(box)
    commit = box.commit()
    notes.write(repo, REF, put(b"x\n"), commit, ME)
    made = notes.write(repo, REF, lambda _: None, commit, ME)
    assert paths(box, made) == {}
    assert notes.read(repo, made, commit) is None
    assert box.run("fsck", "--strict", "--no-dangling").stderr == b""


def test_writing_what_is_there_makes_no_commit(box: Box) -> None:
    repo = opened(box)
    assert notes.write(repo, REF, lambda _: None, key(1), ME) is None
    assert notes.tip(repo, REF) is None
    first = notes.write(repo, REF, put(b"x\n"), key(1), ME)
    assert notes.write(repo, REF, put(b"x\n"), key(1), ME) == first


Step = tuple[int, bytes | None]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 12), st.none() | st.binary(max_size=3)), max_size=5), max_size=6))
def test_any_writes_leave_what_a_map_would_hold(tmp_path: Path, writes: list[list[Step]]) -> None:
    repo = pygit2.init_repository(str(tmp_path / "bare"), bare=True)
    # Few prefixes, so that keys share folders.
    keys = [f"{number % 3:02x}{number % 2:02x}{key(number)[4:]}" for number in range(13)]
    model: dict[str, bytes] = {}
    tip: Oid | None = spelled(repo, {spelling(keys[number], number % 4): b"first" for number in range(0, 13, 2)})
    model = dict(notes.Notes(repo, tip).items())
    assert model.keys() == set(keys[::2])
    for write in writes:
        edits = {keys[number]: content for number, content in write}
        tip = notes.build(repo, tip, edits, ME)
        model = {name: content for name, content in {**model, **edits}.items() if content is not None}
        found = notes.Notes(repo, tip)
        assert {name: found.get(name) for name in keys if found.get(name) is not None} == model
        assert dict(found.items()) == model
    shutil.rmtree(tmp_path / "bare")


def test_a_lost_swap_changes_nothing(box: Box) -> None:
    repo = opened(box)
    first = notes.write(repo, REF, put(b"1"), key(1), ME)
    second = notes.build(repo, first, {key(2): b"2"}, ME)
    assert second is not None
    assert not notes.swap(repo, REF, None, second, "x")
    assert notes.tip(repo, REF) == first
    assert notes.swap(repo, REF, first, second, "x")
    assert notes.tip(repo, REF) == second
    assert box.out("reflog", "-1", REF).strip().endswith(b": x")


def test_a_change_is_applied_again_to_what_another_writer_left(box: Box) -> None:
    repo = opened(box)
    seen: list[bytes | None] = []

    def change(old: bytes | None) -> bytes:
        if not seen:
            notes.write(opened(box), REF, put(b"other\n"), key(1), ME)
        seen.append(old)
        return (old or b"") + b"mine\n"

    made = notes.write(repo, REF, change, key(1), ME)
    assert seen == [None, b"other\n"]
    assert notes.read(repo, made, key(1)) == b"other\nmine\n"


def test_a_lock_that_stays_is_named_and_nothing_changes(box: Box) -> None:
    repo = opened(box)
    first = notes.write(repo, REF, put(b"1"), key(1), ME)
    lock = box.git_dir / f"{REF}.lock"
    lock.touch()
    with pytest.raises(LockedError, match=r"refs/notes/anvcs was locked .* delete the file refs/notes/anvcs\.lock"):
        notes.write(repo, REF, put(b"2"), key(1), ME, patience=0.01)
    assert notes.tip(repo, REF) == first
    lock.unlink()
    assert notes.write(repo, REF, put(b"2"), key(1), ME, patience=0.01) != first


class Racing(Repository):
    """Loses the race for the lock file between libgit2's look and its attempt."""

    def transaction(self) -> NoReturn:  # noqa: D102 - as its parent's
        raise pygit2.GitError("failed to create locked file 'refs/notes/anvcs.lock': File exists")


def test_a_lock_taken_at_the_last_moment_is_a_lost_swap_and_not_an_error(box: Box) -> None:
    new = notes.build(opened(box), None, {key(1): b"1"}, ME)
    assert new is not None
    assert not notes.swap(Racing(str(box.top)), REF, None, new, "x")


def test_a_ref_that_cannot_hold_notes_is_refused(box: Box) -> None:
    repo = opened(box)
    commit = box.commit()
    box.run("symbolic-ref", REF, "refs/heads/main")
    with pytest.raises(RepositoryError, match="symbolic ref"):
        notes.write(repo, REF, put(b"1"), commit, ME)
    box.run("symbolic-ref", "--delete", REF)
    box.run("update-ref", REF, f"{commit}^{{tree}}")
    with pytest.raises(RepositoryError, match="not a notes commit"):
        notes.write(repo, REF, put(b"1"), commit, ME)
    with pytest.raises(RepositoryError, match="cannot be written"):
        notes.write(repo, f"{REF}/below", put(b"1"), commit, ME)


def test_packing_refs_and_writing_from_another_worktree_change_nothing_for_the_writer(box: Box) -> None:
    commit = box.commit()
    box.run("worktree", "add", "-q", "../second")
    second = Repository(str(box.top.parent / "second"))
    for number, repo in enumerate((opened(box), second, opened(box))):
        notes.write(repo, REF, put(b"%d\n" % number), key(number), ME)
        box.run("pack-refs", "--all", "--prune")
    notes.write(second, REF, put(b"x\n"), commit, ME)
    assert len(box.out("notes", "--ref=anvcs", "list").splitlines()) == 4
    assert box.out("notes", "--ref=anvcs", "show", commit) == b"x\n"


def test_git_rewrites_our_fan_out_as_it_likes_and_we_read_on(box: Box) -> None:
    repo = opened(box)
    commit = box.commit()
    tip = notes.build(repo, None, {key(number): b"%d\n" % number for number in range(40)}, ME)
    assert tip is not None
    assert notes.swap(repo, REF, None, tip, "x")
    box.run("notes", "--ref=anvcs", "add", "-m", "theirs", commit)
    found = notes.Notes(repo, notes.tip(repo, REF))
    assert [found.get(key(number)) for number in range(40)] == [b"%d\n" % number for number in range(40)]
    assert found.get(commit) == b"theirs\n"
    assert paths(box, notes.tip(repo, REF)).keys() >= {key(1)}, "git has made it flat, which is the point of this test"


# What the lines become in git's hands


def line(commit: str, tree: str, **fields: object) -> NoteLine:
    return NoteLine(commit=commit, tree=tree, commit_id="b3:" + key(commit) + key(tree)[:24], **fields)  # pyright: ignore[reportArgumentType] - names and values are checked by the struct's users


def tree_of(box: Box, commit: str, top: Path | None = None) -> str:
    return box.out("rev-parse", f"{commit}^{{tree}}", cwd=top).decode().strip()


def add_line(box: Box, top: Path, commit: str, **fields: object) -> bytes:
    text = lines.line_of(line(commit, tree_of(box, commit, top), **fields))
    notes.write(Repository(str(top)), REF, lambda old: lines.merge(old, text), commit, ME)
    return text


@pytest.mark.promise("notes.merge-keeps-lines")
def test_merging_the_notes_of_two_clones_keeps_every_line_whole(box: Box) -> None:
    commit = box.commit()
    other = box.top.parent / "other"
    box.run("clone", "-q", str(box.top), str(other))
    wrote = {add_line(box, box.top, commit, agent="agent:one"), add_line(box, box.top, commit, tests="passed")}
    wrote |= {add_line(box, other, commit, agent="agent:two"), add_line(box, other, commit, tests="passed")}
    box.run("fetch", "-q", str(other), f"{REF}:refs/notes/theirs")
    box.run("notes", "--ref=anvcs", "merge", "-q", "-s", "cat_sort_uniq", "theirs")
    merged = notes.read(opened(box), notes.tip(opened(box), REF), commit)
    assert merged is not None
    assert set(merged.splitlines(keepends=True)) == wrote
    assert len(wrote) == 3
    described = lines.parse(merged, commit, tree_of(box, commit))
    assert described.own is not None
    assert described.foreign == ()


@pytest.mark.promise("notes.rebase-is-ancestry")
def test_a_plain_rebase_carries_the_note_and_its_line_becomes_ancestry(box: Box) -> None:
    box.run("config", "notes.rewriteRef", REF)
    box.run("config", "notes.rewriteMode", "cat_sort_uniq")
    base = box.commit()
    box.run("switch", "-qc", "topic")
    old = box.commit("topic-file", "topic")
    add_line(box, box.top, old, agent="agent:foo", tests="passed")
    old_tree = tree_of(box, old)
    box.run("switch", "-q", "main")
    box.commit("main-file", "main")
    box.run("rebase", "-q", "main", "topic")
    new = box.out("rev-parse", "topic").decode().strip()
    assert new not in (old, base)
    note = notes.read(opened(box), notes.tip(opened(box), REF), new)
    assert note is not None
    described = lines.parse(note, new, tree_of(box, new))
    assert described.own is None
    assert [(each.commit, each.agent) for each in described.ancestry] == [(old, "agent:foo")]
    assert described.agent is None
    assert lines.tests(described, tree_of(box, new)) == "unknown"
    assert lines.tests(described, old_tree) == "passed"


def test_git_joins_the_lines_of_a_rewritten_commit_exactly_as_our_merge_does(box: Box) -> None:
    first = box.commit()
    texts = [add_line(box, box.top, first, agent=f"agent:{name}") for name in ("b", "a")]
    box.run("config", "notes.rewriteRef", REF)
    box.run("config", "notes.rewriteMode", "cat_sort_uniq")
    second = box.commit("second")
    third = add_line(box, box.top, second, agent="agent:c")
    box.out("notes", "--ref=anvcs", "copy", "--for-rewrite=rebase", "--stdin", stdin=f"{first} {second}\n".encode())
    joined = notes.read(opened(box), notes.tip(opened(box), REF), second)
    expected = lines.merge(lines.merge(third, texts[0]), texts[1])
    assert joined is not None
    assert joined.rstrip(b"\n") + b"\n" == expected
