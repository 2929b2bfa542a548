"""The audit log can be checked from its lines alone, by code that knows nothing of ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from blake3 import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo
from tests.interop import remote_support as remote
from tests.interop.operation_support import undo


def pages(repo: Repo, limit: int = 500, replica: str | None = None) -> Iterable[wire.AuditPage]:
    after, more = 0, True
    while more:
        page = call(repo.caller(), wire.AUDIT, wire.AuditParams(after=after, limit=limit, replica=replica))
        yield page
        more = page.more
        after = page.entries[-1].operation.sequence if page.entries else 0


def lines(repo: Repo, limit: int = 500) -> list[str]:
    return [msgspec.json.encode(entry).decode() for page in pages(repo, limit) for entry in page.entries]


def check(log: list[str]) -> None:
    """Twenty lines that recompute ids, chain and signatures from the protocol's reference alone."""
    before: str | None = None
    for number, line in enumerate(log, 1):
        entry: dict[str, Any] = json.loads(line)
        body = base64.b64decode(entry["body"])
        name = blake3(body, derive_key_context="anvcs 2026-11 operation v1").digest()
        assert entry["operation"]["operationId"] == "b3:" + name.hex()
        assert entry["operation"]["sequence"] == number
        assert entry.get("parents", []) == ([before] if before else [])
        key = base64.b64decode(entry["publicKey"].split()[1])[-32:]
        message = b"\x82\x58\x20" + name + b"\x58\x20" + key
        signed = blake3(message, derive_key_context="anvcs 2026-11 signature v1").digest()
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(entry["signature"]), signed)
        before = entry["operation"]["operationId"]


@pytest.mark.promise("audit.checkable-alone")
def test_every_line_can_be_checked_without_us(repo: Repo) -> None:
    for number in range(3):
        repo.write("src/app.py", f"x = {number + 2}\n")
        repo.commit(f"{number}", metadata=wire.Metadata(prompt="why", agent_id="agent:foo"))
    undo(repo, agent="foo")
    repo.git_commit("plain")
    found = lines(repo)
    assert len(found) > 5
    check(found)
    kinds = [json.loads(line)["operation"]["kind"] for line in found]
    assert kinds[0] == "init"
    assert kinds[-2:] == ["undo", "git-commit"]
    entry = json.loads(found[1])
    signature = base64.b64decode(entry["signature"])
    entry["signature"] = base64.b64encode(signature[:-1] + bytes([signature[-1] ^ 1])).decode()
    with pytest.raises(InvalidSignature):
        check([found[0], json.dumps(entry)])
    with pytest.raises(AssertionError):
        check([found[0], *found[2:]])


def test_pages_of_any_size_are_the_same_log(repo: Repo) -> None:
    for number in range(5):
        repo.write("src/app.py", f"x = {number + 2}\n")
        repo.commit(f"{number}")
    assert lines(repo, 2) == lines(repo)


def test_prompts_and_arguments_stand_there_as_hashes_only(repo: Repo) -> None:
    params = wire.CheckpointCreateParams(name="good", prompt="a secret wish", agent="foo", confidence=9000)
    call(repo.caller(), wire.CHECKPOINT_CREATE, params)
    (last,) = [json.loads(line) for line in lines(repo)[-1:]]
    assert "a secret wish" not in json.dumps(last)
    assert last["promptHash"].startswith("b3:")
    assert (last["confidence"], last["standing"]) == (9000, "known")


def test_another_clones_log_can_be_read_too(repo: Repo) -> None:
    url = remote.bare(repo.path.parent / "there.git", repo.env)
    repo.git("remote", "add", "origin", str(url))
    repo.write("src/app.py", "x = 2\n")
    repo.commit("two")
    remote.push(repo, "origin", "main")
    other = remote.clone(str(url), repo, "other")
    repo.write("ai-vcs.config.yaml", "storage:\n  team: git\n")
    other.write("ai-vcs.config.yaml", "storage:\n  team: git\n")
    call(repo.caller(), wire.SYNC, wire.SyncParams())
    call(other.caller(), wire.SYNC, wire.SyncParams())
    replica = repo.caller().workspace(None).ledger.replica
    found = [msgspec.json.encode(entry).decode() for page in pages(other, 3, replica) for entry in page.entries]
    check(found)
    assert found[0] == lines(repo)[0]
    other.close()
