"""Test reports of several makers."""

from __future__ import annotations

import json

import pytest

from anvcs import wire
from anvcs.errors import InvalidMetadataError
from anvcs.provenance import report
from anvcs.provenance.report import UNKNOWN, TestReport

JUNIT = (
    '<?xml version="1.0"?><testsuites><testsuite failures="{f}" errors="0">'
    "<testcase>{inner}</testcase>{more}</testsuite></testsuites>"
)


@pytest.mark.promise("provenance.report-fills-tests")
@pytest.mark.parametrize(
    ("data", "passed"),
    [
        (JUNIT.format(f=0, inner="", more=""), True),
        (JUNIT.format(f=1, inner="", more=""), False),
        (JUNIT.format(f=0, inner="<failure/>", more=""), False),
        (JUNIT.format(f=0, inner="<error>x</error>", more="<testcase/>"), False),
        (JUNIT.format(f=0, inner="<skipped/>", more=""), None),
        (JUNIT.format(f=0, inner="<skipped/>", more="<testcase/>"), True),
        ('\ufeff  <testsuite tests="0"/>', None),
        (json.dumps({"summary": {"passed": 3, "total": 3}, "exitcode": 0}), True),
        (json.dumps({"summary": {"passed": 3, "failed": 1}}), False),
        (json.dumps({"summary": {"passed": 3}, "exitcode": 2}), False),
        (json.dumps({"summary": {"total": 0}, "exitcode": 5}), None),
        (json.dumps({"numPassedTests": 2, "numFailedTests": 0, "success": True}), True),
        (json.dumps({"numPassedTests": 2, "success": False}), False),
        (json.dumps({"tests_passed": False}), False),
        (json.dumps({"testsPassed": True}), True),
    ],
)
def test_a_known_report_says_whether_the_tests_passed(data: str, passed: bool | None) -> None:
    assert report.test_report(data.encode()).tests_passed is passed


@pytest.mark.parametrize(
    ("data", "coverage"),
    [
        ('<coverage line-rate="0.9123" branch-rate="0"/>', 91.23),
        (json.dumps({"totals": {"percent_covered": 91.239}}), 91.24),
        (json.dumps({"tests_passed": True, "coverage": 87.1}), 87.1),
        (json.dumps({"coverage": 187.1}), None),
        (json.dumps({"coverage": True}), None),
        ('<coverage line-rate="many"/>', None),
    ],
)
def test_a_known_report_says_the_coverage(data: str, coverage: float | None) -> None:
    assert report.test_report(data.encode()).coverage == coverage


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"TAP version 13\n1..2\n",
        b"<html/>",
        b"[1]",
        b'{"summary": 3}',
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b"<a>" * 100_000,
        b"\xff\xfe<\0t\0",
        JUNIT.format(f=0, inner="", more="").encode()[:-8],
        b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><testsuite><testcase name="&c;"/></testsuite>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite><testcase/></testsuite>',
    ],
)
def test_what_is_not_understood_says_nothing(data: bytes) -> None:
    assert report.test_report(data) == UNKNOWN


def test_a_report_fills_what_was_not_given() -> None:
    filled = report.with_report(wire.Metadata(coverage=50.0), TestReport(tests_passed=True, coverage=91.0))
    assert filled == wire.Metadata(tests_passed=True, coverage=50.0)
    assert report.with_report(wire.Metadata(tests_passed=False), UNKNOWN) == wire.Metadata(tests_passed=False)


def test_a_claim_that_the_report_contradicts_is_refused() -> None:
    with pytest.raises(InvalidMetadataError, match="testsPassed says true, but the test report says false"):
        report.with_report(wire.Metadata(tests_passed=True), TestReport(tests_passed=False))
