"""What the editor promises about operations, streams and other repositories, shown in real VS Code."""

PROMISES = {
    "extension.operations-view": (
        "The Operations view shows every operation, plain git's too, as it happens.",
        "issue 3.11",
    ),
    "extension.undo-in-place": (
        "Undo on the row of one's last operation moves the branch back and leaves files; redo moves it forward again.",
        "issue 3.2, issue 3.11",
    ),
    "extension.go-back-says-first": (
        "Going back to an operation says before what moves and which files follow, and does just that.",
        "issue 3.2, issue 3.11",
    ),
    "extension.foreign-surfaces": (
        "What plain git does is shown as it happens; only what takes commits out of a stream is insisted on.",
        "issue 3.5, issue 3.11",
    ),
    "extension.divergence-surfaces": (
        "A divergent change is told once and stays in the Streams view with its live commits.",
        "issue 3.5, issue 3.11",
    ),
    "extension.streams-view": (
        "A click on a stream switches to it, or says which files would be lost and changes nothing.",
        "issue 3.4, issue 3.11",
    ),
    "extension.checkpoints-view": (
        "A checkpoint is named and gone back to in the side bar.",
        "issue 3.1, issue 3.11",
    ),
    "extension.push-and-pull": (
        "Push and pull run with progress and can be cancelled; they end with what came of them, and a pull with Undo.",
        "issue 3.6, issue 3.11",
    ),
    "extension.conflict-surfaces": (
        "A stream moved two ways is told as it is found, with both values, and settled by choosing one.",
        "issue 3.7, issue 3.11",
    ),
}
