"""What the commit graph promises."""

PROMISES = {
    "graph.pages-join": (
        "Pages of the graph joined together are one layout: every line goes on in its lane on the next page.",
        "issue 2.6",
    ),
}
