"""verify names exactly what is not as it was written, and says what share it could look at."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from anvcs import ids, wire
from anvcs.actions.caller import call
from anvcs.actions.seal import seal
from tests.conftest import Repo
from tests.interop import remote_support as remote

pytestmark = pytest.mark.promise("verify.names-what-is-wrong")


def verify(repo: Repo) -> wire.VerifyReport:
    return call(repo.caller(), wire.VERIFY, wire.VerifyParams())


def share(report: wire.VerifyReport, subject: str) -> tuple[int, int]:
    (found,) = [each for each in report.covered if each.subject == subject]
    return found.checked, found.total


def subjects(report: wire.VerifyReport) -> set[str]:
    assert report.sound == (not report.wrong)
    return {each.subject for each in report.wrong}


def worked(repo: Repo) -> wire.CommitResult:
    repo.write("src/app.py", "x = 2\n")
    made = repo.commit("two", metadata=wire.Metadata(prompt="why", agent_id="agent:foo"))
    repo.write("src/app.py", "x = 3\n")
    repo.commit("three", sign=True)
    repo.git_commit("plain")
    return made


def altered(repo: Repo, kind: str, key: bytes | None, change: Callable[[bytes], bytes]) -> None:
    """Write another value into the ledger behind everybody's back."""
    repo.close()
    with closing(sqlite3.connect(repo.path / ".git/anvcs/ledger.db")) as db:
        rows = db.execute("SELECT key, value FROM objects WHERE kind = ?", (kind,)).fetchall()
        for name, value in rows:
            if key in (None, name):
                db.execute("UPDATE objects SET value = ? WHERE kind = ? AND key = ?", (change(value), kind, name))
        db.commit()


def flipped(value: bytes) -> bytes:
    at = len(value) // 2
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def test_everything_is_covered_where_all_is_well(repo: Repo) -> None:
    worked(repo)
    seal(repo.caller().workspace(None))
    report = verify(repo)
    assert report.sound
    assert subjects(report) == set()
    operations, total = share(report, "operations")
    assert operations == total == sum(report.signatures.values()) > 3
    assert set(report.signatures) == {"known"}
    assert share(report, "commits") == (4, 4)
    assert share(report, "records") == (2, 2)
    assert share(report, "commit signatures") == (1, 4)
    assert share(report, "notes")[0] == 2
    assert share(report, "keys")[0] == 3
    assert share(report, "segments")[0] >= 1


@pytest.mark.parametrize("part", ["body", "signature", "key", "bytes"])
def test_an_altered_operation_is_named(repo: Repo, part: str) -> None:
    made = worked(repo)
    name = ids.raw(str(made.operation_id))

    def change(value: bytes) -> bytes:
        body, key, signature = ids.decode(value)  # type: ignore[misc]
        assert isinstance(body, bytes)
        assert isinstance(key, bytes)
        assert isinstance(signature, bytes)
        match part:
            case "body":
                body = body.replace(b"commit", b"cammit", 1)
            case "signature":
                signature = flipped(signature)
            case "key":
                key = flipped(key)
            case _:
                return flipped(value)
        return ids.encode([body, key, signature])

    altered(repo, "operation", name, change)
    report = verify(repo)
    assert "operations" in subjects(report)
    said = " ".join(each.message for each in report.wrong)
    assert str(made.operation_id)[:15] in said


def test_an_altered_view_is_named(repo: Repo) -> None:
    worked(repo)
    altered(repo, "view", None, flipped)
    assert "operations" in subjects(verify(repo))


def test_an_altered_outcome_or_a_missing_operation_is_named(repo: Repo) -> None:
    made = worked(repo)
    repo.close()
    with closing(sqlite3.connect(repo.path / ".git/anvcs/ledger.db")) as db:
        db.execute("DELETE FROM objects WHERE kind = 'operation' AND key = ?", (ids.raw(str(made.operation_id)),))
        db.commit()
    report = verify(repo)
    assert any("is not in the ledger" in each.message for each in report.wrong)


def test_an_altered_record_is_named(repo: Repo) -> None:
    made = worked(repo)
    root = repo.git("log", "-1", "--format=%(trailers:key=ANVCS-Meta,valueonly)", made.git_commit).strip()
    altered(repo, "record", ids.raw(root), lambda value: value.replace(b"why", b"who"))
    report = verify(repo)
    assert subjects(report) == {"records"}
    assert [each.name for each in report.wrong] == [root]


def test_an_altered_note_is_named(repo: Repo) -> None:
    made = worked(repo)
    note = repo.git("notes", "--ref=anvcs", "show", made.git_commit)
    repo.git("notes", "--ref=anvcs", "add", "-f", "-m", note.replace('"why"', '"who"'), made.git_commit)
    assert {each.name for each in verify(repo).wrong if each.subject == "notes"} == {made.git_commit}


def test_a_note_that_names_another_tree_is_named(repo: Repo) -> None:
    made = worked(repo)
    note = repo.git("notes", "--ref=anvcs", "show", made.git_commit)
    commit = f'"commit_id":"{made.commit_id}"' if "commit_id" in note else f'"commitId":"{made.commit_id}"'
    assert commit in note
    other = note.replace(made.commit_id, "b3:" + "0" * 64)
    repo.git("notes", "--ref=anvcs", "add", "-f", "-m", other, made.git_commit)
    assert any("another commit or tree" in each.message for each in verify(repo).wrong)


def replaced(repo: Repo, ref: str, message: str) -> None:
    """Alter the first file of a ref's tree by a bit."""
    head, _, path = repo.git("ls-tree", "-r", ref).splitlines()[0].partition("\t")
    content = repo.git_bytes("cat-file", "blob", head.split()[2])
    blob = repo.git("hash-object", "-w", "--stdin", stdin=flipped(content))
    index = str(repo.path / "other-index")
    repo.git("read-tree", ref, GIT_INDEX_FILE=index)
    repo.git("update-index", "--cacheinfo", f"100644,{blob},{path}", GIT_INDEX_FILE=index)
    tree = repo.git("write-tree", GIT_INDEX_FILE=index)
    repo.git("update-ref", ref, repo.git("commit-tree", tree, "-m", message))


def test_an_altered_registry_entry_is_named(repo: Repo) -> None:
    worked(repo)
    replaced(repo, "refs/anvcs/actors", "x")
    assert "keys" in subjects(verify(repo))


def test_an_altered_segment_is_named(repo: Repo) -> None:
    worked(repo)
    workspace = repo.caller().workspace(None)
    seal(workspace)
    ref = f"refs/anvcs/log/{workspace.ledger.replica}"
    replaced(repo, ref, repo.git("log", "-1", "--format=%B", ref))
    assert subjects(verify(repo)) == {"segments"}


def test_a_commit_with_a_false_signature_is_named(repo: Repo) -> None:
    worked(repo)
    repo.write("src/app.py", "x = 9\n")
    signed = repo.commit("signed", sign=True).git_commit
    raw = repo.git_bytes("cat-file", "commit", signed).replace(b"signed\n", b"forged\n", 1)
    forged = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    repo.git("update-ref", "refs/heads/forged", forged)
    report = verify(repo)
    assert [(each.subject, each.name) for each in report.wrong] == [("commit signatures", forged)]


def test_a_commit_that_is_not_what_its_operation_says_is_named(repo: Repo) -> None:
    made = worked(repo)
    later = repo.git("rev-parse", "HEAD~1").encode()
    # The operation is true, and names another commit: as if Git's id had been made to fit another content.
    repo.close()
    with closing(sqlite3.connect(repo.path / ".git/anvcs/ledger.db")) as db:
        (other,) = db.execute("SELECT value FROM objects WHERE kind = 'commit' AND key = ?", (later,)).fetchone()
        db.execute("UPDATE objects SET value = ? WHERE kind = 'commit' AND key = ?", (other, made.git_commit.encode()))
        db.commit()
    report = verify(repo)
    assert [(each.subject, each.name) for each in report.wrong] == [("commits", made.git_commit)]


def test_what_is_missing_is_said_and_is_not_wrong(repo: Repo) -> None:
    made = worked(repo)
    url = remote.bare(repo.path.parent / "there.git", repo.env)
    repo.git("remote", "add", "origin", str(url))
    remote.push(repo, "origin", "main")
    other = remote.clone(str(url), repo, "other")
    remote.pull(other, "origin", "main")
    report = verify(other)
    assert report.sound
    assert share(report, "records") == (0, 2)
    other.close()
    call(repo.caller(), wire.PURGE, wire.PurgeParams(commit=made.git_commit))
    assert verify(repo).sound


def test_a_file_that_is_no_ledger_never_ends_in_a_traceback(repo: Repo) -> None:
    worked(repo)
    seal(repo.caller().workspace(None))
    repo.close()
    Path(repo.path / ".git/anvcs/ledger.db").write_bytes(b"nothing")
    report = verify(repo)
    assert report.covered
