"""What happened to resources, in words. A side is called by its name, or ``you``."""

from __future__ import annotations

from anvcs.merge.resources.model import How, Resource
from anvcs.merge.resources.overlap import Overlap

_VERBS: dict[How, str] = {"call": "call", "inherit": "inherit from", "import": "import", "drop": "drop"}
_CALLED = frozenset({"function", "method"})


def uses(who: str, how: How, *, newly: bool = False, guessed: bool = False) -> str:
    """What somebody does with a name."""
    seems, new = ", as it seems," if guessed else "", "newly " if newly else ""
    return f"{who}{seems} {new}{_said(who, _VERBS.get(how, 'use'))}"


def gone(who: str, name: str, path: str, now: Resource | None) -> str:
    """What somebody did to a definition that is not under its name any more; ``now`` is what it became."""
    if now is None:
        name = "the default export" if name == "default" else name
        return f"{who} {_said(who, 'remove')} {name} from {path}" if name else f"{who} {_said(who, 'remove')} {path}"
    move = f"{who} {_said(who, 'move')}"
    if not name:
        return f"{move} {path} to {now.path}"
    if now.path != path:
        return f"{move} {name} from {path} to {now.path}" + (f" as {now.qualified}" if now.qualified != name else "")
    return f"{who} {_said(who, 'rename')} {name} to {now.qualified}"


def overlap(found: Overlap, left: str, right: str, *, placed: bool = True) -> str:
    """What a person should know of an overlap, with the names of both sides and the place, if it is not clear."""
    changer, other = (left, right) if found.changer == "left" else (right, left)
    where = f" in {found.path}:{found.line}" if placed else ""
    name = found.resource.qualified or found.resource.path
    if found.kind == "both-add":
        also = "so do you" if other == "you" else f"so does {other}"
        return f"{changer} {_said(changer, 'add')} {name}, and {also}{where}, with another text."
    if found.kind == "both-change":
        return f"{_deed(changer, found)}, which {other} {_said(other, 'change')} too{where}."
    return f"{_deed(changer, found)}, which {uses(other, found.how, newly=found.newly, guessed=found.guessed)}{where}."


def _deed(who: str, found: Overlap) -> str:
    if not found.deeds.isdisjoint({"removed", "renamed", "moved"}):
        return gone(who, found.resource.qualified, found.resource.path, found.now)
    name, what = found.resource.qualified or found.resource.path, ""
    if "signature" in found.deeds:
        what = "the signature of " if found.resource.kind in _CALLED else "the declaration of "
    return f"{who} {_said(who, 'change')} {what}{name}"


def _said(who: str, verb: str) -> str:
    """A verb as it is said of somebody."""
    if who == "you":
        return verb
    first, space, rest = verb.partition(" ")
    return f"{first}s{space}{rest}"
