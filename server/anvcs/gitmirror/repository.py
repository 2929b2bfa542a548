"""One Git repository as ANVCS sees it: where its parts lie, and the refusals for kinds we cannot handle."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pygit2

from anvcs.errors import (
    BareRepositoryError,
    GitFailedError,
    NotARepositoryError,
    RepositoryError,
    UnsupportedRepositoryError,
)
from anvcs.gitmirror.git import MINIMUM, Git, failed, version
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.objects import ObjectStore
from anvcs.gitmirror.settings import SettingsCache

# git has already judged the folder's owner by its own safe.directory; libgit2 would read another HOME's.
pygit2.settings.owner_validation = False

_IN_PROGRESS = (
    ("rebase-merge", "rebase"),
    ("rebase-apply/applying", "am"),
    ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("BISECT_LOG", "bisect"),
)


class GitRepository:
    """An opened repository with a work tree. ``git`` runs in ``root`` with the caller's environment."""

    def __init__(self, root: Path, git_dir: Path, common_dir: Path, index_path: Path, git: Git) -> None:
        self.root = root
        self.git_dir = git_dir
        """This worktree's own folder: HEAD, index and what git is in the middle of."""
        self.common_dir = common_dir
        """What all worktrees share: objects, refs, configuration and our state."""
        self.index_path = index_path
        self.git = git
        self.settings = SettingsCache(git)
        self.handle = pygit2.Repository(str(git_dir))
        env = git.env
        for extra in env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "").split(os.pathsep):
            if extra:
                self.handle.odb.add_disk_alternate(str(root / extra))
        objects = env.get("GIT_OBJECT_DIRECTORY")
        if objects:
            self.handle.odb.add_disk_alternate(str(root / objects))
        self.objects = ObjectStore(self.handle, root / objects if objects else common_dir / "objects", self._fetch)

    @classmethod
    def open(cls, path: Path, env: Mapping[str, str]) -> GitRepository:
        """The repository that contains ``path``.

        Raises NotARepositoryError, BareRepositoryError, or UnsupportedRepositoryError (SHA-256 objects, reftable,
        a git older than 2.38).
        """
        folder = path if path.is_dir() else path.parent
        if not folder.is_dir():
            raise NotARepositoryError(f"{folder} does not exist.", "Name an existing folder.")
        git = Git(folder, env)
        try:
            done = git.run(
                "rev-parse",
                "--path-format=absolute",
                "--git-dir",
                "--git-common-dir",
                "--git-path",
                "index",
                "--show-object-format",
                "--is-bare-repository",
                "--show-toplevel",
            )
        except FileNotFoundError:
            raise RepositoryError("The git program was not found.", "Install Git and put it on PATH.") from None
        lines = [os.fsdecode(line) for line in done.stdout.split(b"\n")]
        if done.returncode:
            raise _refusal(folder, done.stderr.decode("utf-8", "replace"), lines, git)
        git_dir, common, index, form, _bare, root = lines[:6]
        if form != "sha1":
            raise UnsupportedRepositoryError(
                f"This repository stores {form.upper()} objects, which ANVCS cannot write.",
                "Use a repository with SHA-1 objects (git init --object-format=sha1).",
            )
        _check_format(Path(common))
        try:
            return cls(Path(root), Path(git_dir), Path(common), Path(index), Git(Path(root), env))
        except pygit2.GitError as error:
            raise UnsupportedRepositoryError(
                f"This repository cannot be opened: {error}", "Run git status to see what git says."
            ) from error

    def head_ref(self) -> str | None:
        """The branch HEAD names (``refs/heads/...``), born or not; nothing if HEAD is detached.

        Raises UnsupportedRepositoryError for a name that is not UTF-8.
        """
        text = (self.git_dir / "HEAD").read_bytes()
        if text.startswith(b"ref: "):
            try:
                return text[5:].strip().decode("utf-8")
            except UnicodeDecodeError:
                raise UnsupportedRepositoryError(
                    "The current branch has a name that is not UTF-8.", "Rename it with: git branch -m <new name>"
                ) from None
        return None

    def head_value(self) -> str | None:
        """What HEAD itself says: ``ref: refs/heads/...`` or a Git id; nothing if the file is gone."""
        try:
            return (self.git_dir / "HEAD").read_text("utf-8", "surrogateescape").strip()
        except FileNotFoundError:
            return None

    def value(self, name: str) -> str | None:
        """A ref's own value: a Git id, or ``ref: ...`` where it is symbolic."""
        return self.head_value() if name == "HEAD" else self.ref(name)

    def ref(self, name: str) -> str | None:
        """The Git id a ref points at, annotated tags unpeeled."""
        try:
            return str(self.handle.references[name].resolve().target)
        except KeyError:
            return None

    def head(self) -> str | None:
        """The commit HEAD stands on; nothing before the first commit."""
        return self.ref(self.head_ref() or "HEAD")

    def worktree_name(self) -> str:
        """Git's own spelling of this worktree's per-worktree refs: ``main-worktree`` or ``worktrees/<id>``."""
        if self.git_dir == self.common_dir:
            return "main-worktree"
        return f"worktrees/{self.git_dir.name}"

    def in_progress(self) -> str | None:
        """What git is in the middle of, as the wire names it."""
        for marker, name in _IN_PROGRESS:
            if (self.git_dir / marker).exists():
                return name
        return None

    def tree_of(self, commit: str) -> str:
        """The tree a commit records."""
        return self.objects.read(commit, "commit")[5:45].decode("ascii")

    def peel(self, oid: str) -> str | None:
        """The commit that an id is or, as an annotated tag, names; nothing if it is something else or not here."""
        try:
            return str(self.handle[oid].peel(pygit2.Commit).id)
        except (KeyError, ValueError, pygit2.GitError):
            return None

    def raw_tag(self, oid: str) -> bytes | None:
        """The bytes of an annotated tag; nothing if it is something else or not here."""
        try:
            kind, data = self.handle.odb.read(oid)[:2]
        except KeyError:
            return None
        return data if kind == int(pygit2.enums.ObjectType.TAG) else None

    def oid(self, text: str) -> pygit2.Oid:
        """A Git id as libgit2 takes it."""
        return pygit2.Oid(hex=text)

    def signature(self, who: Ident) -> pygit2.Signature:
        """An identity as libgit2 takes it, for commits of our own such as notes."""
        name, email = (part.decode("utf-8", "replace") for part in (who.name, who.email))
        return pygit2.Signature(name, email, who.time, who.offset)

    def resolve(self, revision: str) -> str | None:
        """The commit a Git revision names, peeled; nothing if it names none."""
        done = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        return done.stdout.decode("ascii").strip() if not done.returncode else None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """``older`` is ``newer`` or reachable from it."""
        return not self.git.run("merge-base", "--is-ancestor", older, newer).returncode

    def merge_base(self, one: str, two: str) -> str | None:
        """The best common ancestor, of several the newest; nothing without one. Raises GitFailedError."""
        return next(iter(self.merge_bases(one, two)), None)

    def merge_bases(self, one: str, two: str) -> tuple[str, ...]:
        """The best common ancestors, the newest first. Raises GitFailedError."""
        args = ("merge-base", "--all", one, two)
        done = self.git.run(*args)
        # It exits with 1 where there is none.
        if done.returncode > 1:
            raise failed(args, done.stderr)
        return tuple(done.stdout.decode("ascii").split())

    def _fetch(self, oid: str) -> None:
        # In a partial clone the git program brings what is missing from the remote; libgit2 cannot.
        done = self.git.run("cat-file", "-e", oid)
        if done.returncode:
            raise GitFailedError(f"Object {oid} is missing.", "Run git fsck, or git fetch in a partial clone.")
        self.handle.odb.exists(oid)


def _refusal(folder: Path, said: str, lines: list[str], git: Git) -> RepositoryError:
    said = said.strip()
    if "not a git repository" in said:
        return NotARepositoryError(f"{folder} is not in a Git repository.", "Run: ai-vcs init")
    if "must be run in a work tree" in said:
        if len(lines) > 4 and lines[4] == "true":
            return BareRepositoryError(
                f"{folder} is a bare repository: it has no files to work on.", "Clone it, and work in the clone."
            )
        return NotARepositoryError(f"{folder} is inside a .git folder.", "Go to the work tree.")
    if "unknown repository extension" in said or "extensions" in said:
        return UnsupportedRepositoryError(
            f"Git cannot open this repository: {said}", "A newer git may; ANVCS needs the files ref storage."
        )
    if version(git) < MINIMUM:
        return UnsupportedRepositoryError("This git is too old.", "Install Git 2.38 or newer.")
    return RepositoryError(f"Git refuses to open {folder}: {said}", "Do as git says, then try again.")


def _check_format(common: Path) -> None:
    if (common / "reftable").is_dir():
        raise UnsupportedRepositoryError(
            "This repository stores refs as a reftable, which ANVCS cannot write.",
            "Convert it with: git refs migrate --ref-format=files",
        )
