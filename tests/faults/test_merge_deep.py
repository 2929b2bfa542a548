"""Texts nested too deeply for any syntax: in every language the merge ends in time, with git's lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs.merge import merge
from anvcs.merge.languages import OURS
from tests.conftest import Repo
from tests.faults.deep import bracketed, nested
from tests.faults.dying import ROOT, sound
from tests.merging import accept, proposed, resolve

FULL = os.environ.get("ANVCS_FAULTS") == "full"
"""The sizes of the issue, with the cap as it is installed; else such as a run of all tests bears."""
BRACKETS, FUNCTIONS, SECONDS = (100_000, 5_000, 10.0) if FULL else (20_000, 1_000, 0.5)
SUFFIXES = sorted({profile.suffixes[0] for profile in OURS} | {".txt"})
pytestmark = [pytest.mark.promise("merge.deep"), pytest.mark.timeout(400)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_nested_too_deeply_is_left_to_lines_in_time(suffix: str) -> None:
    script = Path(__file__).with_name("deep.py")
    done = subprocess.run(
        [sys.executable, str(script), suffix, str(BRACKETS), str(FUNCTIONS), str(SECONDS)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    # A stack that overflows in C ends the process by a signal.
    assert done.returncode == 0, (done.returncode, done.stderr.decode()[-2000:])
    for row in map(json.loads, done.stdout.splitlines()):
        assert (row["clean"], row["kept"], row["apart"]) == (False, True, True), row
        # The cap is for what the engine tries; reading the texts and guarding what lines made come on top.
        assert row["seconds"] < SECONDS + 20, row


def test_a_whole_merge_of_deep_files_is_proposed_decided_and_landed(repo: Repo) -> None:
    def files(word: str) -> None:
        for suffix in (".py", ".ts", ".yml", ".json", ".go", ".html"):
            repo.write(f"b{suffix}", bracketed("()", 1_500, word))
            repo.write(f"n{suffix}", nested(suffix, 350, word))

    files("one")
    repo.git_commit("base")
    repo.git("switch", "--quiet", "-c", "login")
    files("two")
    repo.git_commit("theirs")
    repo.git("switch", "--quiet", "main")
    files("three")
    repo.git_commit("ours")
    it = proposed(repo)
    left = [each.path for each in it.files if each.open]
    assert it.conflicts == len(left)
    for path in left:
        resolve(repo, path, take="right")
    accept(repo)
    for path in left:
        assert b"two" in repo.read(path)
    sound(repo)


def levels() -> dict[str, str]:
    """Ways to nest YAML by indentation, each 400 levels deep or more."""
    many = range(400)
    return {
        "maps": "".join(" " * at + f"k{at}:\n" for at in many) + " " * 400 + "x\n",
        "sequences": "- " * 400 + "x\n",
        "questions": "? " * 400 + "x\n",
        "answers": "".join(" " * at + f"? k{at}\n" + " " * at + ":\n" for at in many),
        "both at one column": "".join(" " * at + f"k{at}:\n" + " " * at + "-\n" for at in range(200)) + "x\n",
        "with blank lines": "".join("\n\n" + " " * at + f"k{at}:\n# c\n" for at in many) + " " * 400 + "x\n",
        "with texts between": "".join(" " * at + 'a: "1\n2"\n' + " " * at + "b:\n" for at in many),
    }


@pytest.mark.parametrize("how", levels())
def test_yaml_that_would_end_its_scanner_is_left_to_lines(how: str) -> None:
    text = levels()[how]
    code = (
        "import sys\n"
        "from anvcs.merge import merge\n"
        "from anvcs.merge.resources.extract import outline\n"
        "text = sys.stdin.buffer.read()\n"
        "versions = [text + word for word in (b'z: 1\\n', b'z: 2\\n', b'z: 3\\n')]\n"
        "result = merge(*versions, path='f.yml')\n"
        "assert not result.clean and outline('f.yml', text) is None\n"
        "assert merge(text, text, versions[0], path='f.yml').text == versions[0]\n"
        "assert merge(b'', versions[0], versions[1], path='f.yml').conflicts\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=text.encode(), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, (done.returncode, done.stderr.decode())


def test_yaml_that_is_indented_as_people_do_is_still_merged_by_syntax() -> None:
    base = "".join("  " * at + f"k{at}:\n" for at in range(40)) + "  " * 40 + "a: 1\n"
    left, right = base + "  " * 40 + "b: 2\n", base + "  " * 40 + "c: 3\n"
    result = merge(base.encode(), left.encode(), right.encode(), path="f.yml")
    assert result.text.decode() == left + "  " * 40 + "c: 3\n"
