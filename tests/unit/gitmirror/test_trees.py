"""Trees edited path by path equal the ones git writes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from anvcs.gitmirror.trees import EMPTY_TREE, FILE, SYMLINK, TREE, Entry, edit, find, lookup, parse, serialize
from tests.conftest import Repo


class Memory:
    """Objects in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.written = 0

    def read(self, oid: str, kind: str) -> bytes:
        """A tree that was written."""
        assert kind == "tree"
        return self.kept[oid]

    def write(self, kind: str, data: bytes) -> str:
        """Keep it under Git's id."""
        oid = hashlib.sha1(f"{kind} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
        self.kept[oid] = data
        self.written += 1
        return oid


def blob(number: int) -> Entry:
    return Entry(FILE, f"{number:040x}")


names = st.sampled_from([b"a", b"b", b"a.b", b"a-", b"ab", b"\xff\xfe", b" ", b"A"])
paths = st.lists(names, min_size=1, max_size=3).map(b"/".join)
entries = st.integers(1, 9).map(blob)


def consistent(files: dict[bytes, Entry]) -> dict[bytes, Entry]:
    """Without files that stand where a folder must be."""
    return {path: entry for path, entry in files.items() if not any(other.startswith(path + b"/") for other in files)}


def flat(objects: Memory, tree: str, prefix: bytes = b"") -> dict[bytes, Entry]:
    found: dict[bytes, Entry] = {}
    for name, entry in parse(objects.read(tree, "tree")).items():
        if entry.mode == TREE:
            found |= flat(objects, entry.oid, prefix + name + b"/")
        else:
            found[prefix + name] = entry
    return found


@given(st.dictionaries(paths, entries).map(consistent), st.dictionaries(paths, entries).map(consistent))
def test_editing_leads_to_the_tree_that_the_files_alone_make(old: dict[bytes, Entry], new: dict[bytes, Entry]) -> None:
    objects = Memory()
    start = edit(objects, None, old)
    changes: dict[bytes, Entry | None] = dict.fromkeys(old.keys() - new.keys())
    changes |= {path: entry for path, entry in new.items() if old.get(path) != entry}
    assert edit(objects, start, changes) == edit(Memory(), None, new)
    assert flat(objects, start) == old


@given(st.dictionaries(paths, entries, min_size=1).map(consistent))
def test_lookup_finds_each_file_and_nothing_else(files: dict[bytes, Entry]) -> None:
    objects = Memory()
    tree = edit(objects, None, files)
    for path, entry in files.items():
        assert lookup(objects, tree, path) == entry
        assert lookup(objects, tree, path + b"/below") is None
    assert lookup(objects, tree, b"nowhere") is None
    assert lookup(objects, EMPTY_TREE, b"a") is None


@given(st.dictionaries(names, entries))
def test_a_tree_reads_back_as_it_was_written(files: dict[bytes, Entry]) -> None:
    data = serialize(files)
    assert parse(data) == files
    assert all(find(data, name) == entry for name, entry in files.items())


def test_a_name_inside_an_object_id_is_not_taken_for_an_entry() -> None:
    oid = (b" trap\0" + b"x" * 14).hex()
    data = serialize({b"real": Entry(FILE, oid)})
    assert find(data, b"trap") is None
    assert find(data, b"real") == Entry(FILE, oid)


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(paths, st.binary(min_size=1, max_size=8), min_size=1))
def test_git_writes_the_same_tree(files: dict[bytes, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "GIT_DIR": folder + "/git"}

        def git(*args: str, stdin: bytes = b"") -> str:
            done = subprocess.run(["git", *args], env=env, input=stdin, capture_output=True, check=True, cwd=folder)
            return done.stdout.decode().strip()

        git("init", "--quiet", "--bare", folder + "/git")
        ids = {path: git("hash-object", "-w", "--stdin", stdin=data) for path, data in files.items()}
        kept = consistent({path: Entry(FILE, oid) for path, oid in ids.items()})
        lines = b"".join(b"100644 %s\t%s\0" % (entry.oid.encode(), path) for path, entry in kept.items())
        git("update-index", "-z", "--index-info", stdin=lines)
        assert edit(Memory(), None, kept) == git("write-tree")


def test_only_the_folders_on_the_way_are_written(repo: Repo) -> None:
    objects = Memory()
    tree = edit(objects, None, {b"f%d/g%d/file" % (a, b): blob(1) for a in range(20) for b in range(20)})
    objects.written = 0
    edit(objects, tree, {b"f3/g4/file": Entry(SYMLINK, "2" * 40)})
    assert objects.written == 3
    assert repo.git("hash-object", "-t", "tree", "--stdin") == EMPTY_TREE
