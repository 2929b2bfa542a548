"""Resolutions in a result: which of them fit, and what stands at a path because of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from anvcs.gitmirror.trees import EXECUTABLE, FILE, Entry, lookup
from anvcs.governance import resolutions
from anvcs.governance.proposal_events import Disputed, Flaw, Resolved
from anvcs.governance.proposals import Resolution, State
from anvcs.governance.resolutions import Region
from anvcs.merge.model import Conflict, FileOutcome, Options, TreeMerge, Version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvcs.actions.proposal.book import Book
    from anvcs.actions.workspace import Workspace


class Marked(NamedTuple):
    """A file as the merge left it, with the conflicts in it."""

    entry: Entry
    text: bytes
    regions: tuple[Region, ...]
    conflicts: tuple[Conflict | None, ...]
    """What the engine says of each, as far as it does."""


def outcome_of(merge: TreeMerge, path: bytes) -> FileOutcome | None:
    """What became of a path, if the merge says so."""
    return next((each for each in merge.files if each.path == path), None)


def marked(workspace: Workspace, merge: TreeMerge, outcome: FileOutcome) -> Marked | None:
    """A conflicted text with its markers; nothing where the path can only be decided as a whole."""
    if outcome.how != "conflict" or outcome.left is None or outcome.right is None:
        return None
    there = lookup(workspace.repo.objects, merge.tree, outcome.path)
    if there is None or there.mode not in (FILE, EXECUTABLE):
        return None
    text = workspace.repo.objects.read(there.oid, "blob")
    found = resolutions.regions(text)
    if not outcome.conflicts:
        return Marked(there, text, found, (None,) * len(found)) if found else None
    # A text may hold markers of its own.
    lines, told = resolutions.places(text, found, {}), {each.line: each for each in outcome.conflicts}
    pairs = [
        (_as_given(region, told[lines[number][0]]), told[lines[number][0]])
        for number, region in enumerate(found, 1)
        if lines[number][0] in told
    ]
    regions, conflicts = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return Marked(there, text, regions, conflicts) if pairs else None


def _as_given(region: Region, conflict: Conflict) -> Region:
    """The region with its sides as they are: git's usual markers show no base, and end a last line that has no end."""
    sides = region.sides
    return region._replace(
        sides=sides._replace(
            base=conflict.base if sides.base is None else _unended(sides.base, conflict.base),
            left=_unended(sides.left, conflict.left),
            right=_unended(sides.right, conflict.right),
        )
    )


def _unended(shown: bytes, given: bytes) -> bytes:
    if given and not given.endswith(b"\n"):
        for end in (b"\r\n", b"\n"):
            if shown.endswith(end) and given.endswith(bare := shown.removesuffix(end)):
                return bare
    return shown


def disputed(workspace: Workspace, merge: TreeMerge) -> tuple[Disputed, ...]:
    """The paths that need somebody, each with its versions and how many conflicts it has."""
    found: list[Disputed] = []
    for outcome in merge.files:
        if outcome.how == "conflict":
            text = marked(workspace, merge, outcome)
            found.append(Disputed(outcome.path, _versions(outcome), len(text.regions) if text is not None else 0))
    return tuple(found)


def versions(workspace: Workspace, merge: TreeMerge, tips: Sequence[str], path: bytes) -> bytes:
    """The hash of what base and sides have at a path; ``tips`` are the commits that the merge joins."""
    outcome = outcome_of(merge, path)
    if outcome is not None and (outcome.base or outcome.left or outcome.right):
        return _versions(outcome)
    found = [at(workspace, commit, path) for commit in (*merge.bases[:1], *tips)]
    return resolutions.versions(*((f"{each.mode:o}", each.oid) if each is not None else None for each in found))


def entries(outcome: FileOutcome) -> tuple[Entry | None, Entry | None, Entry | None]:
    """What base, left and right have at a path."""
    base, left, right = (
        Entry(int(each.mode, 8), each.oid) if each is not None else None
        for each in (outcome.base, outcome.left, outcome.right)
    )
    return base, left, right


def at(workspace: Workspace, commit: str, path: bytes) -> Entry | None:
    """What a commit has at a path."""
    return lookup(workspace.repo.objects, workspace.repo.tree_of(commit), path)


def held(
    workspace: Workspace,
    book: Book,
    state: State,
    merge: TreeMerge,
    tips: Sequence[str],
    open_paths: Sequence[Disputed],
) -> tuple[dict[bytes, Entry | None], dict[bytes, bytes]]:
    """The entries of the resolutions that were made for just the versions there are now, and those versions."""
    entries: dict[bytes, Entry | None] = {}
    kept: dict[bytes, bytes] = {}
    known = {each.path: each.versions for each in open_paths}
    for (path, made_for), resolution in state.resolutions.items():
        now = known.get(path) or versions(workspace, merge, tips, path)
        found = _entry(workspace, book, merge, resolution, path) if now == made_for else None
        if found is not None:
            entries[path], kept[path] = found.entry, made_for
    return entries, kept


class _Found(NamedTuple):
    entry: Entry | None
    """None where the file is to be gone."""


def _entry(workspace: Workspace, book: Book, merge: TreeMerge, resolution: Resolution, path: bytes) -> _Found | None:
    """What stands at a path by a resolution; nothing where a conflict is not the one that was decided."""
    if resolution.whole is not None:
        what = cast("Resolved", resolution.whole.what)
        if what.text is not None and what.entry is not None:
            # git's collector may have had the blob while other versions stood there.
            workspace.repo.objects.write("blob", book.object(what.text))
        return _Found(Entry(*what.entry) if what.entry is not None else None)
    outcome = outcome_of(merge, path)
    text = marked(workspace, merge, outcome) if outcome is not None else None
    if text is None or not _fits(resolution, text.regions):
        return None
    return _Found(partly(workspace, text, chosen(book, resolution)))


def partly(workspace: Workspace, text: Marked, replaced: dict[int, bytes]) -> Entry:
    """The file with the conflicts that are decided replaced."""
    data = resolutions.fill(text.text, text.regions, replaced)
    return text.entry._replace(oid=workspace.repo.objects.write("blob", data))


def chosen(book: Book, resolution: Resolution) -> dict[int, bytes]:
    """What stands in the place of each conflict that is decided."""
    whats = {number: cast("Resolved", event.what) for number, event in resolution.parts.items()}
    return {number: book.object(what.text) for number, what in whats.items() if what.text is not None}


def judged(workspace: Workspace, path: bytes, entry: Entry | None, sides: Sequence[Entry | None]) -> tuple[Flaw, ...]:
    """What is wrong with a file that somebody decided; ``sides`` are base, left and right.

    That it leaves edits out is just what was decided.
    """
    if entry is None or any(each is not None and each.mode not in (FILE, EXECUTABLE) for each in (entry, *sides)):
        return ()
    objects = workspace.repo.objects
    texts = [objects.read(each.oid, "blob") if each is not None else b"" for each in sides]
    text = objects.read(entry.oid, "blob")
    if resolutions.left_over(text, texts) or len(text) > Options().largest:
        return ()
    from anvcs.merge.guards import check

    found = check(texts[0], texts[1], texts[2], text, path=path.decode("utf-8", "replace"), allowed=_DECIDED)
    return tuple(
        Flaw(path, each.kind, each.message, each.line, each.column) for each in found if each.severity == "hard"
    )


_DECIDED = frozenset({"lost", "doubled", "misplaced", "revived", "vanished"})


def _fits(resolution: Resolution, regions: Sequence[Region]) -> bool:
    there = {number: resolutions.digest(region.sides) for number, region in enumerate(regions, 1)}
    return all(there.get(number) == cast("Resolved", event.what).sides for number, event in resolution.parts.items())


def _versions(outcome: FileOutcome) -> bytes:
    return resolutions.versions(*(_pair(each) for each in (outcome.base, outcome.left, outcome.right)))


def _pair(version: Version | None) -> tuple[str, str] | None:
    return (version.mode, version.oid) if version is not None else None
