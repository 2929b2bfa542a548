"""Everything known about one commit: what Git says, and why it exists."""

from __future__ import annotations

from anvcs import ids, wire
from anvcs.actions import identity, kept
from anvcs.actions.caller import Caller
from anvcs.actions.changes import compared
from anvcs.actions.divergent import other_commits
from anvcs.actions.known import known
from anvcs.actions.past import past
from anvcs.actions.resolve import resolve
from anvcs.actions.workspace import Workspace
from anvcs.gitmirror import messages
from anvcs.gitmirror.identity import Ident
from anvcs.provenance.detector import MARKER


def show(caller: Caller, params: wire.ShowParams) -> wire.CommitDetails:
    """The commit with its metadata and changed files. Raises UnknownCommitError, AmbiguousCommitError."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        oid = resolve(workspace, params.commit, params.at_op)
        raw = workspace.repo.objects.read(oid, "commit")
        header, _, body = raw.partition(b"\n\n")
        fields = _fields(header)
        encoding = fields.get(b"encoding", [b""])[0].decode("ascii", "replace") or None
        about = known(workspace, oid)
        operation = workspace.ledger.find_by_commit(oid) if workspace.initialized else None
        verdict = identity.judge_commit(workspace, oid, raw)
        parents = tuple(parent.decode() for parent in fields.get(b"parent", []))
        return wire.CommitDetails(
            commit_id=ids.commit_id(raw),
            git_commit=oid,
            tree=fields[b"tree"][0].decode(),
            author=_person(fields[b"author"][0], encoding),
            committer=_person(fields[b"committer"][0], encoding),
            subject=messages.decode(messages.subject(body), encoding),
            message=messages.decode(body, encoding),
            parents=parents,
            change_id=about.change_id,
            agent=about.metadata.agent_id if about.metadata else None,
            refs=_refs(workspace, oid) if params.at_op is None else _refs_then(workspace, oid, params.at_op),
            metadata=about.metadata,
            metadata_state=about.state,
            inherited_from=about.inherited_from,
            divergent=other_commits(workspace, about.change_id, oid),
            redacted=_redacted(about.metadata),
            hooks_skipped=about.hooks_skipped,
            signed=b"gpgsig" in fields,
            signature=verdict.state if verdict else "none",
            signer=verdict.actor if verdict else None,
            revoked_since=verdict.since if verdict else None,
            operation_id=ids.text(operation) if operation is not None else None,
            files=_files(workspace, oid, parents),
        )


def _fields(header: bytes) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for line in header.split(b"\n"):
        if not line.startswith(b" "):
            name, _, value = line.partition(b" ")
            found.setdefault(name, []).append(value)
    return found


def _person(line: bytes, encoding: str | None) -> wire.Person:
    who = Ident.parse(line)
    return wire.Person(
        name=messages.decode(who.name, encoding),
        email=messages.decode(who.email, encoding),
        time=who.time,
        offset=who.offset,
    )


def _refs(workspace: Workspace, oid: str) -> tuple[str, ...]:
    names = workspace.git.text(
        "for-each-ref", f"--points-at={oid}", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"
    )
    return tuple(names.splitlines())


def _refs_then(workspace: Workspace, oid: str, at_op: str) -> tuple[str, ...]:
    kinds = ("refs/heads/", "refs/remotes/", "refs/tags/")
    return tuple(
        name.split("/", 2)[2]
        for name, value in past(workspace, at_op).pointers.items()
        if name.startswith(kinds) and not value.startswith("ref: ") and kept.peel(workspace.repo, value) == oid
    )


def _files(workspace: Workspace, oid: str, parents: tuple[str, ...]) -> tuple[wire.FileChange, ...]:
    """What it changes against its first parent, or all of it for a first commit."""
    against = [parents[0], oid] if parents else ["--root", oid]
    return compared(workspace.git, ["diff-tree", "-r", "--no-commit-id"], against)


def _redacted(metadata: wire.Metadata | None) -> tuple[str, ...]:
    if metadata is None:
        return ()
    fields = {"prompt": metadata.prompt, "model": metadata.model, "testReportRef": metadata.test_report_ref}
    fields |= {f"env.{name}": value for name, value in metadata.env.items()}
    fields |= {f"extra.{name}": str(value) for name, value in metadata.extra.items()}
    return tuple(name for name, value in fields.items() if value is not None and MARKER in value)
