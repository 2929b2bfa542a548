"""What the following of plain Git promises."""

PROMISES = {
    "foreign.view-is-git": (
        "After a look the view names every branch, tag, remote branch, stash and HEAD with the value git gives it.",
        "issue 3.5",
    ),
    "foreign.unchanged-is-cheap": (
        "Looking at a repository that nobody changed costs less than a millisecond, whatever the number of its refs.",
        "issue 3.5",
    ),
    "foreign.rewrites-matched": (
        "Commits that plain git rewrote are linked to those they came from, and each link says by which evidence.",
        "issue 3.5",
    ),
    "foreign.imported": (
        "What plain git did is found and stands in the ledger as operations of system:git, one for each thing done.",
        "issue 3.5",
    ),
    "foreign.live-is-not-foreign": (
        "What a living process of ours has prepared is never taken for foreign work.",
        "issue 3.5, DESIGN 4",
    ),
    "foreign.hooks-chained": (
        "The user's post-rewrite hook gets the same name, arguments and input, decides the exit code, and is restored.",
        "issue 3.5",
    ),
    "foreign.kept-alive": (
        "A commit that a look has seen stays readable after plain git dropped it and collected its garbage.",
        "issue 3.3",
    ),
    "foreign.inherited": (
        "A commit that plain git rewrote shows the metadata of its predecessor; tests count only for an equal tree.",
        "issue 3.5, DESIGN 5",
    ),
    "foreign.divergent": ("Two live commits of one change are shown as divergent.", "issue 3.5"),
    "foreign.notes-put-back": (
        "Notes of ours that another program lost are written again from the ledger.",
        "issue 3.5, DESIGN 5",
    ),
    "foreign.concerns": (
        "Nobody is told of worktrees that come, go or turn elsewhere, but of the streams that are moved in them.",
        "protocol/README.md",
    ),
    "foreign.told": ("An editor is told what plain git did, as it happens.", "issue 3.11"),
}
