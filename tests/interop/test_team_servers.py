"""Clones that exchange operations through real servers: PostgreSQL and S3, set in the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from anvcs.errors import ConfigError, StoreError
from anvcs.history import replicas
from tests.conftest import Repo
from tests.servers import S3, Postgres, fresh


def sync(repo: Repo) -> wire.SyncResult:
    return call(repo.caller(), wire.SYNC, wire.SyncParams())


def clones(make_repo: Callable[..., Repo], tmp_path: Path, config: str) -> tuple[Repo, Repo]:
    a = make_repo("a")
    a.write(".git/info/exclude", "/ai-vcs.config.yaml\n")
    a.git("clone", "--quiet", a.path, tmp_path / "b")
    b = Repo(tmp_path / "b", a.env, a.config_home)
    b.write(".git/info/exclude", "/ai-vcs.config.yaml\n")
    b.init()
    for repo in (a, b):
        repo.write("ai-vcs.config.yaml", config)
    return a, b


def exchange(a: Repo, b: Repo) -> None:
    """Each makes commits, syncs, and has what the other did."""
    for repo, name in ((a, "a"), (b, "b")):
        for number in range(3):
            repo.write(name, str(number))
            repo.commit(f"{name} {number}")
    sync(a)
    (found,) = sync(b).conflicts
    assert (found.stream, found.fetched) == ("main", False)
    sync(a)
    ledgers = [repo.caller().workspace(None).ledger for repo in (a, b)]
    for here, there in (ledgers, ledgers[::-1]):
        heard = replicas.log(here.store, there.replica)
        assert [entry.signed for entry in heard] == [entry.signed for entry in there.operations()]
    assert sync(a).sent == sync(b).sent == sync(a).received == sync(b).received == 0
    call(b.caller(), wire.STREAM_RESOLVE, wire.StreamResolveParams(stream="main", keep="ours"))
    sync(b)
    assert sync(a).conflicts == ()
    b.close()


@pytest.mark.promise("team.stores")
def test_clones_exchange_through_postgresql_and_through_its_restart(
    make_repo: Callable[..., Repo], tmp_path: Path, postgres: Postgres
) -> None:
    config = f"storage:\n  team: postgres\nteam:\n  dsn: {postgres.dsn}\n  schema: {fresh()}\n"
    a, b = clones(make_repo, tmp_path, config)
    sync(a)
    postgres.stop()
    a.write("x", "offline")
    a.commit("offline")
    with pytest.raises(StoreError):
        sync(a)
    postgres.start()
    exchange(a, b)


@pytest.mark.promise("team.stores")
def test_clones_exchange_through_s3(make_repo: Callable[..., Repo], tmp_path: Path, s3: S3) -> None:
    config = (
        f"storage:\n  team: s3\nteam:\n  bucket: {s3.bucket}\n  prefix: {fresh()}\n  endpoint_url: {s3.endpoint}\n"
        f"  region: us-east-1\n  access_key_id: {s3.access_key}\n  secret_access_key: {s3.secret_key}\n"
    )
    exchange(*clones(make_repo, tmp_path, config))


@pytest.mark.parametrize("team", ["postgres", "s3"])
def test_a_place_without_an_address_is_refused(repo: Repo, team: str) -> None:
    repo.write("ai-vcs.config.yaml", f"storage:\n  team: {team}\n")
    with pytest.raises(ConfigError, match=r"team\.(dsn|bucket) is not set"):
        sync(repo)
