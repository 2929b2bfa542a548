"""Where actions run: threads of their own for every work tree, so that the event loop never waits."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from anvcs.actions.caller import Caller, Progress, no_progress
from anvcs.actions.caller import call as call_action
from anvcs.errors import CancelledError
from anvcs.wire import ForeignOperation, Params, Request

if TYPE_CHECKING:
    from anvcs.actions.conflicts import Note
    from anvcs.actions.proposal.news import News
    from anvcs.actions.rooms.standing import Standing
    from anvcs.assist.model import Provider

P = TypeVar("P", bound=Params)
R = TypeVar("R")
T = TypeVar("T")

Lane = Literal["reading", "writing", "sharing", "checking", "looking", "comparing", "background"]
"""What may wait for what: work in one lane of a work tree runs in turn, lanes run side by side."""


REST = 60.0
"""Seconds without work after which a lane lets go of what costs something meanwhile."""
REPORT_INTERVAL = 0.1
"""Seconds between two reports of progress that reach the event loop."""


class Actions(Protocol):
    """What the server calls: the real actions, or fakes in tests."""

    def call(self, caller: Caller, request: Request[P, R], params: P) -> R:
        """Perform a verb."""
        ...

    def update_index(self, caller: Caller, folder: str | None, progress: Progress) -> bool:
        """Bring the graph's row index up to date; true if anything changed."""
        ...

    def foreign(
        self, caller: Caller, folder: str | None, after: bytes | None
    ) -> tuple[tuple[ForeignOperation, ...], bytes | None]:
        """What plain Git did after an operation, and the newest operation to go on from."""
        ...

    def explain_line(
        self, caller: Caller, folder: Path, path: Path, line: int, text: str | None, commit: str | None
    ) -> str | None:
        """Why a line exists, as Markdown; nothing if Git does not know the file."""
        ...

    def text_at(self, caller: Caller, folder: str | None, path: str, commit: str) -> str:
        """A file's text at a commit; empty if it is not there."""
        ...

    def notes(self, caller: Caller, folder: str | None, typed: Mapping[str, str]) -> Mapping[str, tuple[Note, ...]]:
        """Where others meet open documents, given with their texts, by path in the work tree."""
        ...

    def proposals(
        self, caller: Caller, folder: str | None, known: Mapping[bytes, int] | None, shown: Collection[str]
    ) -> News:
        """What was done to merge proposals since it was asked last, all of it of those whose ids are ``shown``."""
        ...

    def standing(self, caller: Caller, folder: str | None) -> Standing:
        """Where an editor stands that wants to join rooms."""
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

    def foreign(
        self, caller: Caller, folder: str | None, after: bytes | None
    ) -> tuple[tuple[ForeignOperation, ...], bytes | None]:
        """What plain Git did after an operation, and the newest operation to go on from."""
        from anvcs.actions import seal
        from anvcs.actions.foreign import news

        workspace = caller.workspace(folder)
        with workspace.lock:
            found = news(workspace, after)
            # A server lives for weeks and nobody waits for this lane; others seal when they close the repository.
            seal.when_due(workspace)
            return found

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

    def notes(self, caller: Caller, folder: str | None, typed: Mapping[str, str]) -> Mapping[str, tuple[Note, ...]]:
        """Where others meet open documents, given with their texts, by path in the work tree."""
        from anvcs.actions.conflicts import notes

        return notes(caller, folder, typed)

    def proposals(
        self, caller: Caller, folder: str | None, known: Mapping[bytes, int] | None, shown: Collection[str]
    ) -> News:
        """What was done to merge proposals since it was asked last, all of it of those whose ids are ``shown``."""
        from anvcs.actions.proposal.news import news

        return news(caller, folder, known, shown)

    def standing(self, caller: Caller, folder: str | None) -> Standing:
        """Where an editor stands that wants to join rooms."""
        from anvcs.actions.rooms.standing import standing

        return standing(caller, folder)


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
        self.trusted = True
        """Whether commands that come with a repository may be run."""
        self.editor_model: Provider | None = None
        """The editor's own language model, where it lets it be asked."""
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
            caller = self._make_caller(root)
            caller.trusted = self.trusted
            caller.editor_model = self.editor_model
            thread = self._lanes[root, lane] = _LaneThread(caller, f"anvcs-{lane}")
        return await thread.run(work, progress, must_finish=must_finish)

    def retire(self, root: Path) -> None:
        """Let go of a work tree's open files; it is opened anew when it is needed again."""
        for key in [key for key in self._lanes if key[0] == root]:
            self._lanes.pop(key).retire()

    async def close(self, grace: float) -> bool:
        """Stop everything and close the callers; false if something still ran after ``grace`` seconds."""
        lanes = list(self._lanes.values())
        self._lanes.clear()
        self._finder.shutdown(wait=False, cancel_futures=True)
        for lane in lanes:
            lane.close()
        until = time.monotonic() + grace
        return await asyncio.to_thread(lambda: all(lane.wait(until) for lane in lanes))


class _Job:
    """One piece of work for a lane; whoever claims it first, the thread or a cancellation, has it."""

    def __init__(self, work: Callable[[Caller], Any], progress: Progress) -> None:
        self.work = work
        self.progress = progress
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Any] = self.loop.create_future()
        self.stop = False
        self._claim = threading.Lock()

    def claim(self) -> bool:
        """True for the first who asks."""
        return self._claim.acquire(blocking=False)

    def settle(self, result: Any, error: BaseException | None) -> None:
        """Pass the end on; called on the loop."""
        if self.ended.done():
            return
        if error is None:
            self.ended.set_result(result)
        else:
            self.ended.set_exception(error)


class _LaneThread:
    """One thread with its caller.

    Not a ThreadPoolExecutor: that costs twice the time for work as short as most of ours, and the interpreter waits for
    its threads at exit, even for one that hangs on a dead network drive.
    """

    def __init__(self, caller: Caller, name: str) -> None:
        self._caller = caller
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = False
        self._closed = threading.Event()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    async def run(self, work: Callable[[Caller], T], progress: Progress, *, must_finish: bool) -> T:
        job = _Job(work, progress)
        self._jobs.put(job)
        while True:
            try:
                # A future of its own for each wait, so that cancelling the wait does not cancel the work's.
                return await (asyncio.shield(job.ended) if must_finish else job.ended)
            except asyncio.CancelledError:
                job.stop = True
                if job.claim() or not must_finish:
                    raise

    def retire(self) -> None:
        """Do what is waiting, then close the caller."""
        self._jobs.put(None)

    def close(self) -> None:
        """Tell what runs to stop, and begin nothing more."""
        self._closing = True
        self._jobs.put(None)

    def wait(self, until: float) -> bool:
        """Whether the thread has ended and its caller is closed, looked at until a monotonic time."""
        return self._closed.wait(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while (job := self._next()) is not None:
            if not self._closing and job.claim():
                self._perform(job)
        self._caller.close()
        self._closed.set()

    def _next(self) -> _Job | None:
        try:
            return self._jobs.get(timeout=REST)
        except Empty:
            # The lane goes on whatever comes of that.
            with suppress(OSError):
                self._caller.rest()
            return self._jobs.get()

    def _reporter(self, job: _Job) -> Progress:
        due = 0.0

        def report(message: str, percent: int | None) -> None:
            nonlocal due
            if job.stop or self._closing:
                raise CancelledError("Cancelled; nothing was changed.")
            # Actions may report each of a million commits; nobody can see more than a few a second.
            if (now := time.monotonic()) >= due:
                due = now + REPORT_INTERVAL
                job.loop.call_soon_threadsafe(job.progress, message, percent)

        return report

    def _perform(self, job: _Job) -> None:
        self._caller.progress = self._reporter(job)
        result, error = None, None
        try:
            result = job.work(self._caller)
        except BaseException as raised:  # noqa: BLE001 - whatever it is, it belongs to who asked
            error = raised
        self._caller.progress = no_progress
        # The loop is gone when the editor left and would not wait any longer.
        with suppress(RuntimeError):
            job.loop.call_soon_threadsafe(job.settle, result, error)


def find_root(path: Path) -> Path:
    """The nearest folder at or above the path that holds ``.git``, or the path itself."""
    resolved = path.resolve()
    return next((folder for folder in (resolved, *resolved.parents) if (folder / ".git").exists()), path)
