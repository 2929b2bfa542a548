"""What git's merge driver starts where git's own merge of a file is in conflict (``gitmirror/mergedriver.py``).

Started as ``python -I -S merge_driver_start.py PACKAGES LANGUAGES STATUS GIT RESULT BASE OURS THEIRS SIZE PATH
BASE-LABEL OURS-LABEL THEIRS-LABEL``; RESULT holds what git made of it, with exit code STATUS. Ends with 0 for a clean
and safe text in OURS, with 1 for one with conflicts there; after anything else OURS and RESULT are as they were, and
the caller lets git's stand.

Git waits for it once for each file, so what would take longer to import than it is of use is stood in for.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
"""Known to type checkers; the module that has it takes a while to import."""
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any, NoReturn

    from anvcs.merge.model import Style

SECONDS = 8.0
"""After so long the engine gives up by itself."""
KILLED = 10
"""Seconds after which the process is ended from outside, whatever it does."""
FAILED = 125
FAVOURS = ("ours", "theirs")
_VALUED = ("-m", "-F", "-s", "--message", "--file", "--strategy", "--onto", "-x", "--exec")
"""Options of git whose value is the next word."""
_KEPT = ("rebase-merge/strategy_opts", "sequencer/opts")
"""Where git keeps strategy options while it waits for a person."""


def main(arguments: Sequence[str]) -> int:
    """Merge one file; the exit code."""
    packages, languages, status, git, result, base, ours, theirs, size, path, *labels = arguments
    import signal

    # Its default action ends the process even inside of a parser that hangs.
    signal.alarm(KILLED)
    favour = favoured(int(git)) if status != "0" else None
    if favour is not None:
        return _favour(favour, result, (base, ours, theirs))
    lean(packages)
    from anvcs.merge.languages import only_ours
    from anvcs.merge.model import Options

    if max(map(os.path.getsize, (base, ours, theirs))) > Options().largest:
        return _too_large(status, result, ours, path)
    if not path.lower().endswith(tuple("." + each for each in languages.split(".") if each)):
        only_ours()
    from anvcs.merge.kinds import is_known
    from anvcs.merge.pointers import CHOOSE, is_lfs

    texts = tuple(map(_read, (base, ours, theirs)))
    if status != "0" and any(map(is_lfs, texts)):
        # As git does with what is no text: markers in a pointer would be in the way of the program that it is for.
        say(f"{path}: {CHOOSE}")
        os.unlink(result)
        return 1
    if not is_known(path):
        return _as_git(status, result, ours)
    if status == "0":
        return _checked(texts, _read(result), path)
    from anvcs.merge.asgit import improve, told

    options = Options(*_labels(labels), _style(_read(result), int(size)), int(size), seconds=SECONDS)
    improved = improve(*texts, path=path, options=options)
    say(*told(path, improved))
    if improved.text is None:
        return _as_git(status, result, ours)
    write(ours, improved.text)
    os.unlink(result)
    return 0 if improved.clean else 1


def _checked(texts: tuple[bytes, ...], merged: bytes, path: str) -> int:
    """Warn of what git merged cleanly and is wrong; it stays as it is."""
    from anvcs.merge.asgit import found, warnings

    base, ours, theirs = texts
    say(*(f"warning: {each}" for each in found(path, warnings(base, ours, theirs, merged, path=path))))
    return 0


def _too_large(status: str, result: str, ours: str, path: str) -> int:
    """Lock files are, and what to do about them is known without a look."""
    from anvcs.merge.lockfiles import advice

    way_out = advice(path)
    if status != "0" and way_out:
        say(f"{path}: {way_out}")
    return _as_git(status, result, ours)


def _as_git(status: str, result: str, ours: str) -> int:
    if status == "0":
        return 0
    os.replace(result, ours)
    return 1


def _labels(labels: Sequence[str]) -> tuple[str, str, str]:
    base, ours, theirs = labels
    return ours, base, theirs


def _style(result: bytes, size: int) -> Style:
    """How git shows conflicts here: what its result looks like, and for what looks alike, what its settings say."""
    if b"\n" + b"|" * size + b" " not in b"\n" + result:
        return "merge"
    import subprocess

    done = subprocess.run(["git", "config", "merge.conflictStyle"], stdout=subprocess.PIPE, check=False)
    said = done.stdout.strip().decode("utf-8", "replace")
    return "zdiff3" if said == "zdiff3" else "diff3"


def favoured(git: int) -> str | None:
    """The side that ``-X`` names for conflicts, which git does not tell drivers.

    Its own command line says it, else what it has put down for the rest of a rebase or of picks.
    """
    words = iter(_command(git))
    found: str | None = None
    for word in words:
        option = ""
        if word == "--":
            break
        if word in ("-X", "--strategy-option"):
            option = next(words, "")
        elif word.startswith("-X"):
            option = word[2:]
        elif word.startswith("--strategy-option="):
            option = word.partition("=")[2]
        elif word in _VALUED:
            next(words, "")
        found = option if option in FAVOURS else found
    return found or _kept()


def _command(git: int) -> list[str]:
    """The words of a process."""
    try:
        return os.fsdecode(_read(f"/proc/{git}/cmdline")).split("\0")
    except OSError:
        pass
    import subprocess

    done = subprocess.run(["ps", "-o", "args=", "-p", str(git)], stdout=subprocess.PIPE, check=False)
    words = os.fsdecode(done.stdout).split()
    # What belongs together cannot be told here, and a message may hold anything.
    ends = [at for at, word in enumerate(words) if word.startswith(("-m", "--message"))]
    return words[: ends[0]] if ends else words


def _kept() -> str | None:
    folder = os.environ.get("GIT_DIR", ".git")
    if os.path.isfile(folder):
        folder = os.fsdecode(_read(folder)).removeprefix("gitdir:").strip()
    for name in _KEPT:
        try:
            text = os.fsdecode(_read(f"{folder}/{name}"))
        except OSError:
            continue
        words = [word.strip("'\"-") for word in text.split()]
        found = [word for word in words if word in FAVOURS]
        if found:
            return found[-1]
    return None


def _favour(favour: str, result: str, files: tuple[str, str, str]) -> int:
    """What git makes of it with its own option."""
    import subprocess

    base, ours, theirs = files
    command = ["git", "merge-file", "-p", "-q", f"--{favour}", ours, base, theirs]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        return FAILED
    write(ours, done.stdout)
    os.unlink(result)
    return 0


def lean(packages: str) -> None:
    """Let the engine be imported at half the cost. What is stood in for is there in full when it is asked for.

    Of the 160 ms of processor time that a conflict took without, pygit2's own Python was 50, ``importlib.resources``
    (by which grammars know where they lie) 10, ``inspect`` (for data classes) 8, and data classes 7.
    """
    sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *packages.split(":")]
    import gc
    import importlib

    # What one file makes is gone with the process.
    gc.disable()
    _stand_in("inspect")
    _plain_data()
    resources = _stand_in("importlib.resources", files=_files)
    resources.__path__ = [f"{folder}/resources" for folder in importlib.__path__]
    _line_merge(packages.split(":"))


def _stand_in(name: str, **members: Callable[..., Any]) -> ModuleType:
    """A module that is imported when something else of it is wanted than the members given."""
    module = type(sys)(name)

    def missing(member: str) -> Any:
        if member.startswith("__"):
            raise AttributeError(member)
        import importlib

        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(importlib.import_module(name), member)

    module.__dict__.update(members, __getattr__=missing)
    sys.modules[name] = module
    return module


def _plain_data() -> None:
    """Data classes with no more than is needed here: nobody prints them, and nobody changes them."""
    import dataclasses

    whole: Any = dataclasses.dataclass

    def equal(self: Any, other: Any) -> bool:
        return self is other or (
            type(self) is type(other) and all(getattr(self, f) == getattr(other, f) for f in self.__dataclass_fields__)
        )

    def hashed(self: Any) -> int:
        return hash(tuple(getattr(self, each) for each in self.__dataclass_fields__))

    def dataclass(
        cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, **more: Any
    ) -> Any:
        def made(cls: Any) -> Any:
            if more:
                return whole(cls, frozen=frozen, slots=slots, eq=eq, **more)
            # Methods that are made for each class are compiled for each.
            if eq and "__eq__" not in cls.__dict__:
                cls.__eq__ = equal
                cls.__hash__ = cls.__dict__.get("__hash__") or (hashed if frozen else None)
            return whole(cls, eq=False, repr=False)

        return made(cls) if cls is not None else made

    dataclasses.dataclass = dataclass


def _files(package: str) -> Any:
    del sys.modules["importlib.resources"]
    import importlib.resources

    return importlib.resources.files(package)


def _line_merge(folders: Sequence[str]) -> None:
    """Of pygit2 the compiled part alone: most of the rest takes care of remotes and credentials."""
    package = _stand_in("pygit2")
    package.__path__ = [f"{folder}/pygit2" for folder in folders]
    import importlib

    try:
        # Not by from: that would ask the package first.
        binding = importlib.import_module("pygit2._pygit2")
    except ImportError:
        del sys.modules["pygit2"]
        return
    package.__dict__.update({name: value for name, value in vars(binding).items() if not name.startswith("_")})


def say(*lines: str) -> None:
    """Tell the person who called git, in one piece; control characters of paths do nothing to a terminal."""
    for each in lines:
        shown = "".join(sign if sign.isprintable() else "?" for sign in each)
        os.write(2, f"ai-vcs: {shown}\n".encode("utf-8", "backslashreplace"))


def write(path: str, text: bytes) -> None:
    """Give a file new content at once."""
    draft = path + ".new"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        os.replace(draft, path)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def run() -> NoReturn:
    """Merge the file that the command line tells of, and end with the exit code."""
    try:
        code = main(sys.argv[1:])
    except BaseException as problem:  # noqa: BLE001 - whatever it is, git's own merge stands
        if os.environ.get("ANVCS_DEBUG") == "1":
            import traceback

            traceback.print_exception(problem)
        code = FAILED
    # Nothing here needs tidying up, and the interpreter takes milliseconds to do it.
    os._exit(code)


if __name__ == "__main__":
    run()
