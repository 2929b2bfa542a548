"""A model behind an endpoint that speaks the API of OpenAI's chat completions.

Only ``http.client``: it follows no redirect, knows no proxy and reads no environment, so that a prompt and a key go to
the one place that was named. The request runs in a thread of its own, since what blocks in a socket can only be left by
closing it.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from anvcs.assist.model import Answer, Kind, Limit, Prompt, Stop
from anvcs.errors import AssistError, CancelledError, ConfigError

_TICK = 0.05
"""Seconds between two looks whether the answer is still wanted."""
_AGAIN = frozenset({429, 503})
"""Answers after which it is tried once more."""
_PATIENCE = 10.0
"""The longest pause before that, in seconds."""
_PAUSE = 1.0
"""The pause where the server names none."""
_SAID = 200
"""Characters of a server's own words that an error repeats."""
_FAREWELL = 1.0
"""Seconds that a request which was left gets to end."""
_KEY = "[key]"
"""What stands for the key where the server repeats it."""


class Address(msgspec.Struct, frozen=True):
    """An endpoint's base address, taken apart."""

    secure: bool
    host: str
    port: int | None
    path: str

    @property
    def place(self) -> str:
        """The address without its path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port is not None else ""
        return f"{'https' if self.secure else 'http'}://{host}{port}"


@dataclass(frozen=True)
class Endpoint:
    """A model that is asked over HTTP."""

    address: Address
    model: str
    key: str | None = field(default=None, repr=False)
    """Sent as a bearer token; never logged, stored or told."""
    clean: Callable[[str], str] = str
    """Takes secrets out of what the server says."""
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    """Whose certificates are believed; the system's, if absent."""

    @property
    def kind(self) -> Kind:
        """How the model is reached."""
        return "endpoint"

    @property
    def place(self) -> str:
        """Where the prompt goes."""
        return self.address.place

    def complete(self, prompt: Prompt, *, limit: Limit, cancelled: Stop) -> Answer:
        """Ask, once more after a refusal for now. Raises AssistError, CancelledError."""
        until = time.monotonic() + limit.seconds
        asked: dict[str, object] = {
            "model": self.model,
            "messages": [{"role": each.role, "content": each.content} for each in prompt.messages],
            "stream": False,
        }
        if limit.tokens:
            asked["max_tokens"] = limit.tokens
        body = json.dumps(asked, ensure_ascii=False).encode()
        response = self._once(body, limit, until, cancelled)
        pause = response.pause()
        if response.status in _AGAIN and pause <= min(_PATIENCE, until - time.monotonic()):
            _rest(pause, cancelled)
            response = self._once(body, limit, until, cancelled)
        return self._answer(response)

    def _once(self, body: bytes, limit: Limit, until: float, cancelled: Stop) -> _Response:
        exchange = _Exchange(self._connection(until), self.address, body, self._headers(), limit.bytes)
        try:
            exchange.start()
            while not exchange.ended.wait(_TICK):
                if cancelled():
                    raise CancelledError("Cancelled; nothing was changed.")
                if time.monotonic() >= until:
                    raise AssistError(
                        f"{self.place} gave no answer within {limit.seconds:g} seconds.",
                        "Try again, or raise merge.assist.seconds.",
                    )
        finally:
            exchange.leave()
        return exchange.result(self.place)

    def _connection(self, until: float) -> http.client.HTTPConnection:
        # Whoever waits looks at the clock; this only ends a thread that nobody waits for.
        seconds = max(until - time.monotonic(), 0) + _FAREWELL
        host, port = self.address.host, self.address.port
        if self.address.secure:
            context = self.trust or ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
        return http.client.HTTPConnection(host, port, timeout=seconds)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        return headers | ({"Authorization": f"Bearer {self.key}"} if self.key is not None else {})

    def _answer(self, response: _Response) -> Answer:
        if response.status != http.HTTPStatus.OK:
            raise self._refused(response)
        try:
            found = msgspec.json.decode(response.body, type=_Completion)
        except msgspec.DecodeError as error:
            raise AssistError(
                f"What {self.place} answered is no chat completion.", "Look whether merge.assist.url is right."
            ) from error
        choice = found.choices[0] if found.choices else _Choice()
        if choice.finish_reason == "length":
            raise AssistError(f"The answer of {self.place} was cut off.", "Raise merge.assist.max_tokens.")
        content = choice.message.content
        if not content:
            why = f": {self._said(choice.message.refusal)}" if choice.message.refusal else ""
            raise AssistError(f"{self.place} gave no text{why}.", "Decide the conflict yourself.")
        if self.key is not None:
            # Who knows it might say it.
            content = content.replace(self.key, _KEY)
        return Answer(content, self.clean(" ".join((found.model or self.model).split()))[:_SAID])

    def _refused(self, response: _Response) -> AssistError:
        status = response.status
        if status in (401, 403):
            how = "its key was not accepted" if self.key is not None else "it wants a key"
            return AssistError(
                f"{self.place} refused ({status}): {how}.",
                "Put the key into the environment variable that merge.assist.key_env names.",
            )
        if 300 <= status < 400:
            return AssistError(
                f"{self.place} sends us elsewhere ({status}), where nothing is sent.",
                "Write the final address into merge.assist.url.",
            )
        said = self._said(response.said())
        way_out = "Try again later." if status == 429 or status >= 500 else "Look at merge.assist in the settings."
        return AssistError(f"{self.place} refused ({status}){': ' + said if said else ''}.", way_out)

    def _said(self, text: str) -> str:
        """A server's own words, on one line, without the key should it repeat it."""
        if self.key is not None:
            text = text.replace(self.key, _KEY)
        plain = " ".join("".join(char if char.isprintable() else " " for char in self.clean(text)).split())
        return plain[:_SAID].rstrip(".")


def address(url: str) -> Address:
    """The base address of an endpoint, as in ``https://api.openai.com/v1``. Raises ConfigError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or not url.isascii() or any(char <= " " for char in url):
        raise ConfigError("merge.assist.url is no address of an endpoint.", "Write it as in https://api.example.com/v1")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigError(
            "merge.assist.url may hold neither a password nor a query.",
            "Name the environment variable with the key in merge.assist.key_env.",
        )
    if parts.scheme == "http" and not _is_here(host):
        raise ConfigError(
            f"merge.assist.url would send code to {host} unencrypted.",
            "Use https; plain http reaches this machine only.",
        )
    return Address(parts.scheme == "https", host, port, parts.path.rstrip("/"))


def key_of(env: Mapping[str, str], name: str | None) -> str | None:
    """The key in an environment variable; None where none is named. Raises ConfigError where it cannot be one."""
    if name is None:
        return None
    key = env.get(name, "").strip()
    if not key:
        raise ConfigError(
            f"The environment variable {name}, named by merge.assist.key_env, is not set.", "Set it to the key."
        )
    if not key.isascii() or not key.isprintable():
        raise ConfigError(f"What is in the environment variable {name} cannot be a key.", "Set it to the key alone.")
    return key


def _is_here(host: str) -> bool:
    """The host names this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _rest(seconds: float, cancelled: Stop) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancelled():
            raise CancelledError("Cancelled; nothing was changed.")
        threading.Event().wait(min(left, _TICK))


class _Said(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Said = _Said()
    finish_reason: str | None = None


class _Completion(msgspec.Struct, frozen=True):
    choices: list[_Choice]
    model: str | None = None


class _Fault(msgspec.Struct, frozen=True):
    message: str = ""


class _Faulty(msgspec.Struct, frozen=True):
    error: _Fault = _Fault()


class _Response(msgspec.Struct, frozen=True):
    status: int
    retry_after: str
    body: bytes

    def pause(self) -> float:
        """Seconds to wait before the next try, as the server wishes."""
        try:
            return max(float(self.retry_after), 0.0) if self.retry_after else _PAUSE
        except ValueError:
            # A date: nobody waits that long.
            return _PATIENCE + 1

    def said(self) -> str:
        """What the server says was wrong, where it says so as the API has it."""
        try:
            return msgspec.json.decode(self.body, type=_Faulty).error.message
        except msgspec.DecodeError:
            return ""


class _Exchange:
    """One request and its response, in a thread that can be left at any moment."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        address: Address,
        body: bytes,
        headers: Mapping[str, str],
        largest: int,
    ) -> None:
        self.ended = threading.Event()
        self._connection = connection
        self._address = address
        self._body = body
        self._headers = headers
        self._largest = largest
        self._socket: socket.socket | None = None
        self._left = False
        self._lock = threading.Lock()
        self._response: _Response | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="anvcs-assist", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def leave(self) -> None:
        """Wait for it no longer: what blocks is woken up, and what is not sent yet never is."""
        with self._lock:
            self._left = True
            if self._socket is not None and not self.ended.is_set():
                with suppress(OSError):
                    # Not the method of an SSL socket, which would pull away what the other thread reads from.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self._thread.join(_FAREWELL)

    def result(self, place: str) -> _Response:
        """What came. Raises AssistError."""
        if self._response is not None:
            return self._response
        error = self._error
        if isinstance(error, AssistError):
            raise error
        if isinstance(error, ssl.SSLError):
            raise AssistError(f"{place} could not show who it is: {_reason(error)}.", _REACH) from error
        if isinstance(error, http.client.HTTPException):
            raise AssistError(f"{place} does not speak HTTP as expected.", _REACH) from error
        raise AssistError(f"{place} cannot be reached: {_reason(error)}.", _REACH) from error

    def _run(self) -> None:
        try:
            self._response = self._exchange()
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who asked
            self._error = error
        finally:
            self._connection.close()
            self.ended.set()

    def _exchange(self) -> _Response:
        self._connection.connect()
        with self._lock:
            if self._left:
                raise ConnectionAbortedError("nobody waits any longer")
            self._socket = self._connection.sock
        if not self._address.secure and not _is_here(str(self._connection.sock.getpeername()[0])):
            # A hosts file may give localhost another meaning.
            raise AssistError(f"{self._address.host} is not this machine.", "Use https.")
        path = f"{self._address.path}/chat/completions"
        self._connection.request("POST", path, body=self._body, headers=dict(self._headers))
        with self._connection.getresponse() as response:
            data = response.read(self._largest + 1)
            if len(data) > self._largest:
                raise AssistError(
                    f"{self._address.place} answered with more than {self._largest:,} bytes.",
                    "Look whether merge.assist.url is right.",
                )
            return _Response(response.status, response.headers.get("Retry-After", "").strip(), data)


_REACH = "Look at the network, and whether merge.assist.url is right."


def _reason(error: Exception | None) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.rstrip(".").lower()
    return str(error).rstrip(".") if error is not None else "no reason given"
