"""Metadata on its way into a commit: checked, completed from the test report and configuration, redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from anvcs import wire
from anvcs.actions.configured import configured
from anvcs.actors import actor_id, address
from anvcs.errors import PathNotFoundError
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.paths import quote, to_repo_path
from anvcs.provenance.metadata import validate
from anvcs.provenance.redaction import redact
from anvcs.provenance.report import test_report, with_report

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


AGENT = "ANVCS_AGENT"
"""The variable by which a program that works here is told as whom (``ai-vcs collab join``)."""


def gather(workspace: Workspace, given: wire.Metadata, inherited: wire.Metadata | None) -> wire.Metadata:
    """Valid metadata: what was given, then the test report, the amended commit's, and the agent that works here.

    Raises InvalidMetadataError or PathNotFoundError; reads the report but stores nothing.
    """
    if given.test_report_ref and "://" not in given.test_report_ref:
        metadata = _with_report(workspace, given)
    else:
        metadata = validate(given)
    if inherited is not None:
        metadata = _inherit(metadata, inherited)
    agent = configured(workspace, "agent").agent
    name = configured_agent(workspace)
    if metadata.agent_id is None and name:
        known = agent.model if agent.name == name else None
        metadata = validate(msgspec.structs.replace(metadata, agent_id=name, model=metadata.model or known or None))
    return metadata


def cleaned(metadata: wire.Metadata, message: str) -> tuple[wire.Metadata, str, tuple[str, ...]]:
    """Metadata and message with markers for likely secrets, and the names of what got one."""
    from anvcs.provenance.redaction import redact_text

    names: tuple[str, ...] = ()
    if metadata != wire.Metadata():
        metadata, names = redact(metadata)
    message, found = redact_text(message)
    return metadata, message, (*names, "message") if found else names


def actor(metadata: wire.Metadata, author: Ident) -> str:
    """Who makes the commit: the agent if one is named, else the human whom Git knows."""
    return metadata.agent_id or actor_id("human", author.email.decode("utf-8", "replace") or "unknown")


def configured_agent(workspace: Workspace) -> str | None:
    """The agent that works here when a command names none: as it was told, else the configuration's."""
    return workspace.caller.env.get(AGENT) or configured(workspace, "agent").agent.name


def co_author(agent: str) -> bytes:
    """The trailer value that credits an agent where only Git is at hand."""
    name = agent.removeprefix("agent:")
    return f"{name} <{address(agent)}>".encode()


def _with_report(workspace: Workspace, metadata: wire.Metadata) -> wire.Metadata:
    # Users name it from where they stand; what is recorded is the path in the repository.
    name = metadata.test_report_ref or ""
    path = to_repo_path(workspace.repo.root, workspace.caller.cwd, name)
    try:
        data = (workspace.repo.root / path.decode("utf-8", "surrogateescape")).read_bytes()
    except OSError as error:
        raise PathNotFoundError(
            f"The test report {name} cannot be read: {(error.strerror or 'unreadable').lower()}.",
            "Name an existing file of the repository.",
        ) from error
    placed = msgspec.structs.replace(metadata, test_report_ref=quote(path))
    return with_report(validate(placed), test_report(data))


def _inherit(metadata: wire.Metadata, old: wire.Metadata) -> wire.Metadata:
    """What an amended commit keeps of the old one's reasons. Test results belong to a tree, so they stay behind."""
    return msgspec.structs.replace(
        metadata,
        prompt=metadata.prompt if metadata.prompt is not None else old.prompt,
        model=metadata.model if metadata.model is not None else old.model,
        agent_id=metadata.agent_id if metadata.agent_id is not None else old.agent_id,
        env=metadata.env or old.env,
        artifacts=metadata.artifacts or old.artifacts,
        extra={**old.extra, **metadata.extra},
    )
