"""JSON-RPC messages: read without trusting them, written fast, and every error in the shape clients get."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from msgspec import UNSET, UnsetType

from anvcs.errors import (
    ActorError,
    AnvcsError,
    CancelledError,
    CommitError,
    HistoryError,
    PathError,
    ProposalError,
    RemoteError,
    RepositoryError,
    RoomError,
    StoreError,
    UnknownCommitError,
    UsageError,
)
from anvcs.wire import Problem

T = TypeVar("T")

logger = logging.getLogger(__name__)

MessageId = int | str

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
CANCELLED = -32800

REFUSALS: tuple[tuple[type[AnvcsError], int], ...] = (
    (CancelledError, CANCELLED),
    (UsageError, -32051),
    (RepositoryError, -32052),
    (PathError, -32053),
    (CommitError, -32054),
    (UnknownCommitError, -32055),
    (StoreError, -32056),
    (HistoryError, -32057),
    (RemoteError, -32058),
    (ActorError, -32059),
    (RoomError, -32060),
    (ProposalError, -32061),
    (AnvcsError, -32050),
)
"""The number of each family of refusals; ``data.code`` names the exact one."""


class Envelope(msgspec.Struct, frozen=True):
    """A message before anyone has looked at its parameters."""

    id: MessageId | UnsetType | None = UNSET
    method: str | UnsetType = UNSET
    params: msgspec.Raw = msgspec.Raw()
    """Empty if absent."""


class FieldProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one field of a request's parameters."""

    field: str
    """Its name on the wire with the way to it, e.g. ``metadata.coverage``; empty for the whole."""
    message: str


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """The ``error`` of an answer; ``data`` is a :class:`anvcs.wire.Problem`."""

    code: int
    message: str
    data: Problem | InvalidParams | None = None


class InvalidParams(Problem, frozen=True, kw_only=True):
    """A Problem that also says which fields are wrong."""

    problems: tuple[FieldProblem, ...] = ()


class InvalidParamsError(Exception):
    """Parameters that do not fit their type."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.problems = problems


class _Answer(msgspec.Struct, frozen=True):
    id: MessageId | None
    result: Any
    jsonrpc: str = "2.0"


class _Failure(msgspec.Struct, frozen=True):
    id: MessageId | None
    error: Refusal
    jsonrpc: str = "2.0"


class _Notice(msgspec.Struct, frozen=True):
    method: str
    params: Any
    jsonrpc: str = "2.0"


_envelopes = msgspec.json.Decoder(Envelope)
_plain = msgspec.json.Encoder()


def read_envelope(body: bytes) -> Envelope | bytes:
    """The message, or the answer to send instead where it is none."""
    try:
        return _envelopes.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        message = decode(body)
    except ValueError as error:
        logger.warning("A message cannot be read: %s", error)
        return failure(None, Refusal(PARSE_ERROR, "The message is not JSON."))
    fields = cast("dict[str, Any]", message) if isinstance(message, dict) else {}
    id_, method = fields.get("id", UNSET), fields.get("method", UNSET)
    if fields and isinstance(id_, (int, str, UnsetType)) and isinstance(method, (str, UnsetType)):
        # Good but for half a surrogate pair somewhere inside.
        return Envelope(id_, method, msgspec.Raw(json.dumps(fields.get("params")).encode()))
    known = id_ if isinstance(id_, (int, str)) else None
    return failure(known, Refusal(INVALID_REQUEST, "The message is not a JSON-RPC request."))


def decode(body: bytes | msgspec.Raw) -> Any:
    """JSON as plain objects. Raises ValueError if it is none.

    Half surrogate pairs, which editors can send and msgspec refuses, are kept.
    """
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(body)
    return json.loads(bytes(body))


def read_params(raw: msgspec.Raw, cls: type[T]) -> T:
    """The parameters as their type; absent and null are an empty object. Raises InvalidParamsError."""
    try:
        return msgspec.json.decode(raw or b"{}", type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = decode(raw or b"{}")
        return convert_params({} if value is None else value, cls)


def convert_params(value: Any, cls: type[T]) -> T:
    """Plain objects as parameters of a type. Raises InvalidParamsError naming every field that does not fit."""
    problems: list[FieldProblem] = []
    rest = cast("dict[str, Any]", value).copy() if isinstance(value, dict) else value
    while True:
        try:
            result = msgspec.convert(rest, cls)
        except msgspec.ValidationError as error:
            problem = _field_problem(str(error))
        else:
            if problems:
                raise InvalidParamsError(tuple(problems))
            return result
        top = problem.field.split(".")[0].split("[")[0]
        reported = {known.field.split(".")[0].split("[")[0] for known in problems}
        if problem.field not in reported:
            problems.append(problem)
        # msgspec stops at the first: take the field away and look on.
        if not isinstance(rest, dict) or top not in rest:
            raise InvalidParamsError(tuple(problems))
        del cast("dict[str, Any]", rest)[top]


def _field_problem(text: str) -> FieldProblem:
    said, _, where = text.partition(" - at `")
    field = where.rstrip("`").removeprefix("$").removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", said):
        return FieldProblem(".".join(filter(None, (field, missing[1]))), "It is required.")
    return FieldProblem(field, said + ".")


def answer(id_: MessageId | None, result: Any) -> bytes:
    """The message that answers a request."""
    return encode(_Answer(id_, result))


def failure(id_: MessageId | None, error: Refusal) -> bytes:
    """The message that refuses a request."""
    return encode(_Failure(id_, error))


def notice(method: str, params: Any) -> bytes:
    """A notification."""
    return encode(_Notice(method, params))


def encode(message: Any, *, encoder: msgspec.json.Encoder = _plain, hook: Callable[[Any], Any] | None = None) -> bytes:
    """A message as JSON."""
    try:
        return encoder.encode(message)
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8; JSON can only escape it.
        return json.dumps(msgspec.to_builtins(message, enc_hook=hook), separators=(",", ":")).encode("ascii")


def refusal(error: BaseException) -> Refusal:
    """How a failed request is told to the client: no traceback, ever."""
    if isinstance(error, AnvcsError):
        code = next(code for cls, code in REFUSALS if isinstance(error, cls))
        output = str(getattr(error, "output", ""))
        problem = Problem(code=error.code, message=error.message, way_out=error.way_out, output=output)
        return Refusal(code, str(error), problem)
    if isinstance(error, InvalidParamsError):
        said = (
            "Invalid parameters: "
            + "; ".join(
                f"{problem.field}: {problem.message.rstrip('.')}" if problem.field else problem.message.rstrip(".")
                for problem in error.problems
            )
            + "."
        )
        return Refusal(INVALID_PARAMS, said, InvalidParams(code=UsageError.code, message=said, problems=error.problems))
    log_id = uuid.uuid4().hex[:12]
    logger.error("Internal error %s", log_id, exc_info=error)
    problem = Problem(
        code="internal",
        message="Internal error",
        way_out=f"Look for {log_id} in the server's log, and report it with what you find there.",
        log_id=log_id,
    )
    return Refusal(INTERNAL_ERROR, "Internal error", problem)


def cancelled() -> Refusal:
    """The answer to a request that the client cancelled."""
    return refusal(CancelledError("The request was cancelled; nothing was changed."))
