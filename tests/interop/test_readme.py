"""The README's examples, run as they stand in a folder of their own, and what else it says that can be checked."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from anvcs.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{each.name}" for each in (ROOT / "docs").glob("*.md")),
]
START = 1_795_000_000


class Example(NamedTuple):
    """A command with the output that the document shows; ``...`` stands for anything, alone for any lines."""

    line: int
    command: str
    output: list[str]


def examples(text: str) -> Iterator[Example]:
    """Every command of every ``console`` block."""
    inside = False
    found: Example | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
            if found is not None:
                yield found
            found = None
        elif inside and line.startswith("$ "):
            if found is not None:
                yield found
            found = Example(number, line.removeprefix("$ "), [])
        elif inside:
            assert found is not None, f"line {number}: output before the first command"
            found.output.append(line)
    assert found is None, "a block is not closed"


def pattern(output: list[str]) -> str:
    """The regular expression of what the document shows."""
    lines = [r"(?:.*\n)*?" if line == "..." else _inline(line) + r"\n" for line in output]
    return "".join(lines)


def _inline(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("..."))


class Shell:
    """Runs commands one after another; each stands where the one before ended, a minute later."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self._where = folder / "pwd"
        self._minutes = 0
        self._env = {**env, "PATH": f"{Path(sys.executable).parent}:{env['PATH']}", "PYTHONUTF8": "1"}

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Both streams as one, as on a terminal."""
        self._minutes += 1
        date = f"@{START + 60 * self._minutes} +0000"
        done = subprocess.run(
            ["sh", "-c", f'{command}\nstatus=$?\npwd > "$0"\nexit $status', str(self._where)],
            cwd=self.folder,
            env={**self._env, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        self.folder = Path(self._where.read_text(encoding="utf-8").strip())
        return done


@pytest.mark.promise("docs.readme-examples")
def test_every_example_in_the_readme_works_and_shows_what_it_says(
    tmp_path: Path, env: dict[str, str], home: Path
) -> None:
    # Readers see every file that init writes.
    (home / ".gitignore").unlink()
    shell = Shell(tmp_path, env)
    ran = 0
    for example in examples((ROOT / "README.md").read_text(encoding="utf-8")):
        done = shell.run(example.command)
        where = f"README.md:{example.line}: {example.command}\n{done.stdout}"
        assert done.returncode == 0, where
        assert re.fullmatch(pattern(example.output), done.stdout), where
        ran += 1
    assert ran > 15


def test_the_readme_shows_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if name != "completion" and f"ai-vcs {name}" not in text] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_in_the_documents_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [each.partition("#")[0] for each in re.findall(r"\]\(([^)]+)\)", text) if "://" not in each]
    made_by_tests = "docs/images/"
    missing = [
        each
        for each in links
        if each and not each.startswith(made_by_tests) and not (ROOT / name).parent.joinpath(each).exists()
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (["a ... c"], "a b c\n", True),
        (["a ... c"], "a b\n", False),
        (["...", "z"], "a\nb\nz\n", True),
        (["a", "..."], "a\n", True),
        (["a"], "a\nb\n", False),
        ([], "surprise\n", False),
    ],
)
def test_dots_stand_for_anything_and_nothing_else_does(shown: list[str], printed: str, same: bool) -> None:
    assert bool(re.fullmatch(pattern(shown), printed)) is same
