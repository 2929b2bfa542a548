"""What rooms promise in the editor, shown in real VS Code."""

PROMISES = {
    "rooms-editor.two-windows-and-an-agent": (
        "Two windows type unsaved into one file that an agent rewrites, and save: nothing is lost or doubled.",
        "issue 4 purpose, issue 4.5, issue 4.6",
    ),
    "rooms-editor.everybody-at-once": (
        "Two windows, a Yjs client, agents and bare writers change one file at once: all of it is there, once.",
        "issue 4, done when",
    ),
    "rooms-editor.formatters-once": (
        "Formatters of two windows that save at once do their work once.",
        "issue 4.5",
    ),
    "rooms-editor.reload-keeps-text": (
        "A window that is loaded anew keeps its unsaved text and has what others wrote meanwhile.",
        "issue 4.5",
    ),
    "rooms-editor.undo-only-own": (
        "Undo and redo by key, menu and palette take back and bring back only the user's own edits.",
        "issue 4.5",
    ),
    "rooms-editor.undo-in-input-boxes": (
        "While a document in a room is open, undo in an input box is still the box's own.",
        "issue 4.5",
    ),
    "rooms-editor.presence-seen": (
        "Who else is in a file is seen with a name at their caret and in the side bar.",
        "issue 4.9",
    ),
    "rooms-editor.asked-once": (
        "Rooms are off until the user answers one question per repository: what is recorded, where, how big.",
        "issue 4.1",
    ),
}
