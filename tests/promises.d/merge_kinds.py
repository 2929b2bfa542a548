"""What merging promises of files that are no programs."""

PROMISES = {
    "merge.notebooks-open": (
        "What a merge of notebooks gives is always a notebook that Jupyter opens, conflicts and all.",
        "docs/merging.md, Notebooks",
    ),
    "merge.notebooks-outputs": (
        "Outputs and execution counts of a notebook never need a person.",
        "docs/merging.md, Notebooks",
    ),
    "merge.lock-files": (
        "A lock file is never merged by syntax; a conflict names the command that writes it anew.",
        "docs/merging.md, Lock files",
    ),
    "merge.versions": (
        "Of two raised versions of a package the higher one stands; any other number that both changed is a conflict.",
        "docs/merging.md, Rules that need no syntax",
    ),
}
