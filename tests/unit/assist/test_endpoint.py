"""The way to a model over HTTP: what is sent, and every way in which the other side can misbehave."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from anvcs.assist.endpoint import Endpoint, address, key_of
from anvcs.assist.model import Answer, Limit, Message, Prompt, Stop
from anvcs.errors import AssistError, CancelledError, ConfigError
from tests.models import KEY, MODEL, Model, Reply, refuses, said, serving

PROMPT = Prompt((Message("system", "Merge."), Message("user", "{}")))


def never() -> bool:
    return False


def ask(
    model: Model, *, key: str | None = KEY, limit: Limit | None = None, cancelled: Stop = never, path: str = "/v1"
) -> Answer:
    return Endpoint(address(model.url + path), MODEL, key).complete(
        PROMPT, limit=limit or Limit(20), cancelled=cancelled
    )


def refused(model: Model, reply: Reply, limit: Limit | None = None) -> AssistError:
    model.answers(reply)
    with pytest.raises(AssistError) as caught:
        ask(model, limit=limit)
    assert caught.value.way_out
    assert KEY not in str(caught.value)
    return caught.value


def test_a_prompt_is_asked_as_the_api_has_it(model: Model) -> None:
    model.answers(said("hello"))
    assert ask(model, limit=Limit(20, tokens=99)) == Answer("hello", f"{MODEL}-2026")
    (received,) = model.received
    assert received.path == "/v1/chat/completions"
    assert received.headers["Authorization"] == f"Bearer {KEY}"
    assert received.body == {
        "model": MODEL,
        "messages": [{"role": "system", "content": "Merge."}, {"role": "user", "content": "{}"}],
        "stream": False,
        "max_tokens": 99,
    }


def test_without_a_key_none_is_sent_and_the_model_may_choose_its_length(model: Model) -> None:
    model.answers(said("hello"))
    ask(model, key=None)
    assert "Authorization" not in model.received[0].headers
    assert "max_tokens" not in model.received[0].body


def test_a_key_shows_in_no_description() -> None:
    assert KEY not in repr(Endpoint(address("https://x.example"), MODEL, KEY))


@pytest.mark.parametrize(("status", "told"), [(401, "its key was not accepted"), (403, "its key was not accepted")])
def test_a_key_that_is_not_accepted_is_told(model: Model, status: int, told: str) -> None:
    error = refused(model, refuses(status, f"Incorrect API key: {KEY}"))
    assert f"({status}): {told}" in error.message
    assert "key_env" in error.way_out
    assert model.connections == 1


def test_a_missing_key_is_told(model: Model) -> None:
    model.answers(refuses(401))
    with pytest.raises(AssistError, match="it wants a key"):
        ask(model, key=None)


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_for_now_is_tried_once_more(model: Model, status: int) -> None:
    model.answers(refuses(status, Retry_After="0"), said("hello"))
    assert ask(model).content == "hello"
    error = refused(model, refuses(status, "too many", Retry_After="0"))
    assert f"({status}): too many" in error.message
    assert model.connections == 4


@pytest.mark.parametrize("pause", ["3600", "Wed, 21 Oct 2037 07:28:00 GMT"])
def test_nobody_waits_for_long(model: Model, pause: str) -> None:
    refused(model, refuses(429, Retry_After=pause))
    assert model.connections == 1


def test_a_failure_there_is_told_with_its_own_words_and_without_the_key(model: Model) -> None:
    error = refused(model, refuses(500, f"cannot\x1b[2J serve {KEY}"))
    assert error.message.endswith("refused (500): cannot [2J serve [key].")
    assert model.connections == 1


@pytest.mark.promise("assist.one-place")
def test_a_redirect_is_not_followed(model: Model) -> None:
    with serving() as other:
        other.answers(said("gotcha"))
        error = refused(model, Reply(b"", 307, {"Location": f"{other.url}/v1/chat/completions"}))
        assert "sends us elsewhere (307)" in error.message
        assert other.connections == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "no chat completion"),
        (b"[]", "no chat completion"),
        (b'{"choices": []}', "gave no text"),
        (b'{"choices": [{"message": {"content": null, "refusal": "I would rather not."}}]}', "I would rather not."),
        (said("half", finish="length").body, "cut off"),
    ],
)
def test_what_is_no_answer_is_told(model: Model, body: bytes, told: str) -> None:
    assert told in refused(model, Reply(body)).message


def test_a_huge_answer_is_not_read(model: Model) -> None:
    error = refused(model, Reply(b" " * 50_000), limit=Limit(20, bytes=10_000))
    assert "more than 10,000 bytes" in error.message


def test_who_hangs_is_left_in_time(model: Model) -> None:
    begun = time.monotonic()
    error = refused(model, Reply(b"{", hangs=True), limit=Limit(0.3))
    assert "no answer within 0.3 seconds" in error.message
    assert time.monotonic() - begun < 5


def test_a_server_that_says_nothing_at_all_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(AssistError, match="no answer within"):
            Endpoint(address(url), MODEL).complete(PROMPT, limit=Limit(0.3), cancelled=never)


def test_whoever_asks_can_stop_at_any_moment(model: Model) -> None:
    model.answers(Reply(b"{", hangs=True))
    with pytest.raises(CancelledError):
        ask(model, cancelled=model.asked.is_set)
    running = [thread.name for thread in threading.enumerate()]
    assert "anvcs-assist" not in running


def test_what_the_asker_raises_ends_the_request(model: Model) -> None:
    model.answers(Reply(b"{", hangs=True))

    def raising() -> bool:
        if model.asked.is_set():
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        ask(model, cancelled=raising)
    assert "anvcs-assist" not in [thread.name for thread in threading.enumerate()]


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(AssistError, match="cannot be reached"):
        Endpoint(address(f"http://127.0.0.1:{port}"), MODEL).complete(PROMPT, limit=Limit(5), cancelled=never)


def test_what_is_no_http_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def answer() -> None:
            connection, _ = odd.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-odd\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{odd.getsockname()[1]}"
        with pytest.raises(AssistError, match="does not speak HTTP"):
            Endpoint(address(url), MODEL).complete(PROMPT, limit=Limit(5), cancelled=never)
        thread.join(5)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine that nobody has signed, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


@pytest.mark.promise("assist.one-place")
def test_nothing_is_sent_to_who_cannot_show_who_it_is(tmp_path: Path) -> None:
    file, context = certificate(tmp_path)
    with serving(context) as model:
        model.answers(said("hello"))
        place = address(model.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(AssistError, match="could not show who it is"):
            Endpoint(place, MODEL, KEY).complete(PROMPT, limit=Limit(10), cancelled=never)
        assert model.received == []
        trust = ssl.create_default_context(cafile=str(file))
        found = Endpoint(place, MODEL, KEY, trust=trust).complete(PROMPT, limit=Limit(10), cancelled=never)
        assert found.content == "hello"


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://x:99999999",
        "https://[::1",
        "https://a b",
        "https://käse.example",
        "http://api.example.com/v1",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "https://me:secret@api.example.com",
        "https://api.example.com/v1?key=1",
        "https://api.example.com/v1#x",
        "https://api.example.com/\r\nX: y",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        address(url)
    assert caught.value.way_out
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "place", "path"),
    [
        ("https://api.example.com/v1/", "https://api.example.com", "/v1"),
        ("https://api.example.com:8443", "https://api.example.com:8443", ""),
        ("http://localhost:11434/v1", "http://localhost:11434", "/v1"),
        ("http://127.0.0.2:1", "http://127.0.0.2:1", ""),
        ("http://[::1]:8080/v1", "http://[::1]:8080", "/v1"),
    ],
)
def test_an_address_is_told_without_its_path(url: str, place: str, path: str) -> None:
    found = address(url)
    assert (found.place, found.path) == (place, path)


def test_a_key_comes_from_the_named_variable_alone() -> None:
    assert key_of({"A_KEY": f" {KEY}\n", "OPENAI_API_KEY": "other"}, "A_KEY") == KEY
    assert key_of({"OPENAI_API_KEY": "other"}, None) is None
    for env in ({}, {"A_KEY": ""}, {"A_KEY": "x\r\nHost: y"}, {"A_KEY": "schlüssel"}):
        with pytest.raises(ConfigError, match="A_KEY") as caught:
            key_of(env, "A_KEY")
        assert "schl" not in str(caught.value)


def test_the_hash_of_a_prompt_is_that_of_roles_and_contents() -> None:
    assert PROMPT.hash == Prompt(PROMPT.messages).hash
    assert PROMPT.hash != Prompt((Message("user", "Merge."), Message("user", "{}"))).hash
    assert PROMPT.hash != Prompt((Message("system", "Merge.{}"),)).hash
    assert PROMPT.size == len("Merge.{}")
    assert json.loads(PROMPT.messages[1].content) == {}
