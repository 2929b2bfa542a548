"""Documents in rooms, on the editor's side: keystrokes on their way to the room, edits of others on their way back."""
