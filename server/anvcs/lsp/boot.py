"""The answer to ``initialize``, made without pygls so that it is there at once.

The full server answers the same (a test compares them); see ``connection`` for when it is loaded.
"""

from __future__ import annotations

from typing import Any

import msgspec

from anvcs import __version__
from anvcs.lsp.verbs import COMMANDS
from anvcs.wire import NOTIFICATIONS, PROTOCOL_VERSION, REQUESTS

NAME = "anvcs"
CONTENT_SCHEME = "anvcs"
"""Scheme of read-only documents: ``anvcs:/PATH?COMMIT``, a file at a commit."""

ENCODINGS = ("utf-8", "utf-16", "utf-32")

EXPERIMENTAL: dict[str, Any] = {
    "anvcs": {
        "version": PROTOCOL_VERSION,
        "requests": sorted(REQUESTS),
        "notifications": sorted(NOTIFICATIONS),
        "commands": sorted(COMMANDS),
    }
}
"""What a client can find out about our own messages."""


class _Lenient(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Parts of the client's parameters that we read; all else may be newer than we are and is left alone."""


class General(_Lenient, frozen=True):
    """What holds for every feature."""

    position_encodings: list[str] | None = None


class Window(_Lenient, frozen=True):
    """What the editor can show."""

    work_done_progress: bool | None = None


class HoverSupport(_Lenient, frozen=True):
    """How the editor shows hovers."""

    content_format: list[str] | None = None


class TextDocumentSupport(_Lenient, frozen=True):
    """What the editor can do with documents."""

    hover: HoverSupport | None = None


class ClientCapabilities(_Lenient, frozen=True):
    """What the editor can do, as far as we use it."""

    general: General | None = None
    window: Window | None = None
    text_document: TextDocumentSupport | None = None


class Folder(_Lenient, frozen=True):
    """A folder the editor has open."""

    uri: str
    name: str = ""


class RoomsOptions(_Lenient, frozen=True):
    """What the client says about rooms."""

    live: bool = False
    """It passed the conformance run, so its documents may join."""


class AssistOptions(_Lenient, frozen=True):
    """What the client says about language models."""

    complete: bool = False
    """It has one, and its user lets it be asked: it answers ``anvcs/assist/complete``."""


class OwnOptions(_Lenient, frozen=True):
    """What the client says to us alone."""

    rooms: RoomsOptions = RoomsOptions()
    assist: AssistOptions = AssistOptions()
    trusted: bool = True
    """The user trusts what is in the workspace; editors that know no trust say nothing."""


class Options(_Lenient, frozen=True):
    """The client's options, ours under our name."""

    anvcs: OwnOptions = OwnOptions()


class InitializeParams(_Lenient, frozen=True):
    """The client's introduction."""

    process_id: int | None = None
    root_uri: str | None = None
    root_path: str | None = None
    workspace_folders: list[Folder] | None = None
    capabilities: ClientCapabilities = ClientCapabilities()
    initialization_options: Any = None
    """Anything; read by ``options``."""

    def options(self) -> OwnOptions:
        """What the client says to us; the defaults where it says something else."""
        try:
            return msgspec.convert(self.initialization_options or {}, Options).anvcs
        except msgspec.ValidationError:
            return OwnOptions()

    def folders(self) -> list[str]:
        """Where the client works, most specific first: URIs, or a path from very old clients."""
        named = [folder.uri for folder in self.workspace_folders or ()]
        return named or [place for place in (self.root_uri, self.root_path) if place]


def position_encoding(capabilities: ClientCapabilities) -> str:
    """The client's first choice that we can do; UTF-16 is what every client can do."""
    offered = (capabilities.general and capabilities.general.position_encodings) or []
    return next((encoding for encoding in offered if encoding in ENCODINGS), "utf-16")


def initialize_result(params: InitializeParams) -> dict[str, Any]:
    """The answer to ``initialize``."""
    return {
        "capabilities": {
            "positionEncoding": position_encoding(params.capabilities),
            "textDocumentSync": {"openClose": True, "change": 2, "save": False},
            "hoverProvider": True,
            "codeActionProvider": {"codeActionKinds": ["quickfix"]},
            "executeCommandProvider": {"commands": list(COMMANDS)},
            "workspace": {
                "workspaceFolders": {"supported": True, "changeNotifications": True},
                "fileOperations": {},
                "textDocumentContent": {"schemes": [CONTENT_SCHEME]},
            },
            "experimental": EXPERIMENTAL,
        },
        "serverInfo": {"name": NAME, "version": __version__},
    }
