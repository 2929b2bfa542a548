"""What attributes and settings say of merging holds in merges of whole trees as it does in git's."""

from __future__ import annotations

from pathlib import Path

import pytest

from anvcs.merge.model import Finding
from tests.conftest import Repo
from tests.interop.merge_trees_support import LINES, Module, Program, as_git, by_git, change, entry, fork, line, merge

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def driver(repo: Repo, script: str, name: str = "mine") -> Path:
    """A merge driver that notes each call; gives where."""
    calls = repo.path.parent / "calls"
    program = repo.path.parent / f"{name}.sh"
    program.write_text(f'#!/bin/sh\necho "$4" >>{calls}\n{script}\n')
    program.chmod(0o755)
    repo.git("config", f"merge.{name}.driver", f"{program} %O %A %B %P")
    return calls


def conflicting(repo: Repo, attributes: str) -> None:
    fork(repo, {"a": LINES, "b": LINES, ".gitattributes": attributes}, {"a": line(3)}, {"a": line(3, "Y")})


def test_what_a_driver_merges_is_its_own(repo: Repo) -> None:
    calls = driver(repo, 'cat "$3" >>"$2"')
    conflicting(repo, "a merge=mine\n")
    merged = as_git(repo)
    outcome = merged.only()
    assert (outcome.how, outcome.reason) == ("driver", "The merge driver mine merged it.")
    assert merged.text(b"a") == (line(3) + line(3, "Y")).encode()
    assert calls.read_text().split() == ["a", "a"]


def test_a_conflict_that_a_driver_leaves_is_left_alone(repo: Repo) -> None:
    driver(repo, 'echo decide >"$2"; exit 1')
    conflicting(repo, "a merge=mine\n")
    merged = merge(repo)
    outcome = merged.only()
    assert (outcome.how, outcome.reason) == ("conflict", "The merge driver mine left it in conflict.")
    assert merged.it.tree == by_git(repo)[0]
    assert merged.engine.asked == []


def test_a_driver_is_not_asked_about_a_file_that_one_side_changed(repo: Repo) -> None:
    calls = driver(repo, "exit 1")
    fork(repo, {"a": LINES, "b": LINES, ".gitattributes": "* merge=mine\n"}, {"a": line(3)}, {"b": line(3)})
    assert as_git(repo).it.files == ()
    assert not calls.exists()


def test_a_driver_that_has_no_program_is_no_driver(repo: Repo) -> None:
    conflicting(repo, "a merge=nowhere\n")
    assert merge(repo).only().how == "engine"


def test_a_default_driver_merges_what_names_none(repo: Repo) -> None:
    driver(repo, "exit 0")
    repo.git("config", "merge.default", "mine")
    conflicting(repo, "b text\n")
    assert as_git(repo).only().how == "driver"


def test_a_file_that_is_not_to_be_merged_is_not_though_its_changes_would_fit(repo: Repo) -> None:
    fork(repo, {"a": LINES, ".gitattributes": "a -merge\n"}, {"a": line(1)}, {"a": line(20)})
    merged = merge(repo)
    outcome = merged.only()
    assert (outcome.how, outcome.kind) == ("conflict", "binary")
    assert "its attributes say that it is not merged" in outcome.reason
    assert merged.it.tree == by_git(repo)[0]


def test_binary_by_attribute_is_binary(repo: Repo) -> None:
    conflicting(repo, "a binary\n")
    merged = merge(repo)
    assert merged.only().kind == "binary"
    assert merged.engine.asked == []


def test_union_keeps_all_lines_and_what_it_doubles_is_no_finding(repo: Repo) -> None:
    conflicting(repo, "a merge=union\n")
    merged = as_git(repo, found=[Finding("doubled", "Twice."), Finding("syntax", "Broken.")])
    outcome = merged.only()
    assert outcome.how == "git"
    assert "union" in outcome.reason
    assert [each.kind for each in outcome.findings] == ["syntax"]


@pytest.mark.parametrize("where", ["info", "home", "core"])
def test_attributes_count_wherever_git_finds_them(repo: Repo, home: Path, where: str) -> None:
    conflicting(repo, "b text\n")
    file = {
        "info": repo.path / ".git" / "info" / "attributes",
        "home": home / ".config" / "git" / "attributes",
        "core": home / "own",
    }[where]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a -merge\n")
    (repo.path / ".gitattributes").unlink()
    if where == "core":
        repo.git("config", "core.attributesFile", "~/own")
    assert merge(repo).only().kind == "binary"


def test_files_merge_by_the_attributes_of_the_commit_that_is_merged_into(repo: Repo) -> None:
    fork(
        repo,
        {"a": LINES, "d/b": LINES, "d/.gitattributes": "b merge=union\n"},
        {"a": line(3), "d/b": line(3)},
        {"a": line(3, "Y"), "d/b": line(3, "Y")},
    )
    tree = merge(repo).it.tree
    repo.git("checkout", "--quiet", "--orphan", "elsewhere")
    change(repo, {".gitattributes": "* -merge\n", "d/.gitattributes": None})
    merged = merge(repo)
    assert merged.it.tree == tree
    assert {each.path: each.how for each in merged.it.files} == {b"a": "engine", b"d/b": "git"}


def test_a_submodule_is_still_found_when_other_attributes_are_checked_out(repo: Repo) -> None:
    first, second, third = module(repo)
    fork(
        repo,
        {"sub": Module(first), ".gitattributes": "x text\n"},
        {"sub": Module(second)},
        {"sub": Module(third)},
    )
    repo.git("checkout", "--quiet", "--orphan", "elsewhere")
    change(repo, {".gitattributes": "* -merge\n"})
    assert merge(repo).only().how == "git"


def module(repo: Repo, name: str = "sub") -> tuple[str, str, str]:
    """A submodule's repository, checked out, and three commits of it in a line."""
    path = repo.path / name
    path.mkdir()
    made = Repo(path, repo.env, repo.config_home)
    made.git("init", "--quiet")
    first, second, third = (made.git_commit(message) for message in ("1", "2", "3"))
    return first, second, third


def test_a_submodule_goes_to_the_further_commit(repo: Repo) -> None:
    first, second, third = module(repo)
    fork(repo, {"sub": Module(first)}, {"sub": Module(second)}, {"sub": Module(third)})
    merged = as_git(repo)
    assert (merged.only().how, merged.only().kind) == ("git", "submodule")
    assert "the further commit has both" in merged.only().reason


def test_a_submodule_with_two_ways_on_is_a_conflict_with_git_s_reason(repo: Repo) -> None:
    first, second, _ = module(repo)
    inside = Repo(repo.path / "sub", repo.env, repo.config_home)
    inside.git("checkout", "--quiet", first)
    aside = inside.git_commit("aside")
    fork(repo, {"sub": Module(first)}, {"sub": Module(second)}, {"sub": Module(aside)})
    merged = merge(repo)
    outcome = merged.only()
    assert (outcome.how, outcome.kind) == ("conflict", "submodule")
    assert outcome.reason.startswith("main and other moved this submodule to different commits (git: Failed to merge")
    assert merged.it.tree == by_git(repo)[0]


def test_a_submodule_against_a_file_is_a_conflict(repo: Repo) -> None:
    first, second, _ = module(repo)
    fork(repo, {"sub": Module(first)}, {"sub": Module(second)}, {})
    repo.git("checkout", "--quiet", "--force", "other")
    repo.git("update-index", "--force-remove", "sub")
    oid = repo.git("hash-object", "-w", "--stdin", stdin=b"file\n")
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{oid},sub")
    repo.git("commit", "--quiet", "-m", "file")
    repo.git("checkout", "--quiet", "--force", "main")
    kinds = {each.kind for each in merge(repo).it.files}
    assert kinds == {"submodule"}


def pointers(repo: Repo, left: str, right: str, base: str = POINTER.format("0" * 64, 1)) -> None:
    fork(repo, {"big.bin": base}, {"big.bin": left}, {"big.bin": right})


def test_a_pointer_is_never_a_mixture(repo: Repo) -> None:
    left = POINTER.format("1" * 64, 11)
    pointers(repo, left, POINTER.format("2" * 64, 22))
    merged = merge(repo)
    outcome = merged.only()
    assert (outcome.how, outcome.kind) == ("conflict", "pointer")
    assert merged.text(b"big.bin") == left.encode()
    assert merged.engine.asked == []


def test_a_pointer_is_whole_even_where_its_lines_would_fit(repo: Repo) -> None:
    base = POINTER.format("0" * 64, 1).replace("oid", "ext-0-x sha256:1\next-1-y sha256:1\next-2-z sha256:1\noid")
    pointers(repo, base.replace("x sha256:1", "x sha256:2"), base.replace("size 1", "size 2"), base)
    assert by_git(repo)[1]
    merged = merge(repo)
    assert (merged.only().how, merged.only().kind) == ("conflict", "pointer")
    assert b"ext-0-x sha256:2" in merged.text(b"big.bin")
    assert b"size 1\n" in merged.text(b"big.bin")


def test_a_pointer_that_became_a_file_is_a_choice_too(repo: Repo) -> None:
    pointers(repo, "the content\n", POINTER.format("2" * 64, 22))
    assert merge(repo).only().kind == "pointer"


def test_other_pointers_can_be_told(repo: Repo) -> None:
    pointers(repo, "pin 1\n", "pin 2\n", "pin 0\n")
    merged = merge(repo, is_pointer=lambda text: text.startswith(b"pin "))
    assert merged.only().kind == "pointer"
    assert merged.text(b"big.bin") == b"pin 1\n"


def test_line_ends_are_made_alike_as_git_does(repo: Repo) -> None:
    repo.git("config", "merge.renormalize", "true")
    crlf = LINES.replace("\n", "\r\n")
    fork(
        repo,
        {"a": crlf.encode()},
        {"a": line(1), ".gitattributes": "* text=auto\n"},
        {"a": line(20).replace("\n", "\r\n").encode()},
    )
    merged = as_git(repo)
    assert merged.text(b"a") == line(20, text=line(1)).encode()


def test_a_conflict_among_other_line_ends_is_left_to_git_which_makes_them_alike(repo: Repo) -> None:
    repo.git("config", "merge.renormalize", "true")
    crlf = LINES.replace("\n", "\r\n")
    fork(
        repo,
        {"a": crlf.encode()},
        {"a": line(3), ".gitattributes": "* text=auto\n"},
        {"a": line(3, "Y").replace("\n", "\r\n").encode()},
    )
    merged = merge(repo)
    assert (merged.only().how, merged.engine.asked) == ("conflict", [])
    assert merged.it.tree == by_git(repo)[0]


def test_other_line_ends_without_that_setting_are_what_they_are(repo: Repo) -> None:
    crlf = LINES.replace("\n", "\r\n")
    fork(repo, {"a": crlf.encode()}, {"a": line(1)}, {"a": line(20).replace("\n", "\r\n").encode()})
    ((base, left, right, *_),) = merge(repo).engine.asked
    assert (base, left, right) == (crlf.encode(), line(1).encode(), line(20).replace("\n", "\r\n").encode())


def test_a_file_longer_than_is_merged_by_syntax_stays_as_git_left_it(repo: Repo) -> None:
    from anvcs.merge.model import Options

    fork(repo, {"a": LINES, "b": LINES}, {"a": line(3), "b": line(1)}, {"a": line(3, "Y"), "b": line(20)})
    merged = merge(repo, options=Options(largest=20))
    assert merged.it.tree == by_git(repo)[0]
    assert (merged.engine.asked, merged.judge.shown) == ([], [])
    assert merged.at(b"a").how == "conflict"


def test_a_mode_survives_the_engine(repo: Repo) -> None:
    fork(repo, {"a": Program(LINES)}, {"a": Program(line(3))}, {"a": Program(line(3, "Y"))})
    merged = merge(repo)
    found = entry(repo, merged.it.tree, b"a")
    assert found is not None
    assert found.mode == 0o100755
