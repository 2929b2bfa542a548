"""Sees what somebody writes into a file while an editor saves it, before the editor writes over it.

An editor looks at a file, then opens and empties it, then writes. What comes into it between the look and the emptying
is gone within milliseconds, long before anybody who waits for news of the file system has read it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from anvcs.errors import UnreadableFileError
from anvcs.relay import fileio
from anvcs.relay.fileio import Seen

STEP = 0.0003
"""Seconds between two glances."""
MOST = 16
"""Texts that are kept, the last ones: what came first has been looked at by now.

Fewer than the versions of the disk that are remembered (``KEPT`` in tracked.py), so that such a text is known again.
"""


class Guard:
    """Glances at one file, in a thread, from a save's beginning to its end; once for each. Making one blocks too."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._until = time.monotonic() + seconds
        self._seen: deque[Seen] = deque(maxlen=MOST)
        self._end = threading.Event()
        # Not in the thread, which may begin late: what is written from here on is seen.
        self._last = self._glance()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)
        self._thread.start()

    @property
    def newest(self) -> bytes | None:
        """What it saw last."""
        return self._seen[-1].data if self._seen else None

    def stop(self) -> list[Seen]:
        """End it; the texts that stood in the file, each whole as far as can be told, in order. Blocks for a moment."""
        self._end.set()
        self._thread.join()
        return list(self._seen)

    def _watch(self) -> None:
        while not self._end.wait(STEP) and time.monotonic() < self._until:
            now = self._glance()
            if now == self._last:
                continue
            self._last = now
            with suppress(UnreadableFileError):
                self._read()

    def _read(self) -> None:
        seen = fileio.read(self._path)
        # One that is being written would be taken for a deletion of all that is still to come.
        if seen is None or not seen.data or self._glance() != (seen.changed, seen.inode, len(seen.data)):
            return
        if not self._seen or self._seen[-1].data != seen.data:
            self._seen.append(seen)

    def _glance(self) -> tuple[int, int, int] | None:
        try:
            info = self._path.lstat()
        except OSError:
            return None
        return info.st_ctime_ns, info.st_ino, info.st_size
