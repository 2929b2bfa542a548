"""``ai-vcs collab``: what reaches the actions, and how working together is shown."""

from __future__ import annotations

import json

import msgspec
import pytest

from anvcs import wire
from anvcs.cli.commands import collab_tail
from tests.unit.cli import collab
from tests.unit.cli.conftest import CommandLine

WHEN = "2026-11-25 16:00:00"


def test_a_start_says_where_to_join_and_what_cannot_be_a_room(ai_vcs: CommandLine) -> None:
    room = wire.OpenedRoom(path="a.py", room="r7", url="ws://127.0.0.1:1/rooms/r7")
    refused = wire.RefusedFile(path=".env", reason="It is a secret.", way_out="Leave it.")
    answer = wire.CollabStarted(
        actor="human:ada@example.org", url="ws://127.0.0.1:1", rooms=(room,), refused=(refused,)
    )
    ai_vcs.answers = {"collab.start": answer}
    done = ai_vcs("collab", "start", "a.py", ".env")
    assert done.code == 0
    assert done.out.splitlines() == [
        "The relay runs at ws://127.0.0.1:1; you are human:ada@example.org",
        "  a.py  ws://127.0.0.1:1/rooms/r7",
        "  .env  It is a secret. Leave it.",
        "Any Yjs client joins there with a token: add --token",
    ]
    ai_vcs.answers = {"collab.start": msgspec.structs.replace(answer, rooms=(), token="T")}
    done = ai_vcs("collab", "start", ".env", "--token", "--agent", "foo")
    assert done.code == 1
    assert done.out.splitlines()[1] == "  token      T"
    assert ai_vcs.asked[-1] == wire.CollabStartParams(paths=(".env",), token=True, agent="foo")


def test_a_status_warns_first_and_tells_here_from_elsewhere(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"collab.status": collab.STATUS}
    assert ai_vcs("collab", "status", "--minutes", "10").out.splitlines() == [
        "Rooms are on, on main; you are human:ada@example.org",
        f"  ! src/app.py  agent:foo changes it on login too (1 edit, {WHEN}); you have unsaved changes in it",
        "  src/app.py  unsaved: human:ada@example.org",
        "  human:ada@example.org (you)",
        "      src/app.py:12",
        "  agent:foo  elsewhere on login (/home/ada/login)  not connected",
        "      src/app.py  41 edits in 10 min, last 2026-11-25 16:00:00",
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mode": "off"}, "Rooms are off here. Switch them on with: ai-vcs rooms on"),
        ({"left": True}, "You (human:ada@example.org) left the rooms here. Come back with: ai-vcs collab start"),
        ({"paused": True}, "Rooms are paused. Go on with: ai-vcs rooms pause --resume"),
        (
            {"relay": False},
            "Rooms are on, on main; you are human:ada@example.org; no relay runs, so nobody is in a room",
        ),
    ],
)
def test_a_status_says_how_to_go_on(ai_vcs: CommandLine, changed: dict[str, object], said: str) -> None:
    ai_vcs.answers = {"collab.status": msgspec.structs.replace(collab.STATUS, **changed)}
    assert ai_vcs("collab", "status").out.splitlines()[0] == said


def test_leaving_says_how_to_come_back(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"collab.leave": wire.CollabLeft(actor="human:ada@example.org", rooms=1)}
    assert ai_vcs("collab", "leave").out == (
        "human:ada@example.org left 1 room; files stay as they are. Come back with: ai-vcs collab start\n"
    )
    ai_vcs.answers = {"collab.leave": wire.CollabLeft(actor="human:ada@example.org")}
    assert "stays out of rooms" in ai_vcs("collab", "leave").out


def test_a_tail_is_one_line_for_each_edit(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"collab.tail": collab.TAIL}
    assert ai_vcs("collab", "tail").out == (
        '2026-11-25 16:00:00  src/app.py:11  #121  agent:foo reported  -5 "tries"  +6 "retry\\n"\n'
    )
    (line,) = ai_vcs("collab", "tail", "--json").out.splitlines()
    assert json.loads(line)["sequence"] == 121


def test_a_tail_goes_on_where_the_page_before_ended(ai_vcs: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = iter([msgspec.structs.replace(collab.TAIL, more=True), wire.TailPage(after="B"), wire.TailPage(after="C")])

    def answer(_: object) -> wire.TailPage:
        page = next(pages, None)
        if page is None:
            raise KeyboardInterrupt
        return page

    waited: list[float] = []
    monkeypatch.setattr("anvcs.cli.commands.collab_tail.time.sleep", waited.append)
    ai_vcs.answers = {"collab.tail": answer}
    done = ai_vcs("collab", "tail", "src/app.py", "--since", "100", "-n", "5", "--follow")
    assert done.code == 130
    assert ai_vcs.asked == [
        wire.CollabTailParams(path="src/app.py", since=100, limit=5),
        *(wire.CollabTailParams(path="src/app.py", after=after, limit=1000) for after in ('{"r7":121}', "B", "C")),
    ]
    assert waited == [collab_tail.PAUSE] * 2


def test_a_review_shows_hunks_with_who_else_wrote_there(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"collab.review": collab.REVIEW}
    assert ai_vcs("collab", "review").out.splitlines() == [
        "agent:foo  task fix-login  m1  2026-11-25 15:59:00 to 2026-11-25 16:00:00",
        "  hunk 2  src/app.py:11  a3f9c27d10  4 edits, reported",
        "    -retries = 1",
        "    +retry = 3",
        '    ! human:bob@example.org wrote in the same place, line 12: "retry = 3"',
        "",
        "Take back: ai-vcs collab revert --actor agent:foo [--hunk N]. Looked at: ai-vcs collab review --seen",
    ]
    done = ai_vcs(
        "collab", "review", "src", "--actor", "agent:foo", "--task", "t", "--since", "2h", "--seen", "--keep", "a"
    )
    assert done.out.splitlines()[-1] == "Looked at: none of it is shown again."
    assert ai_vcs.asked[-1] == wire.CollabReviewParams(
        paths=("src",), actor="agent:foo", task="t", since="2h", seen=True, keep=("a",)
    )
    ai_vcs.answers = {"collab.review": wire.CollabReview()}
    assert ai_vcs("collab", "review").out == "Nothing that you have not looked at.\n"


def test_a_long_hunk_is_cut(ai_vcs: CommandLine) -> None:
    run = collab.REVIEW.runs[0]
    hunk = msgspec.structs.replace(collab.HUNK, old="", new="x\n" * 50, overlaps=())
    file = msgspec.structs.replace(run.files[0], hunks=(hunk,))
    ai_vcs.answers = {"collab.review": wire.CollabReview(runs=(msgspec.structs.replace(run, files=(file,)),))}
    assert "    + … 10 more lines" in ai_vcs("collab", "review").out.splitlines()


def test_a_revert_names_what_stays(ai_vcs: CommandLine) -> None:
    ai_vcs.answers = {"collab.revert": collab.REVERTED}
    done = ai_vcs("collab", "revert", "--actor", "agent:foo", "--hunk", "2", "--hunk", "a3f9c27d10", "src/app.py")
    assert done.out.splitlines() == [
        "Took back 1 hunk of agent:foo in src/app.py, edit 131; not saved yet",
        '  stays ! human:bob@example.org wrote in the same place, line 12: "retry = 3"',
    ]
    assert ai_vcs.asked == [
        wire.CollabRevertParams(actor="agent:foo", hunks=("2", "a3f9c27d10"), paths=("src/app.py",))
    ]
    refused = wire.RefusedFile(path="b.py", reason="It is not on disk.")
    ai_vcs.answers = {"collab.revert": wire.CollabReverted(actor="agent:foo", refused=(refused,))}
    done = ai_vcs("collab", "revert", "--actor", "agent:foo")
    assert (done.code, done.out) == (1, "  b.py  It is not on disk.\n")
    ai_vcs.answers = {"collab.revert": wire.CollabReverted(actor="agent:foo", dry_run=True)}
    assert ai_vcs("collab", "revert", "--actor", "agent:foo", "--dry-run").out == (
        "Nothing of agent:foo was taken back.\n"
    )
    assert ai_vcs("collab", "revert").code == 2


def test_a_playback_shows_steps_and_names_what_is_not_kept(ai_vcs: CommandLine) -> None:
    pages = iter([msgspec.structs.replace(collab.PLAYBACK, more=True), collab.PLAYBACK])

    def answer(_: object) -> wire.CollabPlayback:
        return next(pages)

    ai_vcs.answers = {"collab.playback": answer}
    step = [
        "#121  2026-11-25 16:00:00  agent:foo (inferred)  task fix-login",
        '      1 -"tries"',
        '      1 +"retry"',
    ]
    assert ai_vcs("collab", "playback", "src/app.py", "--from", "100", "--to", "140").out.splitlines() == [
        "src/app.py  edits 121 to 140",
        "  edits 101 to 120 are not kept (retention)",
        *step,
        *step,
    ]
    assert [params.since for params in ai_vcs.asked if isinstance(params, wire.CollabPlaybackParams)] == [100, 121]


def test_a_playback_shows_whole_texts_when_asked(ai_vcs: CommandLine) -> None:
    frame = msgspec.structs.replace(collab.PLAYBACK.frames[0], text="retry\n")
    ai_vcs.answers = {"collab.playback": msgspec.structs.replace(collab.PLAYBACK, frames=(frame,))}
    assert ai_vcs("collab", "playback", "a", "--text").out.splitlines()[-1] == "    retry"
    assert ai_vcs("collab", "playback", "a", "--at", "120").out == "tries\n"
    assert ai_vcs("collab", "playback", "a", "--at", "120", "--to", "121").code == 2
