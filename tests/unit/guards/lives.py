"""Tells without polling whether processes that a command started are alive: each holds the end of a named pipe."""

from __future__ import annotations

import os
import select
import textwrap
from collections.abc import Sequence
from pathlib import Path

WAIT = 30.0
"""Seconds after which a process that should be gone, or there, never will be."""


class Lives:
    """The processes that opened a named pipe for writing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lives"
        os.mkfifo(self.path)
        self._fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    def close(self) -> None:
        """Let go."""
        os.close(self._fd)

    def came(self) -> int:
        """The number of a process that came to life; waits for it."""
        assert self._poll.poll(WAIT * 1000), "nobody came"
        return int(os.read(self._fd, 4096))

    def are_over(self) -> bool:
        """Whether everybody who came is dead; waits for it."""
        while self._poll.poll(WAIT * 1000):
            # An empty read: the last writer is gone.
            if not os.read(self._fd, 4096):
                return True
        return False

    def script(self, body: str = "") -> str:
        """Python that comes to life here and runs the body, then lives for ever."""
        opened = f"import os, signal, subprocess, sys, time\nlife = os.open({str(self.path)!r}, os.O_WRONLY)\n"
        return f"{opened}{textwrap.dedent(body)}\nos.write(life, b'%d' % os.getpid())\nwhile True: time.sleep(60)\n"

    def family(self, then: str, *, session: bool = False, command: Sequence[str] = ()) -> str:
        """Python whose child lives here for ever and keeps the output open; runs the body once the child lives."""
        child = self.script("os.write(int(sys.argv[1]), b'.')")
        start = f"""
            import os, signal, subprocess, sys, time
            told, tell = os.pipe()
            command = [sys.executable, *{command or ("-c",)!r}, {child!r}, str(tell)]
            subprocess.Popen(command, pass_fds=[tell], start_new_session={session})
            os.read(told, 1)
        """
        return textwrap.dedent(start) + textwrap.dedent(then)
