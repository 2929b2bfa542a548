"""The messages every surface speaks; the one source of the protocol.

``python -m anvcs.wire`` writes ``protocol/anvcs.schema.json`` from these types; the extension's TypeScript is
generated from that file. Each type's field names are camelCase on the wire; absent fields have their default.
"""

from __future__ import annotations

from typing import Any

from anvcs.wire.actor import ACTOR_ENROLL as ACTOR_ENROLL
from anvcs.wire.actor import ACTOR_LIST as ACTOR_LIST
from anvcs.wire.actor import ACTOR_REVOKE as ACTOR_REVOKE
from anvcs.wire.actor import ACTOR_ROTATE as ACTOR_ROTATE
from anvcs.wire.actor import ActorEnrollParams as ActorEnrollParams
from anvcs.wire.actor import ActorKey as ActorKey
from anvcs.wire.actor import ActorListParams as ActorListParams
from anvcs.wire.actor import ActorListResult as ActorListResult
from anvcs.wire.actor import ActorResult as ActorResult
from anvcs.wire.actor import ActorRevokeParams as ActorRevokeParams
from anvcs.wire.actor import ActorRotateParams as ActorRotateParams
from anvcs.wire.agents import AGENTS_CONNECT as AGENTS_CONNECT
from anvcs.wire.agents import AgentsConnected as AgentsConnected
from anvcs.wire.agents import AgentsConnectParams as AgentsConnectParams
from anvcs.wire.base import PROTOCOL_VERSION as PROTOCOL_VERSION
from anvcs.wire.base import Acting as Acting
from anvcs.wire.base import Exchange as Exchange
from anvcs.wire.base import FileChange as FileChange
from anvcs.wire.base import Message as Message
from anvcs.wire.base import Notification as Notification
from anvcs.wire.base import Params as Params
from anvcs.wire.base import Person as Person
from anvcs.wire.base import Problem as Problem
from anvcs.wire.base import Request as Request
from anvcs.wire.collab import COLLAB_LEAVE as COLLAB_LEAVE
from anvcs.wire.collab import COLLAB_PLAYBACK as COLLAB_PLAYBACK
from anvcs.wire.collab import COLLAB_REVERT as COLLAB_REVERT
from anvcs.wire.collab import COLLAB_REVIEW as COLLAB_REVIEW
from anvcs.wire.collab import COLLAB_START as COLLAB_START
from anvcs.wire.collab import COLLAB_STATUS as COLLAB_STATUS
from anvcs.wire.collab import COLLAB_TAIL as COLLAB_TAIL
from anvcs.wire.collab import ActiveFile as ActiveFile
from anvcs.wire.collab import CollabLeaveParams as CollabLeaveParams
from anvcs.wire.collab import CollabLeft as CollabLeft
from anvcs.wire.collab import Collaborator as Collaborator
from anvcs.wire.collab import CollabParams as CollabParams
from anvcs.wire.collab import CollabPlayback as CollabPlayback
from anvcs.wire.collab import CollabPlaybackParams as CollabPlaybackParams
from anvcs.wire.collab import CollabReverted as CollabReverted
from anvcs.wire.collab import CollabRevertParams as CollabRevertParams
from anvcs.wire.collab import CollabReview as CollabReview
from anvcs.wire.collab import CollabReviewParams as CollabReviewParams
from anvcs.wire.collab import CollabStarted as CollabStarted
from anvcs.wire.collab import CollabStartParams as CollabStartParams
from anvcs.wire.collab import CollabStatus as CollabStatus
from anvcs.wire.collab import CollabStatusParams as CollabStatusParams
from anvcs.wire.collab import CollabTailParams as CollabTailParams
from anvcs.wire.collab import EarlyWarning as EarlyWarning
from anvcs.wire.collab import NotKept as NotKept
from anvcs.wire.collab import OpenedRoom as OpenedRoom
from anvcs.wire.collab import PlaybackEdit as PlaybackEdit
from anvcs.wire.collab import PlaybackFrame as PlaybackFrame
from anvcs.wire.collab import RefusedFile as RefusedFile
from anvcs.wire.collab import RevertedFile as RevertedFile
from anvcs.wire.collab import ReviewFile as ReviewFile
from anvcs.wire.collab import ReviewHunk as ReviewHunk
from anvcs.wire.collab import ReviewOverlap as ReviewOverlap
from anvcs.wire.collab import ReviewRun as ReviewRun
from anvcs.wire.collab import TailEdit as TailEdit
from anvcs.wire.collab import TailPage as TailPage
from anvcs.wire.commit import COMMIT as COMMIT
from anvcs.wire.commit import DIFF as DIFF
from anvcs.wire.commit import SHOW as SHOW
from anvcs.wire.commit import CommitDetails as CommitDetails
from anvcs.wire.commit import CommitParams as CommitParams
from anvcs.wire.commit import CommitResult as CommitResult
from anvcs.wire.commit import DiffParams as DiffParams
from anvcs.wire.commit import DiffResult as DiffResult
from anvcs.wire.commit import Metadata as Metadata
from anvcs.wire.commit import SavedRoom as SavedRoom
from anvcs.wire.commit import ShowParams as ShowParams
from anvcs.wire.commit import UnsavedRoom as UnsavedRoom
from anvcs.wire.conflicts import CONFLICTS as CONFLICTS
from anvcs.wire.conflicts import ConflictsFound as ConflictsFound
from anvcs.wire.conflicts import ConflictsParams as ConflictsParams
from anvcs.wire.conflicts import ResourceOverlap as ResourceOverlap
from anvcs.wire.conflicts import StreamConflicts as StreamConflicts
from anvcs.wire.editing import EDITOR_NOTIFICATIONS as EDITOR_NOTIFICATIONS
from anvcs.wire.editing import EDITOR_REQUESTS as EDITOR_REQUESTS
from anvcs.wire.editing import ROOM_ATTRIBUTION as ROOM_ATTRIBUTION
from anvcs.wire.editing import ROOM_CHANGED as ROOM_CHANGED
from anvcs.wire.editing import ROOM_CURSOR as ROOM_CURSOR
from anvcs.wire.editing import ROOM_DID_SAVE as ROOM_DID_SAVE
from anvcs.wire.editing import ROOM_EDIT as ROOM_EDIT
from anvcs.wire.editing import ROOM_PRESENCE as ROOM_PRESENCE
from anvcs.wire.editing import ROOM_REDO as ROOM_REDO
from anvcs.wire.editing import ROOM_RESYNC as ROOM_RESYNC
from anvcs.wire.editing import ROOM_SAVED as ROOM_SAVED
from anvcs.wire.editing import ROOM_STATE as ROOM_STATE
from anvcs.wire.editing import ROOM_UNDO as ROOM_UNDO
from anvcs.wire.editing import ROOM_WILL_SAVE as ROOM_WILL_SAVE
from anvcs.wire.graph import GRAPH as GRAPH
from anvcs.wire.graph import Edge as Edge
from anvcs.wire.graph import GraphPage as GraphPage
from anvcs.wire.graph import GraphParams as GraphParams
from anvcs.wire.graph import GraphRow as GraphRow
from anvcs.wire.graph import OpenLane as OpenLane
from anvcs.wire.graph import Ref as Ref
from anvcs.wire.merge import FileVersion as FileVersion
from anvcs.wire.merge import GuardEvidence as GuardEvidence
from anvcs.wire.merge import Landed as Landed
from anvcs.wire.merge import MergeConflict as MergeConflict
from anvcs.wire.merge import MergeFile as MergeFile
from anvcs.wire.merge import MergeFinding as MergeFinding
from anvcs.wire.merge import MergeSource as MergeSource
from anvcs.wire.merge import MergeStep as MergeStep
from anvcs.wire.merge import Proposal as Proposal
from anvcs.wire.merge import ProposalObstacle as ProposalObstacle
from anvcs.wire.merge import ProposalSummary as ProposalSummary
from anvcs.wire.merge import ProposalVote as ProposalVote
from anvcs.wire.merge import Resolution as Resolution
from anvcs.wire.merge import Suggestion as Suggestion
from anvcs.wire.mergetool import MERGETOOL as MERGETOOL
from anvcs.wire.mergetool import LeftConflict as LeftConflict
from anvcs.wire.mergetool import MergedFile as MergedFile
from anvcs.wire.mergetool import MergetoolParams as MergetoolParams
from anvcs.wire.mergetool import MergetoolResult as MergetoolResult
from anvcs.wire.mergetool import ToolFile as ToolFile
from anvcs.wire.operations import CHECKPOINT_CREATE as CHECKPOINT_CREATE
from anvcs.wire.operations import CHECKPOINT_LIST as CHECKPOINT_LIST
from anvcs.wire.operations import CHECKPOINT_RESTORE as CHECKPOINT_RESTORE
from anvcs.wire.operations import OP_DIFF as OP_DIFF
from anvcs.wire.operations import OP_LOG as OP_LOG
from anvcs.wire.operations import OP_RESTORE as OP_RESTORE
from anvcs.wire.operations import OP_SHOW as OP_SHOW
from anvcs.wire.operations import REDO as REDO
from anvcs.wire.operations import RESTORE as RESTORE
from anvcs.wire.operations import REVERT as REVERT
from anvcs.wire.operations import UNDO as UNDO
from anvcs.wire.operations import Checkpoint as Checkpoint
from anvcs.wire.operations import CheckpointCreateParams as CheckpointCreateParams
from anvcs.wire.operations import CheckpointListParams as CheckpointListParams
from anvcs.wire.operations import CheckpointRestoreParams as CheckpointRestoreParams
from anvcs.wire.operations import CheckpointResult as CheckpointResult
from anvcs.wire.operations import Checkpoints as Checkpoints
from anvcs.wire.operations import LeftFile as LeftFile
from anvcs.wire.operations import MoveResult as MoveResult
from anvcs.wire.operations import OpDiff as OpDiff
from anvcs.wire.operations import OpDiffParams as OpDiffParams
from anvcs.wire.operations import Operation as Operation
from anvcs.wire.operations import OperationDetails as OperationDetails
from anvcs.wire.operations import OpLogPage as OpLogPage
from anvcs.wire.operations import OpLogParams as OpLogParams
from anvcs.wire.operations import OpRestoreParams as OpRestoreParams
from anvcs.wire.operations import OpShowParams as OpShowParams
from anvcs.wire.operations import PointerMove as PointerMove
from anvcs.wire.operations import RedoParams as RedoParams
from anvcs.wire.operations import RestoreParams as RestoreParams
from anvcs.wire.operations import RevertParams as RevertParams
from anvcs.wire.operations import RewriteLink as RewriteLink
from anvcs.wire.operations import UndoParams as UndoParams
from anvcs.wire.proposals import ASSIST_COMPLETE as ASSIST_COMPLETE
from anvcs.wire.proposals import MERGE as MERGE
from anvcs.wire.proposals import PROPOSAL_ACCEPT as PROPOSAL_ACCEPT
from anvcs.wire.proposals import PROPOSAL_ASSIST as PROPOSAL_ASSIST
from anvcs.wire.proposals import PROPOSAL_CHECK as PROPOSAL_CHECK
from anvcs.wire.proposals import PROPOSAL_LIST as PROPOSAL_LIST
from anvcs.wire.proposals import PROPOSAL_REJECT as PROPOSAL_REJECT
from anvcs.wire.proposals import PROPOSAL_RESOLVE as PROPOSAL_RESOLVE
from anvcs.wire.proposals import PROPOSAL_SHOW as PROPOSAL_SHOW
from anvcs.wire.proposals import PROPOSAL_VOTE as PROPOSAL_VOTE
from anvcs.wire.proposals import PROPOSALS_CHANGED as PROPOSALS_CHANGED
from anvcs.wire.proposals import AssistCompleteParams as AssistCompleteParams
from anvcs.wire.proposals import AssistCompleteResult as AssistCompleteResult
from anvcs.wire.proposals import Assisted as Assisted
from anvcs.wire.proposals import AssistPrompt as AssistPrompt
from anvcs.wire.proposals import MergeParams as MergeParams
from anvcs.wire.proposals import MergeResult as MergeResult
from anvcs.wire.proposals import PromptMessage as PromptMessage
from anvcs.wire.proposals import ProposalAccepted as ProposalAccepted
from anvcs.wire.proposals import ProposalAcceptParams as ProposalAcceptParams
from anvcs.wire.proposals import ProposalActing as ProposalActing
from anvcs.wire.proposals import ProposalAssisted as ProposalAssisted
from anvcs.wire.proposals import ProposalAssistParams as ProposalAssistParams
from anvcs.wire.proposals import ProposalCheckParams as ProposalCheckParams
from anvcs.wire.proposals import ProposalListParams as ProposalListParams
from anvcs.wire.proposals import ProposalRejectParams as ProposalRejectParams
from anvcs.wire.proposals import ProposalResolveParams as ProposalResolveParams
from anvcs.wire.proposals import ProposalResult as ProposalResult
from anvcs.wire.proposals import Proposals as Proposals
from anvcs.wire.proposals import ProposalsChanged as ProposalsChanged
from anvcs.wire.proposals import ProposalShowParams as ProposalShowParams
from anvcs.wire.proposals import ProposalVoteParams as ProposalVoteParams
from anvcs.wire.queue import QUEUE_ADD as QUEUE_ADD
from anvcs.wire.queue import QUEUE_LIST as QUEUE_LIST
from anvcs.wire.queue import QUEUE_REMOVE as QUEUE_REMOVE
from anvcs.wire.queue import QUEUE_RUN as QUEUE_RUN
from anvcs.wire.queue import Queue as Queue
from anvcs.wire.queue import QueueAddParams as QueueAddParams
from anvcs.wire.queue import QueueBlocked as QueueBlocked
from anvcs.wire.queue import QueueEntry as QueueEntry
from anvcs.wire.queue import QueueFlake as QueueFlake
from anvcs.wire.queue import QueueListParams as QueueListParams
from anvcs.wire.queue import QueuePlace as QueuePlace
from anvcs.wire.queue import QueueRemoveParams as QueueRemoveParams
from anvcs.wire.queue import QueueResult as QueueResult
from anvcs.wire.queue import QueueRunParams as QueueRunParams
from anvcs.wire.remote import CLONE as CLONE
from anvcs.wire.remote import PULL as PULL
from anvcs.wire.remote import PUSH as PUSH
from anvcs.wire.remote import CloneParams as CloneParams
from anvcs.wire.remote import CloneResult as CloneResult
from anvcs.wire.remote import PullParams as PullParams
from anvcs.wire.remote import PullResult as PullResult
from anvcs.wire.remote import PushParams as PushParams
from anvcs.wire.remote import PushResult as PushResult
from anvcs.wire.replay import REPLAY as REPLAY
from anvcs.wire.replay import Outcome as Outcome
from anvcs.wire.replay import Replayed as Replayed
from anvcs.wire.replay import ReplayParams as ReplayParams
from anvcs.wire.replay import ReplayReport as ReplayReport
from anvcs.wire.repository import ADD as ADD
from anvcs.wire.repository import DOCTOR as DOCTOR
from anvcs.wire.repository import FOREIGN_CHANGED as FOREIGN_CHANGED
from anvcs.wire.repository import HISTORY_CHANGED as HISTORY_CHANGED
from anvcs.wire.repository import INIT as INIT
from anvcs.wire.repository import STATUS as STATUS
from anvcs.wire.repository import UNINSTALL as UNINSTALL
from anvcs.wire.repository import AddParams as AddParams
from anvcs.wire.repository import AddResult as AddResult
from anvcs.wire.repository import Check as Check
from anvcs.wire.repository import Divergence as Divergence
from anvcs.wire.repository import DoctorParams as DoctorParams
from anvcs.wire.repository import DoctorReport as DoctorReport
from anvcs.wire.repository import ForeignChanged as ForeignChanged
from anvcs.wire.repository import ForeignOperation as ForeignOperation
from anvcs.wire.repository import HeadCommit as HeadCommit
from anvcs.wire.repository import HistoryChanged as HistoryChanged
from anvcs.wire.repository import InitParams as InitParams
from anvcs.wire.repository import InitResult as InitResult
from anvcs.wire.repository import RepositoryStatus as RepositoryStatus
from anvcs.wire.repository import StatusParams as StatusParams
from anvcs.wire.repository import UninstallParams as UninstallParams
from anvcs.wire.repository import UninstallResult as UninstallResult
from anvcs.wire.retention import DU as DU
from anvcs.wire.retention import GC as GC
from anvcs.wire.retention import PURGE as PURGE
from anvcs.wire.retention import Cost as Cost
from anvcs.wire.retention import Departed as Departed
from anvcs.wire.retention import DuParams as DuParams
from anvcs.wire.retention import DuReport as DuReport
from anvcs.wire.retention import GcParams as GcParams
from anvcs.wire.retention import GcResult as GcResult
from anvcs.wire.retention import PurgeParams as PurgeParams
from anvcs.wire.retention import PurgeResult as PurgeResult
from anvcs.wire.rooms import ROOMS_OFF as ROOMS_OFF
from anvcs.wire.rooms import ROOMS_ON as ROOMS_ON
from anvcs.wire.rooms import ROOMS_PAUSE as ROOMS_PAUSE
from anvcs.wire.rooms import ROOMS_PURGE as ROOMS_PURGE
from anvcs.wire.rooms import ROOMS_STATUS as ROOMS_STATUS
from anvcs.wire.rooms import RoomActor as RoomActor
from anvcs.wire.rooms import RoomInfo as RoomInfo
from anvcs.wire.rooms import RoomsOffParams as RoomsOffParams
from anvcs.wire.rooms import RoomsOnParams as RoomsOnParams
from anvcs.wire.rooms import RoomsPauseParams as RoomsPauseParams
from anvcs.wire.rooms import RoomsPurgeParams as RoomsPurgeParams
from anvcs.wire.rooms import RoomsPurgeResult as RoomsPurgeResult
from anvcs.wire.rooms import RoomsStatus as RoomsStatus
from anvcs.wire.rooms import RoomsStatusParams as RoomsStatusParams
from anvcs.wire.streams import STREAM_CREATE as STREAM_CREATE
from anvcs.wire.streams import STREAM_DELETE as STREAM_DELETE
from anvcs.wire.streams import STREAM_LIST as STREAM_LIST
from anvcs.wire.streams import STREAM_RENAME as STREAM_RENAME
from anvcs.wire.streams import STREAM_SWITCH as STREAM_SWITCH
from anvcs.wire.streams import Stream as Stream
from anvcs.wire.streams import StreamCreateParams as StreamCreateParams
from anvcs.wire.streams import StreamDeleteParams as StreamDeleteParams
from anvcs.wire.streams import StreamListParams as StreamListParams
from anvcs.wire.streams import StreamRenameParams as StreamRenameParams
from anvcs.wire.streams import StreamResult as StreamResult
from anvcs.wire.streams import Streams as Streams
from anvcs.wire.streams import StreamSwitchParams as StreamSwitchParams
from anvcs.wire.team import STREAM_RESOLVE as STREAM_RESOLVE
from anvcs.wire.team import SYNC as SYNC
from anvcs.wire.team import ConflictedStream as ConflictedStream
from anvcs.wire.team import ReplicaHeard as ReplicaHeard
from anvcs.wire.team import StreamResolveParams as StreamResolveParams
from anvcs.wire.team import StreamResolveResult as StreamResolveResult
from anvcs.wire.team import SyncParams as SyncParams
from anvcs.wire.team import SyncResult as SyncResult
from anvcs.wire.trust import AUDIT as AUDIT
from anvcs.wire.trust import VERIFY as VERIFY
from anvcs.wire.trust import AuditEntry as AuditEntry
from anvcs.wire.trust import AuditPage as AuditPage
from anvcs.wire.trust import AuditParams as AuditParams
from anvcs.wire.trust import Covered as Covered
from anvcs.wire.trust import VerifyParams as VerifyParams
from anvcs.wire.trust import VerifyReport as VerifyReport
from anvcs.wire.trust import Wrong as Wrong

VERBS: dict[str, Request[Any, Any]] = {
    request.verb: request
    for request in (
        INIT,
        STATUS,
        ADD,
        COMMIT,
        DIFF,
        CONFLICTS,
        GRAPH,
        SHOW,
        RESTORE,
        REVERT,
        UNDO,
        REDO,
        OP_LOG,
        OP_SHOW,
        OP_DIFF,
        OP_RESTORE,
        CHECKPOINT_CREATE,
        CHECKPOINT_LIST,
        CHECKPOINT_RESTORE,
        STREAM_LIST,
        STREAM_CREATE,
        STREAM_SWITCH,
        STREAM_DELETE,
        STREAM_RENAME,
        MERGE,
        MERGETOOL,
        PROPOSAL_LIST,
        PROPOSAL_SHOW,
        PROPOSAL_CHECK,
        PROPOSAL_RESOLVE,
        PROPOSAL_ASSIST,
        PROPOSAL_VOTE,
        PROPOSAL_ACCEPT,
        PROPOSAL_REJECT,
        QUEUE_ADD,
        QUEUE_LIST,
        QUEUE_REMOVE,
        QUEUE_RUN,
        PUSH,
        PULL,
        CLONE,
        SYNC,
        STREAM_RESOLVE,
        ACTOR_LIST,
        ACTOR_ENROLL,
        ACTOR_ROTATE,
        ACTOR_REVOKE,
        DU,
        GC,
        PURGE,
        VERIFY,
        AUDIT,
        REPLAY,
        AGENTS_CONNECT,
        ROOMS_ON,
        ROOMS_OFF,
        ROOMS_PAUSE,
        ROOMS_STATUS,
        ROOMS_PURGE,
        COLLAB_START,
        COLLAB_STATUS,
        COLLAB_LEAVE,
        COLLAB_TAIL,
        COLLAB_REVIEW,
        COLLAB_REVERT,
        COLLAB_PLAYBACK,
        DOCTOR,
        UNINSTALL,
    )
}
"""Every action by its verb."""

REQUESTS: dict[str, Request[Any, Any]] = {
    request.method: request for request in VERBS.values() if request.method is not None
}
"""Every LSP request by its method."""

NOTIFICATIONS: dict[str, Notification[Any]] = {
    notification.method: notification
    for notification in (HISTORY_CHANGED, FOREIGN_CHANGED, PROPOSALS_CHANGED, ROOM_STATE, ROOM_PRESENCE, ROOM_SAVED)
}
"""Every notification of the server by its method."""

SERVER_REQUESTS: dict[str, Exchange[Any, Any]] = {each.method: each for each in (ROOM_EDIT, ASSIST_COMPLETE)}
"""What the server asks an editor, by method."""
