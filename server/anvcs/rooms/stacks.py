"""What each actor can undo and redo in a room: a pure function of the log, so that it survives every restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from anvcs.errors import CorruptStoreError
from anvcs.rooms.entries import How, Meta

TOGETHER = 1000
"""Milliseconds: edits of one actor with shorter gaps are undone at once."""
DEPTH = 200
"""Groups that one actor can undo."""
UNDO, REDO = "undo", "redo"
"""The fields of an edit's meta that make it an undo or a redo: how many groups it took from the stack."""
ALONE = "restored"
"""The field of an edit's meta that makes it a group of its own: it is no typing that goes on."""


class _Stack(msgspec.Struct, array_like=True):
    done: list[list[int]] = []
    """Groups of edits that can be undone, the newest last."""
    undone: list[list[int]] = []
    """Undos that can be redone, the newest last."""
    last: int = 0
    """When the newest group got its newest edit; 0 if nothing joins it any more."""


_Stacks: TypeAlias = dict[str, _Stack]
_DECODER = msgspec.msgpack.Decoder(_Stacks)


class Stacks:
    """The stacks of all actors of a room."""

    def __init__(self) -> None:
        self._stacks: _Stacks = {}

    def note(self, seq: int, actor: str, how: How, time: int, meta: Meta | None) -> None:
        """Take notice of an edit; of all of them, in sequence."""
        if how == "base":
            return
        stack = self._stacks.get(actor)
        if stack is None:
            stack = self._stacks[actor] = _Stack()
        if meta and (taken := _count(meta, UNDO)):
            del stack.done[-taken:]
            stack.undone.append([seq])
            stack.last = 0
        elif meta and (taken := _count(meta, REDO)):
            del stack.undone[-taken:]
            stack.done.append([seq])
            stack.last = 0
        else:
            if stack.undone:
                stack.undone = []
            # A clock that stepped back begins a new group.
            alone = meta is not None and ALONE in meta
            if stack.last and 0 <= time - stack.last < TOGETHER and stack.done and not alone:
                stack.done[-1].append(seq)
            else:
                stack.done.append([seq])
                if len(stack.done) > DEPTH:
                    del stack.done[0]
            stack.last = 0 if alone else time

    def undoable(self, actor: str) -> list[list[int]]:
        """The groups that the actor can undo, the newest last."""
        stack = self._stacks.get(actor)
        return [] if stack is None else stack.done

    def redoable(self, actor: str) -> list[list[int]]:
        """The undos that the actor can redo, the newest last."""
        stack = self._stacks.get(actor)
        return [] if stack is None else stack.undone

    def encode(self) -> bytes:
        """The stacks as bytes."""
        return msgspec.msgpack.encode(self._stacks)

    @classmethod
    def decode(cls, data: bytes) -> Stacks:
        """What ``encode`` gave. Raises CorruptStoreError."""
        stacks = cls()
        try:
            stacks._stacks = _DECODER.decode(data)
        except msgspec.DecodeError as error:
            raise CorruptStoreError(
                "What could be undone in a room is damaged.", "Run ai-vcs doctor to see what is wrong."
            ) from error
        return stacks


def _count(meta: Mapping[str, Any], field: str) -> int:
    count = meta.get(field, 0)
    return count if isinstance(count, int) and count > 0 else 0
