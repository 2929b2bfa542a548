"""The merge driver that plain git calls: one line of shell in git's own settings.

Git's own merge is tried first, and where it is clean nothing else starts. A conflict goes to ``anvcs/merge_driver.py``,
started with as little of Python as it needs. Whatever goes wrong there, or if it is no longer there, git's result
stands: it lies beside the file until something better is written whole.

The driver is git's default for files whose attributes name none (``merge.default``). Lines in ``info/attributes`` would
outdo what a project says in its own ``.gitattributes``; a default gives way to every attribute.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from anvcs.gitmirror.settings import Settings

NAME = "anvcs"
"""What settings and attributes call it."""
DRIVER = f"merge.{NAME}.driver"
DEFAULT = "merge.default"
TOOL = f"mergetool.{NAME}.cmd"
_SAID = "ANVCS: git's merge, then merging by syntax where it conflicts"

# Git replaces %O %A %B %L %P %S %X %Y, all but numbers and names of its own making quoted for the shell. Before 2.44 it
# leaves the last three as they are, and merge-file knows one way to compare lines only. A result of git is never empty
# where it is a conflict, so that an empty one is none: the program was not there, or the disk is full.
_LINE = (
    "set -- %O %A %B %L %P %S %X %Y; o=--diff-algorithm=histogram; "
    'case $7 in [%]X) o=; set -- "$1" "$2" "$3" "$4" "$5" base ours theirs;; esac; '
    "t=$2.anvcs; trap 'rm -f \"$t\"; exit 130' HUP INT TERM; "
    'git merge-file -p -q ${o:+"$o"} --marker-size="$4" -L "$7" -L "$6" -L "$8" "$2" "$1" "$3" >"$t"; s=$?; '
    'if [ $s -gt 127 ] || { [ $s -gt 0 ] && ! [ -s "$t" ]; }; then rm -f "$t"; '
    'printf \'warning: Cannot merge binary files: %%s (%%s vs. %%s)\\n\' "$5" "$7" "$8" >&2; exit 1; fi; '
)
_CLEAN = 'if [ $s = 0 ]; then mv -f "$t" "$2"; exit; fi; '
_CHECKED = 'if [ $s = 0 ]; then [ ! -f {program} ] || {command} "$@"; mv -f "$t" "$2"; exit; fi; '
_REST = (
    'if [ -x {python} ] && [ -f {program} ]; then {command} "$@"; r=$?; if [ $r -le 1 ]; then exit $r; fi; '
    "printf 'ai-vcs: %%s: merging by syntax ended with %%s, so this is the merge of git alone.\\n' \"$5\" $r >&2; "
    "else printf 'ai-vcs: %%s: ANVCS is not where it was, so this is the merge of git alone. "
    'Run: ai-vcs init --merge-driver\\n\' "$5" >&2; fi; '
    'mv -f "$t" "$2"; exit 1'
)


class Program(msgspec.Struct, frozen=True):
    """What the line starts."""

    python: str
    path: str
    packages: str
    """The folder of the packages that it needs."""
    languages: tuple[str, ...] = ()
    """Endings of names whose language another package brings."""

    def __str__(self) -> str:
        """The command, quoted for the shell and for git."""
        words = (self.python, "-I", "-S", self.path, self.packages, "".join(self.languages))
        return _quoted(*words) + ' "$s" "$PPID" "$t"'


def here(languages: tuple[str, ...] = ()) -> Program:
    """The program of this installation."""
    import pygit2
    import tree_sitter

    folders = {str(Path(str(module.__file__)).resolve().parents[1]) for module in (pygit2, tree_sitter)}
    path = Path(__file__).resolve().parents[1] / "merge_driver_start.py"
    return Program(sys.executable, str(path), ":".join(sorted(folders)), languages)


def line(program: Program, *, check_clean: bool = False) -> str:
    """The driver as git's settings have it; ``check_clean`` has what git merged without a conflict looked at too."""
    words = {
        "python": _quoted(program.python),
        "program": _quoted(program.path),
        "command": str(program),
    }
    return _LINE + _filled(_CHECKED if check_clean else _CLEAN, words) + _filled(_REST, words)


def settings(program: Program, *, check_clean: bool = False) -> tuple[tuple[str, str], ...]:
    """Every setting that makes it up, with the default last: until it is there nothing changes for git."""
    start = shlex.join((program.python, "-I", "-c", "from anvcs.cli.main import main; main()", "mergetool", "--files"))
    tool = f'{start} "$BASE" "$LOCAL" "$REMOTE" "$MERGED"'
    return (
        (f"merge.{NAME}.name", _SAID),
        (DRIVER, line(program, check_clean=check_clean)),
        # Bases that git merges with each other to get one base: nobody ever sees them.
        (f"merge.{NAME}.recursive", "text"),
        (TOOL, tool),
        (f"mergetool.{NAME}.trustExitCode", "true"),
        (DEFAULT, NAME),
    )


def started(driver: str) -> tuple[str, ...]:
    """The words of the command that a driver's line starts, as written into it; none if it is not ours."""
    _, found, rest = driver.partition("if [ -x ")
    if not found:
        return ()
    try:
        return tuple(word.replace("%%", "%") for word in shlex.split(rest.split("then ")[1].split(' "$s"')[0]))
    except (IndexError, ValueError):
        return ()


def checks_clean(driver: str) -> bool:
    """A driver has what git merged without a conflict looked at."""
    return "if [ $s = 0 ]; then [" in driver


def works(driver: str, env: Mapping[str, str]) -> bool:
    """Whether a driver, run as git runs it, merges what git alone cannot."""
    with tempfile.TemporaryDirectory(prefix="anvcs-driver-") as folder:
        for name, text in _TRIAL.items():
            (Path(folder) / name).write_bytes(text)
        given = {"%O": "base", "%A": "ours", "%B": "theirs", "%L": "7", "%P": "trial.json"}
        for mark, word in given.items():
            driver = driver.replace(mark, word)
        done = subprocess.run(
            ["sh", "-c", driver.replace("%%", "%")],
            cwd=folder,
            # In no repository.
            env={name: value for name, value in env.items() if not name.startswith("GIT_")},
            capture_output=True,
            check=False,
            timeout=_TRIAL_SECONDS,
        )
        try:
            return done.returncode == 0 and json.loads((Path(folder) / "ours").read_bytes()) == _MERGED
        except ValueError:
            return False


_TRIAL_SECONDS = 30
_TRIAL = {
    "base": b'{\n  "one": 1\n}\n',
    "ours": b'{\n  "one": 1,\n  "two": 2\n}\n',
    "theirs": b'{\n  "one": 1,\n  "three": 3\n}\n',
}
_MERGED = {"one": 1, "two": 2, "three": 3}


def are_set(settings: Settings) -> bool:
    """Whether any program merges files."""
    return any(name.endswith(".driver") for name in settings.names("merge."))


def without(settings: Settings, ours: str, theirs: str) -> tuple[str, ...]:
    """Arguments for git that put its own text merge in our driver's place, for whoever merges by syntax afterwards."""
    found: tuple[str, ...] = ()
    if settings.get(DEFAULT) == NAME:
        found += ("-c", f"{DEFAULT}=text")
    if settings.all(DRIVER):
        # For files whose attributes name it. A driver cannot be taken away for one command, only be another one.
        labels = f'-L {ours} -L "merged common ancestors" -L {theirs}'
        found += ("-c", f"{DRIVER}=exec git merge-file -q --marker-size=%L {labels} %A %O %B")
    return found


def _quoted(*words: str) -> str:
    # A percent sign would be git's.
    return shlex.join(words).replace("%", "%%")


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
