"""Forgets a value wherever we keep it here; its salted hash stays, so that everything still verifies.

What is purged is written down first, in one signed operation that names root and field, never the value. Everything
after it is found again from that by the next purge, so one that was cut short is finished by doing it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from anvcs import ids, wire
from anvcs.actions import foreign, forgetting, recovery
from anvcs.actions.acting import Acting, acting
from anvcs.actions.caller import Caller
from anvcs.actions.forgetting import PROJECTIONS, TRACKED
from anvcs.actions.publish import NOTES
from anvcs.actions.resolve import resolve
from anvcs.errors import AnvcsError, CorruptStoreError, UnknownCommitError, UsageError
from anvcs.gitmirror import messages
from anvcs.gitmirror import notes as note_refs
from anvcs.gitmirror import remote as remotes
from anvcs.history import compaction, purges
from anvcs.history.ledger import Entry
from anvcs.provenance import notes, record
from anvcs.provenance.record import Field, Record
from anvcs.storage.lock import exclusive

if TYPE_CHECKING:
    from anvcs.actions.forgetting import Found
    from anvcs.actions.workspace import Workspace

_LEAST = 8
"""Characters from which on the same text elsewhere is the same value, not chance."""
_OPERATION_FIELDS = ("prompt", "arguments")
_ELSEWHERE = ("agent_id", "tests_passed")

Known: TypeAlias = "dict[str, tuple[Record, set[str]]]"
"""The metadata records that are here by their root, each with the commits it belongs to."""


@dataclass
class _Aim:
    """What is to be forgotten."""

    root: str
    name: str
    """Of the field."""
    hash: str
    value: object = None
    """None if it is gone already."""
    commit: str | None = None
    values: dict[purges.Value, str] = field(default_factory=dict[purges.Value, str])
    """Everything with that value: what each is, in a sentence, by root and field."""
    replaced: dict[bytes, bytes | None] = field(default_factory=dict[bytes, "bytes | None"])
    commits: set[str] = field(default_factory=set[str])
    """The commits whose notes may have travelled with it."""


def purge(caller: Caller, params: wire.PurgeParams) -> wire.PurgeResult:
    """Forget it here, in every worktree, and the same text wherever else our records have it.

    Raises UsageError where there is no such value, UnknownCommitError, UnknownOperationError.
    """
    if (params.commit is None) == (params.operation is None):
        raise UsageError("A purge needs one commit or one operation.", "Name it, and nothing else.")
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        workspace.ledger.head()
        actor = acting(workspace, params)
        with exclusive(workspace.lock_path):
            if recovery.needed(workspace):
                workspace.notices += recovery.settle(workspace)
            foreign.look(workspace, held=True)
            return _purge(actor, params)


def _purge(actor: Acting, params: wire.PurgeParams) -> wire.PurgeResult:
    workspace = actor.workspace
    caller = workspace.caller
    known = _records(workspace)
    aim = _aim(workspace, params, known)
    _gather(workspace, aim, known)
    purged = _with(workspace.ledger.purged(), aim)
    found = forgetting.find(workspace, purged)
    departed = tuple(_departed(workspace, aim, found))
    made = None
    left: list[str] = []
    said = [f"The ledger's private record of {each}" for each in aim.values.values()]
    if params.dry_run:
        said += _planned(found)
    else:
        if aim.values:
            draft, private = actor.draft(
                purges.KIND,
                arguments={"commit": params.commit, "operation": params.operation, "field": params.field},
                details={"root": aim.root, "field": aim.name, purges.VALUES: purges.named(aim.values)},
                names=(NOTES,) if found.refs else (),
            )
            caller.at("purge-ledger")
            made = actor.record(draft, private, replaced=aim.replaced)
        removed, left = forgetting.forget(workspace, purged, found)
        said += removed
    notices = (*workspace.notices, *left, *_notices(workspace, aim))
    workspace.notices.clear()
    commit = aim.commit
    return wire.PurgeResult(
        operation_id=ids.text(made.id) if made is not None else None,
        commit_id=ids.commit_id(workspace.repo.objects.read(commit, "commit")) if commit is not None else None,
        git_commit=commit,
        field=aim.name,
        hash=aim.hash,
        removed=tuple(said),
        departed=departed,
        notices=notices if said else (*notices, "Nothing of it is here."),
    )


def _records(workspace: Workspace) -> Known:
    """Every metadata record that notes or ledger have here."""
    workspace.caller.progress("Looking at metadata records", None)
    found: Known = {}
    handle = workspace.repo.handle
    for commit, note in note_refs.Notes(handle, note_refs.tip(handle, NOTES)).items():
        for text in note.split(b"\n"):
            line = notes.read_line(text)
            record_there = line.open_record() if line is not None else None
            if line is None or line.meta is None or record_there is None:
                continue
            before, commits = found.get(line.meta, (record_there, set[str]()))
            fuller = record_there if len(record_there.purged) < len(before.purged) else before
            found[line.meta] = fuller, {*commits, commit, line.commit}
    for entry in compaction.entries(workspace.ledger):
        commit = entry.operation.details.get("gitCommit")
        root = _root(workspace, commit) if isinstance(commit, str) else None
        data = workspace.ledger.private(ids.raw(root)) if root is not None else None
        if root is not None and data is not None:
            commits = found[root][1] if root in found else set[str]()
            found[root] = record.from_json(data), {*commits, str(commit)}
    return found


def _root(workspace: Workspace, commit: str) -> str | None:
    """The root that a commit's message names."""
    try:
        raw = workspace.repo.objects.read(commit, "commit")
    except AnvcsError:
        return None
    named = [value for name, value in messages.anvcs_lines(raw.partition(b"\n\n")[2]) if name == b"ANVCS-Meta"]
    root = named[-1].decode("ascii", "replace") if named else ""
    return root if ids.is_text(root) else None


def _aim(workspace: Workspace, params: wire.PurgeParams, known: Known) -> _Aim:
    if params.commit is not None:
        return _of_commit(workspace, resolve(workspace, params.commit), params.field, known)
    ledger = workspace.ledger
    entry = ledger.entry(ledger.find(str(params.operation)))
    if params.field not in _OPERATION_FIELDS:
        raise UsageError(f"An operation has no field {params.field} to purge.", "It may have prompt and arguments.")
    hashed = entry.operation.prompt if params.field == "prompt" else entry.operation.arguments
    if not hashed:
        raise UsageError("That operation was recorded without it.", "See: ai-vcs op show")
    root = ids.text(hashed)
    data = ledger.private(hashed)
    if data is not None:
        return _Aim(root, params.field, root, _value(data))
    commit = entry.operation.details.get("gitCommit")
    if params.field == "prompt" and isinstance(commit, str):
        # The prompt of a commit is kept once, in its metadata record.
        return _of_commit(workspace, commit, "prompt", known)
    if root not in ledger.purged():
        raise UsageError(f"The {params.field} of that operation is not here.", "It was compacted, or made elsewhere.")
    return _Aim(root, params.field, root)


def _of_commit(workspace: Workspace, commit: str, name: str, known: Known) -> _Aim:
    root = _root(workspace, commit)
    if root is None:
        raise UnknownCommitError(f"{commit[:10]} has no metadata record.", "See: ai-vcs show")
    if root not in known:
        raise UsageError(f"The metadata record of {commit[:10]} is not here.", "Purge where the commit was made.")
    found, commits = known[root]
    left = found.purge(name).fields[name]
    there = found.fields[name]
    hashed = ids.text(left.hash) if not isinstance(left, Field) else ""
    value = there.value if isinstance(there, Field) else None
    return _Aim(root, name, hashed, value, commit, commits={commit, *commits})


def _value(data: bytes) -> object:
    """What a private value of an operation is, without its salt."""
    try:
        return cast("tuple[bytes, object]", ids.decode(data))[1]
    except CorruptStoreError:
        return b""


def _gather(workspace: Workspace, aim: _Aim, known: Known) -> None:
    """Find everything that is to go: the value itself, and the same text in other records of ours."""
    if aim.value is None:
        return
    wanted = aim.value if isinstance(aim.value, str) and len(aim.value) >= _LEAST else None
    ledger = workspace.ledger
    for root, (found, commits) in known.items():
        names = {
            name
            for name, each in found.fields.items()
            if isinstance(each, Field)
            and ((root, name) == (aim.root, aim.name) or (wanted is not None and _has(each.value, wanted)))
        }
        if not names:
            continue
        left = found
        for name in names:
            left = left.purge(name)
            shown = min(commits)[:10]
            aim.values[root, name] = f"{shown}: {name}"
        aim.commits |= commits
        if ledger.private(ids.raw(root)) is not None:
            aim.replaced[ids.raw(root)] = left.to_json()
    for entry in compaction.entries(ledger):
        for hashed, name in _hidden(entry):
            data = ledger.private(hashed)
            root = ids.text(hashed)
            if data is None:
                continue
            if (root, name) == (aim.root, aim.name) or (wanted is not None and _has(_value(data), wanted)):
                aim.values[root, name] = f"operation {ids.text(entry.signed.id)[:15]}: {name}"
                aim.replaced[hashed] = None


def _hidden(entry: Entry) -> Iterator[tuple[bytes, str]]:
    it = entry.operation
    if it.arguments:
        yield it.arguments, "arguments"
    if it.prompt is not None:
        yield it.prompt, "prompt"


def _has(value: object, wanted: str) -> bool:
    """Whether a value is a text or holds it as one of its parts."""
    match value:
        case str():
            return value == wanted
        case bytes():
            return value.strip() == wanted.encode().strip()
        case list() | tuple():
            return any(_has(each, wanted) for each in cast("list[object]", value))
        case dict():
            return any(_has(each, wanted) for each in cast("dict[str, object]", value).values())
        case _:
            return False


def _with(purged: Mapping[str, frozenset[str]], aim: _Aim) -> dict[str, frozenset[str]]:
    """What was purged before, and what is to be now."""
    found = dict(purged)
    for root, name in aim.values:
        found[root] = found.get(root, frozenset()) | {name}
    return found


def _planned(found: Found) -> Iterator[str]:
    """What would be removed outside of the ledger."""
    for ref in found.refs:
        yield f"{ref}, with its history" if ref == NOTES else ref
    if found.blobs:
        yield f"{len(found.blobs)} {'copies' if len(found.blobs) > 1 else 'copy'} among Git's objects"
    yield from map(str, found.files)


def _departed(workspace: Workspace, aim: _Aim, found: Found) -> Iterator[wire.Departed]:
    """Where pushes had sent it, and where it was fetched from."""
    urls: dict[str, str] = {}
    for entry in compaction.entries(workspace.ledger):
        it = entry.operation
        name, new = it.details.get("remote"), it.details.get("new")
        if entry.state != "published" or it.kind != "push" or it.details.get("mode") != "full" or name in urls:
            continue
        if any(_reaches(workspace, commit, str(new)) for commit in aim.commits):
            urls[str(name)] = str(it.details.get("url", ""))
    settings = workspace.repo.settings.get()
    for ref in found.places():
        name = ref.removeprefix(PROJECTIONS).removeprefix(TRACKED).removesuffix("/notes").removesuffix("/push")
        urls.setdefault(name, remotes.shown(settings.get(f"remote.{name}.url") or ""))
    for name, url in sorted(urls.items()):
        said = (
            f"Take in what others noted (ai-vcs pull {name}), delete its notes (git push {name} :{NOTES}), send them "
            f"anew (ai-vcs push {name}), and have its owner collect what nothing names (git gc --prune=now). "
            "Whoever fetched them has a copy: a secret must be replaced."
        )
        yield wire.Departed(remote=name, url=url, said=said)


def _reaches(workspace: Workspace, commit: str, new: str) -> bool:
    handle = workspace.repo.handle
    return commit in handle and new in handle and workspace.repo.is_ancestor(commit, new)


def _notices(workspace: Workspace, aim: _Aim) -> Iterator[str]:
    if isinstance(aim.value, str) and len(aim.value) >= _LEAST:
        for commit in sorted(aim.commits):
            if commit in workspace.repo.handle and aim.value.encode() in workspace.repo.objects.read(commit, "commit"):
                yield f"The message of {commit[:10]} has the text too; a commit cannot be changed, only made anew."
    if aim.name in _ELSEWHERE:
        yield f"The value of {aim.name} may also stand in the commit's message and in signed operations, which stay."
    for aside in sorted(workspace.folder.glob("ledger.db.damaged-*")):
        yield f"A damaged ledger was set aside and may hold it; if you do not need it any more: rm {_quoted(aside)}"


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
