"""A ``git merge-tree`` that stays for the merges to come, which take it a sixth of the time that starting it takes.

What git keeps in mind from one merge to the next must be what it would read anew: settings and attributes, and which
objects stand for others. Objects themselves never change, and new ones it finds by itself. So every file that it may
have read is known here, with what it looked like: a git that may be mistaken is ended, and another one asked.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Generator
from pathlib import Path

from anvcs.gitmirror import mergedriver
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.settings import Settings
from anvcs.gitmirror.treemerge_attributes import Place, in_files, places
from anvcs.gitmirror.treemerge_process import GitProcess, Tick

_ARGS = ("merge-tree", "--write-tree", "--messages", "--stdin")
_READ_ONCE = ("refs/replace", "packed-refs", "info/grafts", "shallow", "objects/info/alternates")
"""What git reads in the common folder when it first needs an object, and not again."""
_CLEAN = b"1"
_STATUS = (b"0", _CLEAN)
_ADVICE = b"Recursive merging with submodules"
"""It stands at the end of an answer, in no form at all."""
_MERGES = 500
_SECONDS = 60.0
_PLACES = 500
"""How long a git is kept, so that it does not grow, and is never mistaken for long."""
_TICK_NS = 20_000_000
"""The clock of file systems may be this late."""

Stamp = tuple[int, int, int] | None
"""When something was changed (ns), its size and its inode; none for what is not there."""


class Kept:
    """One for a repository; not for two threads at once."""

    def __init__(self, repo: GitRepository) -> None:
        self._repo = repo
        self._git: _Git | None = None
        self._has_answered = False
        self._is_hopeless = False
        """This git cannot be asked so; before 2.39 none can."""

    def ask(self, ours: str, theirs: str) -> bool:
        """Let git begin to merge two commits, given by their Git ids; false if it has to be started for that alone."""
        settings = self._repo.settings.get()
        if self._git is None or not self._git.is_current(settings):
            self.close()
            if self._is_hopeless or not _can_be_kept(self._repo, settings):
                return False
            self._git = _Git(self._repo, settings)
        self._git.ask(ours, theirs)
        return True

    def answer(self, tick: Tick) -> bytes | None:
        """What it says, in the form of a git that was started for this merge; nothing if it should be asked anew.

        Raises what ``tick`` raises.
        """
        said = self._git.answer(tick) if self._git is not None else None
        if said is None:
            self._is_hopeless = not self._has_answered
            self.close()
        self._has_answered = self._has_answered or said is not None
        return said

    def remembers_rightly(self, place: Place, paths: Collection[bytes]) -> bool:
        """What it went by in merging files is what is there now."""
        return self._git is not None and self._git.remembers_rightly(place, paths)

    def drop(self) -> None:
        """End it if it is still at work on what nobody waits for any more."""
        if self._git is not None and self._git.busy:
            self.close()

    def rest(self) -> None:
        """End it while nobody merges; another one is started when somebody does."""
        self.close()

    def close(self) -> None:
        """End it."""
        if self._git is not None:
            self._git.close()
        self._git = None


class _Git:
    """The process, and what it may have in mind."""

    def __init__(self, repo: GitRepository, settings: Settings) -> None:
        self._repo = repo
        self._settings = settings
        self._seen: dict[str | Path | bytes, Stamp] = {
            name: _stamp(name) for name in (f"{repo.common_dir}/{each}" for each in _READ_ONCE)
        }
        self._born = time.time_ns() - _TICK_NS
        self._until = time.monotonic() + _SECONDS
        self._left = _MERGES
        self.busy = False
        """It was asked, and has not answered."""
        self._held_back = False
        self._process = GitProcess(repo.root, repo.git.env, *_ARGS, asked=True)

    def is_current(self, settings: Settings) -> bool:
        """It would say what a git says that is started now."""
        return (
            not self.busy
            and settings is self._settings
            and self._left > 0
            and len(self._seen) < _PLACES
            and time.monotonic() < self._until
            and all(_stamp(each) == stamp for each, stamp in self._seen.items())
        )

    def ask(self, ours: str, theirs: str) -> None:
        """Let it begin."""
        self._left -= 1
        self.busy = True
        self._process.ask(f"{ours} {theirs}\n{ours} {ours}\n".encode())

    def answer(self, tick: Tick) -> bytes | None:
        """What it says; nothing if that is not in the form that is known. Raises what ``tick`` raises."""
        answer = _Answer(held_back=self._held_back)
        self.busy = not self._process.answer(answer, tick)
        self._held_back = answer.held_back
        if self.busy or not answer.known or answer.fields[0] not in _STATUS:
            return None
        return b"\0".join((*answer.fields[1:], b""))

    def remembers_rightly(self, place: Place, paths: Collection[bytes]) -> bool:
        """What it went by in merging these files is what is there now."""
        for each in places(self._repo, self._settings, place, paths):
            if each not in self._seen:
                stamp = self._seen[each] = _stamp(each)
                # It may have been read before it was changed, by a merge that knew of it from elsewhere.
                if stamp is not None and stamp[0] >= self._born:
                    return False
        return True

    def close(self) -> None:
        """End it."""
        # What is at work may have files to take away.
        if self.busy:
            self._process.stop()
        else:
            self._process.kill()
        self._process.__exit__()


def _can_be_kept(repo: GitRepository, settings: Settings) -> bool:
    """Nothing else than files decides how git merges: no program of the user, and no text that is made anew before."""
    return not mergedriver.are_set(settings) and settings.get("merge.renormalize") is None and in_files(repo, settings)


class _Answer:
    """Takes what git writes, and tells where the answer to one question ends.

    git holds the end of an answer back until it has more to say. So it is asked to merge a commit with itself, too.
    """

    def __init__(self, *, held_back: bool) -> None:
        """What git ``held_back`` of the last answer comes first."""
        self.fields: list[bytes] = []
        """What it says of the merge, without the end."""
        self.known = False
        """It is whole and has the form that is known."""
        self.held_back = True
        self._rest = b""
        self._reader = self._read(held_back=held_back)
        next(self._reader)

    def __call__(self, part: bytes) -> bool:
        *fields, self._rest = (self._rest + part).split(b"\0")
        waiting = iter(fields)
        try:
            for field in waiting:
                self._reader.send(field)
        except ValueError:
            return True
        except StopIteration:
            more = [*waiting]
            self.held_back = not more
            self.known = more in ([], [b""]) and not self._rest
            return True
        return False

    def _read(self, *, held_back: bool) -> Generator[None, bytes]:
        """Status, tree, versions of files up to an empty field, messages up to another one; the same of no merge."""
        if held_back and (yield):
            raise ValueError
        self.fields += [(yield), (yield)]
        while field := (yield):
            self.fields.append(field)
        self.fields.append(field)
        while (field := (yield)) and not field.startswith(_ADVICE):
            self.fields.append(field)
            for _ in range(int(field) + 2):
                self.fields.append((yield))
        if (yield) != _CLEAN or not (yield) or (yield):
            raise ValueError


def _stamp(path: str | Path | bytes) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 - before every merge, for many; pathlib doubles its cost
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size, found.st_ino
