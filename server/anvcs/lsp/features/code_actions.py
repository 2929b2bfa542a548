"""Ways to decide a conflict, offered where a document shows one."""

from __future__ import annotations

import msgspec
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from anvcs.lsp.features.proposals import Choice, Open, Proposals, Question
from anvcs.lsp.verbs import PREFIX
from anvcs.wire import PROPOSAL_ASSIST, PROPOSAL_RESOLVE


def register(server: LanguageServer, proposals: Proposals) -> None:
    """Offer the versions of the conflicts that a selection touches, and to ask a language model where one is set up."""
    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        only = params.context.only
        if only is not None and types.CodeActionKind.QuickFix not in only:
            return None
        touched = [each for each in proposals.conflicts(params.text_document.uri) if _touches(each, params.range)]
        offered = [action for found in touched for action in _actions(found)]
        return offered or None


def _touches(found: Open, selected: types.Range) -> bool:
    return found.range.start.line <= selected.end.line and selected.start.line < found.range.end.line


def _actions(found: Open) -> list[types.CodeAction]:
    offered = [_action(found, choice) for choice in found.choices]
    if found.question is not None:
        offered.append(_command("Suggest a resolution", PROPOSAL_ASSIST.verb, found.question))
    return offered


def _action(found: Open, choice: Choice) -> types.CodeAction:
    title = {
        "left": _side(found, "left", found.target),
        "right": _side(found, "right", found.source),
        "both": f"Take both, {found.target}'s first",
        "suggestion": f"Take what {found.model} suggests",
    }[choice.take]
    return _command(title, PROPOSAL_RESOLVE.verb, choice)


def _side(found: Open, side: str, name: str) -> str:
    return f"Remove the file, as {name} did" if side in found.gone else f"Take what {name} has"


def _command(title: str, verb: str, given: Choice | Question) -> types.CodeAction:
    command = types.Command(title, PREFIX + verb, arguments=[msgspec.to_builtins(given)])
    return types.CodeAction(title, kind=types.CodeActionKind.QuickFix, command=command)
