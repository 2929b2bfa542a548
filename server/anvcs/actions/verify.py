"""Recomputes everything that can be recomputed, says what share that was, and names what is wrong."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from anvcs import ids, wire
from anvcs.actions import foreign, identity, segments_checked
from anvcs.actions.caller import Caller
from anvcs.actions.publish import NOTES
from anvcs.errors import AnvcsError, CancelledError, CorruptStoreError
from anvcs.gitmirror import actors, log, messages
from anvcs.gitmirror import notes as note_refs
from anvcs.governance.entries import read as read_entry
from anvcs.history import replicas
from anvcs.provenance import notes, record

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

_PAGE = 500


class _Found(NamedTuple):
    covered: wire.Covered
    wrong: list[wire.Wrong]


def verify(caller: Caller, params: wire.VerifyParams) -> wire.VerifyReport:
    """Never raises for what it finds, and changes nothing but the import of what plain git did."""
    workspace = caller.workspace(params.folder)
    with workspace.lock:
        foreign.glance(workspace)
        found: list[_Found] = []
        signatures: Counter[str] = Counter()
        for subject, step in _STEPS.items():
            try:
                found += step(workspace, signatures)
            except CancelledError:
                raise
            except AnvcsError as error:
                wrong = wire.Wrong(subject=subject, name="", message=f"{error.message} {error.way_out}".rstrip())
                found.append(_Found(wire.Covered(subject=subject, checked=0, total=1), [wrong]))
        wrong = [each for part in found for each in part.wrong]
        return wire.VerifyReport(
            sound=not wrong,
            covered=tuple(part.covered for part in found),
            wrong=tuple(wrong),
            signatures=dict(sorted(signatures.items())),
        )


def _operations(workspace: Workspace, signatures: Counter[str]) -> list[_Found]:
    """The chain: each id from its body, each parent, each view from the one before, each signature and its key."""
    ledger = workspace.ledger
    total = ledger.count()
    wrong: list[wire.Wrong] = []
    bad: list[wire.Wrong] = []
    for sequence, problems, signed in ledger.checked():
        workspace.caller.progress("Verifying operations", 100 * sequence // max(total, 1))
        wrong += [wire.Wrong(subject="operations", name=str(sequence), message=each) for each in problems]
        if signed is None:
            continue
        state = identity.judge_operation(workspace, signed).state
        signatures[state] += 1
        if state == "bad":
            message = "It is not signed by the key that it names."
            bad.append(wire.Wrong(subject="operation signatures", name=ids.text(signed.id), message=message))
    compacted = ledger.compacted()
    said = f"{compacted} are compacted: their views are not kept any more." if compacted else ""
    return [
        _Found(wire.Covered(subject="operations", checked=total, total=total), wrong),
        _Found(wire.Covered(subject="operation signatures", checked=sum(signatures.values()), total=total), bad),
        _Found(wire.Covered(subject="views", checked=total - compacted, total=total, said=said), []),
    ]


def _commits(workspace: Workspace, signatures: Counter[str]) -> list[_Found]:
    """Every commit of ours that a stream, tag or remote reaches: its id, its record's root and tree, its signature."""
    del signatures
    heads = workspace.git.output("for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes", "refs/tags")
    tips = [bytes.fromhex(each) for each in dict.fromkeys([*heads.decode().split(), *_head(workspace)])]
    counts: Counter[str] = Counter()
    wrong: list[wire.Wrong] = []
    reachable = log.reachable(workspace.git, tips) if tips else []
    for oid, _, raw in log.read(workspace.git, reachable):
        counts["commits"] += 1
        if counts["commits"] % _PAGE == 0:
            workspace.caller.progress(f"Verifying commits ({counts['commits']})", None)
        wrong += _commit(workspace, oid.hex(), raw, counts)
    missing = counts["records"] - counts["records here"]
    unsigned = counts["commits"] - counts["signed"]
    said = (
        f"{missing} records are not here: they came from elsewhere without values, or were purged." if missing else ""
    )
    return [
        _Found(wire.Covered(subject="commits", checked=counts["commits"], total=counts["commits"]), wrong),
        _Found(
            wire.Covered(
                subject="commit signatures",
                checked=counts["signed"],
                total=counts["commits"],
                said=f"{unsigned} commits are not signed." if unsigned else "",
            ),
            [],
        ),
        _Found(wire.Covered(subject="records", checked=counts["records here"], total=counts["records"], said=said), []),
    ]


def _head(workspace: Workspace) -> list[str]:
    head = workspace.repo.head()
    return [head] if head is not None else []


def _commit(workspace: Workspace, oid: str, raw: bytes, counts: Counter[str]) -> Iterator[wire.Wrong]:
    verdict = identity.judge_commit(workspace, oid, raw)
    if verdict is not None:
        counts["signed"] += 1
        if verdict.state == "bad":
            yield wire.Wrong(subject="commit signatures", name=oid, message="Its signature is false.")
    if hashlib.sha1(b"commit %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest() != oid:
        yield wire.Wrong(subject="commits", name=oid, message="Its Git id is not that of its bytes.")
    made = workspace.ledger.find_by_commit(oid)
    # An operation that cannot be read is named where operations are.
    with suppress(CorruptStoreError):
        said = workspace.ledger.get(made).operation.details.get("commitId") if made is not None else None
        if isinstance(said, str) and said != ids.commit_id(raw):
            yield wire.Wrong(subject="commits", name=oid, message=f"Its operation calls it {said}.")
    roots = [value for name, value in messages.anvcs_lines(raw.partition(b"\n\n")[2]) if name == b"ANVCS-Meta"]
    if not roots:
        return
    counts["records"] += 1
    root = roots[-1].decode("ascii", "replace")
    data = workspace.ledger.private(ids.raw(root)) if ids.is_text(root) else None
    if data is None:
        return
    counts["records here"] += 1
    try:
        found = record.from_json(data)
    except CorruptStoreError as error:
        yield wire.Wrong(subject="records", name=root, message=error.message)
        return
    if not found.verify(root):
        yield wire.Wrong(subject="records", name=root, message=f"The record of {oid[:10]} does not have this root.")


def _notes(workspace: Workspace, signatures: Counter[str]) -> list[_Found]:
    """Every line of ours: readable, and its record of the root that it names."""
    del signatures
    tip = note_refs.tip(workspace.repo.handle, NOTES)
    wrong: list[wire.Wrong] = []
    lines = checked = 0
    for oid, note in note_refs.Notes(workspace.repo.handle, tip).items():
        for text in filter(None, note.split(b"\n")):
            line = notes.read_line(text)
            if line is None:
                continue
            lines += 1
            if line.commit == oid and oid in workspace.repo.handle:
                raw = workspace.repo.objects.read(oid, "commit")
                if (line.commit_id, line.tree) != (ids.commit_id(raw), raw[5:45].decode("ascii")):
                    message = f"The note of {oid[:10]} names another commit or tree."
                    wrong.append(wire.Wrong(subject="notes", name=oid, message=message))
            if line.record is None:
                continue
            checked += 1
            if line.open_record() is None:
                message = f"The note of {oid[:10]} has a record that does not have the root {line.meta}."
                wrong.append(wire.Wrong(subject="notes", name=oid, message=message))
    said = f"{lines - checked} lines carry no record." if lines != checked else ""
    return [_Found(wire.Covered(subject="notes", checked=checked, total=lines, said=said), wrong)]


def _keys(workspace: Workspace, signatures: Counter[str]) -> list[_Found]:
    """Every entry of the actor registry."""
    del signatures
    entries = actors.read(workspace.repo, actors.tip(workspace.repo))
    wrong: list[wire.Wrong] = []
    for name, content in entries.items():
        try:
            if read_entry(content).id != name:
                wrong.append(wire.Wrong(subject="keys", name=name.hex(), message="The entry is not what it is called."))
        except CorruptStoreError as error:
            wrong.append(wire.Wrong(subject="keys", name=name.hex(), message=error.message))
    return [_Found(wire.Covered(subject="keys", checked=len(entries), total=len(entries)), wrong)]


def _segments(workspace: Workspace, signatures: Counter[str]) -> list[_Found]:
    del signatures
    count, wrong = segments_checked.check(workspace)
    return [_Found(wire.Covered(subject="segments", checked=count, total=max(count, len(wrong))), wrong)]


def _replicas(workspace: Workspace, signatures: Counter[str]) -> list[_Found]:
    """The logs of the other clones that this one knows."""
    del signatures
    wrong: list[wire.Wrong] = []
    total = 0
    for each in replicas.heard(workspace.ledger.store):
        total += 1
        problems = replicas.verify(workspace.ledger.store, each.replica)
        wrong += [wire.Wrong(subject="replicas", name=each.replica, message=problem) for problem in problems]
    return [_Found(wire.Covered(subject="replicas", checked=total, total=total), wrong)]


_STEPS: dict[str, Callable[[Workspace, Counter[str]], list[_Found]]] = {
    "operations": _operations,
    "commits": _commits,
    "notes": _notes,
    "keys": _keys,
    "segments": _segments,
    "replicas": _replicas,
}
