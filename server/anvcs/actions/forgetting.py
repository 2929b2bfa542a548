"""Removes every copy of what was purged from notes, from Git's objects and from the mirror; safe to do again and again.

The ledger's own tombstones say what that is, so a purge that was cut short is finished by the next one, and copies that
a fetch brought go in the same way.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from anvcs.actions.known import metadata_of
from anvcs.actions.publish import NOTES
from anvcs.errors import AnvcsError, LockedError
from anvcs.gitmirror import forgetting as git
from anvcs.gitmirror import messages, notes_sync, worktrees
from anvcs.gitmirror import notes as note_refs
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.pack import Pack
from anvcs.provenance import mirror, projection
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

PROJECTIONS = "refs/anvcs/projection/"
TRACKED = "refs/anvcs/remotes/"
STEPS = ("purge-notes", "purge-refs", "purge-objects", "purge-mirror", "purge-scrub")
"""The fault points, each reached just before the step of its name."""
_ATTEMPTS = 20

Purged = Mapping[str, frozenset[str]]
"""Names of fields by their root."""


class Found(NamedTuple):
    """Where copies are."""

    blobs: frozenset[str]
    notes: tuple[str, ...]
    """The commits whose notes hold one now."""
    refs: tuple[str, ...]
    """Refs of ours that lead to one, now or in their history; the notes ref first."""
    files: tuple[Path, ...]
    """Files of the mirror that show one."""

    def places(self) -> tuple[str, ...]:
        """Refs other than the notes ref: what was sent to, or came from, other repositories."""
        return tuple(ref for ref in self.refs if ref != NOTES)


def tidy(workspace: Workspace) -> None:
    """Remove what a fetch brought back of purged values; costs nothing where none was purged."""
    purged = workspace.ledger.purged()
    if not purged:
        return
    found = find(workspace, purged, everywhere=False)
    if found.blobs:
        with exclusive(workspace.lock_path):
            forget(workspace, purged, found)


def find(workspace: Workspace, purged: Purged, *, everywhere: bool = True) -> Found:
    """Look for copies of purged values outside of the ledger; not ``everywhere``: only where notes of ours lead to."""
    withheld = _withheld(purged)
    roots = tuple(root.encode() for root in purged)

    def wanted(content: bytes) -> bool:
        return any(root in content for root in roots) and projection.holds(content, withheld)

    known = _refs(workspace)
    below = None if everywhere else known
    blobs = set(git.holding(workspace.git, wanted, workspace.caller.progress, below))
    refs = tuple(ref for ref in known if git.reached(workspace.git, blobs, ref)) if blobs else ()
    handle = workspace.repo.handle
    now = note_refs.Notes(handle, note_refs.tip(handle, NOTES)).items() if NOTES in refs else ()
    noted = tuple(dict.fromkeys(key for key, note in now if wanted(note)))
    return Found(frozenset(blobs), noted, refs, tuple(_files(workspace, purged)))


def forget(workspace: Workspace, purged: Purged, found: Found) -> tuple[list[str], list[str]]:
    """Remove what was found; gives what was removed and what could not be, in sentences.

    The caller holds the repository lock and has written down what is purged.
    """
    at = workspace.caller.at
    said: list[str] = []
    left: list[str] = []
    at("purge-notes")
    if NOTES in found.refs:
        _rewrite(workspace, _withheld(purged))
        many = f"the notes of {len(found.notes)} commits" if len(found.notes) > 1 else "the note of 1 commit"
        which = many if found.notes else "no note of today"
        said.append(f"{NOTES}: {which}; its history, which held older copies, begins anew.")
    at("purge-refs")
    for ref in found.places():
        # Made again when they are next needed: they only save looking at everything.
        workspace.git.output("update-ref", "--no-deref", "-d", ref)
        said.append(f"{ref}, which held a copy.")
    # Also where a purge was cut short after the refs had moved: their logs lead to what they held before.
    for ref in _refs(workspace) if found.blobs else ():
        workspace.git.run("reflog", "expire", "--expire=all", "--expire-unreachable=all", ref)
    at("purge-objects")
    if found.blobs:
        objects, kept = _objects(workspace, set(found.blobs))
        said += objects
        left += kept
    at("purge-mirror")
    for path in found.files:
        _show_again(workspace, path)
        said.append(f"{path}.")
    at("purge-scrub")
    workspace.ledger.store.scrub()
    return said, left


def _withheld(purged: Purged) -> projection.Withheld:
    return lambda root: purged.get(root, frozenset())


def _refs(workspace: Workspace) -> list[str]:
    """The refs whose history is one of notes, ours first."""
    listed = workspace.git.text("for-each-ref", "--format=%(refname)", NOTES, PROJECTIONS, TRACKED).splitlines()
    listed = [ref for ref in listed if not ref.startswith(TRACKED) or ref.endswith("/notes")]
    return sorted(listed, key=lambda ref: ref != NOTES)


def _rewrite(workspace: Workspace, withheld: projection.Withheld) -> None:
    """Begin the notes' history anew with the notes as they are, without the values."""
    repo = workspace.repo
    who = Ident(b"anvcs", b"notes@anvcs.invalid", int(time.time()), 0)
    for _ in range(_ATTEMPTS):
        old = note_refs.tip(repo.handle, NOTES)
        if old is None:
            return
        edits: dict[str, bytes | None] = {}
        for key, note in note_refs.Notes(repo.handle, old).items():
            kept = projection.withhold(note, withheld)
            if kept != note:
                edits[key] = kept
        pack = Pack(repo)
        try:
            new = notes_sync.commit(repo, str(old), edits, who, (), pack)
            pack.flush()
            if note_refs.swap(repo.handle, NOTES, old, repo.oid(new), "anvcs purge"):
                return
        finally:
            pack.release()
    raise LockedError(f"{NOTES} kept moving.", "Purge again when nobody else writes notes.")


def _objects(workspace: Workspace, blobs: set[str]) -> tuple[list[str], list[str]]:
    kept = git.reached_by_anything(workspace.git, blobs)
    left = [
        f"Something of your own in Git leads to a copy, so it stays; see: git log --all --find-object={blob[:16]}"
        for blob in sorted(kept)
    ]
    done = git.remove(workspace.git, blobs - kept, workspace.caller.progress)
    left += [f"A repository that this one borrows objects from has a copy, the blob {blob}." for blob in done.left]
    gone = len(blobs) - len(kept) - len(done.left)
    said = [
        f"{gone} {'copies' if gone > 1 else 'copy'} among Git's objects ({done.loose} loose, {done.packed} packed)."
    ]
    return (said if gone else []), left


def _files(workspace: Workspace, purged: Purged) -> list[Path]:
    """The mirrored files, in any worktree, of commits whose records lost a value."""
    found: list[Path] = []
    for git_dir in worktrees.folders(workspace.repo).values():
        home = worktrees.root_of(git_dir) / ".ai" / "meta"
        if home.is_symlink() or home.parent.is_symlink():
            continue
        found += [path for path in sorted(home.glob("*.json")) if _shows(path, purged.get(_root(workspace, path)))]
    return found


def _shows(path: Path, names: frozenset[str] | None) -> bool:
    """Whether the file shows a value of one of the fields."""
    meta = _content(path).get("ai_meta")
    if names is None or not isinstance(meta, dict):
        return names is not None
    return any(_value(cast("dict[str, object]", meta), name) is not None for name in names)


def _value(meta: dict[str, object], name: str) -> object:
    group, dot, key = name.partition(".")
    inner = meta.get(group)
    if not dot:
        return inner
    return cast("dict[str, object]", inner).get(key) if isinstance(inner, dict) else None


def _root(workspace: Workspace, path: Path) -> str:
    """The root of the record of the commit that a file is about."""
    commit = _content(path).get("git_commit")
    with suppress(AnvcsError):
        raw = workspace.repo.objects.read(str(commit), "commit")
        named = [value for name, value in messages.anvcs_lines(raw.partition(b"\n\n")[2]) if name == b"ANVCS-Meta"]
        return named[-1].decode("ascii", "replace") if named else ""
    return ""


def _content(path: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        found: object = json.loads(path.read_bytes())
        if isinstance(found, dict):
            return cast("dict[str, object]", found)
    return {}


def _show_again(workspace: Workspace, path: Path) -> None:
    """Write a mirrored file again from what is known now; where that fails, remove it."""
    shown = _content(path)
    metadata = None
    with suppress(AnvcsError):
        metadata = metadata_of(workspace, str(shown.get("git_commit")))
    path.unlink(missing_ok=True)
    if metadata is None:
        return
    entry = mirror.Entry(
        commit_id=str(shown["commit_id"]),
        git_commit=str(shown["git_commit"]),
        tree=str(shown["tree"]),
        metadata=metadata,
        change_id=_text(shown.get("change_id")),
        operation_id=_text(shown.get("operation_id")),
    )
    mirror.write(path.parents[2], entry)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
