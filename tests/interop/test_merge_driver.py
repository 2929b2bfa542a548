"""Plain git with our merge driver: what it solves, what stays git's, and what happens where we fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from anvcs import merge_driver, wire
from anvcs.actions.caller import call
from anvcs.gitmirror import mergedriver
from tests.conftest import Repo

BASE = "import math\n\n\ndef high(day):\n    return math.sin(day)\n"
OURS = "import math\nimport moon\n\n\ndef high(day):\n    return math.sin(day)\n"
THEIRS = "import math\nimport units\n\n\ndef high(day):\n    return math.sin(day)\n"
MERGED = b"import math\nimport moon\nimport units\n\n\ndef high(day):\n    return math.sin(day)\n"
LEFT, RIGHT = BASE.replace("math.sin(day)", "moon(day)"), BASE.replace("math.sin(day)", "sun(day)")


def set_up(repo: Repo, *, check_clean: bool | None = None) -> wire.InitResult:
    """Let plain git call the driver."""
    return call(repo.caller(), wire.INIT, wire.InitParams(merge_driver=True, check_clean=check_clean))


def part(repo: Repo, texts: Mapping[str, tuple[str | bytes, str | bytes, str | bytes]]) -> None:
    """Commit files' bases, then their two versions on main and on other; main is checked out."""
    for name, (base, _, _) in texts.items():
        repo.write(name, base)
    repo.git_commit("base")
    repo.git("checkout", "--quiet", "-b", "other")
    for name, (_, _, theirs) in texts.items():
        repo.write(name, theirs)
    repo.git_commit("theirs")
    repo.git("checkout", "--quiet", "main")
    for name, (_, ours, _) in texts.items():
        repo.write(name, ours)
    repo.git_commit("ours")


def run(repo: Repo, *args: str, code: int | None = None, **extra: str) -> subprocess.CompletedProcess[bytes]:
    """Run git, whatever comes of it, or with the exit code that is wanted."""
    done = subprocess.run(["git", *args], cwd=repo.path, env={**repo.env, **extra}, capture_output=True, check=False)
    assert code is None or done.returncode == code, done
    return done


def litter(folder: Path) -> list[str]:
    """What a merge left behind."""
    return [each.name for each in folder.iterdir() if each.name.startswith(".merge_file")]


@pytest.fixture
def driven(make_repo: Callable[..., Repo]) -> Repo:
    """A repository whose plain git calls the driver."""
    repo = make_repo()
    set_up(repo)
    return repo


@pytest.mark.promise("merge-driver.plain-git")
@pytest.mark.parametrize(
    "verb",
    [
        ("merge", "--quiet", "--no-edit", "other"),
        ("rebase", "--quiet", "other"),
        ("cherry-pick", "other"),
        ("revert", "--no-edit", "HEAD~1"),
        ("stash", "pop"),
    ],
    ids=lambda verb: verb[0],
)
def test_what_git_alone_leaves_in_conflict_is_merged(make_repo: Callable[..., Repo], verb: tuple[str, ...]) -> None:
    left: list[bytes] = []
    for driver in (False, True):
        repo = make_repo("with" if driver else "without")
        if driver:
            set_up(repo)
        if verb[0] == "revert":
            repo.write("tides.py", MERGED.replace(b"import units\n", b""))
            repo.git_commit("base")
            repo.write("tides.py", BASE)
            repo.git_commit("without moon")
            repo.write("tides.py", THEIRS)
            repo.git_commit("units")
        else:
            part(repo, {"tides.py": (BASE, OURS, THEIRS)})
        if verb[0] == "stash":
            repo.git("reset", "--quiet", "--hard", "main~1")
            repo.write("tides.py", OURS)
            repo.git("stash")
            repo.git("reset", "--quiet", "--hard", "other")
        done = run(repo, *verb)
        assert (done.returncode == 0) is driver, done
        left.append(repo.read("tides.py"))
        assert litter(repo.path) == []
    assert b"<<<<<<<" in left[0]
    assert sorted(left[1].split(b"\n")) == sorted(MERGED.split(b"\n"))


def test_an_octopus_takes_each_head(driven: Repo) -> None:
    part(driven, {"tides.py": (BASE, BASE + "\n\ndef low():\n    return 1\n", THEIRS)})
    driven.git("checkout", "--quiet", "-b", "third", "main~1")
    driven.write("tides.py", OURS)
    driven.git_commit("third")
    driven.git("checkout", "--quiet", "main")
    done = run(driven, "merge", "--no-edit", "other", "third")
    # git's octopus merges files by git merge-file, without drivers; whatever it says, nothing of ours is in the way.
    assert litter(driven.path) == []
    assert done.returncode in (0, 1, 2)
    if done.returncode:
        run(driven, "reset", "--quiet", "--hard", "main", code=0)
        for name in ("other", "third"):
            run(driven, "merge", "--no-edit", name, code=0)
        assert sorted(driven.read("tides.py").split(b"\n")[:3]) == [b"import math", b"import moon", b"import units"]


@pytest.mark.promise("merge-driver.clean-is-git")
def test_what_git_merges_by_itself_is_gits_byte_for_byte_and_starts_nothing(driven: Repo, tmp_path: Path) -> None:
    lines = [f"value_{n} = {n}\n" for n in range(40)]
    base = "".join(lines)
    ours = "".join(["import os\n", *lines])
    theirs = "".join([*lines[:30], "changed = 1\r\n", *lines[31:]]).rstrip("\n")
    part(driven, {"a.py": (base, ours, theirs)})
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho started >>{tmp_path}/log\nexec {mergedriver.here().python} "$@"\n')
    python.chmod(0o755)
    said = driven.git("config", mergedriver.DRIVER).replace(mergedriver.here().python, str(python))
    driven.git("config", mergedriver.DRIVER, said)
    run(driven, "merge", "--no-edit", "other", code=0)
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_bytes(text.encode())
    again = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True, check=True
    )
    assert driven.read("a.py") == again.stdout
    assert not (tmp_path / "log").exists()
    # And with a conflict it is what is started.
    run(driven, "reset", "--quiet", "--hard", code=0)
    part_again(driven)
    run(driven, "merge", "--no-edit", "fourth", code=0)
    assert (tmp_path / "log").exists()


def part_again(repo: Repo) -> None:
    """Two more versions of another file, on main and on fourth."""
    repo.write("tides.py", BASE)
    repo.git_commit("base")
    repo.git("checkout", "--quiet", "-b", "fourth")
    repo.write("tides.py", THEIRS)
    repo.git_commit("theirs")
    repo.git("checkout", "--quiet", "main")
    repo.write("tides.py", OURS)
    repo.git_commit("ours")


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_what_nobody_can_merge_is_left_as_git_leaves_it_and_told(driven: Repo, style: str) -> None:
    driven.git("config", "merge.conflictStyle", style)
    driven.write(".gitattributes", "*.py conflict-marker-size=9\n")
    part(driven, {"tides.py": (BASE, LEFT, RIGHT)})
    done = run(driven, "merge", "other", code=1)
    assert b"tides.py" in done.stderr
    assert b"high" in done.stderr
    text = driven.read("tides.py")
    assert text.count(b"<" * 9 + b" ") == text.count(b">" * 9 + b" ") == 1
    assert (b"|" * 9 in text) is (style != "merge")
    assert driven.git("ls-files", "--unmerged").count("tides.py") == 3


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_where_git_tells_drivers_all_what_nobody_can_merge_is_its_own_byte_for_byte(driven: Repo, style: str) -> None:
    driven.git("config", "merge.conflictStyle", style)
    part(driven, {"tides.py": (BASE, LEFT, RIGHT)})
    run(driven, "-c", "merge.default=text", "merge", "other", code=1)
    left = driven.read("tides.py")
    run(driven, "merge", "--abort", code=0)
    run(driven, "merge", "other", code=1)
    if tuple(map(int, driven.git("version").split()[2].split(".")[:2])) < (2, 44):
        left = re.sub(
            rb"(?m)^\|{7} .*", b"||||||| base", left.replace(b" HEAD\n", b" ours\n").replace(b" other\n", b" theirs\n")
        )
    assert driven.read("tides.py") == left


def test_of_a_file_with_two_conflicts_one_may_be_solved(driven: Repo) -> None:
    both = {
        "tides.py": (
            BASE,
            OURS.replace("math.sin(day)", "moon(day)"),
            THEIRS.replace("math.sin(day)", "sun(day)"),
        )
    }
    part(driven, both)
    run(driven, "merge", "other", code=1)
    text = driven.read("tides.py")
    assert b"import moon\nimport units\n" in text
    assert text.count(b"<<<<<<<") == 1
    assert driven.git("diff", "--name-only", "--diff-filter=U") == "tides.py"


def test_rerere_remembers_what_is_decided(driven: Repo) -> None:
    driven.git("config", "rerere.enabled", "true")
    part(driven, {"tides.py": (BASE, LEFT, RIGHT)})
    run(driven, "merge", "other", code=1)
    decided = BASE.replace("math.sin(day)", "sun(moon(day))").encode()
    driven.write("tides.py", decided)
    driven.git_commit("decided")
    run(driven, "reset", "--quiet", "--hard", "HEAD~1", code=0)
    run(driven, "merge", "other", code=1)
    assert driven.read("tides.py") == decided


@pytest.mark.parametrize(
    "name",
    ["a'b.py", "sp ace.py", "-dash.py", "new\nline.py", b"caf\xe9.py", "$(touch x).py", "%O.py", '"q"`x`.py'],
    ids=str,
)
def test_any_name_of_a_file_will_do(driven: Repo, name: str | bytes) -> None:
    path = os.fsdecode(name)
    part(driven, {path: (BASE, OURS, THEIRS)})
    before = sorted(driven.path.iterdir())
    run(driven, "merge", "--no-edit", "other", code=0)
    assert driven.read(path) == MERGED
    assert sorted(driven.path.iterdir()) == before


def broken(repo: Repo, script: str, folder: Path) -> None:
    """Let something else stand where the driver expects Python."""
    python = folder / "python"
    python.write_text("#!/bin/sh\n" + script)
    python.chmod(0o755)
    said = repo.git("config", mergedriver.DRIVER).replace(mergedriver.here().python, str(python))
    repo.git("config", mergedriver.DRIVER, said)


@pytest.mark.promise("merge-driver.git-stands")
@pytest.mark.parametrize(
    "script",
    [
        "exit 125\n",
        "kill -9 $$\n",
        "kill -SEGV $$\n",
        'for last; do :; done; echo half >"$9.new"; exit 3\n',
        None,
    ],
    ids=["fails", "killed", "crashes", "half", "gone"],
)
def test_where_we_fail_gits_own_merge_stands(
    make_repo: Callable[..., Repo], tmp_path: Path, script: str | None
) -> None:
    texts: list[bytes] = []
    for driver in (False, True):
        repo = make_repo("with" if driver else "without")
        part(repo, {"tides.py": (BASE, OURS, THEIRS)})
        said = b""
        if driver:
            set_up(repo)
            broken(repo, script or "", tmp_path)
            if script is None:
                (tmp_path / "python").unlink()
        done = run(repo, "merge", "--no-edit", "other", code=1)
        said = done.stderr
        texts.append(repo.read("tides.py").replace(b"HEAD", b"ours").replace(b"other", b"theirs"))
        assert repo.git("ls-files", "--unmerged").count("tides.py") == 3
        if driver:
            assert b"ai-vcs: tides.py: " in said
            assert b"git alone" in said
    assert texts[0] == texts[1]


def test_an_engine_that_hangs_is_ended(driven: Repo, tmp_path: Path) -> None:
    part(driven, {"tides.py": (BASE, OURS, THEIRS)})
    # The program as it is, but with a grammar that never comes to an end and less patience.
    home = tmp_path / "server" / "anvcs"
    shutil.copytree(Path(mergedriver.here().path).parent / "merge", home / "merge")
    for name in ("__init__.py", "merge_driver.py"):
        shutil.copy(Path(mergedriver.here().path).parent / name, home / name)
    program = home / "merge_driver.py"
    program.write_text(program.read_text().replace("KILLED = 10\n", "KILLED = 1\n"))
    (home / "merge" / "asgit.py").write_text("import itertools\nsum(itertools.repeat(1))\n")
    said = driven.git("config", mergedriver.DRIVER).replace(mergedriver.here().path, str(program))
    driven.git("config", mergedriver.DRIVER, said)
    done = run(driven, "merge", "--no-edit", "other", code=1)
    assert b"git alone" in done.stderr
    assert driven.read("tides.py").count(b"<<<<<<<") == 1
    assert litter(driven.path) == []


def test_a_very_long_file_is_left_to_git(driven: Repo) -> None:
    line = b"value = 1  # " + b"x" * 87 + b"\n"
    base = line * 100_000
    part(driven, {"long.py": (base + b"end = 0\n", base + b"end = 1\n", base + b"end = 2\n")})
    run(driven, "merge", "--no-edit", "other", code=1)
    text = driven.read("long.py")
    assert text.count(b"<<<<<<<") == 1
    assert len(text) > len(base)


def test_what_is_no_text_is_left_as_git_leaves_it(driven: Repo) -> None:
    part(driven, {"x.bin": (b"a\0b", b"a\0c", b"a\0d"), "y.py": (b"a\0b", b"a\0c", b"a\0d")})
    done = run(driven, "merge", "other", code=1)
    assert b"Cannot merge binary files: x.bin" in done.stderr
    assert driven.read("x.bin") == driven.read("y.py") == b"a\0c"
    assert driven.git("ls-files", "--unmerged").count("x.bin") == 3
    assert litter(driven.path) == []


def test_line_ends_stay_and_renormalising_works(driven: Repo) -> None:
    dos = [text.replace("\n", "\r\n") for text in (BASE, OURS, THEIRS)]
    part(driven, {"dos.py": (dos[0], dos[1], dos[2])})
    run(driven, "merge", "--no-edit", "other", code=0)
    assert driven.read("dos.py") == MERGED.replace(b"\n", b"\r\n")
    run(driven, "reset", "--quiet", "--hard", "HEAD~1", code=0)
    driven.git("config", "merge.renormalize", "true")
    driven.write(".gitattributes", "*.py text eol=lf\n")
    driven.git("add", "--renormalize", ".")
    driven.git_commit("line feeds")
    run(driven, "merge", "--no-edit", "other", code=0)
    assert driven.read("dos.py") == MERGED


@pytest.mark.promise("merge-driver.favour")
@pytest.mark.parametrize(
    "words", [("-Xours",), ("-X", "ours"), ("--strategy-option=ours",), ("-X", "theirs", "-Xours")]
)
def test_a_side_that_is_favoured_is_taken(driven: Repo, words: tuple[str, ...]) -> None:
    part(driven, {"tides.py": (BASE, LEFT, RIGHT), "notes.txt": ("1\n", "2\n", "3\n")})
    run(driven, "merge", "--no-edit", *words, "other", code=0)
    assert driven.read("tides.py") == LEFT.encode()
    assert driven.read("notes.txt") == b"2\n"


def test_a_message_that_speaks_of_options_is_none(driven: Repo) -> None:
    part(driven, {"tides.py": (BASE, LEFT, RIGHT)})
    run(driven, "merge", "-m", "-Xours", "other", code=1)


def test_a_rebase_that_goes_on_still_favours(driven: Repo) -> None:
    part(driven, {"tides.py": (BASE, LEFT, RIGHT), "gone.py": (BASE, LEFT, BASE)})
    # The first pick stops where a favour does not help; the second has a conflict that it decides.
    driven.git("checkout", "--quiet", "other")
    driven.git("rm", "--quiet", "gone.py")
    driven.git_commit("gone")
    driven.git("checkout", "--quiet", "main")
    driven.git("reset", "--quiet", "--soft", "HEAD~1")
    driven.git("restore", "--staged", "tides.py")
    driven.git("commit", "--quiet", "-m", "gone.py changes")
    driven.git("commit", "--quiet", "--all", "-m", "tides.py changes")
    run(driven, "rebase", "-Xtheirs", "other", code=1)
    driven.git("rm", "--quiet", "gone.py")
    run(driven, "rebase", "--continue", code=0, GIT_EDITOR="true")
    assert driven.read("tides.py") == LEFT.encode()


@pytest.mark.promise("merge-driver.attributes")
def test_attributes_of_the_project_count_before_ours(driven: Repo) -> None:
    driven.git("config", "merge.mine.driver", "cp %B %A")
    driven.write(".gitattributes", "mine.py merge=mine\nset.py merge\nunset.py -merge\nnamed.py merge=anvcs\n")
    names = ("mine.py", "set.py", "unset.py", "named.py")
    part(driven, dict.fromkeys(names, (BASE, OURS, THEIRS)))
    run(driven, "merge", "other", code=1)
    assert driven.read("mine.py") == THEIRS.encode()
    assert b"<<<<<<< HEAD" in driven.read("set.py")
    assert driven.read("unset.py") == OURS.encode()
    assert driven.read("named.py") == MERGED


def test_linked_worktrees_have_it_too(driven: Repo, tmp_path: Path) -> None:
    part(driven, {"tides.py": (BASE, OURS, THEIRS)})
    driven.git("worktree", "add", "--quiet", "-b", "more", tmp_path / "linked", "main")
    done = subprocess.run(
        ["git", "merge", "--no-edit", "other"],
        cwd=tmp_path / "linked",
        env=driven.env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert (tmp_path / "linked" / "tides.py").read_bytes() == MERGED


@pytest.mark.promise("merge-driver.warns")
def test_what_git_merges_wrongly_is_warned_of_where_that_is_wanted(make_repo: Callable[..., Repo]) -> None:
    base = "import os\n\n\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n"
    ours = base.replace("\n\ndef one", "\n\ndef extra():\n    return os\n\n\ndef one")
    theirs = base + "\n\ndef extra():\n    return 3\n"
    for wanted in (False, True):
        repo = make_repo(f"checked-{wanted}")
        set_up(repo, check_clean=wanted)
        part(repo, {"tides.py": (base, ours, theirs)})
        done = run(repo, "merge", "--no-edit", "other", code=0)
        assert (b"extra is defined twice" in done.stderr) is wanted, done
        assert repo.read("tides.py").count(b"def extra") == 2


def test_bases_that_are_merged_themselves_never_ask_us(driven: Repo, tmp_path: Path) -> None:
    part(driven, {"tides.py": (BASE, LEFT, RIGHT)})
    run(driven, "merge", "--quiet", "-s", "ours", "--no-edit", "other", code=0)
    driven.git("checkout", "--quiet", "-b", "crossed", "other")
    run(driven, "merge", "--quiet", "-s", "ours", "--no-edit", "main~1", code=0)
    broken(driven, f"echo started >>{tmp_path}/log\nexit 125\n", tmp_path)
    run(driven, "merge", "--no-edit", "main", code=1)
    assert (tmp_path / "log").read_text().count("started") == 1


@pytest.mark.parametrize("plugins", [(), (".py", ".json", ".ts", ".yaml", ".css")], ids=["ours", "others"])
def test_languages_are_found_by_names(driven: Repo, plugins: tuple[str, ...]) -> None:
    driven.git("config", mergedriver.DRIVER, mergedriver.line(mergedriver.here(plugins)))
    texts: dict[str, tuple[str | bytes, str | bytes, str | bytes]] = {
        "a.py": (BASE, OURS, THEIRS),
        "a.json": ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "b": 2\n}\n', '{\n  "a": 1,\n  "c": 3\n}\n'),
        "a.ts": ("class A {\n}\n", "class A {\n  one() {}\n}\n", "class A {\n  two() {}\n}\n"),
        "a.yaml": ("a: 1\n", "a: 1\nb: 2\n", "a: 1\nc: 3\n"),
        "a.css": ("a { color: red; }\n", "a { color: red; }\nb { top: 0; }\n", "a { color: red; }\ni { top: 1px; }\n"),
    }
    part(driven, texts)
    run(driven, "merge", "--no-edit", "other", code=0)


def test_git_alone_can_be_had_for_one_command(driven: Repo) -> None:
    part(driven, {"tides.py": (BASE, OURS, THEIRS)})
    run(driven, "-c", "merge.default=text", "merge", "other", code=1)
    assert b"<<<<<<< HEAD\n" in driven.read("tides.py")


def test_where_processes_are_not_files_their_words_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(_: str) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr(merge_driver, "_read", unread)
    command = ["sh", "-c", "read x", "merge", "-Xours", "-m", "not -Xtheirs"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
        try:
            assert merge_driver.favoured(other.pid) == "ours"
        finally:
            other.kill()


def notebook(*sources: str) -> str:
    """A notebook with a cell for each text."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{number}",
            "metadata": {},
            "outputs": [],
            "source": [text],
        }
        for number, text in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def test_notebooks_and_lock_files_are_known_too(driven: Repo) -> None:
    part(
        driven,
        {
            "a.ipynb": (notebook("a = 1\nb = 1\n"), notebook("a = 2\nb = 1\n"), notebook("a = 1\nb = 2\n")),
            "poetry.lock": ("a\n", "b\n", "c\n"),
        },
    )
    done = run(driven, "merge", "other", code=1)
    assert b"git alone" not in done.stderr
    assert b"poetry lock" in done.stderr
    assert driven.git("diff", "--name-only", "--diff-filter=U") in ("a.ipynb\npoetry.lock", "poetry.lock")
    json.loads(driven.read("a.ipynb"))
