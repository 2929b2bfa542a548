"""Working together as lines: who is where, edits, what others changed, playback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anvcs.cli.render.times import age, exact
from anvcs.cli.screen import Line, Span, line
from anvcs.wire import (
    CollabLeft,
    Collaborator,
    CollabPlayback,
    CollabReverted,
    CollabReview,
    CollabStarted,
    CollabStatus,
    PlaybackFrame,
    RefusedFile,
    ReviewHunk,
    ReviewOverlap,
    TailPage,
)

_HOW = {"live": "", "reported": "", "inferred": " (inferred)", "base": " (from a commit)"}
"""How an edit's writer is known, where that leaves a doubt."""
_LONG = 40
"""Lines of a hunk's side that are shown."""


def started(result: CollabStarted) -> Iterator[Line]:
    """Where to join."""
    yield line("The relay runs at ", (result.url, "bold"), f"; you are {result.actor}")
    if result.token is not None:
        yield line(f"  token      {result.token}")
    for each in result.rooms:
        yield line("  ", (each.path, "bold"), f"  {each.url}")
    yield from _refused(result.refused)
    if result.rooms and result.token is None:
        yield line("Any Yjs client joins there with a token: add --token")


def left(result: CollabLeft) -> Iterator[Line]:
    """Who left, and how to come back."""
    what = f"left {_count(result.rooms, 'room')}" if result.rooms else "stays out of rooms"
    yield line(f"{result.actor} {what}; files stay as they are. Come back with: ai-vcs collab start")


def status(result: CollabStatus, now: int | None) -> Iterator[Line]:
    """Who works on what."""
    yield line(*_standing(result))
    for each in result.warnings:
        when = _ago(each.last, now)
        yield line(
            ("  ! ", "bold yellow"),
            (each.path, "bold"),
            f"  {each.actor} changes it on {each.stream} too ({_count(each.edits, 'edit')}, {when});"
            f" you have {each.mine} changes in it",
        )
    for each in result.unsaved:
        yield line("  ", (each.path, "bold"), ("  unsaved: " + ", ".join(each.actors), "yellow"))
    for who in result.collaborators:
        yield from _at_work(who, result, now)


def _standing(result: CollabStatus) -> Iterable[Span]:
    if result.mode == "off":
        return ("Rooms are off here. Switch them on with: ai-vcs rooms on",)
    if result.left:
        return (f"You ({result.actor}) left the rooms here. Come back with: ai-vcs collab start",)
    if result.paused:
        return ("Rooms are paused. Go on with: ai-vcs rooms pause --resume",)
    relay = "" if result.relay else "; no relay runs, so nobody is in a room"
    return ("Rooms are ", ("on", "bold green"), f", on {result.stream}; you are {result.actor}{relay}")


def _at_work(who: Collaborator, result: CollabStatus, now: int | None) -> Iterator[Line]:
    place = "" if who.where == "here" else f"  elsewhere on {who.stream}"
    if who.worktree is not None:
        place += f" ({who.worktree})"
    you = " (you)" if who.actor == result.actor else ""
    yield line("  ", (who.actor, "cyan"), f"{you}{place}{'' if who.connected else '  not connected'}")
    for each in who.files:
        cursor = f":{each.line}" if each.line is not None else ""
        heat = f"  {_count(each.edits, 'edit')} in {result.minutes} min" if each.edits else ""
        last = f", last {_ago(each.last, now)}" if each.last is not None else ""
        yield line(f"      {each.path}{cursor}{heat}{last}")


def tailed(page: TailPage) -> Iterator[Line]:
    """One line for each edit."""
    for each in page.edits:
        changed: list[Span] = []
        if each.deletes:
            changed.append((f"  -{each.deletes} {_quoted(each.deleted)}", "red"))
        if each.inserts:
            changed.append((f"  +{each.inserts} {_quoted(each.inserted)}", "green"))
        yield line(
            f"{exact(each.time)}  {each.path}:{each.line}  #{each.sequence}  ",
            (each.actor, "cyan"),
            f" {each.how}",
            *changed,
        )


def reviewed(result: CollabReview, *, seen: bool) -> Iterator[Line]:
    """Every hunk, by actor and task."""
    if not result.runs:
        yield line("Nothing that you have not looked at.")
        return
    for run in result.runs:
        task = f"  task {run.task}" if run.task else ""
        model = f"  {run.model}" if run.model else ""
        yield line((run.actor, "bold cyan"), f"{task}{model}  {exact(run.began)} to {exact(run.ended)}")
        for file in run.files:
            for hunk in file.hunks:
                yield from _hunk(file.path, hunk)
    yield line("")
    if seen:
        yield line("Looked at: none of it is shown again.")
    else:
        actor = result.runs[0].actor
        yield line(
            f"Take back: ai-vcs collab revert --actor {actor} [--hunk N]. Looked at: ai-vcs collab review --seen"
        )


def _hunk(path: str, hunk: ReviewHunk) -> Iterator[Line]:
    yield line(
        f"  hunk {hunk.number}  ",
        (f"{path}:{hunk.line}", "bold"),
        f"  {hunk.id}  {_count(hunk.edits, 'edit')}, {hunk.how}",
    )
    yield from _side("-", "red", hunk.old)
    yield from _side("+", "green", hunk.new)
    for each in hunk.overlaps:
        yield _overlap("    ", each)


def _side(sign: str, style: str, text: str) -> Iterator[Line]:
    lines = text.splitlines()
    for each in lines[:_LONG]:
        yield line("    ", (sign + each, style))
    if len(lines) > _LONG:
        yield line(f"    {sign} … {len(lines) - _LONG} more lines")


def _overlap(indent: str, each: ReviewOverlap) -> Line:
    text = f": {_quoted(each.text)}" if each.text else ""
    return line(indent, (f"! {', '.join(each.actors)} wrote in the same place, line {each.line}{text}", "yellow"))


def reverted(result: CollabReverted) -> Iterator[Line]:
    """What was taken back, and what stays."""
    done = "Would take back" if result.dry_run else "Took back"
    for each in result.files:
        edit = "" if each.sequence is None else f", edit {each.sequence}"
        saved = "" if result.dry_run or each.saved else "; not saved yet"
        yield line(f"{done} {_count(each.hunks, 'hunk')} of {result.actor} in ", (each.path, "bold"), f"{edit}{saved}")
        for overlap in each.overlaps:
            yield _overlap("  stays ", overlap)
    if not result.files and not result.refused:
        yield line(f"Nothing of {result.actor} was taken back.")
    yield from _refused(result.refused)


def played(result: CollabPlayback) -> Iterator[Line]:
    """The steps, after what is not kept."""
    yield line((result.path, "bold"), f"  edits {result.start + 1} to {result.newest}")
    for each in result.not_kept:
        yield line((f"  edits {each.first} to {each.last} are not kept ({each.reason})", "yellow"))
    for step in result.frames:
        yield from frame(step)


def frame(step: PlaybackFrame) -> Iterator[Line]:
    """One step."""
    task = f"  task {step.task}" if step.task else ""
    yield line(f"#{step.sequence}  {exact(step.time)}  ", (step.actor, "cyan"), f"{_HOW[step.how]}{task}")
    if step.text is not None:
        for each in step.text.splitlines():
            yield line(f"    {each}")
        return
    for each in step.edits:
        if each.deleted:
            yield line(f"  {each.line:>5} ", (f"-{_quoted(each.deleted)}", "red"))
        if each.inserted:
            yield line(f"  {each.line:>5} ", (f"+{_quoted(each.inserted)}", "green"))


def _refused(refused: tuple[RefusedFile, ...]) -> Iterator[Line]:
    for each in refused:
        hint = f" {each.way_out}" if each.way_out else ""
        yield line("  ", (each.path, "bold"), (f"  {each.reason}{hint}", "yellow"))


def _quoted(text: str, most: int = 100) -> str:
    shown = text if len(text) <= most else text[:most] + "…"
    return '"' + shown.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") + '"'


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _ago(milliseconds: int, now: int | None) -> str:
    return exact(milliseconds) if now is None else age(milliseconds // 1000, now)
