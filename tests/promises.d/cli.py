"""Promises of the command line and of the documents."""

PROMISES = {
    "cli.json-everywhere": (
        "Every command answers --json with the wire type as one document, or with a problem document.",
        "issue 2.7",
    ),
    "cli.provenance-options": (
        "commit takes the prompt (text or @file), model, agent, test report and the whole ai-meta as options.",
        "issue 2.7",
    ),
    "cli.graph-filters": ("graph filters by --since, --agent, --path, --author, --tests and --filter.", "issue 2.6"),
    "cli.exit-codes": ("Exit codes are 0 done, 1 refused or failed, 2 called wrongly, 130 interrupted.", "issue 2.7"),
    "cli.no-traceback": (
        "A defect shows one sentence and where its log is, never a traceback.",
        "DESIGN 6.4",
    ),
    "cli.uninstall-asks": ("uninstall removes nothing before it was confirmed.", "README"),
    "cli.help-examples": ("Every command has help with an example that works.", "issue 2.7"),
    "cli.fast-version": ("--version imports nothing slow.", "issue 2.7"),
    "cli.plain-in-a-pipe": ("Output in a pipe is plain and stable, without escape codes.", "issue 2.7"),
    "cli.editor": ("commit without a message opens the user's editor on a terminal, as git does.", "issue 2.7"),
    "cli.completion": ("The shells complete commands and options.", "issue 2.7"),
    "docs.readme-examples": ("Every console example in the README is run and shows what it says.", "issue 2.2, README"),
}
