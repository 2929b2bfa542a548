"""Promises of the language server and of the protocol."""

PROMISES = {
    "lsp.every-request-is-answered": (
        "Every request is answered, also one with bad parameters, an unknown method, or a handler that fails.",
        "issue 2.9",
    ),
    "lsp.bad-parameters-by-field": (
        "Bad parameters are refused with -32602, naming every field that is wrong.",
        "issue 2.9",
    ),
    "lsp.nested-jsonrpc-is-data": (
        'A "jsonrpc" key inside a payload is data like any other.',
        "issue 2.9",
    ),
    "lsp.no-traceback": (
        "An internal error reaches the client as a sentence and a log id, and the traceback only the log.",
        "issue 2.9, DESIGN 6.4",
    ),
    "lsp.refusals-are-problems": (
        "A refusal reaches the client with its code, its cause and the way out.",
        "DESIGN 6.4",
    ),
    "lsp.cancel": (
        "A cancelled request is answered with -32800, and only then was nothing changed.",
        "issue 2.9, DESIGN 6.6",
    ),
    "lsp.progress": (
        "Long work shows progress that can be cancelled and that leaves nothing behind.",
        "issue 2.9, DESIGN 6.6",
    ),
    "lsp.never-blocks": (
        "The event loop answers while actions are at work.",
        "issue 2.9, DESIGN 6.6",
    ),
    "lsp.advertises": (
        "The server says what it has under experimental.anvcs.",
        "issue 2.9",
    ),
    "lsp.early-answer-is-the-full-answer": (
        "The early answer to initialize is exactly what the full server would answer.",
        "issue 2, language server goals",
    ),
    "lsp.commands": (
        "Every verb is a command that any editor can execute.",
        "issue 2.9",
    ),
    "lsp.content": (
        "A file at a commit is a read-only document of the scheme anvcs, empty where the file was not there.",
        "issue 2.9",
    ),
    "lsp.hover": (
        "Hovering a line shows the provenance of its last commit in the text as it stands in the editor.",
        "issue 2.9",
    ),
    "lsp.history-changed": (
        "The editor is told once of every real change of refs, HEAD, notes or index, whoever made it.",
        "issue 2.9",
    ),
    "lsp.index-in-background": (
        "The graph's index is built in the background, with progress, once somebody looks at the graph.",
        "issue 2.6",
    ),
    "lsp.clean-exit": (
        "The server ends with the editor: exit code 0 after shutdown or at the end of input, 1 for exit without it.",
        "issue 2.9",
    ),
    "lsp.only-messages-on-stdout": (
        "Nothing but messages ever comes out of standard output.",
        "issue 2.9",
    ),
    "lsp.documents-are-exact": (
        "Incremental changes are exact in UTF-8, UTF-16 and UTF-32 positions, for every line end and every character.",
        "issue 2, language server goals",
    ),
    "protocol.schema-is-current": (
        "The published schema is what the wire types say.",
        "issue 2.8",
    ),
    "protocol.examples": (
        "Every message has an example that is read and written back unchanged and fits the published schema.",
        "issue 2.8",
    ),
    "protocol.reference": (
        "The human reference names every message and every error code.",
        "issue 2.8",
    ),
}
