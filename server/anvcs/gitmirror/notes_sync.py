"""Whole trees of notes compared, joined and rebuilt, at the cost of what differs and not of what there is."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pygit2 import Oid

from anvcs.errors import LockedError
from anvcs.gitmirror import notes
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.pack import Pack
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, FILE, TREE, Entry, edit, parse

Join = Callable[[bytes | None, bytes], bytes | None]
"""From our note and theirs to the one of both."""

_HEX = re.compile(rb"[0-9a-f]+")


class Joined(NamedTuple):
    """What became of a notes ref."""

    tip: str | None
    notes: int
    """How many notes are not as they were."""


def changed(repo: GitRepository, new: str | None, *known: str | None) -> list[str]:
    """The keys whose note in one notes commit is, as far as the trees tell, in none of the known commits.

    A key may be named although its note is the same, where the trees have different fan-outs.
    """
    if new is None:
        return []
    found: list[str] = []
    _walk(repo, repo.tree_of(new), [repo.tree_of(each) for each in known if each is not None], b"", found)
    return found


def commit(
    repo: GitRepository,
    tip: str | None,
    edits: Mapping[str, bytes | None],
    who: Ident,
    parents: tuple[str, ...],
    pack: Pack,
) -> str:
    """A notes commit that has the tip's notes but for the edits (None: no note). Durable when the pack is flushed."""
    tree = repo.tree_of(tip) if tip else EMPTY_TREE
    if _is_regular(repo, tree, edits):
        paths = {
            key[:2].encode() + b"/" + key[2:].encode(): None if text is None else Entry(FILE, pack.write("blob", text))
            for key, text in edits.items()
        }
        tree = edit(pack, tree, paths)
    else:
        # Other spellings of the keys have to go: the writer of single notes knows them.
        made = notes.build(repo.handle, repo.oid(tip) if tip else None, edits, repo.signature(who))
        tree = repo.tree_of(str(made))
    ident = who.raw()
    lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    lines += [b"author " + ident, b"committer " + ident]
    return pack.write("commit", b"\n".join(lines) + b"\n\n" + notes.MESSAGE.encode())


def join(repo: GitRepository, ref: str, theirs: str, base: str | None, one: Join, who: Ident) -> Joined:
    """Take the notes of another notes commit into a ref; ``base`` is one whose notes it has taken already.

    Raises LockedError, having changed nothing, if the ref could not be swapped for ``notes.PATIENCE`` seconds.
    """
    return _swapped(repo, ref, lambda ours, pack: _joined(repo, ours, theirs, base, one, who, pack))


def write_all(repo: GitRepository, ref: str, changes: Mapping[str, notes.Change], who: Ident) -> Joined:
    """Apply every change to its object's note, in one notes commit and one pack; for many notes. Raises as ``join``."""

    def made(ours: str | None, pack: Pack) -> tuple[str | None, int]:
        known = reader(repo, ours)
        edits: dict[str, bytes | None] = {}
        for key, change in changes.items():
            before = known.get(key)
            after = change(before)
            if after != before:
                edits[key] = after
        parents = (ours,) if ours is not None else ()
        return (commit(repo, ours, edits, who, parents, pack) if edits else ours), len(edits)

    return _swapped(repo, ref, made)


def _swapped(repo: GitRepository, ref: str, made: Callable[[str | None, Pack], tuple[str | None, int]]) -> Joined:
    """Move the ref to what is made of its present value, made anew after each lost swap."""
    until = time.monotonic() + notes.PATIENCE
    pause = 0.001
    while True:
        old = notes.tip(repo.handle, ref)
        ours = str(old) if old is not None else None
        pack = Pack(repo)
        try:
            new, count = made(ours, pack)
            if new is not None and new != ours:
                pack.flush()
            if new is None or new == ours or notes.swap(repo.handle, ref, old, repo.oid(new), "anvcs"):
                return Joined(new, count)
        finally:
            pack.release()
        if time.monotonic() > until:
            raise LockedError(f"{ref} was locked or moved by others all the time.", "Try again.")
        time.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
        pause = min(pause * 2, 0.05)


def descends(repo: GitRepository, newer: str | None, older: str | None) -> bool:
    """Whether one notes commit is the other or was made from it; false where either is absent."""
    if newer is None or older is None or newer == older:
        return newer is not None and newer == older
    if repo.oid(older) not in repo.handle:
        return False
    return repo.handle.descendant_of(repo.oid(newer), repo.oid(older))


def reader(repo: GitRepository, tip: str | None) -> notes.Notes:
    """The notes of one notes commit."""
    return notes.Notes(repo.handle, _oid(repo, tip))


def _oid(repo: GitRepository, tip: str | None) -> Oid | None:
    return None if tip is None else repo.oid(tip)


def _joined(
    repo: GitRepository, ours: str | None, theirs: str, base: str | None, one: Join, who: Ident, pack: Pack
) -> tuple[str | None, int]:
    """The notes commit to stand in place of ours, and how many notes differ from ours."""
    keys = changed(repo, theirs, ours, base)
    if not keys:
        return ours, 0
    mine, other = reader(repo, ours), reader(repo, theirs)
    edits: dict[str, bytes | None] = {}
    as_it_is = ours is None
    for key in keys:
        before, text = mine.get(key), other.get(key)
        after = one(before, text) if text is not None else before
        if after != before:
            edits[key] = after
        as_it_is = as_it_is and after == text
    if not edits:
        return ours, 0
    if as_it_is:
        return theirs, len(edits)
    parents = tuple(each for each in (ours, theirs) if each is not None)
    return commit(repo, ours, edits, who, parents, pack), len(edits)


def _walk(repo: GitRepository, tree: str, known: list[str], prefix: bytes, found: list[str]) -> None:
    if tree in known or tree == EMPTY_TREE:
        return
    others = [parse(_read(repo, each)) for each in known]
    for name, entry in parse(_read(repo, tree)).items():
        if not _HEX.fullmatch(name):
            continue
        twins = [other[name] for other in others if name in other]
        if entry in twins:
            continue
        if entry.mode == TREE:
            if len(name) == 2:
                _walk(repo, entry.oid, [each.oid for each in twins if each.mode == TREE], prefix + name, found)
        elif len(prefix + name) == 40:
            found.append((prefix + name).decode("ascii"))


def _is_regular(repo: GitRepository, tree: str, keys: Iterable[str]) -> bool:
    """Whether none of the keys can stand anywhere but in the fan-out of our own writer."""
    top = parse(_read(repo, tree))
    folders: dict[str, dict[bytes, Entry]] = {}
    for key in map(str.encode, keys):
        found = top.get(key[:2])
        if key in top or (found is not None and found.mode != TREE):
            return False
        if found is not None:
            if found.oid not in folders:
                folders[found.oid] = parse(_read(repo, found.oid))
            if key[2:4] in folders[found.oid]:
                return False
    return True


def _read(repo: GitRepository, tree: str) -> bytes:
    return b"" if tree == EMPTY_TREE else repo.objects.read(tree, "tree")
