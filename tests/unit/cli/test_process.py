"""The command line as a process of its own: what only the real thing can show."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import __version__
from tests.conftest import Repo

RUN = "import sys; from anvcs.cli.main import main; sys.argv[0] = 'ai-vcs'; main()"
SLOW = {"pygls", "lsprotocol", "pygit2", "apsw", "boto3", "cryptography", "rich", "msgspec", "detect_secrets", "ruamel"}


def ai_vcs(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "PYTHONUTF8": "1", **env},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def imported(arguments: list[str], cwd: Path) -> set[str]:
    code = (
        "import json, sys\nfrom anvcs.cli.main import main\nsys.argv = json.loads(sys.argv[1])\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(["ai-vcs", *arguments])],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    modules: list[str] = json.loads(done.stderr)
    return {name.partition(".")[0] for name in modules} | {name for name in modules if name.startswith("anvcs.")}


@pytest.mark.promise("cli.fast-version")
@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_the_version_and_the_help_import_nothing_slow(arguments: list[str], tmp_path: Path) -> None:
    modules = imported(arguments, tmp_path)
    assert modules & SLOW == set()
    assert {name for name in modules if name.startswith(("anvcs.lsp", "anvcs.actions", "anvcs.cli.commands"))} == set()


def test_a_command_does_not_import_the_language_server(tmp_path: Path) -> None:
    modules = imported(["completion", "fish"], tmp_path)
    assert modules & {"pygls", "lsprotocol", "rich", "cryptography"} == set()


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    assert ai_vcs("--version", cwd=tmp_path).stdout == f"ai-vcs {__version__}\n"


@pytest.mark.promise("cli.completion")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ai-vcs sta", "status"),
        ("ai-vcs stre", "stream"),
        ("ai-vcs stream sw", "switch"),
        ("ai-vcs undo --dr", "--dry-run"),
        ("ai-vcs commit --pro", "--prompt"),
        ("ai-vcs completion z", "zsh"),
    ],
)
def test_the_shell_completes(words: str, offered: str, tmp_path: Path) -> None:
    asked = {"_AI_VCS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert ai_vcs(cwd=tmp_path, **asked).stdout.strip() == f"plain,{offered}"


@pytest.mark.parametrize("arguments", [["completion", "fish"], ["--help"], ["--version"], ["graph", "--help"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str], tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *arguments],
            stdout=write,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
            timeout=60,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "completion", "fish"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: The answer could not be written: No space left on device.\n")


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os; os.rmdir({str(gone)!r}); {RUN}"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, "status"], cwd=gone, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: The current folder no longer exists.")


def test_without_standard_output_nothing_breaks(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" --version >&-', sys.executable, RUN],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def on_a_terminal(arguments: list[str], repo: Repo, **env: str) -> tuple[int, str]:
    """Run with a pseudo-terminal as standard input, output and error; give the exit code and what was drawn."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        stdin=side,
        stdout=side,
        stderr=side,
        cwd=repo.path,
        env={**repo.env, "TERM": "xterm", "COLUMNS": "100", "PYTHONUTF8": "1", **env},
    )
    os.close(side)
    drawn = b""
    # Reading ends with an error on Linux, with nothing elsewhere, when the other side is closed.
    with contextlib.suppress(OSError):
        while data := os.read(main, 65_536):
            drawn += data
    os.close(main)
    return process.wait(60), drawn.decode()


@pytest.mark.promise("cli.editor")
def test_on_a_terminal_the_message_is_written_in_the_editor(repo: Repo) -> None:
    editor = repo.path.parent / "editor"
    editor.write_text(
        '#!/bin/sh\ngrep -q "^#   new.txt" "$1" && echo "feat: from the editor" > "$1"\n', encoding="utf-8"
    )
    editor.chmod(0o755)
    repo.write("new.txt", "new\n")
    code, drawn = on_a_terminal(["commit"], repo, GIT_EDITOR=str(editor))
    assert code == 0, drawn
    assert "feat: from the editor" in drawn
    assert repo.git("log", "-1", "--format=%s") == "feat: from the editor"
    amended, drawn = on_a_terminal(["commit", "--amend"], repo, GIT_EDITOR="sed -i.old -e s/from/again/")
    assert amended == 0, drawn
    assert repo.git("log", "-1", "--format=%s") == "feat: again the editor"


@pytest.mark.promise("cli.editor")
def test_an_empty_message_from_the_editor_changes_nothing(repo: Repo) -> None:
    repo.write("new.txt", "new\n")
    before = repo.snapshot()
    code, drawn = on_a_terminal(["commit"], repo, GIT_EDITOR="true")
    assert code == 1
    assert "The message is empty" in drawn
    assert repo.snapshot() == before


@pytest.mark.promise("cli.plain-in-a-pipe")
@pytest.mark.parametrize("verb", ["status", "graph", "show", "doctor", "diff"])
def test_a_pipe_gets_no_escape_codes_and_the_same_twice(verb: str, repo: Repo) -> None:
    repo.write("README.md", "changed\n")
    first, second = (ai_vcs(verb, cwd=repo.path, **repo.env) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert "\x1b" not in first.stdout + first.stderr
    assert first.stdout
    assert first.stdout == second.stdout


def test_a_terminal_gets_colours_unless_told_otherwise(repo: Repo) -> None:
    code, drawn = on_a_terminal(["graph"], repo)
    assert code == 0
    assert "\x1b[" in drawn
    assert "ago" in drawn or "just now" in drawn
    assert "\x1b[" not in on_a_terminal(["graph"], repo, NO_COLOR="1")[1]


@pytest.mark.promise("cli.plain-in-a-pipe")
def test_the_graph_is_ascii_in_an_ascii_locale(repo: Repo) -> None:
    done = ai_vcs("graph", cwd=repo.path, **{**repo.env, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    assert done.stdout.startswith("*  ")
    assert done.stdout.isascii()
    assert "HEAD -> main" in done.stdout


def test_a_patch_from_a_pipe_applies(repo: Repo) -> None:
    repo.write("README.md", "changed é\n")
    patch = ai_vcs("diff", cwd=repo.path, **repo.env).stdout
    repo.git("checkout", "--", "README.md")
    repo.git("apply", stdin=patch.encode())
    assert repo.read("README.md") == "changed é\n".encode()


def test_paths_are_relative_to_where_one_stands(repo: Repo) -> None:
    repo.write("src/new.py", "y = 2\n")
    repo.write("other.txt", "stays\n")
    done = ai_vcs("-C", "src", "commit", "-m", "only this", "--json", "--", "new.py", cwd=repo.path, **repo.env)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["gitCommit"] == repo.head()
    assert repo.status() == "?? other.txt"


def test_outside_a_repository_there_is_a_sentence_and_a_way_out(tmp_path: Path) -> None:
    done = ai_vcs("status", cwd=tmp_path)
    assert done.returncode == 1
    assert "is not in a Git repository." in done.stderr
    assert "ai-vcs init" in done.stderr
