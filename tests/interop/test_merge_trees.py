"""Merges of whole trees: git's bytes where git is clean, a sentence for every path that both sides touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anvcs.gitmirror.pack import FEW
from anvcs.merge.model import FileOutcome, Finding
from tests.conftest import Repo
from tests.interop.merge_trees_support import (
    LINES,
    Changes,
    Link,
    Program,
    as_git,
    by_git,
    change,
    entry,
    fork,
    line,
    merge,
)


def told(outcome: FileOutcome) -> tuple[bytes, str, str]:
    return outcome.path, outcome.how, outcome.kind


def test_sides_that_changed_other_files_need_no_word(repo: Repo) -> None:
    fork(repo, {"d/a": LINES, "d/b": LINES}, {"d/a": line(1)}, {"d/b": line(2), "d/new": "x\n"})
    merged = as_git(repo)
    assert merged.it.files == ()
    assert merged.it.bases == (repo.git("merge-base", "main", "other"),)


def test_lines_that_git_merges_are_git_s_and_are_checked(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": line(1)}, {"a": line(20)})
    merged = as_git(repo)
    assert told(merged.only()) == (b"a", "git", "content")
    assert merged.judge.shown == [
        (LINES.encode(), line(1).encode(), line(20).encode(), line(20, text=line(1)).encode(), "a")
    ]


def test_what_a_guard_finds_makes_a_clean_merge_unsafe(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": line(1)}, {"a": line(20)})
    merged = merge(repo, found=[Finding("dangling", "x is bound nowhere.")])
    assert merged.it.clean
    assert not merged.it.safe
    assert [each.kind for each in merged.only().findings] == ["dangling"]


def test_files_of_one_side_are_not_checked(repo: Repo) -> None:
    fork(repo, {"a": LINES, "b": LINES}, {"a": line(1), "b": line(1)}, {"a": line(20)})
    assert [each[-1] for each in as_git(repo).judge.shown] == ["a"]


def test_the_same_change_on_both_sides_is_said_so(repo: Repo) -> None:
    fork(
        repo, {"a": LINES, "gone": "x"}, {"a": line(1), "gone": None, "n": "1"}, {"a": line(1), "gone": None, "m": "2"}
    )
    merged = as_git(repo)
    assert [told(each) for each in merged.it.files] == [(b"a", "same", "content"), (b"gone", "same", "delete")]
    assert "made the same change" in merged.at(b"a").reason
    assert merged.judge.shown == []


def test_texts_in_conflict_go_to_the_engine(repo: Repo) -> None:
    fork(repo, {"d/a.py": LINES}, {"d/a.py": line(3, "us")}, {"d/a.py": line(3, "them")})
    merged = merge(repo)
    ((base, left, right, path, _),) = merged.engine.asked
    assert (base, left, right, path) == (LINES.encode(), line(3, "us").encode(), line(3, "them").encode(), "d/a.py")
    assert told(merged.only()) == (b"d/a.py", "engine", "content")
    assert merged.it.clean
    assert merged.text(b"d/a.py") == left + right


def test_what_a_large_merge_writes_is_one_pack_that_git_reads(repo: Repo) -> None:
    base, left, right = (
        {f"d{number}/{name}": f"{number}{by}\n" for number in range(FEW) for name in names}
        for by, names in (("", "ab"), (" by us", "a"), (" by them", "b"))
    )
    fork(repo, {**base}, {**left}, {**right})
    merged = merge(repo)
    assert merged.it.files == ()
    assert len(list((repo.path / ".git/objects/pack").glob("*.pack"))) == 1
    assert repo.git("rev-parse", f"{merged.it.tree}:d7/b") == repo.git("rev-parse", "other:d7/b")
    assert by_git(repo) == (merged.it.tree, True)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_many_texts_in_conflict_go_to_the_engine_and_git_reads_what_it_makes(repo: Repo) -> None:
    names = [f"d/{number}" for number in range(FEW)]
    base, left, right = (dict.fromkeys(names, text) for text in (LINES, line(3, "us"), line(3, "them")))
    fork(repo, {**base}, {**left}, {**right})
    merged = merge(repo)
    assert merged.it.clean
    both = (line(3, "us") + line(3, "them")).encode()
    assert [merged.text(each.path) for each in merged.it.files[:3]] == [both, both, both]
    changed = repo.git("diff", "--name-only", "main", merged.it.tree).splitlines()
    assert sorted(changed) == sorted(names)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_what_the_engine_refuses_stays_a_conflict_with_its_reason(repo: Repo) -> None:
    fork(repo, {"a.py": LINES}, {"a.py": line(3, "us")}, {"a.py": line(3, "them")})
    merged = merge(repo, clean=False)
    outcome = merged.only()
    assert told(outcome) == (b"a.py", "conflict", "content")
    assert outcome.reason == (
        "main and other changed the same lines. One conflict is left, in f: both sides changed the same lines."
    )
    assert len(outcome.conflicts) == 1
    assert merged.text(b"a.py").startswith(b"<<<<<<<\n")
    assert not merged.it.clean


def test_our_own_engine_merges_what_lines_cannot(repo: Repo) -> None:
    from anvcs.actions.merging import merge_commits

    base = "import os\nimport sys\n\n\ndef f():\n    return 1\n"
    fork(
        repo,
        {"a.py": base},
        {"a.py": base.replace("import sys\n", "import sys\nimport json\n") + "\n\ndef g():\n    return json, 2\n"},
        {"a.py": base.replace("import sys\n", "import sys\nimport time\n") + "\n\ndef h():\n    return time, 3\n"},
    )
    it = merge_commits(repo.caller().workspace(None), "main", "other")
    (outcome,) = it.files
    assert (outcome.how, it.safe) == ("engine", True)
    text = repo.git("show", f"{it.tree}:a.py")
    assert all(part in text for part in ("import json", "import time", "def g():", "def h():"))


@pytest.mark.parametrize("style", [None, "diff3", "zdiff3"])
def test_the_engine_is_told_labels_and_style_as_git_has_them(repo: Repo, style: str | None) -> None:
    if style is not None:
        repo.git("config", "merge.conflictStyle", style)
    fork(repo, {"a": LINES, ".gitattributes": "a conflict-marker-size=12\n"}, {"a": line(3)}, {"a": line(3, "Y")})
    (asked,) = merge(repo).engine.asked
    options = asked[4]
    base = repo.git("rev-parse", "--short", "main~")
    assert (options.left, options.base, options.right) == ("main", base, "other")
    assert (options.style, options.marker_size) == (style or "merge", 12)


def test_labels_show_where_a_renamed_file_was_as_git_s_do(repo: Repo) -> None:
    repo.git("config", "merge.conflictStyle", "diff3")
    fork(repo, {"old": LINES}, {"old": None, "new": line(3)}, {"old": line(3, "Y")})
    (asked,) = merge(repo).engine.asked
    options = asked[4]
    marks = [
        text for text in repo.git("show", f"{by_git(repo)[0]}:new").splitlines() if text[:3] in ("<<<", "|||", ">>>")
    ]
    assert marks == [f"<<<<<<< {options.left}", f"||||||| {options.base}", f">>>>>>> {options.right}"]
    assert options.left == "main:new"


def test_commits_given_by_their_ids_are_called_by_the_names_beside_them(repo: Repo) -> None:
    fork(
        repo,
        {"a": LINES, "b": b"\0"},
        {"a": line(3), "b": b"\0us", "f": "x"},
        {"a": line(3, "Y"), "b": b"\0them", "f/x": "y"},
    )
    ids = [repo.git("rev-parse", name) for name in ("main", "other")]
    merged = merge(repo, ids[1], ours=ids[0], names=("trunk", "feature/x"))
    assert merged.engine.asked[0][4].left == "trunk"
    assert {each.path for each in merged.it.files} == {b"a", b"b", b"f~trunk"}
    assert not [each for each in merged.it.files if any(name in each.reason for name in ids)]
    assert entry(repo, merged.it.tree, b"f~trunk") is not None
    assert entry(repo, merged.it.tree, b"f~" + ids[0].encode()) is None


def test_markers_that_git_wrote_name_the_sides_too(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": None, "b": LINES}, {"b": "other\n"})
    ids = [repo.git("rev-parse", name) for name in ("main", "other")]
    merged = merge(repo, ids[1], ours=ids[0], names=("trunk", "feature"))
    text = merged.text(b"b")
    assert b"<<<<<<< trunk\n" in text
    assert b">>>>>>> feature\n" in text


CONFLICTS: dict[str, tuple[Changes, Changes, Changes, list[tuple[bytes, str]], str]] = {
    "modify-delete": (
        {"a": LINES},
        {"a": None},
        {"a": line(1)},
        [(b"a", "modify/delete")],
        "other changed this file, main deleted it",
    ),
    "delete-modify": (
        {"a": LINES},
        {"a": line(1)},
        {"a": None},
        [(b"a", "modify/delete")],
        "main changed this file, other deleted it",
    ),
    "rename-delete": (
        {"a": LINES},
        {"a": None, "b": LINES},
        {"a": None},
        [(b"b", "rename/delete")],
        "main renamed a to b, other deleted it",
    ),
    "delete-rename": (
        {"a": LINES},
        {"a": None},
        {"a": None, "b": line(1)},
        [(b"b", "rename/delete")],
        "other renamed a to b, main deleted it",
    ),
    "rename-two-ways": (
        {"a": LINES},
        {"a": None, "b": LINES},
        {"a": None, "c": LINES},
        [(b"a", "rename/rename"), (b"b", "rename/rename"), (b"c", "rename/rename")],
        "main renamed a to b, other renamed it to c: choose one name.",
    ),
    "two-renamed-to-one": (
        {"a": LINES, "b": LINES.replace("line", "row")},
        {"a": None, "n": LINES},
        {"b": None, "n": LINES.replace("line", "row")},
        [(b"n", "rename/rename")],
        "main renamed a to this name, other renamed b to it.",
    ),
    "rename-add": (
        {"a": LINES},
        {"a": None, "b": LINES},
        {"b": "other\n"},
        [(b"b", "rename/add")],
        "main renamed a to this name, other added a file of this name.",
    ),
    "add-rename-with-edits": (
        {"a": LINES},
        {"a": line(2), "b": "other\n"},
        {"a": None, "b": line(2, "Y")},
        [(b"b", "rename/add")],
        "other renamed a to this name, main added a file of this name.",
    ),
    "file-folder": (
        {"k": "k"},
        {"a": "file\n"},
        {"a/b": "inside\n"},
        [(b"a~main", "directory/file")],
        "main has a file a, now at a~main, other has a folder of that name",
    ),
    "folder-file": (
        {"k": "k"},
        {"a/b": "inside\n"},
        {"a": "file\n"},
        [(b"a~other", "directory/file")],
        "other has a file a, now at a~other, main has a folder of that name",
    ),
    "folder-renamed": (
        {"d/a": LINES, "d/b": LINES + "b\n"},
        {"d/a": None, "d/b": None, "e/a": LINES, "e/b": LINES + "b\n"},
        {"d/n": "new\n"},
        [(b"e/n", "directory-rename")],
        "other put a file into a folder that main renamed: git suggests e/n instead of d/n.",
    ),
    "folder-renamed-blocked": (
        {"d/a": LINES, "e/n": "here\n"},
        {"d/a": None, "e/a": LINES},
        {"d/n": "new\n"},
        [(b"d/n", "directory-rename-blocked")],
        "other put d/n into a folder that main renamed, and it cannot go along to e/n, where something else is",
    ),
    "folder-split": (
        {"d/a": LINES, "d/b": LINES + "b\n"},
        {"d/a": None, "d/b": None, "e/a": LINES, "f/b": LINES + "b\n"},
        {"d/n": "new\n", "d/g/o": "too\n"},
        [(b"d/g/o", "directory-rename-blocked"), (b"d/n", "directory-rename-blocked")],
        "main moved what was in d to several places, and other put d/",
    ),
    "binary": (
        {"a": b"\0a"},
        {"a": b"\0b"},
        {"a": b"\0c"},
        [(b"a", "binary")],
        "main and other changed this binary file",
    ),
    "link": ({"a": Link("x")}, {"a": Link("y")}, {"a": Link("z")}, [(b"a", "symlink")], "point to different places"),
    "link-file": (
        {"a": LINES},
        {"a": Link("y")},
        {"a": line(1)},
        [(b"a", "symlink"), (b"a~other", "symlink")],
        "different kinds of things here, one of them a symbolic link",
    ),
    "mode": (
        {"k": "k"},
        {"a": Program("x\n")},
        {"a": "x\n"},
        [(b"a", "mode")],
        "main added this file as executable, other did not",
    ),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_what_only_a_person_can_decide_is_explained(repo: Repo, name: str) -> None:
    base, left, right, expected, sentence = CONFLICTS[name]
    fork(repo, base, left, right)
    tree, clean = by_git(repo)
    assert not clean
    merged = merge(repo)
    assert [(each.path, each.kind) for each in merged.it.files] == expected
    assert all(each.how == "conflict" and sentence in each.reason for each in merged.it.files)
    assert merged.it.tree == tree
    assert merged.engine.asked == []


SETTLED: dict[str, tuple[Changes, Changes, Changes, tuple[bytes, str, str], str]] = {
    "rename-edit": (
        {"a": LINES},
        {"a": None, "b": LINES},
        {"a": line(1)},
        (b"b", "git", "rename"),
        "main renamed a to b, other changed it: the change went along.",
    ),
    "edit-rename-edit": (
        {"d/a": LINES},
        {"d/a": line(1)},
        {"d/a": None, "e/b": line(20)},
        (b"e/b", "git", "rename"),
        "other renamed d/a to e/b, main changed it: the change went along.",
    ),
    "rename-alike": (
        {"a": LINES},
        {"a": None, "b": line(1)},
        {"a": None, "b": line(20)},
        (b"b", "git", "rename"),
        "main and other renamed a to b and changed it, in different places.",
    ),
    "mode-content": (
        {"a": LINES},
        {"a": Program(LINES)},
        {"a": line(1)},
        (b"a", "git", "mode"),
        "main changed the mode, other the content: both are kept.",
    ),
}


@pytest.mark.parametrize("name", SETTLED)
def test_what_git_brings_together_is_explained(repo: Repo, name: str) -> None:
    base, left, right, expected, sentence = SETTLED[name]
    fork(repo, base, left, right)
    merged = as_git(repo)
    outcomes = {told(each): each.reason for each in merged.it.files if each.how != "same"}
    assert outcomes == {expected: sentence}


def test_a_renamed_file_is_checked_against_what_it_was(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": None, "b": line(1)}, {"a": line(20)})
    ((base, left, right, text, path),) = as_git(repo).judge.shown
    assert (base, left, right, path) == (LINES.encode(), line(1).encode(), line(20).encode(), "b")
    assert text == line(20, text=line(1)).encode()


def test_a_file_follows_a_renamed_folder_where_settings_say_so(repo: Repo) -> None:
    repo.git("config", "merge.directoryRenames", "true")
    fork(repo, *CONFLICTS["folder-renamed"][:3])
    assert told(as_git(repo).only()) == (b"e/n", "git", "directory-rename")
    assert "other put d/n into a folder that main renamed: it went along to e/n." in as_git(repo).only().reason


def test_a_file_that_follows_a_renamed_folder_to_where_another_one_stands_is_in_conflict(repo: Repo) -> None:
    repo.git("config", "merge.directoryRenames", "true")
    fork(repo, {"d/a": LINES}, {"d/new": "left\n"}, {"d/a": None, "e/a": LINES, "e/new": "right\n"})
    merged = merge(repo, clean=False)
    assert not by_git(repo)[1]
    assert not merged.it.clean
    assert (merged.only().path, merged.only().how, merged.only().kind) == (b"e/new", "conflict", "add/add")


def test_conflicts_in_a_renamed_file_go_to_the_engine(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": None, "b": line(3)}, {"a": line(3, "Y")})
    merged = merge(repo)
    assert told(merged.only()) == (b"b", "engine", "content")
    assert merged.engine.asked[0][:4] == (LINES.encode(), line(3).encode(), line(3, "Y").encode(), "b")


def test_files_added_on_both_sides_are_merged_without_a_base(repo: Repo) -> None:
    fork(repo, {"k": "k"}, {"a": "one\n"}, {"a": "two\n"})
    merged = merge(repo)
    assert merged.engine.asked[0][:4] == (b"", b"one\n", b"two\n", "a")
    assert told(merged.only()) == (b"a", "engine", "add/add")


def test_a_mode_stays_open_though_the_texts_are_merged(repo: Repo) -> None:
    fork(repo, {"k": "k"}, {"a": Program("one\n")}, {"a": "two\n"})
    merged = merge(repo)
    assert told(merged.only()) == (b"a", "conflict", "mode")
    assert merged.text(b"a") == b"one\ntwo\n"


def test_paths_need_not_be_text(repo: Repo) -> None:
    name = b"d\xff/\xfe \n\t"
    fork(repo, {name: LINES}, {name: line(3)}, {name: line(3, "Y")})
    merged = merge(repo)
    assert merged.only().path == name
    assert merged.engine.asked[0][3].encode("utf-8", "surrogateescape") == name
    found = entry(repo, merged.it.tree, name)
    assert found is not None
    assert repo.git_bytes("cat-file", "blob", found.oid) == (line(3) + line(3, "Y")).encode()


def test_names_that_differ_in_case_only_make_a_merge_unsafe(repo: Repo) -> None:
    fork(repo, {"k": "k"}, {"d/Readme": "1"}, {"d/README": "2"})
    merged = as_git(repo)
    assert [(each.path, each.other, each.finding.severity) for each in merged.it.findings] == [
        (b"d/Readme", b"d/README", "hard")
    ]
    assert not merged.it.safe


def test_they_are_found_beside_files_that_git_merged(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": line(1), "Readme": "1"}, {"a": line(20), "README": "2"})
    assert [each.path for each in as_git(repo).it.findings] == [b"Readme"]


def test_commits_without_a_common_ancestor_are_merged_only_if_asked(repo: Repo) -> None:
    from anvcs.errors import MergeError

    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.git("rm", "--quiet", "-r", "--force", ".")
    change(repo, {"b": "b\n", "README.md": "other\n"})
    repo.git("checkout", "--quiet", "main")
    with pytest.raises(MergeError, match="no commit in common"):
        merge(repo)
    merged = merge(repo, unrelated=True)
    assert merged.it.bases == ()
    assert merged.engine.asked[0][4].base == "empty tree"
    assert told(merged.only()) == (b"README.md", "engine", "add/add")
    assert entry(repo, merged.it.tree, b"b") is not None


def criss_cross(repo: Repo, text: Callable[[str, str], str]) -> None:
    """Two branches of which each has merged the other, in its own way."""
    fork(repo, {"a": LINES, "k": LINES}, {"a": line(3, "L")}, {"a": line(3, "R")})
    left, right = (repo.git("rev-parse", name) for name in ("main", "other"))
    for name, parents in (("main", (left, right)), ("other", (right, left))):
        repo.git("checkout", "--quiet", "-B", name, parents[0])
        change(repo, {"a": text(name, "a"), "k": text(name, "k")})
        made = repo.git("commit-tree", "-p", parents[0], "-p", parents[1], "-m", "merge", f"{name}^{{tree}}")
        repo.git("reset", "--quiet", "--hard", made)
    repo.git("checkout", "--quiet", "main")


def test_what_several_bases_leave_between_markers_is_no_clean_merge_though_git_says_so(repo: Repo) -> None:
    fork(repo, {"d/a": LINES}, {"d/a": None, "m": line(9, "L")}, {"d/a": line(3, "R")})
    left, right = (repo.git("rev-parse", name) for name in ("main", "other"))
    other = "".join(f"other {number}\n" for number in range(30))
    for name, parents, m in (("main", (left, right), None), ("other", (right, left), other)):
        repo.git("checkout", "--quiet", "-B", name, parents[0])
        change(repo, {"d/a": line(3, "R"), "m": m})
        made = repo.git("commit-tree", "-p", parents[0], "-p", parents[1], "-m", "merge", f"{name}^{{tree}}")
        repo.git("reset", "--quiet", "--hard", made)
    repo.git("checkout", "--quiet", "main")
    assert by_git(repo)[1]
    merged = merge(repo, names=("ours", "theirs"), ours=repo.head(), theirs=repo.git("rev-parse", "other"))
    text = merged.text(b"d/a")
    assert not merged.it.clean
    assert b"<<<<<<< ours:d/a" in text


def test_several_merge_bases_give_the_base_that_git_makes_of_them(repo: Repo) -> None:
    criss_cross(repo, lambda name, path: line(3, name) if path == "a" else LINES)
    merged = merge(repo)
    assert set(merged.it.bases) == set(repo.git("merge-base", "--all", "main", "other").split())
    assert len(merged.it.bases) == 2
    ((base, *_, options),) = merged.engine.asked
    assert b"Temporary merge branch" in base
    assert options.base == "merged common ancestors"
    assert merged.at(b"a").how == "engine"


def test_what_git_merges_by_several_bases_is_checked(repo: Repo) -> None:
    criss_cross(repo, lambda name, path: line(3, "both") if path == "a" else line(1 if name == "main" else 20, name))
    merged = as_git(repo)
    assert [(each[0], each[-1]) for each in merged.judge.shown] == [(LINES.encode(), "k")]


def test_bases_are_found_with_an_index_and_without(repo: Repo) -> None:
    from anvcs.actions.graph import update_index

    fork(repo, {"a": LINES}, {"a": line(1)}, {"a": line(20)})
    caller = repo.caller()
    without = merge(repo, caller=caller).it
    assert update_index(caller, None)
    change(repo, {"b": "more\n"})
    assert merge(repo, caller=caller).it.bases == without.bases
    assert len(without.bases) == 1


def test_commits_that_replaced_others_are_merged_as_git_sees_them(repo: Repo) -> None:
    fork(repo, {"a": LINES, "b": LINES}, {"a": line(1)}, {"b": line(2)})
    right = repo.git("rev-parse", "other")
    repo.git("checkout", "--quiet", "--detach", "other~")
    repo.git("replace", right, change(repo, {"b": line(5)}))
    repo.git("checkout", "--quiet", "main")
    assert merge(repo).it.tree == by_git(repo)[0]
    assert repo.git("show", f"{merge(repo).it.tree}:b") == line(5).removesuffix("\n")


def test_merging_what_is_there_already_gives_the_same_tree(repo: Repo) -> None:
    fork(repo, {"a": LINES}, {"a": line(1)}, {})
    assert merge(repo).it.tree == repo.git("rev-parse", "main^{tree}")
    assert merge(repo, "main", ours="main~").it.tree == repo.git("rev-parse", "main^{tree}")
    assert merge(repo, "main").it.tree == repo.git("rev-parse", "main^{tree}")
