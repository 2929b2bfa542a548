"""Messages about agents' own hooks, by which they say what they read and write."""

from __future__ import annotations

from typing import Literal

from anvcs.wire.base import Message, Params, Request

Connectable = Literal["claude", "codex"]


class AgentsConnectParams(Params, frozen=True, kw_only=True):
    """Add our hook to an agent's own settings, for all repositories of this user, or take it out again."""

    agent: Connectable
    remove: bool = False
    dry_run: bool = False
    """Only show what would change."""


class AgentsConnected(Message, frozen=True, kw_only=True):
    """What was changed in an agent's settings, or would be."""

    agent: Connectable
    file: str
    """The agent's settings file."""
    connected: bool
    """The agent calls our hook now, or would."""
    diff: str = ""
    """How the file changes, as a patch; nothing if it is as it should be."""
    notices: tuple[str, ...] = ()


AGENTS_CONNECT = Request("agents.connect", "anvcs/agents/connect", AgentsConnectParams, AgentsConnected)
