"""What happened to resources, in words."""

from __future__ import annotations

from anvcs.merge.resources.model import How, Resource
from anvcs.merge.resources.overlap import Overlap

_VERBS: dict[How, str] = {"call": "calls", "inherit": "inherits from", "import": "imports", "drop": "drops"}


def verb(how: How) -> str:
    """What somebody does with a name."""
    return _VERBS.get(how, "uses")


def gone(name: str, path: str, now: Resource | None) -> str:
    """What was done to a definition that is not under its name any more; ``now`` is what it became."""
    if now is None:
        return f"removes {name} from {path}" if name else f"removes {path}"
    if not name:
        return f"moves {path} to {now.path}"
    if now.path != path:
        return f"moves {name} from {path} to {now.path}" + (f" as {now.qualified}" if now.qualified != name else "")
    return f"renames {name} to {now.qualified}"


def overlap(found: Overlap, left: str, right: str) -> str:
    """What a person should know of an overlap, with the names of both sides."""
    changer, other = (left, right) if found.changer == "left" else (right, left)
    name, where = found.resource.qualified or found.resource.path, f"{found.path}:{found.line}"
    if found.kind == "both-add":
        return f"{changer} adds {name}, and so does {other} in {where}, with another text."
    done = f"{changer} {_deed(found)}"
    if found.kind == "both-change":
        return f"{done}, which {other} changes too in {where}."
    newly, seems = "newly " if found.newly else "", ", as it seems," if found.guessed else ""
    return f"{done}, which {other}{seems} {newly}{verb(found.how)} in {where}."


def _deed(found: Overlap) -> str:
    name = found.resource.qualified or found.resource.path
    if not found.deeds.isdisjoint({"removed", "renamed", "moved"}):
        return gone(found.resource.qualified, found.resource.path, found.now)
    if "signature" in found.deeds:
        return (
            f"changes the signature of {name}"
            if found.resource.kind in _CALLED
            else f"changes the declaration of {name}"
        )
    return f"changes {name}"


_CALLED = frozenset({"function", "method"})
