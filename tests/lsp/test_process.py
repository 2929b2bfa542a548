"""The process itself: framing, exit codes, and a standard output that holds nothing but messages."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from anvcs import __version__
from anvcs.lsp.boot import EXPERIMENTAL
from tests.conftest import Repo

TIMEOUT = 60
SERVER = [sys.executable, "-m", "anvcs.lsp"]
VSCODE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "capabilities" / "vscode-languageclient-11.json").read_bytes()
)


def message(**fields: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def initialize(folder: Path) -> bytes:
    params = {"processId": None, "rootUri": folder.as_uri(), "capabilities": VSCODE}
    return message(id=1, method="initialize", params=params) + message(method="initialized", params={})


def answers(out: bytes) -> list[dict[str, Any]]:
    """Every message of an output that must hold nothing else."""
    found: list[dict[str, Any]] = []
    while out:
        header, _, rest = out.partition(b"\r\n\r\n")
        assert header.startswith(b"Content-Length: "), header[:100]
        length = int(header.removeprefix(b"Content-Length: "))
        found.append(json.loads(rest[:length]))
        out = rest[length:]
    return found


def run(data: bytes, repo: Repo, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    given: dict[str, Any] = {"input": data, "capture_output": True, **options}
    done = subprocess.run(  # pyright: ignore[reportUnknownVariableType] - depends on the options
        [*SERVER, *arguments], cwd=repo.path, env=repo.env, timeout=TIMEOUT, check=False, **given
    )
    return cast("subprocess.CompletedProcess[bytes]", done)


@pytest_lsp.fixture(  # pyright: ignore[reportUnknownMemberType] - pytest-lsp leaves it untyped
    config=ClientServerConfig(server_command=[*SERVER, "--stdio"])
)
async def client(lsp_client: LanguageClient, repo: Repo) -> AsyncGenerator[None]:
    folder = types.WorkspaceFolder(repo.path.as_uri(), "repo")
    params = types.InitializeParams(
        capabilities=types.ClientCapabilities(
            window=types.WindowClientCapabilities(work_done_progress=True),
            general=types.GeneralClientCapabilities(position_encodings=["utf-16"]),
        ),
        root_uri=folder.uri,
        workspace_folders=[folder],
    )
    result = await lsp_client.initialize_session(params)
    assert result.capabilities.experimental is not None
    yield
    await lsp_client.shutdown_session()


async def test_an_editor_gets_its_answers_over_standard_streams(client: LanguageClient, repo: Repo) -> None:
    uri = (repo.path / "README.md").as_uri()
    # The server that this fixture starts has this user's home.
    repo.git("config", "user.name", "Ada Lovelace")
    repo.git("config", "user.email", "ada@example.org")
    async with asyncio.timeout(TIMEOUT):
        status: Any = await client.protocol.send_request_async("anvcs/repository/status", {})
        assert (status.root, status.stream, status.initialized) == (str(repo.path), "main", True)
        # Asked for before the change, or it could be missed.
        changed = cast("asyncio.Future[Any]", client.protocol.wait_for_notification_async("anvcs/history/changed"))
        repo.write("README.md", "changed\n")
        made: Any = await client.protocol.send_request_async("anvcs/commit", {"message": "by the editor"})
        told = await changed
        assert made.gitCommit == repo.head()
        assert told.root == str(repo.path)
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "markdown", 1, "changed\n"))
        )
        hover = await client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(0, 0))
        )
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.value.startswith("**by the editor**")
        text = await client.workspace_text_document_content_async(
            types.TextDocumentContentParams(uri=f"anvcs:/README.md?{made.gitCommit}")
        )
        assert text.text == "changed\n"


@pytest.mark.promise("lsp.clean-exit")
@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (message(id=2, method="shutdown") + message(method="exit"), 0),
        (message(id=2, method="shutdown"), 0),
        (message(method="exit"), 1),
        (b"", 0),
        (b"garbage\r\n\r\n", 1),
    ],
    ids=["shutdown and exit", "shutdown and end of input", "exit", "end of input", "garbage"],
)
def test_the_server_ends_with_the_editor(repo: Repo, ending: bytes, code: int) -> None:
    done = run(initialize(repo.path) + ending, repo)
    assert done.returncode == code
    first, *rest = answers(done.stdout)
    assert first["result"]["capabilities"]["experimental"] == EXPERIMENTAL
    assert [answer["id"] for answer in rest] == ([2] if b"shutdown" in ending else [])
    assert b"Traceback" not in done.stderr


def test_standard_input_may_be_a_file_or_nothing(repo: Repo, tmp_path: Path) -> None:
    session = tmp_path / "session"
    session.write_bytes(initialize(repo.path) + message(id=2, method="shutdown") + message(method="exit"))
    with session.open("rb") as file:
        done = run(b"", repo, input=None, stdin=file)
    assert (done.returncode, len(answers(done.stdout))) == (0, 2)
    done = run(b"", repo, input=None, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (0, b"")
    with (tmp_path / "out").open("w+b") as out:
        done = run(session.read_bytes(), repo, capture_output=False, stdout=out, stderr=subprocess.DEVNULL)
        out.seek(0)
        assert (done.returncode, len(answers(out.read()))) == (0, 2)


@pytest.mark.promise("lsp.only-messages-on-stdout")
def test_nothing_but_messages_is_on_standard_output(repo: Repo, tmp_path: Path) -> None:
    # A hook that prints and reads, a module that prints when it is imported: what stray output comes from.
    hook = repo.path / ".git" / "hooks" / "post-commit"
    hook.write_text("#!/bin/sh\necho from the hook\ncat\n")
    hook.chmod(0o755)
    noisy = tmp_path / "noisy"
    noisy.mkdir()
    (noisy / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Noise:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'pygls.lsp.server':\n"
        "            print('from python'); sys.stdout.flush(); os.write(1, b'from C')\n"
        "            assert os.read(0, 9) == b''\n"
        "sys.meta_path.insert(0, Noise())\n"
    )
    repo.env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(noisy), os.environ.get("PYTHONPATH"))))
    repo.write("README.md", "changed\n")
    hover = {"textDocument": {"uri": (repo.path / "README.md").as_uri()}, "position": {"line": 0, "character": 0}}
    with subprocess.Popen(
        SERVER, cwd=repo.path, env=repo.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdin.write(initialize(repo.path))
        out = b""
        for id_, method, params in ((2, "anvcs/commit", {"message": "x"}), (3, "textDocument/hover", hover)):
            server.stdin.write(message(id=id_, method=method, params=params))
            server.stdin.flush()
            while b'"id":%d,' % id_ not in out:
                out += os.read(server.stdout.fileno(), 1 << 16)
        server.stdin.write(message(id=4, method="shutdown") + message(method="exit"))
        server.stdin.close()
        out += server.stdout.read()
        errors = server.stderr.read()
        assert server.wait(TIMEOUT) == 0
    by_id = {answer["id"]: answer for answer in answers(out) if "id" in answer and "method" not in answer}
    assert by_id[2]["result"]["gitCommit"] == repo.head()
    assert by_id[3]["result"]["contents"]["value"].startswith("**x**")
    assert by_id[4]["result"] is None
    assert b"from python" in errors
    assert b"from C" in errors


def test_options_are_few_and_unknown_ones_are_refused(repo: Repo) -> None:
    assert run(b"", repo, "--version").stdout == f"anvcs-lsp {__version__}\n".encode()
    for wrong in ("--tcp", "--ws", "--port=1"):
        done = run(b"", repo, wrong)
        assert (done.returncode, done.stdout) == (2, b"")
        assert wrong.encode() in done.stderr
        assert b"usage: anvcs-lsp" in done.stderr


def imported(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True,
        check=True,
        timeout=TIMEOUT,
        text=True,
    )
    return set(done.stdout.split())


def test_neither_the_command_line_nor_the_first_answer_waits_for_pygls() -> None:
    slow = {"pygls", "lsprotocol", "lsprotocol.types", "cattrs", "attrs"}
    assert not imported("import anvcs.cli.main") & {*slow, "anvcs.lsp", "asyncio"}
    assert not imported("import anvcs.lsp.main, anvcs.lsp.connection, anvcs.actions.status") & slow


async def test_a_client_that_does_not_read_stops_nobody(repo: Repo) -> None:
    server = await asyncio.create_subprocess_exec(
        *SERVER,
        cwd=repo.path,
        env=repo.env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(initialize(repo.path))
    count = 3000
    for number in range(count):
        # Far more answers than a pipe holds; reading goes on all the same.
        server.stdin.write(message(id=number + 2, method="anvcs/" + "x" * 100))
    async with asyncio.timeout(TIMEOUT):
        await server.stdin.drain()
        server.stdin.close()
        out = await server.stdout.read()
        assert await server.wait() == 0
    assert len(answers(out)) == count + 1


@pytest.mark.skipif(sys.platform == "win32", reason="no signals there")
def test_a_commit_under_way_is_finished_when_the_server_is_told_to_end(repo: Repo, tmp_path: Path) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"
    os.mkfifo(begun)
    os.mkfifo(go)
    hook = repo.path / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\necho > {begun}\ncat {go}\n")
    hook.chmod(0o755)
    before = repo.head()
    repo.write("README.md", "changed\n")
    with subprocess.Popen(
        SERVER, cwd=repo.path, env=repo.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        server.stdin.write(initialize(repo.path) + message(id=2, method="anvcs/commit", params={"message": "x"}))
        server.stdin.flush()
        # Opening a pipe waits for the other end; in a child of ours that wait is bounded.
        subprocess.run(["cat", begun], check=True, capture_output=True, timeout=TIMEOUT)
        server.terminate()
        subprocess.run(["sh", "-c", f"echo go on > {go}"], check=True, timeout=TIMEOUT)
        out, errors = server.communicate(timeout=TIMEOUT)
    assert server.returncode == 128 + signal.SIGTERM
    assert b"Traceback" not in errors
    (answer,) = [answer for answer in answers(out) if answer.get("id") == 2]
    # Either it was past stopping, or nothing happened; both are said.
    if "result" in answer:
        assert answer["result"]["gitCommit"] == repo.head()
    else:
        assert (answer["error"]["code"], repo.head()) == (-32800, before)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
