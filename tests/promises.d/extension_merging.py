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
    "extension.merge-suggestions": (
        "A model's suggestion is seen beside the result with its reason, and stands only after a person applied it.",
        "issue 5.6, issue 5.10",
    ),
}
