"""What became of every path that both sides of a tree merge did something to, as git left it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from anvcs.merge.model import FileOutcome, Version
from anvcs.merge.treereport import AUTO_MERGING, CONTENTS, Message, Report
from anvcs.merge.trees import Row, Sides
from anvcs.merge.treewords import Scene, reason, shown

Renames = Mapping[bytes, bytes]
"""The old path of each renamed file by its new one."""

_APPLIED = "Path updated due to directory rename"
_LINK, _MODULE = "120000", "160000"
_KINDS = (
    ("CONFLICT (rename/rename)", "rename/rename"),
    ("CONFLICT (rename involved in collision)", "rename/add"),
    ("CONFLICT (rename/delete)", "rename/delete"),
    ("CONFLICT (directory rename suggested)", "directory-rename"),
    ("CONFLICT (file in way of directory rename)", "directory-rename-blocked"),
    ("CONFLICT(directory rename collision)", "directory-rename-blocked"),
    ("CONFLICT(directory rename unclear split)", "directory-rename-blocked"),
    ("CONFLICT (file/directory)", "directory/file"),
    ("CONFLICT (distinct modes)", "type"),
    ("CONFLICT (submodule", "submodule"),
    ("CONFLICT (binary)", "binary"),
    ("CONFLICT (modify/delete)", "modify/delete"),
    (CONTENTS, "content"),
)
"""How each kind of message begins, the ones first that say most."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the outcomes of one merge are told from."""

    report: Report
    names: tuple[str, str]
    """What the sides are called, ours first."""
    touched: Mapping[bytes, Sides]
    """The files that both sides changed."""
    sides: Mapping[bytes, Sides]
    """What base and sides have at every path that git names."""
    merged: Mapping[bytes, Row]
    """What the result has at the paths that git names or both sides changed."""
    renamed: tuple[Renames, Renames] = ({}, {})
    """What ours and theirs renamed, as far as it matters."""
    astray: Mapping[Message, Sequence[bytes]] = field(default_factory=dict[Message, "Sequence[bytes]"])
    """The files in question, of conflicts that have no versions in the report."""


def named(report: Report) -> set[bytes]:
    """The paths that git says something of."""
    return {path for message in report.messages for path in message.paths} | report.stages.keys()


def moves(message: Message) -> bool:
    """Git says that a file went, or should go, where a folder was renamed to."""
    return "directory rename" in message.kind


def without_stages(report: Report) -> tuple[Message, ...]:
    """The conflicts of which git keeps no versions: files that it would move after a folder, and cannot."""
    return tuple(each for each in report.messages if each.conflict and report.stages.keys().isdisjoint(each.paths))


def renames_known(
    report: Report, touched: Mapping[bytes, Sides], sides: Mapping[bytes, Sides]
) -> tuple[Renames | None, Renames | None]:
    """What ours and theirs renamed, as far as it matters and only one answer is left; none where git must be asked.

    ``sides`` has the paths that git names.
    """
    placed = _merged(report) | {path for path, stages in report.stages.items() if 1 in stages}
    new = {path: sides[path] for path in placed if sides[path].base is None}
    added = {path for path, stages in report.stages.items() if 1 not in stages and len(stages) > 1}
    unclear = added or any(each.base is None and each.left != each.right for each in touched.values())
    if unclear or any((each.left is None) == (each.right is None) for each in new.values()):
        return None, None
    gone = {path: each for path, each in touched.items() if path not in report.stages}
    return _only(gone, new, 0), _only(gone, new, 1)


def _only(gone: Mapping[bytes, Sides], new: Mapping[bytes, Sides], side: int) -> Renames | None:
    olds = [path for path, (_, *each) in gone.items() if each[side] is None and each[1 - side] is not None]
    news = [path for path, (_, *each) in new.items() if each[side] is not None]
    if len(olds) != len(news) or len(olds) > 1:
        return None
    return dict(zip(news, olds, strict=True))


def _merged(report: Report) -> set[bytes]:
    return {message.paths[0] for message in report.messages if message.kind == AUTO_MERGING} - report.stages.keys()


def conflicts(ground: Ground) -> Iterator[FileOutcome]:
    """The paths that git leaves to a person."""
    said: dict[bytes, list[Message]] = {}
    for message in ground.report.messages:
        for path in message.paths if message.conflict else ():
            said.setdefault(path, []).append(message)
    for path, stages in ground.report.stages.items():
        message = min(said.get(path, []), key=lambda each: _rank(each.kind), default=None)
        scene = Scene(path, ground.names, stages, _modes(ground, path, message), message, ground.sides, ground.renamed)
        kind = _kind(scene)
        yield FileOutcome(
            path, "conflict", kind, reason(kind, scene), base=stages.get(1), left=stages.get(2), right=stages.get(3)
        )

    for message, paths in ground.astray.items():
        for path in paths:
            yield _astray(ground, path, message)


def _astray(ground: Ground, path: bytes, message: Message) -> FileOutcome:
    """A file that stays where it is, since git cannot tell where else it belongs."""
    base, left, right = (version(row) for row in ground.sides.get(path, Sides(None, None, None)))
    scene = Scene(path, ground.names, {}, frozenset(), message, ground.sides, ground.renamed)
    kind = _kind(scene)
    return FileOutcome(path, "conflict", kind, reason(kind, scene), base=base, left=left, right=right)


def _modes(ground: Ground, path: bytes, message: Message | None) -> frozenset[str]:
    paths = {path, *(message.paths if message is not None else ())}
    return frozenset(each.mode for at in paths for each in ground.report.stages.get(at, {}).values())


def _rank(kind: str) -> int:
    return next((place for place, (begins, _) in enumerate(_KINDS) if kind.startswith(begins)), len(_KINDS))


def _kind(scene: Scene) -> str:
    rank = _rank(scene.message.kind) if scene.message is not None else len(_KINDS)
    kind = _KINDS[rank][1] if rank < len(_KINDS) else "content"
    if kind in ("content", "type") and _MODULE in scene.modes:
        return "submodule"
    if kind in ("content", "type") and _LINK in scene.modes:
        return "symlink"
    if kind != "content" or 1 in scene.stages:
        return kind
    versions = [*scene.stages.values()]
    if len(versions) == 2 and versions[0].oid == versions[1].oid:
        return "mode"
    renamed = [scene.path in each for each in scene.renamed]
    return "rename/rename" if all(renamed) else "rename/add" if any(renamed) else "add/add"


def settled(ground: Ground) -> Iterator[FileOutcome]:
    """The paths that both sides did something to and git brought together."""
    explained = {path for message in ground.report.messages if message.conflict for path in message.paths}
    alike = {old for new, old in ground.renamed[0].items() if ground.renamed[1].get(new) == old}
    told = set(ground.report.stages) | explained | alike | {path for each in ground.astray.values() for path in each}
    for path, sides in ground.touched.items():
        if path in told:
            continue
        if sides.left is None or sides.right is None:
            outcome = _followed(ground, path, sides, told)
        else:
            outcome = _changed(ground, path, sides)
        if outcome is not None:
            told.add(outcome.path)
            yield outcome
    for path in sorted(_merged(ground.report) - told):
        if path in ground.merged:
            yield _brought(ground, path)
    for message in ground.report.messages:
        # Where it went something else may stand, which is a conflict already.
        if message.kind == _APPLIED and message.paths[0] not in ground.report.stages:
            yield _moved(ground, message)


def _changed(ground: Ground, path: bytes, sides: Sides) -> FileOutcome:
    base, left, right = (version(row) for row in sides)
    one, two = ground.names
    outcome = FileOutcome(path, "git", base=base, left=left, right=right)
    if left == right:
        kind = "content" if base is not None else "add/add"
        what = "made the same change" if base is not None else "added the same file"
        return replace(outcome, how="same", kind=kind, reason=f"{one} and {two} {what}.")
    assert left is not None and right is not None  # noqa: S101, PT018 - for the type checker
    if _MODULE in (left.mode, right.mode):
        why = f"{one} and {two} moved this submodule, one further than the other: the further commit has both."
        return replace(outcome, kind="submodule", reason=why)
    if base is not None and base.oid in (left.oid, right.oid):
        able, other = (one, two) if left.oid == base.oid else (two, one)
        return replace(outcome, kind="mode", reason=f"{able} changed the mode, {other} the content: both are kept.")
    if base is None and path in ground.renamed[0] and path in ground.renamed[1]:
        return _brought(ground, path)
    kind = "content" if base is not None else "add/add"
    return replace(outcome, kind=kind, reason=f"{one} and {two} changed it, in different places.")


def _followed(ground: Ground, path: bytes, sides: Sides, told: set[bytes]) -> FileOutcome | None:
    """A file that one side has no more here, while the other changed it."""
    one, two = ground.names
    if sides.left is None and sides.right is None:
        return FileOutcome(path, "same", "delete", f"{one} and {two} deleted it.", base=version(sides.base))
    on_left = sides.left is None
    news = [new for new, old in ground.renamed[0 if on_left else 1].items() if old == path]
    renamer, other = (one, two) if on_left else (two, one)
    if not news:
        base, left, right = (version(row) for row in sides)
        why = f"{renamer} has it no more, {other} changed it; git took the change to where its content went."
        return FileOutcome(path, "git", "rename", why, base=base, left=left, right=right)
    if news[0] in told:
        return None
    return _renamed(ground, news[0], (path, news[0] if on_left else path, path if on_left else news[0]))


def _brought(ground: Ground, path: bytes) -> FileOutcome:
    """A file that git merged at a path that the base does not have."""
    olds = [each.get(path) for each in ground.renamed]
    old = olds[0] or olds[1]
    if old is None:
        return FileOutcome(path, "git", "rename", "git merged what both sides had of this file under other names.")
    left, right = (path if each else old for each in olds)
    return _renamed(ground, path, (old, left, right))


def _renamed(ground: Ground, path: bytes, at: tuple[bytes, bytes, bytes]) -> FileOutcome:
    """A renamed file; ``at`` is where base and sides have it."""
    rows = (ground.sides.get(place, Sides(None, None, None))[side] for side, place in enumerate(at))
    base, left, right = (version(row) for row in rows)
    one, two = ground.names
    if at[1] == at[2]:
        why = f"{one} and {two} renamed {shown(at[0])} to {shown(path)} and changed it, in different places."
    else:
        renamer, other = (one, two) if at[1] == path else (two, one)
        why = f"{renamer} renamed {shown(at[0])} to {shown(path)}, {other} changed it: the change went along."
    return FileOutcome(path, "git", "rename", why, base=base, left=left, right=right)


def _moved(ground: Ground, message: Message) -> FileOutcome:
    new, old = (*message.paths, message.paths[0])[:2]
    added = ground.sides.get(old, Sides(None, None, None))
    adder, mover = ground.names if added.left is not None else (ground.names[1], ground.names[0])
    why = f"{adder} put {shown(old)} into a folder that {mover} renamed: it went along to {shown(new)}."
    left, right = version(added.left), version(added.right)
    return FileOutcome(new, "git", "directory-rename", why, left=left, right=right)


def version(row: Row | None) -> Version | None:
    """An entry as the outcomes have it."""
    return Version(f"{int(row[0], 8):06o}", row[2].hex()) if row is not None else None
