"""Rooms as a user switches them: on, off, paused, purged; what is recorded, and how much of it."""
