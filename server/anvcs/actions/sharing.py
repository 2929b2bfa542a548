"""What travels between repositories beside commits: notes as a projection for each remote, and notes taken in."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote as percent

import msgspec

from anvcs.actions import forgetting
from anvcs.actions.configured import configured
from anvcs.actions.init import replace_file
from anvcs.actions.publish import NOTES
from anvcs.config import Share
from anvcs.gitmirror import notes as note_refs
from anvcs.gitmirror import notes_sync
from anvcs.gitmirror.identity import Ident
from anvcs.gitmirror.pack import Pack
from anvcs.gitmirror.remote import Remote
from anvcs.gitmirror.transfer import Transfers
from anvcs.provenance import projection

if TYPE_CHECKING:
    from anvcs.actions.workspace import Workspace

ACTORS = "refs/anvcs/actors"


class Address(NamedTuple):
    """One address of a remote, and the names of what we keep of it here."""

    name: str
    spec: str
    """What git is given to fetch from there."""
    url: str

    @property
    def notes(self) -> str:
        """Where its notes stand here as they are there."""
        return f"refs/anvcs/remotes/{self.name}/notes"

    @property
    def actors(self) -> str:
        """Where its registry of actors stands here."""
        return f"refs/anvcs/remotes/{self.name}/actors"

    def stream(self, ref: str) -> str:
        """Where one of its streams stands here, if Git keeps it nowhere."""
        return f"refs/anvcs/remotes/{self.name}/{ref.removeprefix('refs/')}"

    @property
    def projection(self) -> str:
        """The notes that were made for it."""
        return f"refs/anvcs/projection/{self.name}"


def fetched_from(remote: Remote) -> Address:
    """Where pulls come from."""
    return Address(remote.name, remote.spec, remote.url)


def pushed_to(remote: Remote) -> Address:
    """Where pushes go, which is a place of its own where its URL differs."""
    if remote.push_url == remote.url:
        return fetched_from(remote)
    return Address(f"{remote.name}/push", remote.push_url, remote.push_url)


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one place, so that only differences are looked at. Losing it costs time alone."""

    url: str = ""
    """A hash, since a URL may hold a password."""
    mode: Share = "none"
    projected: str | None = None
    """Our notes as they were projected last."""
    sent: str | None = None
    """The notes that stood there afterwards."""
    held_back: tuple[str, ...] = ()
    """Commits whose notes were not sent, because the commits themselves are not there."""
    merged: str | None = None
    """Our notes after its notes were taken in last."""
    taken: str | None = None
    """Its notes as they were then."""


class Projected(NamedTuple):
    """Notes ready to be pushed."""

    tip: str | None
    """What is to stand there; the old value if nothing is to be sent."""
    notes: int
    known: Known
    """What to remember once it stands there."""
    pack: Pack


def transfers(workspace: Workspace) -> Transfers:
    """How git talks to other repositories for this caller."""
    caller = workspace.caller
    return Transfers(workspace.repo.root, caller.env, caller.progress, caller.terminal)


def mode(workspace: Workspace) -> Share:
    """What may leave: ``provenance.push`` of the work tree's ``ai-vcs.config.yaml``. Raises ConfigError."""
    return configured(workspace, "provenance").provenance.push


def remembered(workspace: Workspace, place: Address) -> Known:
    """What is known of a place; nothing if its URL is another one now."""
    with suppress(OSError, msgspec.MsgspecError):
        known = msgspec.json.decode(_file(workspace, place).read_bytes(), type=Known)
        if known.url == _digest(place):
            return known
    return Known(url=_digest(place))


def remember(workspace: Workspace, place: Address, known: Known) -> None:
    """Keep it for the next time."""
    path = _file(workspace, place)
    path.parent.mkdir(exist_ok=True)
    replace_file(path, msgspec.json.encode(known))


def project(
    workspace: Workspace, place: Address, share: Share, theirs: str | None, new: str, remote: str, who: Ident
) -> Projected:
    """The notes of what is pushed, joined with those that stand there.

    Only notes of commits that the remote has, or gets with ``new``, are sent. The new notes commit has theirs as its
    only parent, never ours, so that nothing but what is sent can be read from it.
    """
    repo = workspace.repo
    local = note_refs.tip(repo.handle, NOTES)
    ours = str(local) if local is not None else None
    known = remembered(workspace, place)
    pack = Pack(repo)
    since = (
        known.mode == share
        and notes_sync.descends(repo, ours, known.projected)
        and notes_sync.descends(repo, theirs, known.sent)
    )
    base = known.projected if since else None
    keys = notes_sync.changed(repo, ours, base, theirs)
    if since:
        keys = list(dict.fromkeys([*keys, *known.held_back]))
    there = _there(workspace, keys, new, remote)
    mine, other = notes_sync.reader(repo, ours), notes_sync.reader(repo, theirs)
    purged = withheld(workspace)
    edits: dict[str, bytes | None] = {}
    for number, key in enumerate(keys):
        if number % 256 == 0:
            workspace.caller.progress("Preparing notes", number * 100 // len(keys))
        text = mine.get(key) if key in there else None
        allowed = projection.project(text, share) if text is not None else None
        before = other.get(key)
        # What was purged here leaves the notes that stand there, too; their history still has it.
        kept = projection.withhold(before, purged) if before is not None else None
        after = projection.join(kept, allowed, purged)
        if after != before:
            edits[key] = after
    tip = theirs
    if edits:
        parents = (theirs,) if theirs is not None else ()
        tip = notes_sync.commit(repo, theirs, edits, who, parents, pack)
        pack.flush()
        repo.handle.references.create(place.projection, tip, force=True)
    held_back = tuple(key for key in keys if key not in there)
    after_push = msgspec.structs.replace(known, mode=share, projected=ours, sent=tip, held_back=held_back)
    return Projected(tip, len(edits), after_push, pack)


def left_already(workspace: Workspace, place: Address, share: Share, theirs: str | None) -> int:
    """How many metadata records with their values stand at a place to which more was pushed before than is allowed now.

    Counted only when the mode changed, since every note is looked at.
    """
    before = remembered(workspace, place).mode
    if before != "full" or share == "full" or theirs is None:
        return 0
    return sum(projection.valued(text) for _, text in notes_sync.reader(workspace.repo, theirs).items())


def take_in(workspace: Workspace, place: Address, theirs: str | None, who: Ident) -> int:
    """Join a place's notes with ours, line by line; gives how many notes changed here."""
    if theirs is None:
        return 0
    repo = workspace.repo
    known = remembered(workspace, place)
    local = note_refs.tip(repo.handle, NOTES)
    ours = str(local) if local is not None else None
    # Of notes that a purge made us forget the commit may be gone, too.
    here = known.taken is not None and repo.oid(known.taken) in repo.handle
    since = here and notes_sync.descends(repo, ours, known.merged)
    workspace.caller.progress("Joining notes", None)
    purged = withheld(workspace)
    joined = notes_sync.join(
        repo,
        NOTES,
        theirs,
        known.taken if since else None,
        lambda mine, other: projection.join(mine, other, purged),
        who,
    )
    forgetting.tidy(workspace)
    tip = note_refs.tip(repo.handle, NOTES)
    merged = joined.tip if tip is None else str(tip)
    remember(workspace, place, msgspec.structs.replace(known, merged=merged, taken=theirs))
    return joined.notes


def has_taken(workspace: Workspace, place: Address, theirs: str) -> bool:
    """Whether a place's notes were taken in as they stand there, and what came was forgotten for a purge."""
    return workspace.repo.ref(place.notes) is None and remembered(workspace, place).taken == theirs


def withheld(workspace: Workspace) -> projection.Withheld:
    """What was purged here, so that no copy brings it back."""
    known = workspace.ledger.purged()
    if not known:
        return projection.nothing_withheld
    return lambda root: known.get(root, frozenset())


def _there(workspace: Workspace, keys: list[str], new: str, remote: str) -> frozenset[str]:
    """Those commits that the remote has, as far as we know, or gets with the new one."""
    repo = workspace.repo
    here = [key for key in keys if repo.oid(key) in repo.handle]
    if not here:
        return frozenset()
    stdin = "".join(f"{key}\n" for key in here).encode()
    args = ("rev-list", "--stdin", "--ignore-missing", "--not", new, f"--remotes={remote}")
    unsent = frozenset(repo.git.output(*args, stdin=stdin).decode("ascii").split())
    return frozenset(here) - unsent


def _digest(place: Address) -> str:
    return hashlib.sha256(place.url.encode("utf-8", "surrogateescape")).hexdigest()


def _file(workspace: Workspace, place: Address) -> Path:
    return workspace.folder / "remotes" / f"{percent(place.name, safe='')}.json"
