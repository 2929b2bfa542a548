"""Operations, and what undo, redo and restore did, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from anvcs.cli.render.graph import SHORT
from anvcs.cli.render.times import age, exact
from anvcs.cli.screen import Line, Look, Span, line
from anvcs.wire import (
    Checkpoint,
    CheckpointResult,
    Checkpoints,
    LeftFile,
    MoveResult,
    OpDiff,
    Operation,
    OperationDetails,
    OpLogPage,
    PointerMove,
)

_NAMED = 3
"""How many pointers a line of the log names."""
_DIGITS = len("b3:") + SHORT
_PREFIXES = ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/", "checkpoints/")
_SIGNATURES = {
    "known": ("the key is known", "green"),
    "unknown": ("nobody here vouches for the key", "yellow"),
    "revoked": ("the key was revoked", "bold red"),
    "bad": ("the signature is false", "bold red"),
}
_UNDO = "ai-vcs undo takes it back"


def log(page: OpLogPage, look: Look) -> Iterator[Line]:
    """One line for each operation: when, id, actor, what, pointers, marks."""
    for each in page.operations:
        before: list[Span] = [
            (_when(each.time, look), "dim"),
            "  ",
            (each.operation_id[:_DIGITS], "yellow"),
            "  ",
            (each.actor, "magenta" if each.actor.startswith("agent:") else "blue"),
            "  ",
        ]
        yield Line((*before, _what(each), *_pointers(each), *_marks(each)), shrink=len(before))
    if look.terminal and page.more:
        yield line((f"There is more: ai-vcs op log --before {page.operations[-1].operation_id[:_DIGITS]}", "dim"))


def details(found: OperationDetails, look: Look) -> Iterator[Line]:
    """Everything that one operation says."""
    it = found.operation
    yield line("operation ", (it.operation_id, "yellow"))
    yield _field("what", _what(it))
    yield _field("kind", f"{it.kind}, {it.state}{', taken back' if it.undone else ''}")
    yield _field("actor", (it.actor, "magenta"))
    yield _field("time", exact(it.time) + (f" ({age(it.time // 1000, look.now)})" if look.now is not None else ""))
    if it.worktree:
        yield _field("worktree", it.worktree)
    yield _field("replica", f"{it.replica}, operation {it.sequence}")
    yield _field("signed", _SIGNATURES[found.signature])
    yield _field("undo", f"{it.reversibility}: {found.undo}" if found.undo else it.reversibility)
    yield _field("replay", it.tier)
    for name, value in (("commit", it.commit_id), ("git", it.git_commit), ("change", it.change_id)):
        if value is not None:
            yield _field(name, value)
    if found.confidence is not None:
        yield _field("confidence", f"{found.confidence / 100:g} %")
    yield from _several("cause", found.causes)
    yield from _several("rewrites", [f"{r.old[:SHORT]} -> {r.new[:SHORT]} ({r.evidence})" for r in found.rewrites])
    if found.prompt is not None or found.prompt_hash is not None:
        first, *rest = (found.prompt or f"kept as a hash only, {found.prompt_hash}").splitlines() or [""]
        yield _field("prompt", first)
        yield from (line(f"{'':13}{each}") for each in rest)
    if found.arguments:
        yield _field("arguments", msgspec.json.encode(found.arguments).decode())
    yield from moves(it.moves)
    if it.paths:
        count = it.path_count or len(it.paths)
        yield line((f"{count} path{'' if count == 1 else 's'}", "bold"))
        yield from (line(f"  {path}") for path in it.paths)


def differences(diff: OpDiff) -> Iterator[Line]:
    """The pointers that differ."""
    if not diff.moves:
        yield line("No pointer differs.")
    yield from moves(diff.moves)


def moved(result: MoveResult, done: str, *, dry_run: bool = False, back: str = _UNDO) -> Iterator[Line]:
    """What was taken back, done again or gone back to, and what it left; ``done`` says it, ``back`` the way back."""
    target: tuple[Span, ...] = ()
    if result.target is not None:
        it = result.target
        target = (" ", (it.operation_id[:_DIGITS], "yellow"), f" of {it.actor}: {_what(it)}")
    yield line((done, "bold"), *target)
    yield from moves(result.moves)
    yield from (line("  ", (f"{'changed' if not dry_run else 'changes':<10} ", "dim"), path) for path in result.paths)
    yield from left(result.left)
    yield from (line("  ", (f"{'left':<10} ", "yellow"), each) for each in result.left_pointers)
    if not (result.moves or result.paths):
        yield line("  Nothing differs.")
    elif result.operation_id is not None:
        yield _field("operation", result.operation_id)
    if result.moves or result.paths:
        yield _field(result.reversibility, back)


def moves(moved: Iterable[PointerMove]) -> Iterator[Line]:
    """Where each pointer was and is."""
    for each in moved:
        yield line(f"  {_short(each.name):<20} ", _value(each.old), " -> ", _value(each.new))


def left(files: Iterable[LeftFile]) -> Iterator[Line]:
    """The files that stay as they are, with the reason."""
    yield from (line("  ", (f"{'left':<10} ", "yellow"), f"{each.path}: it {each.reason}") for each in files)


def checkpoints(found: Checkpoints, look: Look) -> Iterator[Line]:
    """Each checkpoint with its operation, who made it and why."""
    if not found.checkpoints:
        yield line("There is no checkpoint yet: ai-vcs checkpoint create NAME")
    yield from (_checkpoint(each, look) for each in found.checkpoints)


def checkpoint(result: CheckpointResult, look: Look) -> Iterator[Line]:
    """The checkpoint that was made."""
    yield _checkpoint(result.checkpoint, look)
    yield _field("operation", result.operation_id)
    yield _field("reversible", _UNDO)


def _checkpoint(each: Checkpoint, look: Look) -> Line:
    said = f"  {each.message}" if each.message else ""
    by = f"  {each.actor}" if each.actor else ""
    when = f"  {_when(each.time, look)}" if each.time is not None else ""
    return line((each.name, "bold"), "  ", (each.operation_id[:_DIGITS], "yellow"), said, by, (when, "dim"))


def _when(milliseconds: int, look: Look) -> str:
    return exact(milliseconds) if look.now is None else age(milliseconds // 1000, look.now)


def _what(it: Operation) -> str:
    """What it did, with the subject of the commit or whatever else names its object."""
    command = it.details.get("command")
    if it.subject is None and command:
        return f"plain git: {command}"
    named = it.details.get("undoes") or it.details.get("redoes") or it.details.get("restores")
    about = it.subject or it.details.get("checkpoint") or it.details.get("stream")
    about = about or (str(named)[:_DIGITS] if named else None)
    return f"{it.said}: {about}" if about else it.said


def _pointers(it: Operation) -> Iterator[Span]:
    names = [_short(move.name) for move in it.moves if not move.name.startswith(("checkpoints/", "rooms/"))]
    if len(names) > 1 and "HEAD" in names:
        names.remove("HEAD")
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"  ({', '.join(names[:_NAMED])}{more})", "green"


def _marks(it: Operation) -> Iterator[Span]:
    found = ["taken back"] if it.undone else []
    if it.state != "published":
        found.append(it.state)
    if it.reversibility != "reversible":
        found.append(it.reversibility)
    if found:
        yield f"  [{', '.join(found)}]", "yellow"


def _short(name: str) -> str:
    """A pointer as people call it."""
    if name == "main-worktree/HEAD":
        return "HEAD"
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _value(value: str | None) -> Span:
    if value is None:
        return "nothing", "dim"
    if value.startswith("ref: "):
        return _short(value[5:]), "green"
    shown = [each[: _DIGITS if each.startswith("b3:") else SHORT] for each in value.split()]
    return " ".join(shown), "yellow"


def _several(name: str, values: Sequence[str]) -> Iterator[Line]:
    for at, value in enumerate(values):
        yield _field(name if not at else "", value)


def _field(name: str, value: Span) -> Line:
    return line((f"  {name:<10} ", "dim"), value)
