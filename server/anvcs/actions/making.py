"""Makes a commit of a tree that is there already: a revert, a merge. Message hooks, trailers and signature as usual."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import msgspec

from anvcs import ids, wire
from anvcs.actions import evidence
from anvcs.actions.acting import Acting
from anvcs.actions.commit_object import Context, Draft, authors_of, finish_message, write_commit
from anvcs.gitmirror.git import Git, version
from anvcs.provenance import notes, record
from anvcs.provenance.metadata import validate


def engine(git: Git) -> str:
    """What merges trees here; another version may merge otherwise."""
    return "git " + ".".join(map(str, version(git)[:2]))


class Made(msgspec.Struct, frozen=True):
    """A commit that nothing points at yet."""

    oid: str
    commit_id: str
    change_id: str
    message: bytes
    line: bytes
    """Its note."""
    private: Mapping[bytes, bytes]
    details: Mapping[str, str | int | bool]
    said: tuple[str, ...]
    """What hooks printed."""


def make(
    actor: Acting,
    tree: str,
    parents: tuple[str, ...],
    message: bytes,
    *,
    source: str = "message",
    no_verify: bool = False,
    tests_passed: bool | None = None,
    suggestions: Sequence[Mapping[str, str | int]] = (),
) -> Made:
    """Write the commit; ``suggestions`` are what language models gave for parts of it, and who took that.

    Raises HookFailedError, EmptyMessageError, SigningFailedError, MissingIdentityError.
    """
    workspace = actor.workspace
    agent = actor.signer.actor if actor.signer.actor.startswith("agent:") else None
    metadata = validate(
        wire.Metadata(
            agent_id=agent,
            prompt=actor.request.prompt,
            model=", ".join(dict.fromkeys(str(each["model"]) for each in suggestions)) or None,
            tests_passed=tests_passed,
            extra={"suggestions": [dict(each) for each in suggestions]} if suggestions else {},
        )
    )
    metadata, shown, _ = evidence.cleaned(metadata, message.decode("utf-8", "surrogateescape"))
    skipped = {"hooks_skipped": True} if no_verify else None
    made = record.make_record(metadata, tree, secrets.token_bytes, skipped)
    draft = Draft(
        tree=tree,
        parents=parents,
        message=shown.encode("utf-8", "surrogateescape"),
        authors=authors_of(workspace, None),
        change_id=ids.new_change_id(),
        meta=made.root,
        agent=agent,
        sign=None,
        source=(source, None),
        signer=actor.signer,
    )
    context = Context(workspace, workspace.hooks(), no_verify=no_verify, held=False)
    text, said = finish_message(context, draft, None)
    oid = write_commit(context, draft, text)
    commit_id = ids.commit_id(workspace.repo.objects.read(oid, "commit"))
    line = notes.NoteLine(
        commit=oid,
        tree=tree,
        commit_id=commit_id,
        change_id=draft.change_id,
        meta=draft.meta,
        record=dict(made.to_builtins()),
        agent=agent,
        tests=None if tests_passed is None else "passed" if tests_passed else "failed",
        hooks_skipped=no_verify,
    )
    return Made(
        oid=oid,
        commit_id=commit_id,
        change_id=draft.change_id,
        message=text,
        line=notes.line_of(line),
        private={ids.raw(made.root): made.to_json()},
        details={"gitCommit": oid, "commitId": commit_id, "changeId": draft.change_id},
        said=tuple(said),
    )
