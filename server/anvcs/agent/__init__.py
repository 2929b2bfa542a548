"""For agents in Python: work in the same live documents as people's editors, character by character.

    import anvcs.agent

    with anvcs.agent.open("src/app.py", as_="agent:foo") as room:
        room.replace("return 1", "return 2")
        room.cursor(0)
        if room.wait_for_change(timeout=30):
            print(room.read())

What is written is credited to the agent, as live, and nobody's unsaved text is touched. Rooms must be on in the
repository (``ai-vcs rooms on``). Every call ends within its ``timeout``, in seconds.
"""

from __future__ import annotations

from anvcs.agent.room import Participant, Room, open_room

open = open_room  # noqa: A001 - read as anvcs.agent.open, as files are opened

__all__ = ["Participant", "Room", "open"]
