"""Why the line under the pointer exists."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from anvcs.errors import AnvcsError
from anvcs.lsp.boot import CONTENT_SCHEME
from anvcs.lsp.features.content import parse
from anvcs.lsp.protocol import AnvcsProtocol
from anvcs.lsp.work import Actions, Works

logger = logging.getLogger(__name__)


def register(server: LanguageServer, works: Works, actions: Actions) -> None:
    """Answer with the provenance of the line's last commit, in the text as it stands in the editor."""
    protocol = server.protocol
    assert isinstance(protocol, AnvcsProtocol)  # noqa: S101 - for the type checker

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> Coroutine[Any, Any, types.Hover | None]:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        document = protocol.documents().opened(params.text_document.uri)
        return explained(params.text_document.uri, params.position.line, document.source if document else None)

    async def explained(uri: str, line: int, text: str | None) -> types.Hover | None:
        commit: str | None = None
        try:
            if uri.startswith(CONTENT_SCHEME + ":"):
                wanted = parse(uri)
                root = await works.root(works.path(wanted.folder))
                path, commit, text = root / wanted.path, wanted.commit, None
            else:
                path = works.path(uri)
                root = await works.root(path)
            markdown = await works.run(
                root, "looking", lambda caller: actions.explain_line(caller, root, path, line, text, commit)
            )
        except AnvcsError as error:
            # A hover that nobody asked for must not become an error message.
            logger.info("No hover for %s: %s", uri, error)
            return None
        if markdown is None:
            return None
        whole = types.Range(types.Position(line, 0), types.Position(line + 1, 0))
        return types.Hover(types.MarkupContent(_kind(protocol), markdown), whole)


def _kind(protocol: AnvcsProtocol) -> types.MarkupKind:
    """Markdown, unless the client says that it shows plain text only."""
    support = protocol.client_capabilities.text_document
    formats = support.hover.content_format if support and support.hover else None
    markdown = not formats or types.MarkupKind.Markdown in formats
    return types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
