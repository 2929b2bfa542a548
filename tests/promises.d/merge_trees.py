"""What merges of whole trees promise."""

PROMISES = {
    "merge-trees.as-git": (
        "A merged tree is git's but for the texts that git leaves in conflict.",
        "issue 5.4",
    ),
    "merge-trees.lfs": (
        "A file that Git LFS keeps is one version or another after a merge, whole in the work tree and for guards.",
        "issue 5.4",
    ),
    "merge-trees.stops": (
        "A merge that is no longer wanted ends with git and the drivers that it started, and leaves nothing behind.",
        "issue 5, Done when",
    ),
    "merge-trees.missing-object": (
        "A missing object is an error that names it, never a merge without what it held.",
        "issue 5.4",
    ),
}
