"""What attributes say of merging, as git reads them wherever they stand."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anvcs.gitmirror import treemerge_attributes
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.treemerge_attributes import Attributes, Place, attributes, place_for
from tests.unit.gitmirror.conftest import Box

PLAIN = Attributes("text", "text", 7)


def opened(box: Box) -> GitRepository:
    return GitRepository.open(box.top, box.env)


def told(box: Box, path: bytes = b"d/a.py") -> Attributes:
    return attributes(opened(box), Place(box.top), [path])[path]


def test_without_attributes_files_are_texts_and_git_is_not_asked(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delattr(treemerge_attributes, "_asked")
    assert told(box) == PLAIN
    assert attributes(opened(box), Place(box.top), []) == {}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("merge", PLAIN),
        ("-merge", Attributes("binary", "binary", 7)),
        ("binary", Attributes("binary", "binary", 7)),
        ("!merge", PLAIN),
        ("merge=text", PLAIN),
        ("merge=union", Attributes("union", "union", 7)),
        ("merge=binary", Attributes("binary", "binary", 7)),
        ("merge=ours", Attributes("custom", "ours", 7)),
        ("merge=none", Attributes("text", "none", 7)),
        ("conflict-marker-size=20", Attributes("text", "text", 20)),
        ("conflict-marker-size=0", PLAIN),
        ("conflict-marker-size=many", PLAIN),
    ],
)
def test_each_way_to_say_it_is_read(box: Box, words: str, expected: Attributes) -> None:
    box.run("config", "merge.ours.driver", "true")
    box.write("d/.gitattributes", f"*.py {words}\n")
    assert told(box) == expected
    assert told(box, b"d/a.js") == PLAIN


def test_a_driver_of_the_user_goes_before_one_of_git_of_the_same_name(box: Box) -> None:
    box.run("config", "merge.union.driver", "true")
    box.write(".gitattributes", "*.py merge=union\n")
    assert told(box).driver == "custom"


def test_the_default_is_for_files_that_say_nothing(box: Box) -> None:
    box.run("config", "merge.default", "union")
    assert told(box).driver == "union"
    box.write(".gitattributes", "*.py merge\n")
    assert told(box).driver == "text"


@pytest.mark.parametrize("where", [".gitattributes", "d/.gitattributes", ".git/info/attributes", "home", "xdg", "core"])
def test_attributes_are_found_wherever_git_looks(box: Box, where: str) -> None:
    if where == "xdg":
        box.env["XDG_CONFIG_HOME"] = str(box.home / "own")
    if where == "core":
        box.run("config", "core.attributesFile", "~/mine")
    file = {
        "home": box.home / ".config" / "git" / "attributes",
        "xdg": box.home / "own" / "git" / "attributes",
        "core": box.home / "mine",
    }.get(where, box.top / where)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("*.py -merge\n")
    assert told(box).driver == "binary"


def test_the_index_does_not_count_as_it_does_not_in_git_s_merge(box: Box) -> None:
    box.write(".gitattributes", "*.py -merge\n").rename(box.top / "kept")
    oid = box.out("hash-object", "-w", "kept").decode().strip()
    box.run("update-index", "--add", "--cacheinfo", f"100644,{oid},.gitattributes")
    box.write("d/.gitattributes", "*.js -merge\n")
    assert told(box) == PLAIN


def test_paths_need_not_be_text(box: Box) -> None:
    name = b"d\xff/a \n.py"
    box.write(".gitattributes", "*.py merge=union\n")
    assert told(box, name).driver == "union"


patterns = st.sampled_from(("*", "*.py", "a.py", "d/*", "/a.py", "d/**"))
words = st.sampled_from(("merge", "-merge", "!merge", "merge=union", "merge=x", "binary", "-binary", "text"))
lines = st.lists(st.builds("{} {}\n".format, patterns, words), max_size=4).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines, lines, lines)
def test_any_attributes_are_read_as_git_reads_them(box: Box, top: str, below: str, own: str) -> None:
    for name, text in ((".gitattributes", top), ("d/.gitattributes", below), (".git/info/attributes", own)):
        box.write(name, text)
    paths = [b"a.py", b"d/a.py", b"d/b.js"]
    out = box.out("check-attr", "-z", "merge", "--", *(path.decode() for path in paths)).split(b"\0")
    names = {"set": "text", "unset": "binary", "unspecified": "text"}
    expected = {
        path: names.get(value.decode(), value.decode()) for path, value in zip(out[::3], out[2::3], strict=False)
    }
    assert {path: each.name for path, each in attributes(opened(box), Place(box.top), paths).items()} == expected


def stands(box: Box, commit: str) -> dict[str, str] | None:
    """Where git would run for a commit, by the attributes there; none for the work tree itself."""
    with place_for(opened(box), commit) as place:
        if place.folder == box.top:
            return None
        found = {str(file.relative_to(place.folder)): file.read_text() for file in place.folder.rglob(".gitattributes")}
        folder = place.folder
    assert not folder.exists()
    return found


def test_git_stands_in_the_work_tree_where_its_attributes_are_the_commit_s(box: Box) -> None:
    box.write(".gitattributes", "*.py -merge\n")
    box.run("add", "--all")
    first = box.commit("a")
    assert stands(box, first) is None
    box.commit("d/b", "second")
    assert stands(box, first) is None


def test_else_it_stands_where_the_commit_s_attributes_are_laid_out(box: Box) -> None:
    box.write(".gitattributes", "*.py -merge\n")
    box.write("d/e/.gitattributes", "*.js -merge\n")
    box.write("x.gitattributes", "*.js -merge\n")
    box.run("add", "--all")
    first = box.commit("a")
    box.write("d/e/.gitattributes", "*.js merge=union\n")
    box.run("add", "--all")
    box.commit("b", "second")
    assert stands(box, first) == {".gitattributes": "*.py -merge\n", "d/e/.gitattributes": "*.js -merge\n"}
    (box.top / ".gitattributes").unlink()
    assert stands(box, box.out("rev-parse", "HEAD").decode().strip()) is None


def test_before_the_first_commit_of_a_branch_too(box: Box) -> None:
    box.write(".gitattributes", "*.py -merge\n")
    box.run("add", "--all")
    first = box.commit("a")
    box.run("checkout", "-q", "--orphan", "new")
    assert stands(box, first) == {".gitattributes": "*.py -merge\n"}
