"""The relay: the process that owns sessions, sole writer of the room log, host of rooms over WebSocket."""
