"""How verify, audit, replay, du, gc, purge and the doctor's repairs are called and shown."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec
import pytest

from anvcs import wire
from anvcs.cli.render.doctor import doctor
from anvcs.cli.render.retention import collected, purged, size, used
from anvcs.cli.render.trust import replayed, verified
from anvcs.cli.screen import Line, Look
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.values import AUDITED, B3, COLLECTED, OPERATION, PURGED, REPLAYED, USED, VERIFIED


def plain(lines: Iterable[Line]) -> list[str]:
    return [each.plain() for each in lines]


def test_verify_says_what_share_it_covered_and_what_is_wrong(ai_vcs: CommandLine) -> None:
    assert plain(verified(VERIFIED, Look())) == [
        "✓ operations           7",
        "✓ records              1 of 2  1 records are not here.",
        "Keys of operations: 6 known, 1 unknown",
        "Everything is as it was written.",
    ]
    wrong = wire.Wrong(subject="records", name=B3, message="It is another one.")
    broken = msgspec.structs.replace(VERIFIED, sound=False, wrong=(wrong,))
    lines = plain(verified(broken, Look(unicode=False)))
    assert lines[1].startswith("wrong records")
    assert f"records {B3}: It is another one." in lines
    assert lines[-1] == "1 thing is not as written."
    ai_vcs.answers["verify"] = broken
    assert ai_vcs("verify").code == 1
    assert ai_vcs("verify", "--json").code == 1


@pytest.mark.promise("audit.json-lines")
@pytest.mark.parametrize("option", [(), ("--json",)])
def test_audit_writes_one_operation_a_line_page_by_page(ai_vcs: CommandLine, option: tuple[str, ...]) -> None:
    def page(params: object) -> wire.AuditPage:
        assert isinstance(params, wire.AuditParams)
        numbers = range(params.after + 1, min(params.after + 3, 6))
        entries = tuple(
            msgspec.structs.replace(AUDITED, operation=msgspec.structs.replace(OPERATION, sequence=number))
            for number in numbers
        )
        return wire.AuditPage(entries=entries, more=params.after + 3 < 6)

    ai_vcs.answers["audit"] = page
    done = ai_vcs("audit", "--after", "1", "--replica", "ab" * 16, *option)
    assert [json.loads(line)["operation"]["sequence"] for line in done.out.splitlines()] == [2, 3, 4, 5]
    assert [(each.after, each.replica) for each in ai_vcs.asked if isinstance(each, wire.AuditParams)] == [
        (1, "ab" * 16),
        (3, "ab" * 16),
    ]


def test_an_empty_log_is_no_line(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["audit"] = wire.AuditPage()
    assert ai_vcs("audit").out == ""


def test_replay_says_what_came_of_each_and_exits_with_1_if_something_differs(ai_vcs: CommandLine) -> None:
    assert plain(replayed(REPLAYED)) == [
        "b3:5c5c5c5c5c5c  push           not-comparable It was outside.",
        "3 the same, 0 different, 2 commits hashed again, 1 not comparable.",
    ]
    ai_vcs.answers["replay"] = REPLAYED
    assert ai_vcs("replay", "@{1}", "-n", "5").code == 0
    assert ai_vcs.asked == [wire.ReplayParams(operation="@{1}", limit=5)]
    ai_vcs.answers["replay"] = msgspec.structs.replace(REPLAYED, different=1)
    assert ai_vcs("replay").code == 1


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_500_000, "1.4 MiB"), (1 << 50, "1024.0 TiB")],
)
def test_sizes_are_for_people(count: int, said: str) -> None:
    assert size(count) == said


def test_du_lists_the_costs_and_their_sum() -> None:
    assert plain(used(USED)) == [
        "    1.4 MiB  ledger      The operation log (7)",
        "      900 B  cache       Indexes that can be made again",
        "    1.4 MiB  in all",
    ]


def test_gc_says_what_it_compacted_or_would(ai_vcs: CommandLine) -> None:
    assert plain(collected(COLLECTED, dry_run=False)) == [
        "Compacted 5 operations; 2 old ones stay whole.",
        "  commits    1 left to git gc",
        "  ledger     2.0 KiB -> 1.0 KiB",
        f"  operation  {B3}",
    ]
    assert plain(collected(COLLECTED, dry_run=True)) == ["Would compact 5 operations; 2 old ones stay whole."]
    assert plain(collected(wire.GcResult(), dry_run=False)) == ["There is nothing to compact."]
    ai_vcs.answers["gc"] = COLLECTED
    ai_vcs("gc", "--days", "30", "--dry-run", "--agent", "foo")
    assert ai_vcs.asked == [wire.GcParams(days=30, dry_run=True, agent="foo")]


def test_purge_says_where_it_was_and_where_it_had_left_to() -> None:
    assert plain(purged(PURGED, dry_run=False)) == [
        "Forgotten:",
        "  The ledger's private record of 1a2b3c4d00: prompt",
        "  its hash stays  b3:" + "0f" * 32,
        f"  operation       {B3}",
        "It had left by push to origin https://example.org/x.git",
        "  Ask its owner.",
    ]
    assert plain(purged(PURGED, dry_run=True))[0] == "Would be forgotten:"


def test_purge_asks_a_person_and_refuses_where_there_is_none(ai_vcs: CommandLine) -> None:
    ai_vcs.answers["purge"] = PURGED
    done = ai_vcs("purge", "HEAD")
    assert done.code == 2
    assert "--yes" in done.err
    assert ai_vcs.asked == []
    assert ai_vcs("purge", "HEAD", "--yes", "--field", "env.X").err == "Note: Something to know.\n"
    assert ai_vcs("purge", "--operation", "@", "--dry-run").code == 0
    assert ai_vcs.asked == [
        wire.PurgeParams(commit="HEAD", field="env.X"),
        wire.PurgeParams(operation="@", dry_run=True),
    ]


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_sees_the_plan_before_a_purge(
    ai_vcs: CommandLine, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    ai_vcs.answers["purge"] = PURGED
    ai_vcs.interactive = True

    def confirm(text: str, *, err: bool) -> bool:
        assert text
        assert err
        return answer == "y"

    monkeypatch.setattr("click.confirm", confirm)
    done = ai_vcs("purge", "HEAD")
    plan = wire.PurgeParams(commit="HEAD", dry_run=True)
    assert ai_vcs.asked == [plan, *([wire.PurgeParams(commit="HEAD")] if answer == "y" else [])]
    assert done.code == (0 if answer == "y" else 1)


def test_the_doctor_says_what_it_repaired(ai_vcs: CommandLine) -> None:
    check = wire.Check(id="hook", state="ok", message="It is back.", repaired=True)
    report = wire.DoctorReport(healthy=True, checks=(check,))
    assert plain(doctor(report, Look()))[0] == "✓ Repaired: It is back."
    ai_vcs.answers["doctor"] = report
    ai_vcs("doctor", "--repair")
    assert ai_vcs.asked == [wire.DoctorParams(repair=True)]


def test_ended_proposals_that_are_compacted_are_told_beside_operations() -> None:
    alone = msgspec.structs.replace(COLLECTED, compacted=0, kept=0, proposals=1)
    assert plain(collected(alone, dry_run=True)) == ["Would compact 1 ended merge proposal."]
    both = msgspec.structs.replace(COLLECTED, compacted=2, kept=0, proposals=3)
    assert plain(collected(both, dry_run=True)) == ["Would compact 2 operations and 3 ended merge proposals."]
