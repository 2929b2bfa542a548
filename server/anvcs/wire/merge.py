"""What a merge proposal is: files, conflicts, findings, what guards and people say, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import ActorId, CommitId, GitId, Message, OperationId, Path

ProposalId = Annotated[str, Meta(pattern="^b3:[0-9a-f]{64}$", description="A merge proposal's BLAKE3 id.")]
SuggestionId = Annotated[str, Meta(pattern="^b3:[0-9a-f]{64}$", description="The id of a language model's suggestion.")]
ProposalName = Annotated[
    str,
    Meta(
        min_length=1,
        description="A proposal's id or its start, or a stream that is the source of just one open proposal.",
    ),
]
Status = Literal["open", "checking", "ready", "blocked", "accepted", "rejected", "superseded"]
How = Literal["same", "left", "right", "git", "engine", "driver", "conflict"]
Take = Literal["left", "right", "base", "both", "suggestion"]
Choice = Literal["approve", "reject", "withdraw"]
GuardOutcome = Literal["passed", "failed", "timed-out", "cancelled", "error"]


class MergeSource(Message, frozen=True, kw_only=True):
    """What is to be merged."""

    name: str
    """As it was called: a stream, a remote's stream, a tag or a commit."""
    git_commit: GitId
    """Where it stood when the merge was worked out."""
    follows: bool = True
    """It is a ref: when it moves, the merge is worked out anew."""


class FileVersion(Message, frozen=True, kw_only=True):
    """A file as one side has it."""

    mode: Annotated[str, Meta(pattern="^[0-7]{6}$")]
    """As git writes it: 100644, 100755, 120000 (symlink), 160000 (submodule)."""
    oid: GitId


class MergeFinding(Message, frozen=True, kw_only=True):
    """Something that was seen in the result."""

    path: Path
    kind: str
    """Stable name: syntax, duplicate, lost, doubled, dangling ..."""
    message: str
    severity: Literal["hard", "soft"]
    """A hard one makes the result unsafe."""
    line: int = 0
    """From 1; 0 for the file as a whole."""
    column: int = 0
    other: Path | None = None
    """The file on the other side of it, e.g. where the symbol was removed."""


class MergeConflict(Message, frozen=True, kw_only=True):
    """One conflict in a file: what each side has there, and why nobody could decide it."""

    number: Annotated[int, Meta(ge=1)]
    """What ``resolve`` calls it; it stays the same while others are resolved."""
    line: int
    """Where its markers begin in the result as it is now, from 1; 0 once it is resolved."""
    end_line: int = 0
    """Where they end."""
    rule: str = ""
    """Stable name of the rule that refused."""
    reason: str = ""
    entity: str | None = None
    """The function, class, member or key it is in."""
    base: str = ""
    left: str = ""
    right: str = ""
    resolved: Resolution | None = None
    suggestion: Suggestion | None = None
    """What a language model would put there, or why it could not say; the newest, if one was asked about just this."""


class Suggestion(Message, frozen=True, kw_only=True):
    """What a language model suggested for a conflict; nothing is decided by it."""

    suggestion_id: SuggestionId
    text: str | None = None
    """What would stand in the conflict's place; absent where the model could not decide."""
    rationale: str = ""
    """The model's own words."""
    safe: bool = False
    """There is a text, and no guard has a hard finding in the result with it."""
    findings: tuple[MergeFinding, ...] = ()
    """What guards find in the result with it."""
    provider: Literal["endpoint", "editor"]
    place: str
    """Where the prompt was sent."""
    model: str
    """Which model answered."""
    prompt_hash: Annotated[str, Meta(pattern="^b3:[0-9a-f]{64}$")]
    """The BLAKE3 hash of all that was sent."""
    actor: ActorId
    """Who asked."""
    time: int
    """When, in milliseconds since 1970."""


class Resolution(Message, frozen=True, kw_only=True):
    """How somebody decided a conflict or a whole file."""

    take: Literal["left", "right", "base", "both", "text", "delete", "suggestion"]
    actor: ActorId
    """Who decided it, also where it was carried over later."""
    time: int
    """When, in milliseconds since 1970."""
    carried_from: ProposalId | None = None
    """The proposal in which it was decided, if it was carried over because the conflict is the same: an earlier one for
    the same streams, or an earlier revision of this one."""
    model: str | None = None
    """Which language model suggested it."""
    by_policy: bool = False
    """The team's settings let it be applied (``merge.assist.apply``)."""


class MergeStep(Message, frozen=True, kw_only=True):
    """One region that a rule of the engine decided."""

    stage: str
    """lines, entity, hunk, moved or markers."""
    rule: str
    line: int
    """The first line of the base that it is about, from 1."""
    entity: str | None = None


class MergeFile(Message, frozen=True, kw_only=True):
    """What became of one path that both sides have to do with, or that somebody decided."""

    path: Path
    how: How
    """Who decided it: both sides agree, one side alone changed it, git's merge, our engine, a driver, or nobody yet."""
    kind: str = "content"
    """content, add/add, modify/delete, rename/rename, binary, submodule, mode ..."""
    reason: str = ""
    base: FileVersion | None = None
    left: FileVersion | None = None
    right: FileVersion | None = None
    result: FileVersion | None = None
    """As it stands in the result; absent where it is gone."""
    conflicts: tuple[MergeConflict, ...] = ()
    resolved: Resolution | None = None
    """The file as a whole was decided."""
    open: bool = False
    """It still needs somebody."""
    trace: tuple[MergeStep, ...] = ()


class GuardEvidence(Message, frozen=True, kw_only=True):
    """The recorded result of one guard on the result tree."""

    guard: str
    outcome: GuardOutcome
    required: bool = True
    command: tuple[str, ...] = ()
    exit_code: int | None = None
    milliseconds: int = 0
    output: str = ""
    """The end of what it printed."""
    cached: bool = False
    """It was run on this very tree before."""
    flaky: bool = False
    """It failed first and passed when it was run again."""
    notes: tuple[str, ...] = ()
    """What to know beside the output, such as that a submodule was missing."""
    actor: ActorId
    time: int


class ProposalVote(Message, frozen=True, kw_only=True):
    """What an actor says of the result."""

    actor: ActorId
    choice: Literal["approve", "reject"]
    tree: GitId
    """The result that it is about."""
    counts: bool
    """It is about the result as it is now (or stays by the settings), and the key is known."""
    reason: str = ""
    time: int


class ProposalObstacle(Message, frozen=True, kw_only=True):
    """One thing that stands in the way of landing."""

    code: str
    """conflict, unsafe, guard-failed, guard-missing, vote-against, approvals, not-computed, config."""
    message: str
    waits: bool = False
    """Nobody objects: something is merely still to come."""
    can_be_forced: bool = True
    """A person may let it pass, giving a reason."""


class Landed(Message, frozen=True, kw_only=True):
    """What accepting made of it."""

    operation_id: OperationId
    git_commit: GitId
    """Where the target stands since."""
    commit_id: CommitId | None = None
    """Of the merge commit; absent where the target only moved on."""
    taken_back: bool = False
    """The target does not have it any more: it was undone, or reset."""


class ProposalSummary(Message, frozen=True, kw_only=True):
    """A merge proposal in a line."""

    proposal_id: ProposalId
    status: Status
    target: str
    sources: tuple[MergeSource, ...]
    revision: int = 0
    moved: bool = False
    """A stream moved since; looking at it works it out anew."""
    conflicts: int = 0
    """Files that need somebody."""
    obstacles: tuple[ProposalObstacle, ...] = ()
    actor: ActorId
    """Who opened it."""
    time: int
    """When, in milliseconds since 1970."""
    updated: int
    reason: str = ""
    """Why it was rejected or superseded."""
    queued: int | None = None
    """It waits in the merge queue since then, in milliseconds since 1970."""
    landed: Landed | None = None


class Proposal(ProposalSummary, frozen=True, kw_only=True):
    """A merge proposal: a merge worked out, waiting for evidence, votes and a decision."""

    target_commit: GitId | None = None
    """Where the target stood when it was worked out."""
    bases: tuple[GitId, ...] = ()
    tree: GitId | None = None
    """The result; evidence and votes name it."""
    fast_forward: bool = False
    """Nothing has to be merged: the target moves on to the source."""
    clean: bool = False
    """Nothing is in conflict."""
    safe: bool = False
    """Clean, and no hard finding."""
    engine: str = ""
    message: str | None = None
    """Given for the merge commit."""
    changed: int = 0
    """How many files differ from the target."""
    files: tuple[MergeFile, ...] = ()
    findings: tuple[MergeFinding, ...] = ()
    evidence: tuple[GuardEvidence, ...] = ()
    votes: tuple[ProposalVote, ...] = ()
    next: tuple[str, ...] = ()
    """Commands that lead on from here."""
    compacted: bool = False
    """It ended long ago: only what was said of it is kept, and ``files`` and ``findings`` are empty."""
    can_assist: bool = False
    """A language model is set up here to be asked about what is in conflict."""
