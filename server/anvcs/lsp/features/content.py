"""Read-only documents: a file at a commit, for any client that knows ``workspace/textDocumentContent``."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from anvcs.errors import UsageError
from anvcs.lsp.boot import CONTENT_SCHEME
from anvcs.lsp.work import Actions, Works

_FOLDER = "&folder="


class ContentUri(NamedTuple):
    """What a document's URI names."""

    path: str
    """From the repository's root."""
    commit: str
    folder: str | None
    """URI or path of anything in the repository, where it is not the first workspace folder's."""


def parse(uri: str) -> ContentUri:
    """Read ``anvcs:/PATH?COMMIT`` or ``anvcs:/PATH?COMMIT&folder=FOLDER``. Raises UsageError."""
    parts = urlsplit(uri)
    commit, _, folder = unquote(parts.query).partition(_FOLDER)
    path = unquote(parts.path).removeprefix("/")
    if parts.scheme != CONTENT_SCHEME or not path or not commit:
        raise UsageError(
            f"{uri} names no file at a commit.", f"Write {CONTENT_SCHEME}:/PATH?COMMIT, e.g. anvcs:/README.md?HEAD"
        )
    return ContentUri(path, commit, folder or None)


def register(server: LanguageServer, works: Works, actions: Actions) -> None:
    """Answer with the text of a file at a commit; empty if it was not there."""

    @server.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
    async def text_document_content(params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        wanted = parse(params.uri)
        root = await works.root(works.path(wanted.folder))
        text = await works.run(
            root, "reading", lambda caller: actions.text_at(caller, str(root), wanted.path, wanted.commit)
        )
        return types.TextDocumentContentResult(text=text)
