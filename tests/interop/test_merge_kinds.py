"""Notebooks, lock files and documents in proposals, as people meet them."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from typing import Any

import pytest

from anvcs import wire
from anvcs.actions.caller import call
from tests.conftest import Repo
from tests.interop.merge_trees_support import Changes, fork
from tests.interop.test_assist import ai_vcs
from tests.merging import accept, proposed, resolve, show

Json = dict[str, Any]


def notebook(*sources: str) -> str:
    cells: list[Json] = [
        {"cell_type": "code", "execution_count": None, "id": f"c{number}", "metadata": {}, "outputs": [],
         "source": source.splitlines(keepends=True)}
        for number, source in enumerate(sources)
    ]  # fmt: skip
    book: Json = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1) + "\n"


@pytest.mark.promise("merge.notebooks-open")
def test_a_notebook_in_conflict_opens_and_is_decided_as_a_whole(repo: Repo) -> None:
    base, left, right = (notebook("a = 1", f"b = {n}", "c = 3") for n in (0, 1, 2))
    fork(repo, {"a.ipynb": base}, {"a.ipynb": left}, {"a.ipynb": right})
    found = proposed(repo, "other")
    text = repo.git("cat-file", "blob", f"{found.tree}:a.ipynb")
    assert "<<<<<<< main" in "".join(json.loads(text)["cells"][1]["source"])
    (file,) = (each for each in found.files if each.path == "a.ipynb")
    assert "cell 2 (c1)" in file.reason
    # Given back as it is, it is not decided.
    kept = resolve(repo, "a.ipynb", text=text + "\n")
    assert kept.status == "blocked"
    assert "markers" in "".join(each.message for each in kept.findings)
    settled = resolve(repo, "a.ipynb", text=notebook("a = 1", "b = 12", "c = 3"))
    assert settled.status != "blocked"
    assert (
        repo.git("cat-file", "blob", f"{show(repo).proposal.tree}:a.ipynb")
        == notebook("a = 1", "b = 12", "c = 3").strip()
    )


@pytest.mark.promise("merge.lock-files")
def test_a_lock_file_says_what_to_run_in_conflict_and_where_git_merged_it(repo: Repo) -> None:
    lines = [f'"p{n}": "1.0"' for n in range(20)]

    def lock(**changed: str) -> str:
        return "".join(f"{changed.get(f'n{n}', line)}\n" for n, line in enumerate(lines))

    fork(
        repo,
        {"Cargo.lock": lock(), "yarn.lock": lock()},
        {"Cargo.lock": lock(n3="left"), "yarn.lock": lock(n3="left")},
        {"Cargo.lock": lock(n3="right"), "yarn.lock": lock(n15="right")},
    )
    found = proposed(repo, "other")
    assert "cargo update --workspace" in next(each.reason for each in found.files if each.path == "Cargo.lock")
    (finding,) = found.findings
    assert (finding.path, finding.severity) == ("yarn.lock", "soft")
    assert "yarn install" in finding.message


@pytest.mark.promise("merge.lock-files")
def test_a_lock_file_that_nobody_looks_into_says_what_to_run_too(repo: Repo) -> None:
    line = f'"{"p" * 90}": "1.0"\n'

    def sides(version: str) -> Changes:
        long = line * 22_000 + version
        return {"npm/package-lock.json": long, "bun.lockb": f"\0{version}".encode(), "yarn.lock": version}

    repo.write(".gitattributes", "yarn.lock -merge\n")
    repo.git_commit("attributes")
    fork(repo, sides("0\n"), {**sides("1\n"), "uv.lock": "1\n"}, {**sides("2\n"), "uv.lock": "2\n"})
    commands = {
        "npm/package-lock.json": "npm install --package-lock-only",
        "bun.lockb": "bun install --lockfile-only",
        "yarn.lock": "yarn install",
        "uv.lock": "uv lock",
    }
    found = proposed(repo, "other")
    assert {each.path for each in found.files} == commands.keys()
    assert [each.path for each in found.files if commands[each.path] not in each.reason] == []
    call(repo.caller(), wire.INIT, wire.InitParams(merge_driver=True))
    done = subprocess.run(["git", "merge", "other"], cwd=repo.path, env=repo.env, capture_output=True, check=False)
    # The others do not reach our driver: one is no text, of one the attributes say that it is not merged.
    for path in ("npm/package-lock.json", "uv.lock"):
        assert any(path in said and commands[path] in said for said in done.stderr.decode().splitlines()), done
    files = call(repo.caller(), wire.MERGETOOL, wire.MergetoolParams(dry_run=True)).files
    told = {each.path: f"{each.reason} {[one.reason for one in each.conflicts]}" for each in files}
    assert [path for path, command in commands.items() if command not in told[path]] == []


def test_a_file_that_its_tool_has_written_anew_on_the_result_is_taken(repo: Repo) -> None:
    fork(
        repo,
        {"Cargo.toml": '[dependencies]\na = "1"\n', "Cargo.lock": "a 1\n"},
        {"Cargo.toml": '[dependencies]\na = "1"\nb = "1"\n', "Cargo.lock": "a 1\nb 1\n"},
        {"Cargo.toml": '[dependencies]\na = "1"\nc = "1"\n', "Cargo.lock": "a 1\nc 1\n"},
    )
    assert ai_vcs(repo, "merge", "other")[0] == 0
    assert ai_vcs(repo, "proposal", "resolve", "other", "Cargo.lock", "--take", "left", "--whole")[0] == 0
    shown = ai_vcs(repo, "proposal", "show", "other")[1]
    (tree,) = re.findall(r"result +tree ([0-9a-f]+)", shown)
    result = repo.path.parent / "result"
    result.mkdir()
    repo.git("archive", "--output", str(result / "result.tar"), tree)
    with tarfile.open(result / "result.tar") as archive:
        archive.extractall(result, filter="data")
    names = re.findall(r"(?m)^(\w+) = ", (result / "Cargo.toml").read_text())
    (result / "Cargo.lock").write_text("".join(f"{name} 1\n" for name in names))
    assert sorted(names) == ["a", "b", "c"]
    code, out, err = ai_vcs(repo, "proposal", "resolve", "other", "Cargo.lock", "--file", "../result/Cargo.lock")
    assert code == 0, out + err
    accept(repo)
    assert repo.read("Cargo.lock") == (result / "Cargo.lock").read_bytes()


@pytest.mark.promise("merge.versions")
def test_two_releases_give_the_higher_version_and_both_entries(repo: Repo) -> None:
    log = "# Change log\n\n## Unreleased\n\n- Tea\n"
    fork(
        repo,
        {"CHANGELOG.md": log, "package.json": '{\n  "version": "1.2.3"\n}\n'},
        {"CHANGELOG.md": log + "- Cups\n", "package.json": '{\n  "version": "1.2.4"\n}\n'},
        {"CHANGELOG.md": log + "- Milk\n", "package.json": '{\n  "version": "1.3.0"\n}\n'},
    )
    found = proposed(repo, "other")
    assert repo.git("cat-file", "blob", f"{found.tree}:CHANGELOG.md").endswith("- Tea\n- Cups\n- Milk")
    assert '"1.3.0"' in repo.git("cat-file", "blob", f"{found.tree}:package.json")
    assert "version" in next(each.reason for each in found.files if each.path == "package.json")


@pytest.mark.promise("merge.versions")
def test_a_team_can_decide_about_versions_itself(repo: Repo) -> None:
    def release(version: str) -> Changes:
        return {"pyproject.toml": f'version = "{version}"\n'}

    fork(repo, release("1.0"), release("1.1"), release("1.2"))
    repo.write("ai-vcs.config.yaml", "merge:\n  versions: ask\n")
    assert proposed(repo, "other").status == "blocked"
