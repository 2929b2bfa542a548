"""A proposal as the wire shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from anvcs import ids, wire
from anvcs.actions import assisting
from anvcs.actions.proposal import applying, carrying, checks, computing, landings, rules, suggestions
from anvcs.actions.proposal.book import Book, short
from anvcs.errors import ConfigError, CorruptStoreError, GitFailedError
from anvcs.gitmirror.paths import quote
from anvcs.gitmirror.trees import Entry, differing, lookup
from anvcs.governance import resolutions
from anvcs.governance.proposal_events import Flaw, Resolved, SignedEvent, Suggested
from anvcs.governance.proposals import State
from anvcs.merge.model import Conflict, FileOutcome, Finding, TreeMerge, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvcs.actions.workspace import Workspace
    from anvcs.governance.proposal_rules import Obstacle

HEADS = "refs/heads/"


def summary(workspace: Workspace, state: State) -> wire.ProposalSummary:
    """A proposal in a line."""
    ruling = rules.ruling(workspace, state)
    computed = state.computed
    commits = computed.sources if computed is not None else ("0" * 40,) * len(state.opened.sources)
    return wire.ProposalSummary(
        proposal_id=ids.text(state.id),
        status=ruling.status,
        target=state.opened.target.removeprefix(HEADS),
        sources=tuple(
            wire.MergeSource(name=each.name, git_commit=commit, follows=each.ref is not None)
            for each, commit in zip(state.opened.sources, commits, strict=True)
        ),
        revision=state.revision,
        moved=state.closed is None and computing.is_outdated(workspace, state),
        conflicts=len(state.unresolved()),
        obstacles=() if state.closed is not None else tuple(_obstacle(each) for each in ruling.obstacles),
        actor=state.opening.body.by,
        time=state.opening.body.time,
        updated=state.last.body.time,
        reason=state.reason,
        queued=state.queued.body.time if state.queued is not None else None,
        landed=landings.shown(workspace, state),
    )


def proposal(workspace: Workspace, book: Book, state: State) -> wire.Proposal:
    """Everything about a proposal."""
    line = summary(workspace, state)
    said: dict[str, Any] = {name: getattr(line, name) for name in line.__struct_fields__}
    computed = state.computed
    if computed is None:
        return wire.Proposal(**said, next=_next(state, line))
    it = wire.Proposal(
        **said,
        target_commit=computed.target,
        bases=computed.bases,
        tree=str(state.tree),
        fast_forward=computed.forward,
        clean=not state.unresolved(),
        safe=not state.unresolved() and not state.flaws(),
        engine=computed.engine,
        message=state.opened.message,
        votes=tuple(_votes(workspace, state)),
        next=_next(state, line),
        can_assist=_can_assist(workspace, state),
    )
    try:
        it = msgspec.structs.replace(it, evidence=checks.shown(book, state))
        return msgspec.structs.replace(it, **_result_of(workspace, book, state))
    except (CorruptStoreError, GitFailedError):
        if state.closed is None:
            raise
        # Our collector had what it was made of, or git's had its trees.
        return msgspec.structs.replace(it, compacted=True)


def _result_of(workspace: Workspace, book: Book, state: State) -> dict[str, Any]:
    """What the merge gave, as it is decided."""
    computed, merge = state.computed, computing.merge_of(book, state)
    assert computed is not None  # noqa: S101 - for the type checker
    objects = workspace.repo.objects
    return {
        "changed": len(differing(objects, workspace.repo.tree_of(computed.target), str(state.tree))),
        "files": tuple(_files(workspace, book, state, merge)),
        "findings": tuple(_findings(state, merge)),
    }


def _can_assist(workspace: Workspace, state: State) -> bool:
    if not workspace.caller.trusted or not state.unresolved():
        return False
    try:
        settings = rules.config(workspace, state).merge.assist
    except ConfigError:
        return False
    return bool(assisting.where(workspace.caller, settings, None)[0])


def _obstacle(found: Obstacle) -> wire.ProposalObstacle:
    return wire.ProposalObstacle(
        code=found.code, message=found.message, waits=found.waits, can_be_forced=found.can_be_forced
    )


def _files(workspace: Workspace, book: Book, state: State, merge: TreeMerge) -> Iterator[wire.MergeFile]:
    listed = {outcome.path for outcome in merge.files}
    left = {each.path for each in state.unresolved()}
    for outcome in merge.files:
        yield _file(workspace, book, state, merge, outcome, still_open=outcome.path in left)
    for path in sorted(state.applied.keys() - listed):
        known = state.resolution(path)
        yield wire.MergeFile(
            path=quote(path),
            how="git",
            result=_result(workspace, state, path),
            resolved=_decided(known.whole, state) if known is not None else None,
        )


def _file(
    workspace: Workspace, book: Book, state: State, merge: TreeMerge, outcome: FileOutcome, *, still_open: bool
) -> wire.MergeFile:
    known = state.resolution(outcome.path)
    return wire.MergeFile(
        path=quote(outcome.path),
        how=outcome.how,
        kind=outcome.kind,
        reason=outcome.reason,
        base=_version(outcome.base),
        left=_version(outcome.left),
        right=_version(outcome.right),
        result=_result(workspace, state, outcome.path),
        conflicts=tuple(_conflicts(workspace, book, state, merge, outcome)),
        resolved=_decided(known.whole, state) if known is not None else None,
        open=still_open,
        trace=tuple(
            wire.MergeStep(stage=step.stage, rule=step.rule, line=step.line, entity=step.entity)
            for step in outcome.trace
        ),
    )


def _conflicts(
    workspace: Workspace, book: Book, state: State, merge: TreeMerge, outcome: FileOutcome
) -> Iterator[wire.MergeConflict]:
    text = applying.marked(workspace, merge, outcome)
    if text is None:
        return
    known = state.resolution(outcome.path)
    disputed = state.computed.disputed if state.computed is not None else ()
    versions = next((each.versions for each in disputed if each.path == outcome.path), b"")
    whole = known is not None and known.whole is not None
    chosen = applying.chosen(book, known) if known is not None and not whole else {}
    lines = {} if whole else resolutions.places(text.text, text.regions, chosen)
    for number, (region, told) in enumerate(zip(text.regions, text.conflicts, strict=True), 1):
        made = state.suggested(outcome.path, versions, number, resolutions.digest(region.sides))
        why = told or Conflict("", "", region.sides.base or b"", region.sides.left, region.sides.right)
        yield wire.MergeConflict(
            number=number,
            line=lines.get(number, (0, 0))[0],
            end_line=lines.get(number, (0, 0))[1],
            rule=why.rule,
            reason=why.reason,
            entity=why.entity,
            base=_text(region.sides.base or b""),
            left=_text(region.sides.left),
            right=_text(region.sides.right),
            resolved=_decided(known.parts.get(number), state) if known is not None else None,
            suggestion=suggestions.shown(book, made) if made is not None else None,
        )


def _findings(state: State, merge: TreeMerge) -> Iterator[wire.MergeFinding]:
    """Those in a text that somebody replaced do not count any more; those found in its place do."""
    replaced = state.replaced()
    for outcome in merge.files:
        if outcome.path not in replaced:
            yield from (_finding(outcome.path, each) for each in outcome.findings)
    for each in merge.findings:
        if each.path not in replaced:
            yield _finding(each.path, each.finding, each.other)
    for flaw in state.flaws():
        if flaw.path in replaced and flaw not in state.between:
            yield _flaw(flaw)
    yield from map(_flaw, state.between)


def _flaw(it: Flaw) -> wire.MergeFinding:
    found = Finding(it.kind, it.message, it.severity, it.line, it.column)
    return _finding(it.path, found, it.other)


def _finding(path: bytes, found: Finding, other: bytes | None = None) -> wire.MergeFinding:
    return wire.MergeFinding(
        path=quote(path),
        kind=found.kind,
        message=found.message,
        severity=found.severity,
        line=found.line,
        column=found.column,
        other=quote(other) if other is not None else None,
    )


def _votes(workspace: Workspace, state: State) -> Iterator[wire.ProposalVote]:
    team = rules.ruling(workspace, state).team
    for actor, vote in sorted(state.votes.items()):
        current = vote.tree == state.tree or team.keep_approvals or vote.choice == "reject"
        yield wire.ProposalVote(
            actor=actor,
            choice=vote.choice,
            tree=vote.tree,
            counts=current and rules.counts(workspace)(vote.event),
            reason=vote.reason,
            time=vote.event.body.time,
        )


def _next(state: State, found: wire.ProposalSummary) -> tuple[str, ...]:
    """The commands that lead on, the likeliest first."""
    name = short(state.id)
    accept, reject = f"ai-vcs proposal accept {name}", f"ai-vcs proposal reject {name}"
    match found.status:
        case "accepted" | "rejected" | "superseded":
            return ()
        case "checking":
            return (f"ai-vcs proposal show {name}",)
        case "ready":
            return (accept, reject)
        case "open" | "blocked":
            return (*_steps(state, found, accept), reject)


def _steps(state: State, found: wire.ProposalSummary, accept: str) -> Iterator[str]:
    name, codes = short(state.id), [each.code for each in found.obstacles]
    for each in state.unresolved()[:1]:
        takes = "left|right|both" if each.conflicts else "left|right"
        yield f"ai-vcs proposal resolve {name} {quote(each.path)} --take {takes}"
    if "guard-missing" in codes or "guard-failed" in codes:
        yield f"ai-vcs proposal check {name}"
    if "approvals" in codes:
        yield f"ai-vcs proposal vote {name} approve"
    if all(each.can_be_forced for each in found.obstacles):
        yield f"{accept} --force --reason '...'"


def _result(workspace: Workspace, state: State, path: bytes) -> wire.FileVersion | None:
    return _entry(lookup(workspace.repo.objects, str(state.tree), path))


def _entry(entry: Entry | None) -> wire.FileVersion | None:
    return wire.FileVersion(mode=f"{entry.mode:06o}", oid=entry.oid) if entry is not None else None


def _version(version: Version | None) -> wire.FileVersion | None:
    return wire.FileVersion(mode=version.mode, oid=version.oid) if version is not None else None


def _decided(event: SignedEvent | None, state: State) -> wire.Resolution | None:
    if event is None:
        return None
    what = cast("Resolved", event.what)
    asked = state.suggestions.get(what.suggestion) if what.suggestion is not None else None
    came = what.carried
    return wire.Resolution(
        take=what.take,
        actor=carrying.author(event),
        time=came.time if came is not None else event.body.time,
        carried_from=ids.text(came.proposal) if came is not None else None,
        model=asked.what.model if asked is not None and isinstance(asked.what, Suggested) else None,
        by_policy=what.by_policy,
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
