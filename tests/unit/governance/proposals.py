"""Events of proposals for tests, signed with keys in memory."""

from __future__ import annotations

from anvcs.governance import proposal_events as events
from anvcs.governance.proposal_events import AnyEvent, Disputed, SignedEvent
from tests.unit.governance.keys import signer

TREE, OTHER = "8" * 40, "9" * 40
V1, V2 = b"1" * 32, b"2" * 32
ADA, BO, FOO = "human:ada@example.org", "human:bo@example.org", "agent:foo"
F = Disputed(b"f", V1, 2)
OPENED = events.Opened(target="refs/heads/main", sources=(events.Named("login", "refs/heads/login"),), nonce=b"n")


def computed(
    revision: int = 1,
    tree: str = TREE,
    disputed: tuple[Disputed, ...] = (),
    kept: tuple[events.Kept, ...] = (),
    flaws: tuple[events.Flaw, ...] = (),
) -> events.Computed:
    """A revision."""
    return events.Computed(
        revision=revision,
        target="1" * 40,
        sources=("2" * 40,),
        bases=("3" * 40,),
        tree=tree,
        forward=False,
        engine="git 2.47",
        merge=b"m" * 32,
        disputed=disputed,
        kept=kept,
        flaws=flaws,
    )


def resolved(
    conflict: int | None = None,
    *,
    path: bytes = b"f",
    versions: bytes = V1,
    tree: str = TREE,
    flaws: tuple[events.Flaw, ...] = (),
) -> events.Resolved:
    """A decision."""
    return events.Resolved(path=path, versions=versions, conflict=conflict, take="left", tree=tree, flaws=flaws)


def suggested(conflict: int = 1, *, sides: bytes = V1, text: bytes | None = b"t" * 32) -> events.Suggested:
    """What a model suggested."""
    return events.Suggested(
        path=b"f",
        versions=V1,
        conflict=conflict,
        sides=sides,
        text=text,
        rationale="Both are meant.",
        prompt=b"p" * 32,
        provider="endpoint",
        place="https://api.example.com",
        wanted="small",
        model="small-1",
    )


def ran(*outcomes: tuple[str, events.Outcome], tree: str = TREE, required: bool = True) -> events.Checked:
    """Guards that ended."""
    return events.Checked(
        tree=tree, ran=tuple(events.Ran(name, outcome, required) for name, outcome in outcomes), evidence=b"e" * 32
    )


def log(*whats: AnyEvent | tuple[str, AnyEvent]) -> list[SignedEvent]:
    """A proposal's events: Ada's, but for those that name somebody else."""
    found: list[SignedEvent] = []
    for what in (OPENED, *whats):
        by, it = what if isinstance(what, tuple) else (ADA, what)
        before = found[-1].id if found else None
        found.append(events.sign(it, before, 1000 + len(found), signer(by)))
    return found
