"""Where a name is defined: along imports from file to file, and along base classes from class to class."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from anvcs.merge.resources.languages import LANGUAGES
from anvcs.merge.resources.model import Import, Outline, Reference, Resource
from anvcs.merge.resources.modules import candidates, submodule

_DEEPEST = 32
"""Imports and base classes that are followed; a chain this long is a circle in all but name."""


_CLOSED = frozenset({"class", "interface", "enum"})
"""Kinds whose members all stand in the text."""


class Files(Protocol):
    """One version of a program."""

    def outline(self, path: str) -> Outline | None:
        """What is known of a file; nothing if there is none or its language is not known."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        ...


class Target(NamedTuple):
    """What a name leads to."""

    verdict: Literal["found", "missing", "unknown"]
    """``missing``: the file that should have it is there and does not. ``unknown``: outside of what can be seen."""
    path: str = ""
    name: str = ""
    """Qualified; empty for the file as a whole."""


UNKNOWN = Target("unknown")


class Resolver:
    """Answers for one version of a program; remembers what it was asked."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._modules: dict[tuple[str, str], str | None] = {}

    def module(self, outline: Outline, module: str) -> str | None:
        """The file that an import means; nothing if it is not in the tree."""
        key = outline.path, module
        if key not in self._modules:
            places = candidates(outline.language, outline.path, module, self.files.exists)
            self._modules[key] = next((path for path in places if self.files.exists(path)), None)
        return self._modules[key]

    def leads(self, outline: Outline, resource: Resource, reference: Reference) -> Target:
        """Where what a resource refers to is defined, be it an import or a use."""
        if reference.how == "import" and reference.module is not None:
            return self._taken(outline, reference.module, reference.imported, 0)
        return self.reference(outline, resource, reference)

    def reference(self, outline: Outline, resource: Resource, reference: Reference) -> Target:
        """Where what a resource refers to is defined."""
        if reference.receiver is None:
            return self._plain(outline, reference)
        if reference.receiver == "self":
            owner = resource.qualified.rpartition(".")[0]
            return self.member(outline.path, owner, reference.name) if owner else UNKNOWN
        if reference.owner is not None:
            return self._member_of(self.name(outline, reference.owner), reference.name)
        if reference.module is not None:
            return self._through_import(outline, reference, reference.module)
        if reference.bound and "." not in reference.receiver:
            return self._member_of(self.name(outline, reference.receiver), reference.name)
        return UNKNOWN

    def name(self, outline: Outline, name: str) -> Target:
        """Where a name at the top of a file is defined."""
        for each in outline.imports:
            if each.local == name:
                return self.imported(outline, each)
        return Target("found", outline.path, name) if name in outline.module.binds else UNKNOWN

    def imported(self, outline: Outline, each: Import) -> Target:
        """Where what an import takes is defined."""
        return self._taken(outline, each.module, each.name, 0)

    def member(self, path: str, owner: str, name: str, depth: int = 0) -> Target:
        """Where a class, or one that it inherits from, has a member."""
        outline = self.files.outline(path)
        owners = () if outline is None else outline.by_name.get(owner, ())
        if outline is None or not owners or depth > _DEEPEST:
            return UNKNOWN
        if any(name in each.binds for each in owners) or f"{owner}.{name}" in outline.by_name:
            return Target("found", path, f"{owner}.{name}")
        closed = all(each.kind in _CLOSED and "__getattr__" not in each.binds for each in owners)
        verdict = Target("missing", path, f"{owner}.{name}") if closed and not outline.broken else UNKNOWN
        for base in (base for each in owners for base in each.bases):
            at = self.reference(outline, outline.module, base)
            found = self.member(at.path, at.name, name, depth + 1) if at.verdict == "found" else UNKNOWN
            if found.verdict == "found":
                return found
            if found.verdict == "unknown":
                verdict = UNKNOWN
        return verdict

    def exported(self, path: str, name: str, depth: int = 0) -> Target:
        """Where what a file gives to others under a name is defined."""
        outline = self.files.outline(path)
        if outline is None or depth > _DEEPEST:
            return UNKNOWN
        if (local := outline.exports.get(name)) is not None:
            return self.name(outline, local) if local and name != local else Target("found", path, local or name)
        stars = [each for each in outline.imports if each.exported == "*"]
        for each in outline.imports:
            if each.exported == name:
                return self._taken(outline, each.module, each.name, depth + 1)
        if LANGUAGES[outline.language].exports_all and name in outline.module.binds:
            return Target("found", path, name)
        return self._starred(outline, name, stars, depth)

    def _starred(self, outline: Outline, name: str, stars: list[Import], depth: int) -> Target:
        verdict = UNKNOWN if outline.opaque or outline.broken else Target("missing", outline.path, name)
        for each in stars:
            found = self._taken(outline, each.module, name, depth + 1)
            if found.verdict == "found":
                return found
            if found.verdict == "unknown":
                verdict = UNKNOWN
        return verdict

    def _plain(self, outline: Outline, reference: Reference) -> Target:
        if reference.module is not None:
            return self._taken(outline, reference.module, reference.imported, 0)
        if reference.bound:
            return Target("found", outline.path, reference.name)
        for each in outline.imports:
            if each.name == "*":
                found = self._taken(outline, each.module, reference.name, 0)
                if found.verdict == "found":
                    return found
        return UNKNOWN

    def _taken(self, outline: Outline, module: str, name: str | None, depth: int) -> Target:
        path = self.module(outline, module)
        if name is None:
            return UNKNOWN if path is None else Target("found", path)
        found = UNKNOWN if path is None else self.exported(path, name, depth)
        if found.verdict != "found" and (inner := submodule(outline.language, module, name)) is not None:
            below = self.module(outline, inner)
            if below is not None:
                return Target("found", below)
        return found

    def _through_import(self, outline: Outline, reference: Reference, module: str) -> Target:
        """``module.name`` or ``imported.name``; longer chains are not followed but for modules in modules."""
        receiver = reference.receiver or ""
        rest = receiver.partition(".")[2]
        at = self._taken(outline, module, reference.imported, 0)
        if rest:
            full = receiver if reference.imported is None else f"{module}.{receiver}"
            path = self.module(outline, full)
            return UNKNOWN if path is None else self.exported(path, reference.name)
        if at.verdict != "found":
            return UNKNOWN
        if not at.name:
            return self._of_module(at.path, reference.name, module, outline)
        return self._member_of(at, reference.name)

    def _of_module(self, path: str, name: str, module: str, outline: Outline) -> Target:
        found = self.exported(path, name)
        known = self.files.outline(path)
        if found.verdict == "missing" and known is not None and "default" in known.exports:
            # What a module is as a whole may have members of its own.
            at = self.exported(path, "default")
            return self.member(at.path, at.name, name) if at.verdict == "found" else UNKNOWN
        if found.verdict == "missing" and (inner := submodule(outline.language, module, name)) is not None:
            below = self.module(outline, inner)
            return found if below is None else Target("found", below)
        return found

    def _member_of(self, at: Target, name: str) -> Target:
        if at.verdict != "found":
            return UNKNOWN
        if not at.name:
            return self.exported(at.path, name)
        return self.member(at.path, at.name, name)
