"""Where actions run: threads of their own for every work tree, so that the event loop never waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from anvcs.actions.caller import Caller, Progress, no_progress
from anvcs.actions.caller import call as call_action
from anvcs.errors import CancelledError
from anvcs.wire import Params, Request

P = TypeVar("P", bound=Params)
R = TypeVar("R")
T = TypeVar("T")

Lane = Literal["reading", "writing", "looking", "background"]
"""What may wait for what: work in one lane of a work tree runs in turn, lanes run side by side."""


class Actions(Protocol):
    """What the server calls: the real actions, or fakes in tests."""

    def call(self, caller: Caller, request: Request[P, R], params: P) -> R:
        """Perform a verb."""
        ...

    def update_index(self, caller: Caller, folder: str | None, progress: Progress) -> bool:
        """Bring the graph's row index up to date; true if anything changed."""
        ...

    def explain_line(
        self, caller: Caller, folder: Path, path: Path, line: int, text: str | None, commit: str | None
    ) -> str | None:
        """Why a line exists, as Markdown; nothing if Git does not know the file."""
        ...

    def text_at(self, caller: Caller, folder: str | None, path: str, commit: str) -> str:
        """A file's text at a commit; empty if it is not there."""
        ...


class RealActions:
    """The actions themselves, imported when they are first needed."""

    def call(self, caller: Caller, request: Request[P, R], params: P) -> R:
        """Perform a verb."""
        return call_action(caller, request, params)

    def update_index(self, caller: Caller, folder: str | None, progress: Progress) -> bool:
        """Bring the graph's row index up to date; true if anything changed."""
        from anvcs.actions.graph_index import update_index

        return update_index(caller, folder, progress)

    def explain_line(
        self, caller: Caller, folder: Path, path: Path, line: int, text: str | None, commit: str | None
    ) -> str | None:
        """Why a line exists, as Markdown; nothing if Git does not know the file."""
        from anvcs.actions.explain import explain_line

        return explain_line(caller, folder, path, line, text=text, commit=commit)

    def text_at(self, caller: Caller, folder: str | None, path: str, commit: str) -> str:
        """A file's text at a commit; empty if it is not there."""
        from anvcs.actions.content import text_at

        return text_at(caller, folder, path, commit)


class Works:
    """Every work tree in use with its lanes.

    Each lane has one thread and one Caller of its own, since a Caller serves one thread at a time. ``cwd`` is where
    requests that name no folder stand. Two worktrees of one repository have lanes of their own: what they share is
    guarded by the repository's lock, as between processes.
    """

    def __init__(self, cwd: Path, make_caller: Callable[[Path], Caller]) -> None:
        self._make_caller = make_caller
        self._lanes: dict[tuple[Path, Lane], _LaneThread] = {}
        self._roots: dict[Path, Path] = {}
        self._finder = ThreadPoolExecutor(1, "anvcs-find")
        self.cwd = cwd

    @property
    def cwd(self) -> Path:
        """Where requests that name no folder stand."""
        return self._here.cwd

    @cwd.setter
    def cwd(self, folder: Path) -> None:
        self._here = self._make_caller(folder)

    def path(self, folder: str | None) -> Path:
        """The absolute path that a request's folder means. Raises UsageError for what is not on this machine."""
        return self._here.path(folder)

    async def root(self, path: Path) -> Path:
        """The work tree that contains the path, or the path itself where there is none."""
        known = self._roots.get(path)
        if known is None:
            known = await asyncio.get_running_loop().run_in_executor(self._finder, find_root, path)
            if len(self._roots) > 4096:
                self._roots.clear()
            self._roots[path] = known
        return known

    async def run(
        self,
        root: Path,
        lane: Lane,
        work: Callable[[Caller], T],
        *,
        progress: Progress = no_progress,
        must_finish: bool = False,
    ) -> T:
        """What the work gives, done in the work tree's lane; ``progress`` is told on the event loop.

        When the awaiting task is cancelled, work that has not begun never does, and work that has is told through
        its progress. With ``must_finish`` its own end is awaited even then, since it may be past stopping.
        """
        thread = self._lanes.get((root, lane))
        if thread is None:
            thread = self._lanes[root, lane] = _LaneThread(self._make_caller(root), f"anvcs-{lane}")
        return await thread.run(work, progress, must_finish=must_finish)

    async def close(self, grace: float) -> bool:
        """Stop everything and close the callers; false if something still ran after ``grace`` seconds."""
        lanes = list(self._lanes.values())
        self._lanes.clear()
        self._finder.shutdown(wait=False, cancel_futures=True)
        endings = [asyncio.wrap_future(lane.close()) for lane in lanes]
        if not endings:
            return True
        _, pending = await asyncio.wait(endings, timeout=grace)
        return not pending


class _LaneThread:
    """One thread with its caller."""

    def __init__(self, caller: Caller, name: str) -> None:
        self._caller = caller
        self._executor = ThreadPoolExecutor(1, name)
        self._waiting: set[Future[Any]] = set()
        self._closing = threading.Event()

    async def run(self, work: Callable[[Caller], T], progress: Progress, *, must_finish: bool) -> T:
        loop = asyncio.get_running_loop()
        stop = threading.Event()

        def report(message: str, percent: int | None) -> None:
            if stop.is_set() or self._closing.is_set():
                raise CancelledError("Cancelled; nothing was changed.")
            loop.call_soon_threadsafe(progress, message, percent)

        def job() -> T:
            self._caller.progress = report
            try:
                return work(self._caller)
            finally:
                self._caller.progress = no_progress

        future = self._executor.submit(job)
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        waiting = asyncio.wrap_future(future)
        while True:
            try:
                return await asyncio.shield(waiting)
            except asyncio.CancelledError:
                stop.set()
                if future.cancel() or not must_finish:
                    raise

    def close(self) -> Future[None]:
        """Tell what runs to stop; the future is done when the lane has ended and its caller is closed."""
        self._closing.set()
        for future in list(self._waiting):
            future.cancel()
        ending = self._executor.submit(self._caller.close)
        self._executor.shutdown(wait=False)
        return ending


def find_root(path: Path) -> Path:
    """The nearest folder at or above the path that holds ``.git``, or the path itself."""
    resolved = path.resolve()
    return next((folder for folder in (resolved, *resolved.parents) if (folder / ".git").exists()), path)
