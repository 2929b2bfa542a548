"""What the modules under the commit path promise."""

PROMISES = {
    "gitmirror.trailers-as-git": (
        "Git itself reads each of our trailers exactly once, in any message.",
        "DESIGN 4 Commit",
    ),
}
