"""What one file uses and what it gives, as sets that can be compared between versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anvcs.merge.resources.model import Import, Outline, Reference, Resource

Use = tuple[str, str | None]
"""A name and its receiver."""

_STEM = re.compile(r"([^./\\]+)(?:\.[^./\\]+)*/*$")


def references(outline: Outline) -> Iterator[tuple[Resource, Reference]]:
    """Everything that the resources of a file refer to; the module refers to what it imports."""
    for each in outline.imports:
        yield outline.module, as_reference(each)
    for resource in outline.resources:
        for reference in resource.references:
            yield resource, reference


def as_reference(each: Import) -> Reference:
    """An import as a reference to what it takes; to its file, where it takes the whole."""
    name = each.name if each.name not in {None, "*", "default"} else stem(each.module)
    return Reference(name or "", "import", each.line, each.column, None, each.module, each.name)


def stem(module: str) -> str:
    """The name of a module's file without its folders and suffixes."""
    if "/" not in module:
        return module.rpartition(".")[2] or module
    found = _STEM.search(module)
    return found.group(1) if found else module


def module_name(path: str) -> str:
    """What imports call the file under a path."""
    folder, _, name = path.rpartition("/")
    own = name.partition(".")[0]
    return folder.rpartition("/")[2] if own in {"__init__", "index"} else own


def uses(outline: Outline) -> frozenset[Use]:
    """Every name that a file uses."""
    return frozenset((each.name, each.receiver) for _, each in references(outline))


def placed_uses(outline: Outline) -> frozenset[tuple[str, Use]]:
    """The same with the qualified name of the resource that uses it."""
    return frozenset((resource.qualified, (each.name, each.receiver)) for resource, each in references(outline))


def given(outline: Outline) -> frozenset[tuple[str, str]]:
    """Every name that a file or a resource in it gives to others, with the qualified name of whose it is."""
    found = {(each.qualified, name) for each in outline.resources for name in each.binds}
    found |= {(each.qualified.rpartition(".")[0], each.name) for each in outline.resources if each.parent is not None}
    found |= {("", name) for name in outline.exports}
    return frozenset(found | {("", each.exported) for each in outline.imports if each.exported})


def definitions_of(outline: Outline, name: str) -> tuple[str, ...]:
    """The qualified names under which a file gives a name that it did not take from another."""
    if any(each.local == name for each in outline.imports):
        return ()
    return tuple(sorted(f"{owner}.{name}" if owner else name for owner, each in given(outline) if each == name))
