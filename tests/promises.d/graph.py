"""What the commit graph promises."""

PROMISES = {
    "graph.exact": (
        "The graph shows exactly what branches, remote branches, tags and worktrees reach, children above parents,"
        " whatever moved and whichever process died.",
        "issue 2.6",
    ),
    "graph.pages-join": (
        "Pages of the graph joined together are one layout: every line goes on in its lane on the next page.",
        "issue 2.6",
    ),
}
