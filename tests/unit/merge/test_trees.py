"""Trees joined path by path: equal to what each path alone says, or left to git."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvcs.merge.trees import FOLDER, Row, Sides, files_at, join, ordered, touched

Files = Mapping[bytes, tuple[bytes, int]]
"""Mode and a number for the content, by path."""


class Memory:
    """Folders in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[Row, ...]] = {}
        self.read_ids: list[bytes] = []

    def read(self, folder: bytes, /) -> tuple[Row, ...]:
        """A folder that was written."""
        self.read_ids.append(folder)
        return self.kept[folder]

    def write(self, rows: Iterable[Row], /) -> bytes:
        """Keep it under an id of its own."""
        kept = tuple(rows)
        assert [*kept] == ordered(kept)
        name = hashlib.sha1(repr(kept).encode(), usedforsecurity=False).digest()
        self.kept[name] = kept
        return name

    def tree(self, files: Files) -> bytes:
        """A tree with these files."""
        rows: list[Row] = []
        below: dict[bytes, dict[bytes, tuple[bytes, int]]] = {}
        for path, (mode, number) in files.items():
            name, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(name, {})[rest] = mode, number
            else:
                rows.append((mode, name, number.to_bytes(20, "big")))
        rows += [(FOLDER, name, self.tree(inner)) for name, inner in below.items()]
        return self.write(ordered(rows))

    def files(self, tree: bytes, prefix: bytes = b"") -> dict[bytes, tuple[bytes, int]]:
        """The files of a tree."""
        found: dict[bytes, tuple[bytes, int]] = {}
        for mode, name, oid in self.kept[tree]:
            if mode == FOLDER:
                found |= self.files(oid, prefix + name + b"/")
            else:
                found[prefix + name] = mode, int.from_bytes(oid, "big")
        return found


def plain(**numbers: int) -> dict[bytes, tuple[bytes, int]]:
    """Ordinary files; two underscores stand for a slash."""
    return {name.replace("__", "/").encode(): (b"100644", number) for name, number in numbers.items()}


def joined(base: Files, left: Files, right: Files) -> Files | None:
    memory = Memory()
    found = join(memory, *(memory.tree(files) for files in (base, left, right)))
    return memory.files(found.tree) if found is not None else None


def test_files_changed_by_one_side_each_are_joined() -> None:
    base = plain(d__a=1, d__b=1, e__c=1, f=1)
    found = joined(base, {**base, **plain(d__a=2)}, {**base, **plain(d__b=3, e__c=3)})
    assert found == {**base, **plain(d__a=2, d__b=3, e__c=3)}


def test_a_side_that_changed_nothing_gives_the_other_one() -> None:
    base, other = plain(a=1, d__b=1), plain(c=2)
    assert joined(base, base, other) == other
    assert joined(base, other, base) == other
    assert joined(base, other, other) == other


def test_files_added_to_one_folder_are_joined() -> None:
    base = plain(d__m=1)
    assert joined(base, {**base, **plain(d__a=2)}, {**base, **plain(d__z=3)}) == plain(d__m=1, d__a=2, d__z=3)


def test_folders_that_both_sides_add_are_joined() -> None:
    base = plain(m=1)
    assert joined(base, {**base, **plain(new__a=2)}, {**base, **plain(new__b=3)}) == plain(m=1, new__a=2, new__b=3)


def test_a_folder_that_both_sides_empty_together_is_gone() -> None:
    base = plain(d__a=1, d__b=1, k=1)
    assert joined(base, plain(d__a=1, k=1), plain(d__b=1, k=1)) == plain(k=1)


def test_a_tree_of_which_nothing_is_left_is_empty() -> None:
    assert joined(plain(a=1, b=1), plain(a=1), plain(b=1)) == {}


def test_a_file_that_becomes_a_folder_takes_its_place_in_order() -> None:
    base = {**plain(x=1), b"x.y": (b"100644", 1), b"x0": (b"100644", 1)}
    left = {b"x/in": (b"100644", 2), b"x.y": (b"100644", 1), b"x0": (b"100644", 1)}
    assert joined(base, left, {**base, b"x0": (b"100644", 5)}) == {**left, b"x0": (b"100644", 5)}


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [
        (plain(a=1), plain(a=2), plain(a=3)),
        (plain(a=1, b=1), plain(a=2, b=2), plain(a=2, b=1)),
        (plain(a=1, b=1), plain(b=1), plain(a=2, b=1)),
        (plain(a=1, k=1), plain(k=1), plain(k=1, c=1)),
        (plain(d__a=1, k=1), plain(k=1), plain(d__a=1, d__n=1, k=1)),
        (plain(k=1), plain(k=1, n=1), plain(k=1, n__x=1)),
        (
            plain(d__a=1, d__k=1, e__m=1, f__m=1),
            plain(d__k=1, e__m=1, f__m=1, e__a=1),
            plain(d__k=1, e__m=1, f__m=1, f__a=1),
        ),
    ],
    ids=["both", "alike", "delete-change", "both-delete", "into-a-deleted-folder", "file-folder", "renamed-two-ways"],
)
def test_a_path_that_both_sides_changed_is_left_to_git(base: Files, left: Files, right: Files) -> None:
    assert joined(base, left, right) is None
    assert joined(base, right, left) is None


def test_a_mode_that_git_would_write_anew_is_left_to_git() -> None:
    base = {b"old": (b"100664", 1), **plain(a=1, b=1)}
    assert joined(base, {**base, **plain(a=2)}, {**base, **plain(b=2)}) is None


def test_what_is_left_to_git_has_written_nothing() -> None:
    memory = Memory()
    base = plain(a__b__c=1, a__b__d=1, z__y__x=1, k=1)
    left, right = plain(a__b__c=2, z__y__x=2), plain(a__b__d=2, z__y__x=3)
    trees = [memory.tree(files) for files in (base, {**base, **left}, {**base, **right})]
    before = len(memory.kept)
    assert join(memory, *trees) is None
    assert len(memory.kept) == before


def test_only_folders_that_both_sides_changed_are_read() -> None:
    memory = Memory()
    base = plain(d__a=1, e__b=1, f__g__c=1, f__g__d=1, h__i=1)
    trees = [memory.tree(files) for files in (base, {**base, **plain(d__a=2, f__g__c=2)}, {**base, **plain(f__g__d=3)})]
    assert join(memory, *trees) is not None
    # The top, f and g, three times each; neither d, e nor h.
    assert len(memory.read_ids) == 9


def test_names_may_meet_only_where_both_sides_add_to_one_folder() -> None:
    memory = Memory()
    base = memory.tree(plain(d__a=1, e__a=1))
    left, here, there = (memory.tree({**plain(d__a=1, e__a=1), **plain(**{n: 2})}) for n in ("d__n", "d__m", "e__m"))
    assert [join(memory, base, left, right).met for right in (here, there)] == [True, False]  # type: ignore[union-attr]


names = st.sampled_from([b"a", b"b", b"a.b", b"a-", b"\xff", b"A"])
paths = st.lists(names, min_size=1, max_size=3).map(b"/".join)
contents = st.tuples(st.sampled_from([b"100644", b"100755", b"120000", b"160000"]), st.integers(1, 4))


def consistent(files: Files) -> dict[bytes, tuple[bytes, int]]:
    """Without files that stand where a folder must be."""
    return {path: what for path, what in files.items() if not any(other.startswith(path + b"/") for other in files)}


trees = st.dictionaries(paths, contents, max_size=8).map(consistent)
edits = st.dictionaries(paths, st.one_of(st.none(), contents), max_size=4)


def edited(files: Files, changes: Mapping[bytes, tuple[bytes, int] | None]) -> dict[bytes, tuple[bytes, int]]:
    return consistent({path: what for path, what in {**files, **changes}.items() if what is not None})


@given(trees, edits, edits)
def test_what_is_joined_has_every_change_of_both_and_nothing_else(
    base: Files, on_left: Mapping[bytes, tuple[bytes, int] | None], on_right: Mapping[bytes, tuple[bytes, int] | None]
) -> None:
    left, right = edited(base, on_left), edited(base, on_right)
    found = joined(base, left, right)
    if found is None:
        assert left != right
        assert base not in (left, right)
        return
    for path in base.keys() | left.keys() | right.keys():
        sides = left.get(path), right.get(path)
        assert found.get(path) == (sides[0] if sides[0] != base.get(path) else sides[1])
    assert found.keys() <= base.keys() | left.keys() | right.keys()


@given(trees, edits, edits)
def test_touched_are_just_the_files_that_differ_on_both_sides(
    base: Files, on_left: Mapping[bytes, tuple[bytes, int] | None], on_right: Mapping[bytes, tuple[bytes, int] | None]
) -> None:
    memory = Memory()
    versions = base, edited(base, on_left), edited(base, on_right)
    found = touched(memory, *(memory.tree(files) for files in versions)).files
    every = {path for files in versions for path in files}
    expected = {path for path in every if versions[0].get(path) not in (versions[1].get(path), versions[2].get(path))}
    assert found.keys() == expected
    for path, sides in found.items():
        assert sides == Sides(*(row(path, files) for files in versions))


@given(trees, st.lists(paths))
def test_files_are_found_at_any_paths(files: Files, wanted: list[bytes]) -> None:
    memory = Memory()
    found = files_at(memory, memory.tree(files), wanted)
    assert found == {path: row(path, files) for path in wanted if path in files}


def row(path: bytes, files: Files) -> Row | None:
    """What stands at a path."""
    what = files.get(path)
    return (what[0], path.rpartition(b"/")[2], what[1].to_bytes(20, "big")) if what is not None else None
