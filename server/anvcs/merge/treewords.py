"""Says in a sentence why a path of a tree merge is in conflict, and names what each side did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from anvcs.merge.model import Version
from anvcs.merge.treereport import Message
from anvcs.merge.trees import Sides

_NOTHING = Sides(None, None, None)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of one path in conflict."""

    path: bytes
    names: tuple[str, str]
    """What the sides are called, ours first."""
    stages: Mapping[int, Version]
    modes: frozenset[str]
    """Of these versions, and of those at other paths that git names with this one."""
    message: Message | None
    """What git says of it."""
    sides: Mapping[bytes, Sides]
    """What base and sides have at this path and at those that git names."""
    renamed: tuple[Mapping[bytes, bytes], Mapping[bytes, bytes]]
    """By its new path, the old one of each file that a side renamed."""

    def has(self, path: bytes) -> tuple[bool, bool]:
        """Which sides have a file at a path."""
        found = self.sides.get(path, _NOTHING)
        return found.left is not None, found.right is not None

    def one(self, path: bytes) -> tuple[str, str]:
        """The side that has a file at a path, and the other one."""
        return self.names if self.has(path)[0] else (self.names[1], self.names[0])


def shown(path: bytes) -> str:
    """A path as people read it."""
    return path.decode("utf-8", "backslashreplace")


def reason(kind: str, scene: Scene) -> str:
    """The sentence for a kind of conflict; git's own words for one that we have none for."""
    told = _SENTENCES.get(kind)
    if told is not None:
        return told(scene)
    if scene.message is None:
        return f"{scene.names[0]} and {scene.names[1]} both changed it, and git cannot tell which change is meant."
    return _said(scene)


def _said(scene: Scene) -> str:
    text = scene.message.text if scene.message is not None else ""
    return text.partition("): ")[2] or text


def _both(rest: str) -> Callable[[Scene], str]:
    return lambda scene: f"{scene.names[0]} and {scene.names[1]} {rest}"


def _modify_delete(scene: Scene) -> str:
    keeper, other = scene.names if 2 in scene.stages else (scene.names[1], scene.names[0])
    return f"{keeper} changed this file, {other} deleted it: keep it as changed, or let it go."


def _rename_delete(scene: Scene) -> str:
    new, old = _paths(scene, 2)
    keeper, other = scene.one(new)
    return f"{keeper} renamed {shown(old)} to {shown(new)}, {other} deleted it: keep it, or let it go."


def _rename_rename(scene: Scene) -> str:
    renamed = [each.get(scene.path) for each in scene.renamed]
    if scene.message is None or len(scene.message.paths) != 3:
        left, right = (shown(old) if old else "another file" for old in renamed)
        return f"{scene.names[0]} renamed {left} to this name, {scene.names[1]} renamed {right} to it."
    old, first, second = scene.message.paths
    if not scene.has(first)[0]:
        first, second = second, first
    return (
        f"{scene.names[0]} renamed {shown(old)} to {shown(first)}, {scene.names[1]} renamed it to {shown(second)}: "
        "choose one name."
    )


def _rename_add(scene: Scene) -> str:
    old = next((each[scene.path] for each in scene.renamed if scene.path in each), None)
    if old is None and scene.message is not None and len(scene.message.paths) > 1:
        old = scene.message.paths[1]
    renamer, other = scene.names
    if scene.path in scene.renamed[1] or (old is not None and scene.has(old) == (True, False)):
        renamer, other = other, renamer
    what = shown(old) if old is not None else "another file"
    return f"{renamer} renamed {what} to this name, {other} added a file of this name."


def _directory_file(scene: Scene) -> str:
    moved, original = _paths(scene, 2)
    keeper, other = scene.names if 2 in scene.stages else (scene.names[1], scene.names[0])
    there = f", now at {shown(moved)}" if moved != original else ""
    return f"{keeper} has a file {shown(original)}{there}, {other} has a folder of that name: rename one of them."


def _symlink(scene: Scene) -> str:
    if scene.modes == frozenset(("120000",)):
        return f"{scene.names[0]} and {scene.names[1]} let this symbolic link point to different places."
    return (
        f"{scene.names[0]} and {scene.names[1]} have different kinds of things here, one of them a symbolic link: "
        "choose one, or rename one."
    )


def _submodule(scene: Scene) -> str:
    why = scene.message.text if scene.message is not None else ""
    if scene.modes != frozenset(("160000",)):
        return (
            f"{scene.names[0]} and {scene.names[1]} have different kinds of things here, one of them a submodule: "
            "choose one, or rename one."
        )
    said = f" (git: {why.removesuffix('.')})" if why and not why.startswith("CONFLICT") else ""
    return f"{scene.names[0]} and {scene.names[1]} moved this submodule to different commits{said}: choose one."


def _mode(scene: Scene) -> str:
    runs = scene.stages[2].mode == "100755"
    able, other = scene.names if runs else (scene.names[1], scene.names[0])
    return f"{able} added this file as executable, {other} did not."


def _directory_rename(scene: Scene) -> str:
    new, old = _paths(scene, 2)
    added = scene.sides.get(old, _NOTHING)
    adder, mover = scene.names if added.left is not None else (scene.names[1], scene.names[0])
    return (
        f"{adder} put a file into a folder that {mover} renamed: git suggests {shown(new)} instead of {shown(old)}. "
        "Choose where it belongs."
    )


def _astray(scene: Scene) -> str:
    folder, *files = scene.message.paths if scene.message is not None else (scene.path,)
    adder, mover = scene.one(scene.path)
    added = f"{adder} put {shown(scene.path)}"
    if not files:
        return (
            f"{mover} moved what was in {shown(folder)} to several places, and {added} there: choose where it belongs."
        )
    if scene.path not in files:
        return _said(scene)
    return (
        f"{added} into a folder that {mover} renamed, and it cannot go along to {shown(folder)}, where something else "
        f"is: choose where it belongs."
    )


def _paths(scene: Scene, count: int) -> tuple[bytes, ...]:
    """The paths that git names, as many as are wanted."""
    named = scene.message.paths if scene.message is not None else ()
    return (*named, *(scene.path,) * count)[:count]


_SENTENCES: dict[str, Callable[[Scene], str]] = {
    "content": _both("changed the same lines."),
    "add/add": _both("each added this file, with different content."),
    "binary": _both("changed this binary file, of which one version must be chosen."),
    "not-merged": _both("changed this file, and its attributes say that it is not merged: choose one version."),
    "pointer": _both("let this pointer stand for different content, of which one version must be chosen."),
    "type": _both("have different kinds of things here: choose one, or rename one."),
    "modify/delete": _modify_delete,
    "rename/delete": _rename_delete,
    "rename/rename": _rename_rename,
    "rename/add": _rename_add,
    "directory/file": _directory_file,
    "directory-rename": _directory_rename,
    "directory-rename-blocked": _astray,
    "symlink": _symlink,
    "submodule": _submodule,
    "mode": _mode,
}
