"""Promises about merging in VS Code, shown in the real one."""

PROMISES = {
    "extension.merge": (
        "A merge is proposed from the palette with its reasons, looked at beside the target, accepted and taken back.",
        "issue 5.10",
    ),
    "extension.merge-conflicts": (
        "A conflict is a problem of the document that shows the result; a version is taken there, and checks are run.",
        "issue 5.10",
    ),
    "extension.merge-by-hand": (
        "A file of a merge's result can be edited; saving it decides it, and a text that cannot decide yet is kept.",
        "docs/merging.md",
    ),
    "extension.merge-elsewhere": (
        "What others do to a merge is seen in its open results, problems, lists and the status bar.",
        "docs/merging.md",
    ),
    "extension.merge-queue": (
        "A queue runs with progress and can be stopped; it says what landed, what left it and why, with output.",
        "issue 5.7, issue 5.10",
    ),
    "extension.merge-votes": (
        "In a review one goes to what was found, votes, and lets a merge land in spite of that, with a reason.",
        "docs/merging.md",
    ),
    "extension.merge-suggestions": (
        "A model's suggestion is seen beside the result with its reason, and stands only after a person applied it.",
        "issue 5.6, issue 5.10",
    ),
}
