"""Progress on standard error: one line that is redrawn while work goes on and gone afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from anvcs.cli.screen import clean

_PATIENCE = 0.3
"""Seconds of silence: work that ends sooner needs no progress."""
_PERIOD = 0.1


class Spinner:
    """A progress callback that draws on a terminal."""

    def __init__(
        self, stream: TextIO, width: int, *, unicode: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._width = width
        self._frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if unicode else "|/-\\"
        self._clock = clock
        self._next: float | None = None
        self._frame = 0
        self._drawn = False

    def __call__(self, message: str, percent: int | None) -> None:
        """Draw what is being done, at most ten times a second."""
        now = self._clock()
        if self._next is None:
            self._next = now + _PATIENCE
        if now < self._next:
            return
        self._next = now + _PERIOD
        self._frame = (self._frame + 1) % len(self._frames)
        share = "" if percent is None else f" {percent} %"
        text = f"{self._frames[self._frame]} {clean(message)}{share}"
        self._stream.write(f"\r\x1b[K{text[: self._width - 1]}")
        self._stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the line away; the next work starts anew."""
        self._next = None
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False
