"""The messages every surface speaks; the one source of the protocol.

``python -m anvcs.wire`` writes ``protocol/anvcs.schema.json`` from these types; the extension's TypeScript is
generated from that file. Each type's field names are camelCase on the wire; absent fields have their default.
"""

from __future__ import annotations

from typing import Any

from anvcs.wire.base import (
    PROTOCOL_VERSION,
    Acting,
    FileChange,
    Message,
    Notification,
    Params,
    Person,
    Problem,
    Request,
)
from anvcs.wire.commit import (
    COMMIT,
    DIFF,
    SHOW,
    CommitDetails,
    CommitParams,
    CommitResult,
    DiffParams,
    DiffResult,
    Metadata,
    ShowParams,
)
from anvcs.wire.graph import GRAPH, Edge, GraphPage, GraphParams, GraphRow, OpenLane, Ref
from anvcs.wire.repository import (
    ADD,
    DOCTOR,
    HISTORY_CHANGED,
    INIT,
    STATUS,
    UNINSTALL,
    AddParams,
    AddResult,
    Check,
    DoctorParams,
    DoctorReport,
    HeadCommit,
    HistoryChanged,
    InitParams,
    InitResult,
    RepositoryStatus,
    StatusParams,
    UninstallParams,
    UninstallResult,
)

VERBS: dict[str, Request[Any, Any]] = {
    request.verb: request for request in (INIT, STATUS, ADD, COMMIT, DIFF, GRAPH, SHOW, DOCTOR, UNINSTALL)
}
"""Every action by its verb."""

REQUESTS: dict[str, Request[Any, Any]] = {
    request.method: request for request in VERBS.values() if request.method is not None
}
"""Every LSP request by its method."""

NOTIFICATIONS: dict[str, Notification[Any]] = {HISTORY_CHANGED.method: HISTORY_CHANGED}
"""Every notification by its method."""

__all__ = [
    "ADD",
    "COMMIT",
    "DIFF",
    "DOCTOR",
    "GRAPH",
    "HISTORY_CHANGED",
    "INIT",
    "NOTIFICATIONS",
    "PROTOCOL_VERSION",
    "REQUESTS",
    "SHOW",
    "STATUS",
    "UNINSTALL",
    "VERBS",
    "Acting",
    "AddParams",
    "AddResult",
    "Check",
    "CommitDetails",
    "CommitParams",
    "CommitResult",
    "DiffParams",
    "DiffResult",
    "DoctorParams",
    "DoctorReport",
    "Edge",
    "FileChange",
    "GraphPage",
    "GraphParams",
    "GraphRow",
    "HeadCommit",
    "HistoryChanged",
    "InitParams",
    "InitResult",
    "Message",
    "Metadata",
    "Notification",
    "OpenLane",
    "Params",
    "Person",
    "Problem",
    "Ref",
    "RepositoryStatus",
    "Request",
    "ShowParams",
    "StatusParams",
    "UninstallParams",
    "UninstallResult",
]
