"""The command line as a process of its own: what only the real thing can show."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs import __version__

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
    ("words", "offered"), [("ai-vcs st", "status"), ("ai-vcs commit --pro", "--prompt"), ("ai-vcs completion z", "zsh")]
)
def test_the_shell_completes(words: str, offered: str, tmp_path: Path) -> None:
    asked = {"_AI_VCS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert ai_vcs(cwd=tmp_path, **asked).stdout.strip() == f"plain,{offered}"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", RUN, "completion", "fish"],
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


def on_a_terminal(arguments: list[str], cwd: Path, **env: str) -> tuple[int, str]:
    """Run with a pseudo-terminal as standard input, output and error; give the exit code and what was drawn."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        stdin=side,
        stdout=side,
        stderr=side,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "TERM": "xterm", **env},
    )
    os.close(side)
    drawn = b""
    try:
        while data := os.read(main, 65_536):
            drawn += data
    except OSError:
        # How Linux says that the other side is closed.
        pass
    finally:
        os.close(main)
    return process.wait(60), drawn.decode()
