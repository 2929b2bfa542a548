"""Merges three files as ``git merge-file`` does, by syntax where git leaves a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from anvcs import wire
from anvcs.actions.caller import Caller, disk_error
from anvcs.actions.init import replace_file
from anvcs.errors import GitFailedError, MergeError, PathNotFoundError
from anvcs.gitmirror import mergefile
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.settings import Settings
from anvcs.merge import asgit
from anvcs.merge.kinds import is_known
from anvcs.merge.model import Options, Style

_STYLES: dict[str, Style] = {"diff3": "diff3", "zdiff3": "zdiff3"}


class Files(msgspec.Struct, frozen=True):
    """What is merged."""

    base: Path
    ours: Path
    theirs: Path
    path: str
    """The name that tells the language."""
    labels: tuple[str, str, str] = ("ours", "base", "theirs")
    """What the markers call ours, the base and theirs."""
    marker_size: int = mergefile.MARKER_SIZE
    write: bool = True
    """Write the result into ``ours``; else it is only told."""


def merge_for_tool(caller: Caller, files: Files, merged: Path, *, force: bool = False) -> wire.MergedFile:
    """The merge for ``git mergetool``: a result that is clean and safe goes into the file that git left in conflict.

    Raises PathNotFoundError, GitFailedError, and MergeError for a file that was changed since; then nothing changes.
    """
    git = Git(caller.cwd, caller.env)
    texts = [_read(each) for each in (files.base, files.ours, files.theirs)]
    result, text = merge_file(caller, replace(files, write=False))
    now, size = _read(merged), files.marker_size
    # What the merge driver left is what this gives too.
    if not (force or mergefile.alike(text, now, size) or mergefile.is_merge_of(git, now, texts, size)):
        raise MergeError(
            f"{merged} was changed since git left it in conflict.", "To merge it anew and lose that: --force"
        )
    if result.clean:
        replace_file(merged, text)
    return result


def merge_file(caller: Caller, files: Files) -> tuple[wire.MergedFile, bytes]:
    """What the merge gave, and its text.

    Raises PathNotFoundError, and GitFailedError for what is no text; then nothing was changed.
    """
    git = Git(caller.cwd, caller.env)
    texts = [_read(each) for each in (files.base, files.ours, files.theirs)]
    by_git = mergefile.merge_file(git, texts, files.labels, size=files.marker_size)
    if by_git is None:
        raise GitFailedError(f"{files.path} is no text, so it cannot be merged.", "Choose one of its versions.")
    text, result = _merged(git, texts, by_git, files)
    if files.write:
        try:
            replace_file(files.ours, text)
        except OSError as error:
            raise disk_error(error) from error
    return result, text


def _merged(git: Git, texts: Sequence[bytes], by_git: mergefile.ByGit, files: Files) -> tuple[bytes, wire.MergedFile]:
    base, ours, theirs = texts
    if not by_git.conflicts:
        findings = asgit.found(files.path, asgit.warnings(base, ours, theirs, by_git.text, path=files.path))
        return by_git.text, wire.MergedFile(clean=True, by="git", findings=findings)
    if not is_known(files.path):
        return by_git.text, wire.MergedFile(clean=False, by="git", count=by_git.conflicts)
    options = options_for(Settings.load(git), files.labels, files.marker_size)
    improved = asgit.improve(base, ours, theirs, path=files.path, options=options)
    count = 0 if improved.clean else len(improved.conflicts) if improved.text is not None else by_git.conflicts
    return improved.text if improved.text is not None else by_git.text, wire.MergedFile(
        clean=improved.clean,
        by="anvcs" if improved.text is not None else "git",
        count=count,
        conflicts=left(improved),
        findings=asgit.found(files.path, improved.findings),
    )


def left(improved: asgit.Improved) -> tuple[wire.LeftConflict, ...]:
    """The conflicts that need a person."""
    placed = improved.text is not None
    return tuple(
        wire.LeftConflict(line=each.line if placed else 0, entity=each.entity or "", rule=each.rule, reason=each.reason)
        for each in improved.conflicts
    )


def options_for(settings: Settings, labels: tuple[str, str, str], size: int) -> Options:
    """How conflicts are shown: as git's settings say."""
    ours, base, theirs = labels
    style = _STYLES.get(settings.get("merge.conflictStyle") or "", "merge")
    return Options(left=ours, base=base, right=theirs, style=style, marker_size=size)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise PathNotFoundError(f"There is no file {path}.", "Name three files: BASE OURS THEIRS.") from error
