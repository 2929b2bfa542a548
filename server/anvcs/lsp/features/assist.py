"""The editor's own language model: asked by the server, from the thread in which an action waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import CancelledError as FutureCancelledError
from typing import TYPE_CHECKING

import msgspec

from anvcs.errors import AssistError, CancelledError
from anvcs.lsp.messages import Envelope
from anvcs.lsp.rooms.editor import Editor, EditorGoneError
from anvcs.wire import ASSIST_COMPLETE, AssistCompleteParams, AssistCompleteResult, PromptMessage

if TYPE_CHECKING:
    from anvcs.assist.model import Answer, Kind, Limit, Prompt, Stop

PREFIX = "assist-"
"""How the ids of our requests begin."""
_TICK = 0.05
"""Seconds between two looks whether the answer is still wanted."""
_SAID = 300
"""Characters of the editor's own words that an error repeats."""


class _Error(msgspec.Struct, frozen=True):
    message: str = ""


class EditorModel:
    """A way to a language model: the editor chooses which, and asks its user for leave."""

    kind: Kind = "editor"
    place = "the editor"
    model = ""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._editor = Editor(send, PREFIX)
        self._loop = asyncio.get_running_loop()

    def answered(self, envelope: Envelope, body: bytes) -> bool:
        """Take the editor's answer; false if it is to somebody else's request."""
        return self._editor.answered(envelope, body)

    def close(self) -> None:
        """The editor leaves."""
        self._editor.close()

    def complete(self, prompt: Prompt, *, limit: Limit, cancelled: Stop) -> Answer:
        """Ask the editor and wait, in a thread that is not the loop's. Raises AssistError, CancelledError."""
        from anvcs.assist.model import Answer

        messages = tuple(PromptMessage(role=each.role, content=each.content) for each in prompt.messages)
        params = AssistCompleteParams(messages=messages, max_tokens=limit.tokens)
        asked = asyncio.run_coroutine_threadsafe(self._ask(params), self._loop)
        until = time.monotonic() + limit.seconds
        try:
            while True:
                try:
                    came = asked.result(_TICK)
                    break
                except TimeoutError:
                    if cancelled():
                        raise CancelledError("Cancelled; nothing was changed.") from None
                    if time.monotonic() >= until:
                        raise AssistError(
                            f"The editor gave no answer within {limit.seconds:g} seconds.",
                            "Try again, or raise merge.assist.seconds.",
                        ) from None
        except EditorGoneError as error:
            raise AssistError(
                f"The editor's language model did not answer: {_said(str(error))}.",
                "Look whether it has one, and whether you let ANVCS ask it.",
            ) from error
        except FutureCancelledError as error:
            raise AssistError("The editor left before its language model had answered.") from error
        finally:
            asked.cancel()
        if len(came.content.encode()) > limit.bytes:
            raise AssistError(f"The editor answered with more than {limit.bytes:,} bytes.", "Ask again.")
        return Answer(came.content, " ".join(came.model.split())[:_SAID] or "unknown")

    async def _ask(self, params: AssistCompleteParams) -> AssistCompleteResult:
        asked = self._editor.ask(ASSIST_COMPLETE, params)
        try:
            return await asked
        except asyncio.CancelledError:
            self._editor.withdraw(asked)
            raise


def _said(raw: str) -> str:
    """The editor's own words, where it sent an error as the protocol has it."""
    try:
        said = msgspec.json.decode(raw, type=_Error).message
    except msgspec.DecodeError:
        said = raw
    return " ".join("".join(char if char.isprintable() else " " for char in said).split())[:_SAID].rstrip(".")
