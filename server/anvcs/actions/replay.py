"""Does recorded operations again, from their recorded inputs and nothing else, and compares what comes out.

Green operations are executed again in a scratch repository that borrows our objects; yellow ones from the snapshot
they recorded of what came from outside; of commits, whose content people and agents made, the hashes are made again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from anvcs import ids, wire
from anvcs.actions import plan, undoing
from anvcs.actions.caller import Caller
from anvcs.actions.making import engine
from anvcs.errors import AnvcsError
from anvcs.gitmirror.git import Git
from anvcs.gitmirror.merging import merged, without
from anvcs.gitmirror.repository import GitRepository
from anvcs.gitmirror.trees import EMPTY_TREE, edit, lookup
from anvcs.history import kinds
from anvcs.history.ledger import Entry
from anvcs.history.operations import Move, Operation

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace


class _Result(NamedTuple):
    outcome: wire.Outcome
    message: str = ""


_SAME = _Result("same")


class _Scratch:
    """Our objects to read, and those made here in memory."""

    def __init__(self, repo: GitRepository) -> None:
        self._repo = repo
        self._made: dict[str, bytes] = {}

    def read(self, oid: str, kind: str) -> bytes:
        """Content of the object."""
        return self._made[oid] if oid in self._made else self._repo.objects.read(oid, kind)

    def write(self, kind: str, data: bytes) -> str:
        """Git id of the new object."""
        header = f"{kind} {len(data)}\0".encode()
        oid = hashlib.sha1(header + data, usedforsecurity=False).hexdigest()
        self._made[oid] = data
        return oid


def replay(caller: Caller, params: wire.ReplayParams) -> wire.ReplayReport:
    """Replay one operation, or the newest. Raises UnknownOperationError; changes nothing here."""
    workspace = caller.workspace(params.folder)
    with workspace.lock, tempfile.TemporaryDirectory(prefix="anvcs-replay-") as folder:
        scratch = _scratch(workspace, Path(folder))
        if params.operation is not None:
            entries = [workspace.ledger.entry(workspace.ledger.find(params.operation))]
        else:
            entries = workspace.ledger.operations(params.limit)
        counts: Counter[str] = Counter()
        shown: list[wire.Replayed] = []
        for at, entry in enumerate(entries):
            caller.progress("Replaying operations", 100 * at // len(entries))
            result = _replay(workspace, scratch, entry)
            counts[result.outcome] += 1
            if result.outcome != "same" or params.operation is not None:
                shown.append(_shown(entry, result))
        return wire.ReplayReport(
            same=counts["same"],
            different=counts["different"],
            rehashed=counts["rehashed"],
            not_comparable=counts["not-comparable"],
            operations=tuple(shown),
        )


def _scratch(workspace: Workspace, folder: Path) -> Git:
    """An empty bare repository that reads our objects and writes its own."""
    Git(folder, workspace.caller.env).output("init", "--quiet", "--bare", ".")
    (folder / "objects" / "info" / "alternates").write_bytes(os.fsencode(workspace.repo.common_dir / "objects") + b"\n")
    return Git(folder, workspace.caller.env)


def _shown(entry: Entry, result: _Result) -> wire.Replayed:
    it = entry.operation
    return wire.Replayed(
        operation_id=ids.text(entry.signed.id),
        kind=it.kind,
        tier=it.tier,
        outcome=result.outcome,
        message=result.message,
    )


def _replay(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    it = entry.operation
    if entry.state != "published":
        return _Result("not-comparable", f"It was {entry.state}.")
    if workspace.ledger.is_compacted(entry.sequence):
        return _Result("not-comparable", "It is compacted: its inputs are not kept any more.")
    step = _STEPS.get(it.kind)
    if step is None:
        said = "It depends on what was outside, which nobody recorded."
        return _Result("not-comparable", said if kinds.of(it).tier == "red" else "This ANVCS does not know its kind.")
    made_by = it.details.get("engine")
    if isinstance(made_by, str) and made_by != engine(workspace.git):
        return _Result("not-comparable", f"It was made with {made_by}, and this is {engine(workspace.git)}.")
    try:
        return step(workspace, scratch, entry)
    except (AnvcsError, KeyError) as error:
        return _Result("not-comparable", f"An input is not here: {error}")


def _views(workspace: Workspace, it: Operation, expected: dict[str, str | None]) -> _Result:
    """The pointers that moved must be those expected, to those values, and lead to the view that it names."""
    moved = {move.name: move.new for move in it.moves}
    if moved != expected:
        differing = sorted(name for name in moved.keys() | expected.keys() if moved.get(name) != expected.get(name))
        return _Result("different", f"It moved {', '.join(differing)} elsewhere.")
    if workspace.ledger.merged_view(it.view_before, expected) != it.view_after:
        return _Result("different", "Its moves do not lead to the view after it.")
    return _SAME


def _stated(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    """Operations that are their moves: the view merge is all there is to do."""
    del scratch
    return _views(workspace, entry.operation, {move.name: move.new for move in entry.operation.moves})


def _taken_back(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    del scratch
    it = entry.operation
    target = workspace.ledger.get(ids.raw(str(it.details[undoing.UNDOES]))).operation
    before = workspace.ledger.view_before(entry.signed.id)
    expected = {name: new for name, (_, new) in undoing.differences(target.moves, before).items()}
    return _views(workspace, it, expected)


def _done_again(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    del scratch
    it = entry.operation
    target = workspace.ledger.get(ids.raw(str(it.details[undoing.REDOES]))).operation
    before = workspace.ledger.view_before(entry.signed.id)
    turned = tuple(Move(move.name, move.new, move.old) for move in target.moves)
    expected = {name: new for name, (_, new) in undoing.differences(turned, before).items()}
    return _views(workspace, it, expected)


def _restored(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    """``op restore``: each pointer it moved has the value of the state it went back to."""
    del scratch
    it = entry.operation
    then = workspace.ledger.view_of(ids.raw(str(it.details["restores"])))
    return _views(workspace, it, {move.name: then.get(move.name) for move in it.moves})


def _files(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    """``restore``: each file's content again from the commit it came from."""
    del scratch
    raw = workspace.ledger.undo_plan(entry.signed.id)
    if raw is None:
        return _Result("not-comparable", "Its plan is not kept any more.")
    tree = workspace.repo.tree_of(str(entry.operation.details["from"]))
    for move in plan.decode(raw).parts[0].files:
        if lookup(workspace.repo.objects, tree, move.path) != move.new:
            return _Result("different", f"{move.path.decode('utf-8', 'replace')} has another content in that commit.")
    return _SAME


def _reverted(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    it = entry.operation
    repo = workspace.repo
    head = next(move.old for move in it.moves if move.new == it.details["gitCommit"])
    tree, _ = without(repo, scratch, str(it.details["reverts"]), str(head))
    return _tree(workspace, it, tree, str(head))


def _pulled(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    """The merge again, from our commit and the recorded one that came from outside."""
    it = entry.operation
    made = it.details.get("gitCommit")
    if not isinstance(made, str):
        return _stated(workspace, scratch, entry)
    ours = next(move.old for move in it.moves if move.new == made)
    theirs = str(it.details["fetched"])
    if ours is not None and workspace.repo.is_ancestor(ours, theirs):
        return _tree(workspace, it, workspace.repo.tree_of(theirs), ours)
    tree, _ = merged(scratch, str(ours), theirs)
    return _tree(workspace, it, tree, str(ours))


def _tree(workspace: Workspace, it: Operation, tree: str, onto: str) -> _Result:
    was = workspace.repo.tree_of(str(it.details["gitCommit"]))
    if was == tree:
        return _SAME
    if _has_attributes(workspace, onto):
        return _Result("not-comparable", "Attributes say how its files are merged, and nobody recorded those.")
    return _Result("different", f"The tree is {tree[:10]} now and was {was[:10]}.")


def _has_attributes(workspace: Workspace, commit: str) -> bool:
    """Whether files are merged in a way that depends on more than the commits."""
    git = workspace.git
    own = workspace.repo.common_dir / "info" / "attributes"
    texts = [own.read_bytes()] if own.exists() else []
    for line in git.output("ls-tree", "-r", "-z", commit).split(b"\0"):
        head, _, path = line.partition(b"\t")
        if path.rpartition(b"/")[2] == b".gitattributes":
            texts.append(git.output("cat-file", "blob", head.split(b" ")[2]))
    return any(b"merge" in text for text in texts)


def _landed(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    """``merge``: the tree that was judged, on top of where the target stood. Who decided what is in its proposal."""
    it = entry.operation
    made = it.details.get("gitCommit")
    if not isinstance(made, str):
        return _stated(workspace, scratch, entry)
    onto = next(move.old for move in it.moves if move.new == made)
    return _tree(workspace, it, str(it.details["tree"]), str(onto))


def _committed(workspace: Workspace, scratch: Git, entry: Entry) -> _Result:
    """A commit's ids from its bytes, and its tree from its parent's with the paths that it names."""
    del scratch
    it = entry.operation
    repo, oid = workspace.repo, str(it.details["gitCommit"])
    raw = repo.objects.read(oid, "commit")
    if hashlib.sha1(b"commit %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest() != oid:
        return _Result("different", "Its Git id is not that of its bytes.")
    if it.details.get("commitId") not in (None, ids.commit_id(raw)):
        return _Result("different", "Its commit id is not that of its bytes.")
    parents = [line[7:] for line in raw.partition(b"\n\n")[0].split(b"\n") if line.startswith(b"parent ")]
    if len(parents) > 1 or it.kind == "amend" or "pathCount" in it.details:
        return _Result("rehashed")
    tree, before = repo.tree_of(oid), repo.tree_of(parents[0].decode()) if parents else EMPTY_TREE
    again = edit(_Scratch(repo), before, {path: lookup(repo.objects, tree, path) for path in it.paths})
    return _Result("rehashed") if again == tree else _Result("different", "It changed other paths than it names.")


_STEPS: dict[str, Callable[[Workspace, Git, Entry], _Result]] = {
    "init": _stated,
    "commit": _committed,
    "amend": _committed,
    "undo": _taken_back,
    "redo": _done_again,
    "restore": _files,
    "op-restore": _restored,
    "revert": _reverted,
    "checkpoint": _stated,
    "stream-create": _stated,
    "stream-delete": _stated,
    "stream-rename": _stated,
    "switch": _stated,
    "resolve": _stated,
    "pull": _pulled,
    "merge": _landed,
}
