"""What the actions of ``ai-vcs collab`` answer in tests."""

from __future__ import annotations

from anvcs import wire

TIME = 1795622400000
OVERLAP = wire.ReviewOverlap(actors=("human:bob@example.org",), line=12, text="retry = 3")
HUNK = wire.ReviewHunk(
    id="a3f9c27d10",
    number=2,
    line=11,
    old="retries = 1\n",
    new="retry = 3\n",
    how="reported",
    edits=4,
    last=TIME,
    overlaps=(OVERLAP,),
)
REVIEW = wire.CollabReview(
    runs=(
        wire.ReviewRun(
            actor="agent:foo",
            task="fix-login",
            model="m1",
            began=TIME - 60_000,
            ended=TIME,
            files=(wire.ReviewFile(path="src/app.py", room="r7", sequence=130, hunks=(HUNK,)),),
        ),
    )
)
REVERTED = wire.CollabReverted(
    actor="agent:foo",
    files=(wire.RevertedFile(path="src/app.py", room="r7", hunks=1, sequence=131, overlaps=(OVERLAP,)),),
)
TAIL = wire.TailPage(
    edits=(
        wire.TailEdit(
            path="src/app.py",
            room="r7",
            sequence=121,
            actor="agent:foo",
            how="reported",
            time=TIME,
            line=11,
            inserted="retry\n",
            deleted="tries",
            inserts=6,
            deletes=5,
        ),
    ),
    after='{"r7":121}',
)
STATUS = wire.CollabStatus(
    actor="human:ada@example.org",
    mode="local",
    relay=True,
    stream="main",
    minutes=10,
    collaborators=(
        wire.Collaborator(
            actor="human:ada@example.org",
            stream="main",
            connected=True,
            files=(wire.ActiveFile(path="src/app.py", line=12),),
        ),
        wire.Collaborator(
            actor="agent:foo",
            where="elsewhere",
            stream="login",
            worktree="/home/ada/login",
            files=(wire.ActiveFile(path="src/app.py", edits=41, last=TIME),),
        ),
    ),
    unsaved=(wire.UnsavedRoom(path="src/app.py", actors=("human:ada@example.org",)),),
    warnings=(
        wire.EarlyWarning(path="src/app.py", mine="unsaved", actor="agent:foo", stream="login", edits=1, last=TIME),
    ),
)
PLAYBACK = wire.CollabPlayback(
    path="src/app.py",
    room="r7",
    newest=140,
    kept_from=120,
    start=120,
    text="tries\n",
    frames=(
        wire.PlaybackFrame(
            sequence=121,
            actor="agent:foo",
            how="inferred",
            time=TIME,
            task="fix-login",
            edits=(wire.PlaybackEdit(line=1, deleted="tries", inserted="retry"),),
        ),
    ),
    not_kept=(wire.NotKept(first=101, last=120, reason="retention"),),
)
