"""Where others meet what changes here: in commits, saved files, other worktrees and live text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anvcs import wire
from anvcs.actions import conflict_sides
from anvcs.actions.caller import Caller, call
from anvcs.actions.conflicts import meetings, sentence
from anvcs.actions.outlines import DATABASE, Outlines
from anvcs.errors import UnknownCommitError
from anvcs.merge.resources.extract import outline
from anvcs.rooms.log import RoomLog
from anvcs.rooms.room import found as founded
from anvcs.rooms.room import open_room
from anvcs.rooms.text import TextDoc
from tests.conftest import Repo

BASKET = (
    "class Basket:\n    def total(self):\n        return sum(each.price for each in self.items)\n\n\n"
    "def make():\n    return Basket()\n"
)
WEB = "from shop.basket import make\n\n\ndef page():\n    return make().total()\n"
MORE = WEB + "\n\ndef other():\n    return make()\n"
RENAMED = BASKET.replace("make", "create")


@pytest.fixture
def shop(repo: Repo) -> Repo:
    """A shop on ``main``; ``feature`` renames a function there and uses it under its new name."""
    repo.write("shop/__init__.py", "")
    repo.write("shop/basket.py", BASKET)
    repo.write("shop/web.py", WEB)
    repo.git_commit("shop")
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.write("shop/basket.py", RENAMED)
    repo.write("shop/web.py", WEB.replace("make", "create"))
    repo.git_commit("rename")
    repo.git("checkout", "--quiet", "main")
    return repo


def conflicts(repo: Repo, *streams: str, hard: bool = False, caller: Caller | None = None) -> wire.ConflictsFound:
    return call(caller or repo.caller(), wire.CONFLICTS, wire.ConflictsParams(streams=streams, hard=hard))


def said(found: wire.ConflictsFound) -> list[str]:
    """Every overlap as a reader sees it."""
    return [
        f"{stream.stream}: {each.severity} {each.path}:{each.line} {each.message}"
        for stream in found.streams
        for each in stream.overlaps
    ]


RENAME = "feature: hard shop/web.py:9 feature renames make to create, which you newly call."


@pytest.mark.promise("resources.conflicts")
def test_a_stream_that_renames_what_a_saved_file_newly_calls_is_found(shop: Repo) -> None:
    before = shop.snapshot()
    assert said(conflicts(shop)) == []
    shop.write("shop/web.py", MORE)
    found = conflicts(shop)
    assert said(found) == [RENAME]
    (stream,) = found.streams
    assert (stream.git_commit, stream.base) == (shop.git("rev-parse", "feature"), shop.head())
    assert (found.compared, stream.live, stream.files) == (1, False, ())
    shop.write("shop/web.py", WEB)
    assert shop.snapshot() == before


def test_it_is_found_once_it_is_committed_too_and_from_the_other_side(shop: Repo) -> None:
    shop.write("shop/web.py", MORE)
    shop.git_commit("more")
    assert said(conflicts(shop)) == [RENAME]
    shop.git("checkout", "--quiet", "feature")
    assert said(conflicts(shop)) == [
        "main: hard shop/web.py:9 You rename make to create, which main newly calls in shop/web.py:9."
    ]


def test_only_named_streams_are_looked_at(shop: Repo) -> None:
    shop.write("shop/web.py", MORE)
    shop.git("branch", "idle")
    assert conflicts(shop, "idle").streams == ()
    assert said(conflicts(shop, "feature", "feature", "idle")) == [RENAME]
    with pytest.raises(UnknownCommitError):
        conflicts(shop, "nobody")


def test_soft_ones_and_files_are_left_out_where_only_hard_ones_are_wanted(shop: Repo) -> None:
    shop.git("checkout", "--quiet", "feature")
    shop.write("shop/basket.py", RENAMED.replace("sum(", "max("))
    shop.write("README.md", "there\n")
    shop.git_commit("more")
    shop.git("checkout", "--quiet", "main")
    shop.write("shop/basket.py", BASKET.replace("sum(", "min("))
    shop.write("README.md", "here\n")
    shop.git_commit("here")
    assert said(conflicts(shop)) == [
        "feature: soft shop/basket.py:2 feature changes Basket.total, which you change too."
    ]
    assert conflicts(shop).streams[0].files == ("README.md",)
    assert conflicts(shop, hard=True).streams == ()


def test_an_agent_that_all_commits_name_is_called_by_its_name(shop: Repo) -> None:
    shop.git("checkout", "--quiet", "feature")
    shop.git("commit", "--quiet", "--amend", "-m", "rename\n\nCo-authored-by: foo <foo@agent.anvcs.invalid>")
    shop.git("checkout", "--quiet", "main")
    shop.write("shop/web.py", MORE)
    (stream,) = conflicts(shop).streams
    assert stream.actors == ("agent:foo",)
    assert stream.overlaps[0].message == "agent:foo renames make to create, which you newly call."


def test_streams_of_remotes_are_looked_at_and_no_commit_twice(shop: Repo, make_repo: Callable[..., Repo]) -> None:
    elsewhere = make_repo("elsewhere", empty=True, init=False)
    elsewhere.git("pull", "--quiet", str(shop.path), "feature")
    elsewhere.git("branch", "--move", "theirs")
    shop.git("remote", "add", "origin", str(elsewhere.path))
    shop.git("fetch", "--quiet", "origin")
    shop.write("shop/web.py", MORE)
    assert [each.stream for each in conflicts(shop).streams] == ["feature"]
    shop.git("branch", "--delete", "--force", "feature")
    assert [each.stream for each in conflicts(shop).streams] == ["origin/theirs"]


@pytest.mark.promise("resources.live")
def test_what_is_saved_in_another_worktree_counts(shop: Repo, tmp_path: Path) -> None:
    shop.git("worktree", "add", "--quiet", "-b", "third", str(tmp_path / "third"), "main")
    shop.write("shop/web.py", MORE)
    assert [each.stream for each in conflicts(shop).streams] == ["feature"]
    (tmp_path / "third" / "shop" / "basket.py").write_text(RENAMED)
    found = {each.stream: each for each in conflicts(shop).streams}
    assert found["third"].live
    assert found["third"].overlaps[0].message == "third renames make to create, which you newly call."
    (tmp_path / "third" / "shop" / "basket.py").unlink()
    found = {each.stream: each for each in conflicts(shop, "third").streams}
    assert "third removes make from shop/basket.py, which you newly call." in said(conflicts(shop, "third"))[0]


def test_a_worktree_on_no_stream_is_named_by_itself(shop: Repo, tmp_path: Path) -> None:
    shop.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "loose"), "feature")
    shop.git("branch", "--delete", "--force", "feature")
    shop.write("shop/web.py", MORE)
    assert [each.stream for each in conflicts(shop).streams] == ["worktree:loose"]


def type_live(repo: Repo, session: str, path: str, before: str, after: str, actor: str) -> None:
    """Somebody's live text that is in no file."""
    log = RoomLog(repo.path / ".git" / "anvcs" / "rooms.db")
    term = log.own(1, "boot", 1)
    log.append(term, founded("r1", session, path, before, now=1000))
    room = open_room(log, "r1")[0]
    doc = TextDoc()
    doc.apply(room.doc.since())
    update = doc.edit((-len(before), after))
    taken = room.take(update, actor=actor, client=doc.client, now=2000)
    assert taken is not None
    log.append(term, taken.entries)
    log.close()


@pytest.mark.promise("resources.live")
def test_live_text_elsewhere_counts_and_its_writer_is_named(shop: Repo) -> None:
    shop.git("branch", "third", "main")
    shop.write("shop/web.py", MORE)
    type_live(shop, "stream:third", "shop/basket.py", BASKET, RENAMED, "agent:foo")
    found = {each.stream: each for each in conflicts(shop).streams}
    assert (found["third"].live, found["third"].actors) == (True, ("agent:foo",))
    assert found["third"].overlaps[0].message == "agent:foo renames make to create, which you newly call."


def test_live_text_here_counts_as_ours(shop: Repo) -> None:
    type_live(shop, "stream:main", "shop/web.py", WEB, MORE, "human:ada@example.org")
    assert said(conflicts(shop)) == [RENAME]


def test_what_an_editor_has_typed_counts_over_everything(shop: Repo) -> None:
    caller = shop.caller()
    assert meetings(caller, None, {}) == []
    (met,) = meetings(caller, None, {"shop/web.py": MORE.encode()})
    assert [sentence(each, met.called) for each in met.overlaps] == [
        "feature renames make to create, which you newly call."
    ]


def test_only_the_streams_that_moved_last_are_looked_at(shop: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflict_sides, "MOST", 1)
    shop.git("branch", "old", "main~1")
    found = conflicts(shop)
    assert (found.compared, found.notices) == (
        1,
        ("1 streams that moved longer ago were not looked at; name them to see them.",),
    )


def test_before_the_first_commit_and_without_a_common_one_nothing_meets(
    make_repo: Callable[..., Repo], shop: Repo
) -> None:
    empty = make_repo("empty", empty=True)
    assert conflicts(empty) == wire.ConflictsFound()
    shop.git("checkout", "--quiet", "--orphan", "other")
    shop.git_commit("other")
    assert conflicts(shop, "main").streams == ()


def test_strange_files_do_no_harm(shop: Repo) -> None:
    shop.write("shop/web.py", MORE)
    (shop.path / "link.py").symlink_to("shop/web.py")
    shop.write("big.py", "x = 1\n" * 200_000)
    shop.write("bad.py", b"\xff\xfe(((")
    assert said(conflicts(shop)) == [RENAME]


def test_it_works_before_init(make_repo: Callable[..., Repo]) -> None:
    plain = make_repo("plain", init=False)
    plain.write("a.py", "def f(): return 1\n")
    plain.git_commit("a")
    plain.git("checkout", "--quiet", "-b", "b")
    plain.write("a.py", "def f(): return 2\n")
    plain.git_commit("b")
    plain.git("checkout", "--quiet", "main")
    plain.write("a.py", "def f(): return 3\n")
    assert said(conflicts(plain)) == ["b: soft a.py:1 b changes f, which you change too."]
    assert not (plain.path / ".git" / "anvcs").exists()


def test_outlines_are_kept_and_a_damaged_database_is_thrown_away(shop: Repo) -> None:
    shop.write("shop/web.py", MORE)
    caller = shop.caller()
    first = conflicts(shop, caller=caller)
    caller.close()
    path = shop.path / ".git" / "anvcs" / DATABASE
    assert path.exists()
    known = Outlines(path)
    oid = shop.git("rev-parse", "feature:shop/basket.py")
    assert known.get(oid, "shop/basket.py") == outline("shop/basket.py", RENAMED.encode())
    assert known.get(oid, "another.py") is None
    known.close()
    path.write_bytes(b"no database" * 1000)
    assert conflicts(shop) == first
    assert not path.exists()


def test_du_counts_the_outlines(shop: Repo) -> None:
    shop.write("shop/web.py", MORE)
    caller = shop.caller()
    conflicts(shop, caller=caller)
    caller.close()
    costs = {each.name: each.bytes for each in call(shop.caller(), wire.DU, wire.DuParams()).costs}
    assert costs["outlines"] > 0


@pytest.mark.promise("resources.between-files")
def test_a_merge_that_breaks_between_files_is_not_safe_and_says_why(shop: Repo) -> None:
    shop.write("shop/new.py", "from shop.basket import make\n\nmake()\n")
    shop.git_commit("new")
    before = shop.head()
    found = call(shop.caller(), wire.MERGE, wire.MergeParams(sources=("feature",), auto=True))
    assert found.proposal is not None
    (finding,) = found.proposal.findings
    assert finding.message == "feature renames make to create, which main newly imports in shop/new.py:1."
    assert (finding.path, finding.line, finding.severity, finding.other) == ("shop/new.py", 1, "hard", "shop/basket.py")
    assert (found.proposal.status, shop.head()) == ("blocked", before)
