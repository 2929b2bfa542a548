"""A server on stock pygls that answers status from git, as one would write it first."""

from __future__ import annotations

import subprocess
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("stock", "1")


@server.feature("anvcs/repository/status")
def status(_: Any) -> dict[str, Any]:
    """Where the work tree stands and what differs."""
    out = subprocess.run(
        ["git", "status", "--porcelain=v2", "--branch", "-z"], capture_output=True, check=True
    ).stdout.decode()
    fields = [field for field in out.split("\0") if field]
    head = dict(field[2:].split(" ", 1) for field in fields if field.startswith("# "))
    return {
        "stream": head.get("branch.head"),
        "head": head.get("branch.oid"),
        "changes": [field for field in fields if field[0] in "12u"],
        "untracked": [field[2:] for field in fields if field.startswith("? ")],
    }


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(_: types.DidChangeTextDocumentParams) -> None:
    """Nothing: pygls keeps the text itself."""


if __name__ == "__main__":
    server.start_io()
