"""Runs command lines in process, with a fake in the place of the actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from anvcs.actions.caller import Caller
from anvcs.cli.invocation import Invocation
from anvcs.cli.main import run
from anvcs.cli.screen import Look
from anvcs.wire import Params, Request

Answer = object
"""A result, an exception to raise, or a function from params to a result."""


class Done(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    """``ai-vcs`` before fake actions that answer as told and note what they were asked."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    env: Mapping[str, str]
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    asked: list[Params] = field(default_factory=list[Params])
    callers: list[Caller] = field(default_factory=list[Caller])
    interactive: bool = False
    look: Look | None = None

    def __call__(self, *arguments: str) -> Done:
        """Run one command line."""
        code = run(
            arguments, _Invocation(self.folder, self.env, call=self._answer, shown=self.look, person=self.interactive)
        )
        out, err = self.capture.readouterr()
        return Done(code, out, err)

    def _answer(self, caller: Caller, request: Request[Any, Any], params: Params, /) -> Any:
        assert isinstance(params, request.params)
        assert caller.config_home.name == "anvcs"
        self.asked.append(params)
        self.callers.append(caller)
        answer = self.answers[request.verb]
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            answer = cast("Callable[[Params], object]", answer)(params)
        assert isinstance(answer, request.result)
        return answer


class _Invocation(Invocation):
    def __init__(self, *arguments: Any, person: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._person = person

    @property
    def interactive(self) -> bool:
        return self._person


@pytest.fixture
def ai_vcs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line in an empty folder, with an environment of its own."""
    return CommandLine(tmp_path, capsys, {"HOME": str(tmp_path / "home")})
