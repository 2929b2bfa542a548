"""One run of ``ai-vcs``: where it stands, how it answers, and the door to the actions."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from anvcs.cli.screen import Line, Look, Screen, clean, look, standard_output
from anvcs.errors import UsageError

if TYPE_CHECKING:
    from anvcs.actions.caller import Caller
    from anvcs.cli.spinner import Spinner
    from anvcs.wire import Message, Params, Request

    P = TypeVar("P", bound=Params)
    R = TypeVar("R", bound=Message)
    M = TypeVar("M", bound=Message)


class Call(Protocol):
    """Performs a verb: ``anvcs.actions.caller.call``, or a fake in tests."""

    def __call__(self, caller: Caller, request: Request[P, R], params: P, /) -> R:
        """The action's result."""
        ...


def _call(caller: Caller, request: Request[P, R], params: P, /) -> R:
    # The actions are imported when the first one is called, so that --help and --version stay fast.
    from anvcs.actions.caller import call

    return call(caller, request, params)


class Invocation:
    """What every command is given."""

    def __init__(self, cwd: Path, env: Mapping[str, str], *, call: Call = _call, shown: Look | None = None) -> None:
        self.cwd = cwd
        self.env = env
        self.json = False
        self.exit_code = 0
        self.screen = Screen(out := standard_output(), shown or look(out, env))
        self._call = call
        self._caller: Caller | None = None
        self._spinner: Spinner | None = None

    def change_folder(self, folder: str) -> None:
        """Stand in another folder, as ``git -C`` does. Raises UsageError if there is none."""
        target = self.cwd / folder
        if not target.is_dir():
            raise UsageError(f"-C: there is no folder {folder}.", "Name an existing folder.")
        self.cwd = target.resolve()

    def perform(self, request: Request[P, R], params: P) -> R:
        """Call the action, with progress on standard error where that is a terminal."""
        try:
            return self._call(self.caller, request, params)
        finally:
            if self._spinner is not None:
                self._spinner.clear()

    def index_graph(self) -> None:
        """Build the graph's index, with progress; a person may stop it at any time and loses nothing."""
        from anvcs.actions.graph_index import update_index

        try:
            update_index(self.caller, None, self.caller.progress)
        except KeyboardInterrupt:
            self.remark("The graph's index is not complete; the next graph goes on with it.")
        finally:
            if self._spinner is not None:
                self._spinner.clear()

    def show(self, result: Message, human: Callable[[Look], Iterable[Line]]) -> None:
        """Print the result: as one JSON document if asked to, else in the human rendering."""
        if self.json:
            import msgspec

            self.screen.document(msgspec.json.encode(result) + b"\n")
        else:
            self.screen.lines(human(self.screen.look))
            self.screen.flush()

    def remark(self, text: str) -> None:
        """Say something beside the result, on standard error."""
        for each in text.splitlines():
            print(clean(each), file=sys.stderr)

    def notices(self, notices: Iterable[str]) -> None:
        """Pass on the notices of a result; JSON has them already."""
        if not self.json:
            for notice in notices:
                self.remark(f"Note: {notice}")

    @property
    def interactive(self) -> bool:
        """A person is there to answer: standard input and error are terminals."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison] - None when file descriptor 0 is closed

    @property
    def caller(self) -> Caller:
        """Who calls the actions: made at the first call."""
        if self._caller is None:
            from anvcs.actions.caller import Caller, no_progress
            from anvcs.actions.places import config_home
            from anvcs.link.ask import LazyRelay

            if sys.stderr.isatty():
                from anvcs.cli.spinner import Spinner

                self._spinner = Spinner(
                    sys.stderr, shutil.get_terminal_size().columns, unicode=self.screen.look.unicode
                )
            home = config_home(self.env)
            self._caller = Caller(
                cwd=self.cwd,
                env=self.env,
                config_home=home,
                progress=self._spinner or no_progress,
                terminal=self.interactive,
                relay=LazyRelay(self.env, home),
            )
        return self._caller

    def close(self) -> None:
        """Close what the actions opened."""
        if self._caller is not None:
            self._caller.close()
