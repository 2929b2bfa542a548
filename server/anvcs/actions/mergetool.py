"""Tries what git left in conflict in the work tree with merging by syntax, file by file.

It is for whoever works with plain Git: it moves no pointer, so it makes no operation; like ``git mergetool`` it writes
files and stages them.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from anvcs import wire
from anvcs.actions.caller import Caller
from anvcs.actions.init import replace_file
from anvcs.actions.merge_file import left, options_for
from anvcs.actions.workspace import Workspace
from anvcs.errors import PathNotFoundError
from anvcs.gitmirror import mergefile
from anvcs.gitmirror.mergefile import Stages
from anvcs.gitmirror.paths import quote, to_repo_path
from anvcs.gitmirror.treemerge_attributes import Place, attributes
from anvcs.gitmirror.treemerge_objects import Blobs
from anvcs.merge import asgit
from anvcs.merge.kinds import is_known
from anvcs.merge.lockfiles import advice
from anvcs.merge.pointers import CHOOSE, LARGEST, is_lfs

_PLAIN = ("100644", "100755")


def mergetool(caller: Caller, params: wire.MergetoolParams) -> wire.MergetoolResult:
    """What became of each file in conflict.

    Raises a PathError for a name where nothing is in conflict; then nothing was changed.
    """
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        waiting = _wanted(workspace, mergefile.unmerged(workspace.git), params.only)
        files: list[wire.ToolFile] = []
        for number, (path, stages) in enumerate(waiting.items()):
            caller.progress("Merging files", 100 * number // len(waiting))
            files.append(_File(workspace, path, stages, params).work())
        return wire.MergetoolResult(files=tuple(files), dry_run=params.dry_run)


def _wanted(workspace: Workspace, found: dict[bytes, Stages], only: tuple[str, ...]) -> dict[bytes, Stages]:
    if not only:
        return found
    root, cwd = workspace.repo.root, workspace.caller.cwd
    kept: dict[bytes, Stages] = {}
    for name in only:
        asked = to_repo_path(root, cwd, name)
        below = {path: each for path, each in found.items() if asked in (b"", path) or path.startswith(asked + b"/")}
        if not below:
            raise PathNotFoundError(f"Nothing is in conflict at {name}.", "See what is with: git status")
        kept |= below
    return kept


class _File(msgspec.Struct, frozen=True):
    """One file in conflict."""

    workspace: Workspace
    path: bytes
    stages: Stages
    params: wire.MergetoolParams

    @property
    def shown(self) -> str:
        """Its path for people."""
        return quote(self.path)

    def work(self) -> wire.ToolFile:
        """What becomes of it."""
        why = self._unfit()
        if why is not None:
            return wire.ToolFile(path=self.shown, outcome="left", reason=why)
        repo = self.workspace.repo
        texts = self._texts()
        size = attributes(repo, Place(repo.root), [self.path])[self.path].marker_size
        improved = self._improved(texts, size)
        # The driver, or this very tool, may have been here before.
        done = improved.text is not None and mergefile.alike(improved.text, self._now(), size)
        if not (self.params.force or done or mergefile.is_as_left(repo.git, repo.root, self.path, texts, size)):
            why = "It was changed since git left it in conflict. To merge it anew and lose that: --force"
            return wire.ToolFile(path=self.shown, outcome="left", reason=why)
        if done and not improved.clean:
            return wire.ToolFile(path=self.shown, outcome="left", conflicts=left(improved))
        staged = self._taken(improved) if improved.text is not None and not self.params.dry_run else False
        return self._told(improved, staged=staged)

    def _improved(self, texts: list[bytes], size: int) -> asgit.Improved:
        """The merge by syntax, under the names that the markers in the file have."""
        settings, path = self.workspace.repo.settings.get(), self.path.decode("utf-8", "surrogateescape")
        ours, base, theirs = mergefile.labels_in(self._now(), size)
        improved = asgit.improve(*texts, path=path, options=options_for(settings, (ours, base, theirs), size))
        plain = asgit.unexplained(ours, improved.conflicts)
        if plain == ours:
            return improved
        return asgit.improve(*texts, path=path, options=options_for(settings, (plain, base, theirs), size))

    def _unfit(self) -> str | None:
        """Why there is nothing to merge by syntax; None if there is."""
        if set(self.stages) == {2, 3}:
            why = "Both sides added it, so there is no base to merge by. Choose with git checkout --ours or --theirs."
            return self._advised(why)
        if set(self.stages) in ({1, 2}, {1, 3}):
            gone = "theirs" if 2 in self.stages else "ours"
            return f"One side changed it, {gone} removed it. Keep it with git add, or let it go with git rm."
        if set(self.stages) != {1, 2, 3}:
            return "Git moved it elsewhere on both sides. See git status."
        modes = {mode for mode, _ in self.stages.values()}
        if modes - set(_PLAIN):
            return "It is a symbolic link or a submodule on one side."
        if len(modes) > 1 and self.stages[2][0] != self.stages[3][0]:
            return "The sides differ in whether it can be executed."
        if self._is_pointer():
            return CHOOSE
        if not is_known(self.path.decode("utf-8", "surrogateescape")):
            return "No syntax is known for this file."
        return None

    def _is_pointer(self) -> bool:
        blobs = Blobs(self.workspace.repo, LARGEST)
        return any(is_lfs(blobs.text(oid) or b"") for _, oid in self.stages.values())

    def _texts(self) -> list[bytes]:
        return [self.workspace.repo.objects.read(self.stages[stage][1], "blob") for stage in (1, 2, 3)]

    def _advised(self, why: str) -> str:
        """The reason, and for lock files what to do instead."""
        return f"{why} {advice(self.path.decode('utf-8', 'surrogateescape'))}".rstrip()

    def _now(self) -> bytes:
        try:
            return Path(self.workspace.repo.root, os.fsdecode(self.path)).read_bytes()
        except OSError:
            return b""

    def _taken(self, improved: asgit.Improved) -> bool:
        """Write the text, and stage it if it may be; whether it was staged."""
        git, file = self.workspace.git, Path(self.workspace.repo.root, os.fsdecode(self.path))
        replace_file(file, mergefile.filtered(git, self.path, improved.text or b""))
        if not improved.clean or not self.params.stage:
            return False
        git.output("--literal-pathspecs", "-C", self.workspace.repo.root, "add", "--", self.path)
        return True

    def _told(self, improved: asgit.Improved, *, staged: bool) -> wire.ToolFile:
        outcome = "merged" if improved.clean else "fewer" if improved.text is not None else "left"
        reason = ""
        if outcome == "left" and not improved.conflicts:
            unsafe = "What merging by syntax gives is not safe."
            reason = unsafe if improved.findings else self._advised("It is not merged by syntax.")
        return wire.ToolFile(
            path=self.shown,
            outcome=outcome,
            staged=staged,
            reason=reason,
            conflicts=left(improved),
            findings=asgit.found(self.shown, improved.findings),
        )
