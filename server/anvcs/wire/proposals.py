"""Requests about merging: proposing, looking at proposals, deciding, voting, landing."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from anvcs.wire.base import Acting, Exchange, GitId, Message, Notification, OperationId, Params, Path, Problem, Request
from anvcs.wire.merge import (
    Choice,
    GuardEvidence,
    Proposal,
    ProposalName,
    ProposalSummary,
    Suggestion,
    SuggestionId,
    Take,
)


class MergeParams(Acting, frozen=True, kw_only=True):
    """Work out the merge of streams, as a proposal; land it at once only where nothing stands in the way."""

    sources: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Streams, or anything ``show`` takes for a commit."""
    into: str | None = None
    """The stream that is to have them; the one that is checked out, if absent."""
    auto: bool = False
    """Accept it if it is clean and safe, and every guard and rule allows it."""
    test_check: bool = False
    """Run the guards."""
    no_ff: bool = False
    """Make a merge commit even where the target could just move on."""
    message: str | None = None
    """Of the merge commit."""
    no_verify: bool = False
    """Skip the hooks that may refuse; this is recorded."""


class MergeResult(Message, frozen=True, kw_only=True):
    """What came of it."""

    outcome: Literal["up-to-date", "proposed", "accepted"]
    target: str
    proposal: Proposal | None = None
    """Absent if the target has it all already."""
    refused: Problem | None = None
    """Why it could not land although nothing in the proposal stood in the way."""
    hook_output: str = ""
    notices: tuple[str, ...] = ()


class ProposalListParams(Params, frozen=True, kw_only=True):
    """Ask for merge proposals, newest first."""

    all: bool = False
    """Closed ones too."""


class Proposals(Message, frozen=True, kw_only=True):
    """Merge proposals, newest first."""

    proposals: tuple[ProposalSummary, ...] = ()
    notices: tuple[str, ...] = ()


class ProposalActing(Acting, frozen=True, kw_only=True):
    """Name a proposal."""

    proposal: ProposalName | None = None
    """The only open one, if absent."""


class ProposalShowParams(ProposalActing, frozen=True, kw_only=True):
    """Look at a proposal; if its streams moved, it is worked out anew first."""


class ProposalResult(Message, frozen=True, kw_only=True):
    """A proposal as it stands now."""

    proposal: Proposal
    renewed: bool = False
    """It was worked out anew, since a stream had moved."""
    notices: tuple[str, ...] = ()


class ProposalCheckParams(ProposalActing, frozen=True, kw_only=True):
    """Run guards on the result."""

    guards: tuple[str, ...] = ()
    """Only these; all that are configured, if empty."""
    fresh: bool = False
    """Run what has been run on this very tree too."""


class ProposalResolveParams(ProposalActing, frozen=True, kw_only=True):
    """Decide a file of the result, or one conflict of it: by a version, by a text, or by removing the file."""

    path: Annotated[str, Meta(min_length=1)]
    conflict: Annotated[int, Meta(ge=1)] | None = None
    """Which conflict of the file; if absent, ``take`` is for all that are open, and all else for the whole file."""
    take: Take | None = None
    whole: bool = False
    """``take`` is for the whole file, also for what is not in conflict in it."""
    text: str | None = None
    """What stands there instead, for the whole file or for that conflict."""
    delete: bool = False
    suggestion: SuggestionId | None = None
    """With ``take: suggestion``, the one that was looked at; refused if there is a newer one."""


class ProposalAssistParams(ProposalActing, frozen=True, kw_only=True):
    """Ask a language model how to decide conflicts; what it suggests is shown and recorded, and decides nothing."""

    path: Annotated[str, Meta(min_length=1)] | None = None
    """Only in this file; in all that are in conflict, if absent."""
    conflict: Annotated[int, Meta(ge=1)] | None = None
    """Only this conflict of the file, which may be left out where just one is in conflict."""
    provider: Literal["endpoint", "editor"] | None = None
    """Which model: that of ``merge.assist.url`` or the editor's own; the editor's if it offers one, if absent."""
    check: bool = False
    """Run the team's guards on the result with all suggestions in it."""
    fresh: bool = False
    """Ask again what has been asked already, word for word."""
    show_prompt: bool = False
    """Only say what would be sent; nothing is."""


class PromptMessage(Message, frozen=True, kw_only=True):
    """One part of what a language model is sent."""

    role: Literal["system", "user"]
    content: str


class AssistPrompt(Message, frozen=True, kw_only=True):
    """All that is sent about one conflict, and nothing else is."""

    messages: tuple[PromptMessage, ...]
    prompt_hash: Annotated[str, Meta(pattern="^b3:[0-9a-f]{64}$")]
    """The BLAKE3 hash of it."""
    size: int
    """In bytes."""
    redacted: int = 0
    """How many likely secrets were taken out of it."""


class Assisted(Message, frozen=True, kw_only=True):
    """What came of asking about one conflict."""

    path: Path
    conflict: Annotated[int, Meta(ge=1)] | None = None
    """Absent where the file can only be decided as a whole, which no model is asked."""
    prompt: AssistPrompt | None = None
    """Where only that was asked for."""
    suggestion: Suggestion | None = None
    reused: bool = False
    """Just this was asked before; nothing was sent."""
    applied: bool = False
    """The team's settings let it be applied, and it was."""
    problem: Problem | None = None
    """Why there is no suggestion."""


class ProposalAssisted(Message, frozen=True, kw_only=True):
    """What a language model suggests, beside the proposal as it stands now."""

    proposal: Proposal
    asked: tuple[Assisted, ...] = ()
    place: str = ""
    """Where it was sent, or would be; empty where no model is set up."""
    model: str = ""
    """The model that was asked for; empty where the editor chooses."""
    tree: GitId | None = None
    """The result with all suggestions in it, where it is whole."""
    evidence: tuple[GuardEvidence, ...] = ()
    """What guards say of that."""
    not_applied: str = ""
    """Why the team's settings did not let them be applied, where they might have."""
    renewed: bool = False
    """The proposal was worked out anew, since a stream had moved."""
    notices: tuple[str, ...] = ()


class AssistCompleteParams(Message, frozen=True, kw_only=True):
    """Have the editor's own language model answer a prompt; only editors that say they can are asked."""

    messages: tuple[PromptMessage, ...]
    max_tokens: int = 0
    """The longest answer; 0 leaves it to the model."""


class AssistCompleteResult(Message, frozen=True, kw_only=True):
    """What the editor's model answered."""

    content: str
    model: str
    """Its name."""


class ProposalVoteParams(ProposalActing, frozen=True, kw_only=True):
    """Say what you think of the result."""

    choice: Choice
    reason: str | None = None
    tree: GitId | None = None
    """The result that was looked at; refused if it is another one now."""


class ProposalAcceptParams(ProposalActing, frozen=True, kw_only=True):
    """Let it land: what was tested, byte for byte."""

    tree: GitId | None = None
    """The result that was looked at; refused if it is another one now."""
    message: str | None = None
    force: bool = False
    """Let pass what a person may let pass; never for agents."""
    reason: str | None = None
    """Why; needed with ``force``, and recorded."""
    no_verify: bool = False


class ProposalAccepted(Message, frozen=True, kw_only=True):
    """It landed."""

    proposal: Proposal
    operation_id: OperationId
    git_commit: GitId
    paths: tuple[Path, ...] = ()
    """The files that were changed here."""
    hook_output: str = ""
    notices: tuple[str, ...] = ()


class ProposalRejectParams(ProposalActing, frozen=True, kw_only=True):
    """Decide against it; its streams stay as they are."""

    reason: str | None = None


class ProposalsChanged(Message, frozen=True, kw_only=True):
    """Somebody did something to merge proposals: here, in another editor, at the command line, or an agent."""

    root: str
    proposals: tuple[ProposalSummary, ...]
    """Those that it was done to, as they stand now."""


MERGE = Request("merge", "anvcs/proposals/create", MergeParams, MergeResult)
PROPOSAL_LIST = Request("proposal.list", "anvcs/proposals/list", ProposalListParams, Proposals)
PROPOSAL_SHOW = Request("proposal.show", "anvcs/proposals/get", ProposalShowParams, ProposalResult)
PROPOSAL_CHECK = Request("proposal.check", "anvcs/proposals/check", ProposalCheckParams, ProposalResult)
PROPOSAL_RESOLVE = Request("proposal.resolve", "anvcs/proposals/resolve", ProposalResolveParams, ProposalResult)
PROPOSAL_ASSIST = Request("proposal.assist", "anvcs/proposals/assist", ProposalAssistParams, ProposalAssisted)
PROPOSAL_VOTE = Request("proposal.vote", "anvcs/proposals/vote", ProposalVoteParams, ProposalResult)
PROPOSAL_ACCEPT = Request("proposal.accept", "anvcs/proposals/accept", ProposalAcceptParams, ProposalAccepted)
PROPOSAL_REJECT = Request("proposal.reject", "anvcs/proposals/reject", ProposalRejectParams, ProposalResult)
PROPOSALS_CHANGED = Notification("anvcs/proposals/changed", ProposalsChanged)
ASSIST_COMPLETE = Exchange("anvcs/assist/complete", AssistCompleteParams, AssistCompleteResult)
