"""Promises about merge proposals."""

PROMISES = {
    "proposals.moves-nothing": ("Proposing a merge moves no stream and touches no file.", "issue 5.6"),
    "proposals.as-git": (
        "Where git merges cleanly, what lands has git's tree, parents and message, and went through git's hooks.",
        "issue 5.6",
    ),
    "proposals.auto": (
        "--auto lands a merge if it is clean and safe and every guard and rule allows; else it says why not.",
        "issue 5.6",
    ),
    "proposals.one-by-one": (
        "What is in conflict is decided file by file or conflict by conflict; a text with markers left is refused.",
        "issue 5.6",
    ),
    "proposals.take-in-conflicts": (
        "A version is taken in what is in conflict, so that what is merged beside it stays, or in a whole file.",
        "docs/merging.md, Deciding",
    ),
    "proposals.decisions-stay": (
        "When a stream moves the merge is worked out anew, and decisions stay where a file's versions are the same.",
        "issue 5.6",
    ),
    "proposals.between-files": (
        "No way of landing goes round a use of what is gone in another file: not --auto, queues, editors or decisions.",
        "issue 5.6",
    ),
    "proposals.elsewhere": (
        "An editor is told what others do to proposals, and shows the results that it has looked at as they are then.",
        "docs/merging.md",
    ),
    "proposals.compacted": (
        "Of proposals that ended long ago gc leaves events and what guards said of what landed; open ones stay whole.",
        "docs/merging.md",
    ),
    "proposals.carried": (
        "A decision goes with its conflict to next revisions and proposals of the same streams if its texts are equal.",
        "docs/merging.md",
    ),
    "proposals.lands-what-was-judged": (
        "Only the tree that was looked at and tested lands; if the target moved, nothing does.",
        "issue 5.6",
    ),
    "proposals.votes": (
        "Votes are signed and name the result; an approval ends with it, an objection stands.",
        "issue 5.6",
    ),
    "proposals.force": (
        "A person may let pass what is not in conflict, giving a reason that is recorded; an agent never.",
        "issue 5.6",
    ),
    "proposals.undo": ("An accepted merge is one operation, and undo takes it back.", "issue 5.6"),
    "proposals.kept": ("What an open proposal needs outlives git's collector and ours.", "issue 5.6"),
    "proposals.survives-kill": (
        "Killed anywhere, a merge is proposed, decided or landed whole or not at all, and goes on from there.",
        "issue 5.6",
    ),
    "proposals.documents": (
        "Each file of a result is a document, with its conflicts as diagnostics and ways to decide as code actions.",
        "issue 5.10",
    ),
    "proposals.rooms": (
        "Live text that is not saved stays when a merge lands in its file, and what was merged comes in once.",
        "issue 5.6",
    ),
    "proposals.one-wins": ("Of two that land on one stream at once one does, and the other is told.", "issue 5.6"),
}
