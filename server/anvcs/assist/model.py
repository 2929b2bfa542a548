"""What a language model is asked and what it gives back, whoever brings it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

import msgspec

from anvcs import ids
from anvcs.ids import Domain

Role: TypeAlias = Literal["system", "user"]
Kind: TypeAlias = Literal["endpoint", "editor"]
"""How a model is reached: over HTTP, or through the editor that is connected."""
Stop: TypeAlias = Callable[[], bool]
"""Whether nobody waits for the answer any more; may raise to say so."""


class Message(msgspec.Struct, frozen=True):
    """One part of a prompt."""

    role: Role
    content: str


class Prompt(msgspec.Struct, frozen=True):
    """Everything that is sent, and nothing else is."""

    messages: tuple[Message, ...]

    @property
    def hash(self) -> bytes:
        """Its name: the BLAKE3 hash of roles and contents in their canonical encoding."""
        return ids.object_id(Domain.MODEL_PROMPT, [[each.role, each.content] for each in self.messages])

    @property
    def size(self) -> int:
        """Bytes of UTF-8 in all contents."""
        return sum(len(each.content.encode()) for each in self.messages)


class Limit(msgspec.Struct, frozen=True):
    """How much an answer may take."""

    seconds: float
    """From the question to the last byte, repetitions included."""
    tokens: int = 0
    """What the model is told; 0 leaves it to the model."""
    bytes: int = 1 << 20
    """Of the answer as it comes over the wire."""


class Answer(msgspec.Struct, frozen=True):
    """What came back, not yet read."""

    content: str
    model: str
    """Which model answered, by its own name; what was asked for if it does not say."""


class Provider(Protocol):
    """A way to a language model."""

    @property
    def kind(self) -> Kind:
        """How the model is reached."""
        ...

    @property
    def place(self) -> str:
        """Where the prompt goes, in words that people know it by."""
        ...

    @property
    def model(self) -> str:
        """The model that is asked for; empty where somebody else chooses."""
        ...

    def complete(self, prompt: Prompt, *, limit: Limit, cancelled: Stop) -> Answer:
        """Ask once and wait. Raises AssistError, CancelledError, and whatever ``cancelled`` raises."""
        ...
