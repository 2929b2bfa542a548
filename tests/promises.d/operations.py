"""What the operation log, undo and checkpoints promise."""

PROMISES = {
    "op-log.everything-by-anyone": (
        (
            "The operation log names what anyone did to streams, tags and work trees, plain git too, with "
            "actor, pointers and paths."
        ),
        "issue 3.1",
    ),
    "op-log.pages": (
        "The pages of the log put together are the log, for all actors and for each.",
        "issue 3.1",
    ),
    "op-log.names": (
        "An operation goes by its place, its id, or the start of its id.",
        "issue 3.1",
    ),
    "op-log.at-op": (
        ("With --at-op every name means what it meant after that operation, even of refs and tags that are gone."),
        "issue 3.1",
    ),
    "operations.law": (
        (
            "Whatever two actors and plain git do in whatever order, streams, HEAD and view are what undo, "
            "redo and restore say, and no commit is ever gone."
        ),
        "issue 3, done when; DESIGN 6.3",
    ),
    "undo.restores-pointers-and-index": (
        (
            "Undo of a commit restores stream, HEAD and index exactly and leaves every file byte for byte; "
            "redo does it again."
        ),
        "issue 3.2, DESIGN 4",
    ),
    "undo.sequences": (
        (
            "Undo and redo walk back and forth over every state, with git's collector running in between; "
            "something new ends the way forward."
        ),
        "issue 3.2",
    ),
    "undo.only-ones-own": (
        (
            "Undo takes back one's own last operation only; where others moved the same pointer since it "
            "refuses, names them and offers a revert, and changes nothing."
        ),
        "issue 3.2, DESIGN 6.3",
    ),
    "undo.only-this-worktree": (
        "Undo takes back what was done in this worktree.",
        "issue 3.2",
    ),
    "undo.files-follow-where-unchanged": (
        (
            "Undo of a switch, pull or restore moves files too, each only if nobody changed it since; the "
            "others are named."
        ),
        "issue 3.2, DESIGN 4",
    ),
    "undo.pushed-is-refused": (
        "A commit that a remote has is not taken back; a revert is offered.",
        "issue 3.2, DESIGN 4",
    ),
    "undo.says-before-and-after": (
        ("What an undo would do, and whether it can be taken back itself, is said beforehand and afterwards."),
        "issue 3.2",
    ),
    "undo.records-who-and-why": (
        "An undo is an operation that names its actor, prompt, confidence and causes.",
        "issue 3.1",
    ),
    "undo.survives-kill": (
        (
            "After kill -9 at any step of undo, redo, restore, revert or switch everything is as before or "
            "as after, files included."
        ),
        "issue 3, faults",
    ),
    "op-restore.any-state": (
        "Every earlier state comes back with its files, though git's collector ran.",
        "issue 3.2",
    ),
    "op-restore.undone-exactly": (
        "Going back is an operation that undo takes back exactly.",
        "issue 3.2",
    ),
    "op-restore.leaves-others-work": (
        ("Files that changed since, and untracked and ignored ones in the way, are never touched and are named."),
        "issue 3.2, DESIGN 6.1",
    ),
    "op-restore.other-worktrees-when-told": (
        ("Other worktrees and the streams they have checked out stay as they are unless all are asked for."),
        "issue 3.2",
    ),
    "op-restore.deleted-streams": (
        "Deleted streams and commits that were reset away come back after git's collector ran.",
        "issue 3.3, issue 3, faults",
    ),
    "checkpoints.come-back": (
        ("The state of a checkpoint comes back whatever happened since, and going back takes no checkpoint away."),
        "issue 3.1",
    ),
}
