"""The full server: pygls with our protocol and the standard features that any editor gets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pygls.lsp.server import LanguageServer

from anvcs import __version__
from anvcs.lsp import boot
from anvcs.lsp.features import code_actions, content, hover
from anvcs.lsp.features.proposals import Proposals
from anvcs.lsp.protocol import AnvcsProtocol
from anvcs.lsp.work import Actions, Works

if TYPE_CHECKING:
    from pygls.server import ServerErrors

logger = logging.getLogger(__name__)


class AnvcsServer(LanguageServer):
    """pygls' server with our protocol; ``make_server`` registers the features."""

    protocol: AnvcsProtocol  # pyright: ignore[reportIncompatibleVariableOverride] - narrower, as pygls intends

    def __init__(self) -> None:
        super().__init__(boot.NAME, __version__, protocol_cls=AnvcsProtocol)  # pyright: ignore[reportUnknownMemberType] - pygls leaves **kwargs untyped

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        """Log what happened outside of requests; the user can do nothing about it in a pop-up."""
        logger.error("%s: %s", source.__name__, error, exc_info=error)


def make_server(works: Works, actions: Actions, proposals: Proposals | None = None) -> AnvcsServer:
    """A server with every feature registered."""
    # At INFO it writes every outgoing message, prompts and document texts included, to the log.
    logging.getLogger("pygls").setLevel(logging.WARNING)
    server = AnvcsServer()
    content.register(server, works, actions)
    hover.register(server, works, actions)
    code_actions.register(server, proposals or Proposals(lambda _: None))
    return server
