"""Wire values that the tests of the command line show."""

from __future__ import annotations

from anvcs import wire

ADA = wire.Person(name="Ada", email="ada@example.org", time=1_795_000_000, offset=60)
B3 = "b3:" + "5c" * 32
GIT = "1a2b3c4d" + "0" * 32
CHANGE = "k" * 31 + "z"

MADE = wire.CommitResult(
    commit_id=B3,
    git_commit=GIT,
    change_id=CHANGE,
    operation_id="b3:" + "0f" * 32,
    stream="main",
    subject="feat: add login",
    files=(
        wire.FileChange(path="login.py", kind="added", additions=3),
        wire.FileChange(path="old.py", kind="deleted", deletions=1),
    ),
)
PUSHED = wire.PushResult(
    remote="origin",
    url="https://example.org/x.git",
    stream="main",
    old="2" * 40,
    new=GIT,
    notes=2,
    upstream="origin/main",
    operation_id=B3,
    output="remote: thank you",
)
PULLED = wire.PullResult(
    remote="origin",
    url="https://example.org/x.git",
    stream="main",
    outcome="fast-forward",
    old="2" * 40,
    new=GIT,
    files=("login.py",),
    notes=1,
    operation_id=B3,
)
CLONED = wire.CloneResult(root="/x", url="https://example.org/x.git", stream="main", head=GIT, notes=3)
STATUS = wire.RepositoryStatus(
    root="/repo",
    initialized=True,
    stream="main",
    head=wire.HeadCommit(commit_id=B3, git_commit=GIT, subject="feat: add login"),
)
DETAILS = wire.CommitDetails(
    commit_id=B3,
    git_commit=GIT,
    tree="2" * 40,
    author=ADA,
    committer=ADA,
    subject="feat: add login",
    message="feat: add login\n\nBecause people must come in.\n",
    change_id=CHANGE,
    agent="agent:foo",
    metadata=wire.Metadata(
        prompt="Implement login.\nKeep it small.",
        model="gpt-5",
        tests_passed=True,
        coverage=87.5,
        env={"CI": "1"},
        agent_id="agent:foo",
        extra={"ticket": 7},
    ),
    metadata_state="full",
    files=(wire.FileChange(path="login.py", kind="added", additions=3),),
)

KEY = wire.ActorKey(
    actor="agent:foo",
    key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnlS+m7yUMnlheU0yQ8b5L10IGHv8fhUW+0HW1ZGJWx",
    fingerprint="SHA256:r6/Ka49ueT4ZSlPWLCyz38fNyCCV/QrVqX/befxLJt0",
    state="known",
    by="human:ada@example.org",
    time=1_795_000_000_000,
)

OPERATION = wire.Operation(
    operation_id="b3:" + "0f" * 32,
    kind="commit",
    said="committed",
    actor="agent:foo",
    time=1_795_000_000_000,
    state="published",
    reversibility="reversible",
    tier="red",
    sequence=7,
    replica="ab" * 16,
    worktree="main-worktree",
    subject="feat: add login",
    git_commit=GIT,
    commit_id=B3,
    change_id=CHANGE,
    moves=(wire.PointerMove(name="refs/heads/main", new=GIT),),
    paths=("login.py",),
    details={"gitCommit": GIT},
)
MOVED = wire.MoveResult(
    operation_id="b3:" + "1e" * 32,
    target=OPERATION,
    moves=(wire.PointerMove(name="refs/heads/main", old=GIT),),
    paths=("login.py",),
    left=(wire.LeftFile(path="old.py", reason="has changes"),),
    left_pointers=("The stream side is left as it is.",),
    notices=("Something to know.",),
)
CHECKPOINT = wire.Checkpoint(
    name="good", operation_id=B3, actor="human:ada@example.org", time=1_795_000_000_000, message="All is well"
)
SWITCHED = wire.StreamResult(
    operation_id="b3:" + "2d" * 32,
    name="login",
    git_commit=GIT,
    paths=("login.py",),
    left=(wire.LeftFile(path="old.py", reason="has changes"),),
    hook_output="switched\n",
    notices=("Something to know.",),
)
VERIFIED = wire.VerifyReport(
    sound=True,
    covered=(
        wire.Covered(subject="operations", checked=7, total=7),
        wire.Covered(subject="records", checked=1, total=2, said="1 records are not here."),
    ),
    signatures={"known": 6, "unknown": 1},
)
AUDITED = wire.AuditEntry(
    operation=OPERATION,
    view_before=B3,
    view_after=B3,
    public_key=KEY.key,
    signature="c2lnbg==",
    standing="known",
    body="oWF2AQ==",
)
REPLAYED = wire.ReplayReport(
    same=3,
    different=0,
    rehashed=2,
    not_comparable=1,
    operations=(
        wire.Replayed(operation_id=B3, kind="push", tier="red", outcome="not-comparable", message="It was outside."),
    ),
)
USED = wire.DuReport(
    costs=(
        wire.Cost(name="ledger", said="The operation log", bytes=1_500_000, count=7),
        wire.Cost(name="cache", said="Indexes that can be made again", bytes=900),
    ),
    total=1_500_900,
)
CONFLICTS = wire.ConflictsFound(
    streams=(
        wire.StreamConflicts(
            stream="login",
            git_commit=GIT,
            base="2" * 40,
            actors=("agent:foo",),
            live=True,
            overlaps=(
                wire.ResourceOverlap(
                    kind="depends",
                    severity="hard",
                    id=B3,
                    resource="make",
                    resource_kind="function",
                    defined="shop/basket.py",
                    changer="other",
                    deeds=("renamed",),
                    now="create",
                    now_path="shop/basket.py",
                    path="shop/web.py",
                    line=9,
                    column=11,
                    user="page",
                    newly=True,
                    message="agent:foo renames make to create, which you newly call.",
                ),
                wire.ResourceOverlap(
                    kind="depends",
                    severity="soft",
                    id=B3,
                    resource="total",
                    resource_kind="function",
                    defined="shop/basket.py",
                    changer="you",
                    deeds=("body",),
                    path="shop/pay.py",
                    line=3,
                    message="You change total, which agent:foo calls in shop/pay.py:3.",
                ),
            ),
            files=("README.md",),
        ),
    ),
    compared=2,
)
COLLECTED = wire.GcResult(operation_id=B3, compacted=5, kept=2, released=1, before=2048, after=1024)
PURGED = wire.PurgeResult(
    operation_id=B3,
    git_commit=GIT,
    field="prompt",
    hash="b3:" + "0f" * 32,
    removed=("The ledger's private record of 1a2b3c4d00: prompt",),
    departed=(wire.Departed(remote="origin", url="https://example.org/x.git", said="Ask its owner."),),
    notices=("Something to know.",),
)


def row(name: str, lane: int, *edges: tuple[int, str] | wire.Edge, **fields: object) -> wire.GraphRow:
    """A row of the graph whose Git id begins with ``name``."""
    made = tuple(
        each if isinstance(each, wire.Edge) else wire.Edge(lane=each[0], parent=git_id(each[1])) for each in edges
    )
    given = {"commit_id": B3, "author": ADA, "subject": f"subject of {name}", **fields}
    return wire.GraphRow(git_commit=git_id(name), lane=lane, edges=made, **given)  # pyright: ignore[reportArgumentType] - fields vary


def git_id(name: str) -> str:
    """A Git id that begins with ``name``."""
    return name.ljust(40, "0")


ROOM = wire.RoomInfo(
    room="k7q2", path="src/app.py", stream="main", epoch=1, sequence=41, unsaved=("human:ada@example.org",)
)
ROOMS = wire.RoomsStatus(
    mode="local",
    asked=True,
    relay=True,
    bytes=81_920,
    edits=41,
    exclude=("secrets/",),
    rooms=(ROOM,),
    actors=(wire.RoomActor(actor="agent:foo", where="elsewhere", stream="login", rooms=("src/app.py",)),),
)

PROPOSAL = wire.Proposal(
    proposal_id="b3:" + "7d" * 32,
    status="ready",
    target="main",
    sources=(wire.MergeSource(name="login", git_commit=GIT),),
    revision=1,
    actor="human:ada@example.org",
    time=1_795_000_000_000,
    updated=1_795_000_000_000,
    target_commit="2" * 40,
    tree="8" * 40,
    clean=True,
    safe=True,
    changed=3,
    next=("ai-vcs proposal accept 7d7d7d7d", "ai-vcs proposal reject 7d7d7d7d"),
)
SUGGESTION = wire.Suggestion(
    suggestion_id="b3:" + "5e" * 32,
    text="    return 2\n",
    rationale="Both want it.",
    safe=True,
    provider="endpoint",
    place="https://api.example.com",
    model="small-1",
    prompt_hash="b3:" + "9f" * 32,
    actor="human:ada@example.org",
    time=1_795_000_000_000,
)
ASSISTED = wire.Assisted(path="src/app.py", conflict=1, suggestion=SUGGESTION)
PROPOSED = wire.ProposalSummary(
    proposal_id=PROPOSAL.proposal_id,
    status="ready",
    target="main",
    sources=PROPOSAL.sources,
    revision=1,
    actor="human:ada@example.org",
    time=PROPOSAL.time,
    updated=PROPOSAL.updated,
)
