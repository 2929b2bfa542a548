"""What the commit graph promises."""

PROMISES = {
    "graph.agrees-with-git": ("Every row says of its commit what git log says.", "issue 2.6"),
    "graph.first-page-before-index": (
        "Before the index exists, or where ANVCS is not set up, pages come straight from git and say the same.",
        "issue 2.6",
    ),
    "graph.exact": (
        "The graph shows exactly what refs and worktrees reach, children first, whatever moved and whoever died.",
        "issue 2.6",
    ),
    "graph.pages-join": (
        "Pages of the graph joined together are one layout: every line goes on in its lane on the next page.",
        "issue 2.6",
    ),
    "graph.never-twice": ("No row is shown twice, even if history moves between two pages.", "issue 2.6"),
    "graph.filters": (
        "The graph can be filtered by date, agent, author, path and tests, with and without an index.",
        "issue 2.6",
    ),
    "graph.provenance": ("A row shows its commit's change, agent, tests and metadata badge.", "issue 2.6"),
}
