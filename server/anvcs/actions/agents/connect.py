"""Connects an agent's own hooks with ours, in the user's settings of that agent."""

from __future__ import annotations

import difflib
import json
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from anvcs import hook, wire
from anvcs.actions.caller import Caller
from anvcs.actions.init import replace_file
from anvcs.errors import ConfigError

TIMEOUT = 5
"""Seconds after which the agent goes on without our hook, should it ever hang."""
_OURS = re.compile(r"anvcs[/\\]hook\.py['\"]? (?:claude|codex)$")
_INDENT = re.compile(r"^\{\r?\n([ \t]+)")


class Kind(NamedTuple):
    """How an agent is told of hooks."""

    variable: str
    """Names the folder of its settings, if it is set."""
    folder: str
    """Below the user's home, else."""
    file: str
    matchers: Mapping[str, str | None]
    """The tools of which each event is wanted; nothing where the event is about no tool."""


_CLAUDE = (*hook.WRITES, *hook.RUNS)
_CODEX = (*hook.PATCHES, *hook.RUNS)
KINDS: Mapping[str, Kind] = {
    "claude": Kind(
        "CLAUDE_CONFIG_DIR",
        ".claude",
        "settings.json",
        {
            "PreToolUse": "|".join((*hook.READS, *_CLAUDE)),
            "PostToolUse": "|".join(_CLAUDE),
            "SessionStart": None,
            "SessionEnd": None,
        },
    ),
    "codex": Kind(
        "CODEX_HOME",
        ".codex",
        "hooks.json",
        {"PreToolUse": "|".join(_CODEX), "PostToolUse": "|".join(_CODEX), "SessionStart": None},
    ),
}
_NOTICES = {
    "codex": (
        "Codex asks you to review new hooks when it starts next. Versions that do not know them yet need"
        " codex_hooks = true under [features] in config.toml."
    ),
    "claude": "Sessions that run already take the hook up when they are started anew.",
}


def agents_connect(caller: Caller, params: wire.AgentsConnectParams) -> wire.AgentsConnected:
    """Have an agent call our hook before and after it touches files, or no longer; everything else stays as it is.

    Raises ConfigError where the settings cannot be read as what the agent expects; nothing is changed then.
    """
    kind = KINDS[params.agent]
    file = _folder(caller.env, kind) / kind.file
    before = _text(file)
    settings = _parsed(file, before)
    events = _events(file, settings)
    for event in [*events, *(each for each in kind.matchers if each not in events)]:
        wanted = None if params.remove or event not in kind.matchers else _group(params.agent, kind.matchers[event])
        groups = events.get(event, [])
        if [each for each in groups if _without_ours([each]) != [each]] != ([wanted] if wanted else []):
            groups = [*_without_ours(groups), *([wanted] if wanted else [])]
        settings.setdefault("hooks", {})[event] = groups
        if not groups:
            del settings["hooks"][event]
    if not settings.get("hooks", True):
        del settings["hooks"]
    same = settings == _parsed(file, before)
    after = before if same else _written(settings, before)
    if not same and not params.dry_run:
        # Behind a link, as people who keep such files elsewhere have it.
        target = file.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, after.encode())
    changed = not (same or params.remove)
    return wire.AgentsConnected(
        agent=params.agent,
        file=str(file),
        connected=not params.remove,
        diff=_diff(file, before, after),
        notices=(_NOTICES[params.agent],) if changed else (),
    )


def _group(agent: str, matcher: str | None) -> dict[str, Any]:
    ours = {"hooks": [{"type": "command", "command": command(agent), "timeout": TIMEOUT}]}
    return ours if matcher is None else {"matcher": matcher, **ours}


def command(agent: str) -> str:
    """What the agent's shell is to run."""
    return shlex.join([sys.executable, "-I", "-S", hook.__file__, agent])


def _folder(env: Mapping[str, str], kind: Kind) -> Path:
    named = env.get(kind.variable)
    return Path(named) if named else Path(env.get("HOME") or Path.home()) / kind.folder


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise _unreadable(file, "it is not in UTF-8") from error


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        found: object = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise _unreadable(file, str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable(file, "it holds no object")
    return cast("dict[str, Any]", found)


def _events(file: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The hooks by event, where they are as the agent expects them."""
    events: object = settings.get("hooks", {})
    if not isinstance(events, dict) or not all(
        isinstance(each, list) for each in cast("dict[str, Any]", events).values()
    ):
        raise _unreadable(file, '"hooks" does not hold lists by event')
    return cast("dict[str, Any]", events)


def _without_ours(groups: list[Any]) -> list[Any]:
    """What others have registered for an event."""
    kept: list[Any] = []
    for group in groups:
        found = cast("dict[str, Any]", group) if isinstance(group, dict) else {}
        hooks: object = found.get("hooks")
        theirs = [each for each in cast("list[Any]", hooks) if not _is_ours(each)] if isinstance(hooks, list) else None
        if theirs is None or theirs == hooks:
            kept.append(group)
        elif theirs:
            kept.append({**found, "hooks": theirs})
    return kept


def _is_ours(entry: object) -> bool:
    given: object = cast("dict[str, Any]", entry).get("command") if isinstance(entry, dict) else None
    return isinstance(given, str) and _OURS.search(given) is not None


def _written(settings: dict[str, Any], before: str) -> str:
    found = _INDENT.match(before)
    return json.dumps(settings, indent=found[1] if found else 2, ensure_ascii=False) + "\n"


def _diff(file: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), str(file), str(file), n=2
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def _unreadable(file: Path, reason: str) -> ConfigError:
    return ConfigError(f"{file} cannot be changed: {reason}.", "Mend the file, then try again. It was left as it is.")
