"""Sees files change: one thread for each worktree, over the folders of its open rooms and its Git folder."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import watchfiles

_log = logging.getLogger(__name__)

_DEBOUNCE = 50
_STEP = 25
"""Milliseconds: how long changes are gathered, and how often it is looked for more."""
_CHECK = 200
"""Milliseconds until a watch that is to end notices it."""


class Watch:
    """Tells the event loop which files below some folders changed; the folders can be changed at any time."""

    def __init__(self, changed: Callable[[set[Path] | None], None]) -> None:
        """``changed`` gets the paths; nothing when the folders were exchanged, so that anything may have changed."""
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._folders: frozenset[Path] = frozenset()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def cover(self, folders: Iterable[Path]) -> None:
        """Watch these folders (not what is below them) from now on."""
        wanted = frozenset(folders)
        if wanted != self._folders:
            self._folders = wanted
            self._stop.set()
            self._wake.set()

    async def close(self) -> None:
        """End the thread."""
        self._ended = True
        self._stop.set()
        self._wake.set()
        await asyncio.to_thread(self._thread.join, 5.0)

    def _run(self) -> None:
        while not self._ended:
            self._wake.wait()
            self._wake.clear()
            self._stop.clear()
            folders = [folder for folder in self._folders if folder.is_dir()]
            if self._ended or not folders:
                continue
            try:
                self._follow(folders)
            except (OSError, RuntimeError):
                _log.exception("watching %s", folders)
                self._tell(None)

    def _follow(self, folders: list[Path]) -> None:
        begun = False
        for found in watchfiles.watch(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE,
            step=_STEP,
            rust_timeout=_CHECK,
            yield_on_timeout=True,
            stop_event=self._stop,
            recursive=False,
            ignore_permission_denied=True,
        ):
            if self._ended:
                return
            if not begun:
                # Whatever changed before the watch began was seen by nobody.
                begun = True
                self._tell(None)
            elif found:
                self._tell({Path(path) for _, path in found})

    def _tell(self, paths: set[Path] | None) -> None:
        if not self._ended:
            try:
                self._loop.call_soon_threadsafe(self._changed, paths)
            except RuntimeError:
                _log.info("the loop ended before it could be told of changed files")
