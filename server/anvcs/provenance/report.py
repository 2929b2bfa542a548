"""Test reports: what a JUnit XML or JSON file says about passing and coverage."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, cast
from xml.parsers import expat

import msgspec

from anvcs import wire
from anvcs.provenance import values

MAX_SIZE = 64 << 20
"""Bytes of the largest report that is looked into."""


class TestReport(NamedTuple):
    """What a report says; None where it says nothing."""

    __test__ = False  # so that pytest does not take it for a test class

    tests_passed: bool | None = None
    coverage: float | None = None
    """Percent."""


UNKNOWN = TestReport()
"""A report in a format that is not known, too large, or broken."""


def test_report(data: bytes) -> TestReport:
    """What a report file says; what is not understood says nothing, and nothing is raised.

    Knows JUnit and Cobertura XML; pytest-json-report, Jest and coverage.py JSON; and
    ``{"tests_passed": true, "coverage": 87.1}``.
    """
    if len(data) > MAX_SIZE:
        return UNKNOWN
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    try:
        if start == b"<":
            return _xml(data)
        if start == b"{":
            return _json(cast("dict[str, object]", values.parse(data.removeprefix(b"\xef\xbb\xbf"))))
    except (expat.ExpatError, ValueError, RecursionError):
        pass
    return UNKNOWN


def with_report(metadata: wire.Metadata, report: TestReport) -> wire.Metadata:
    """The metadata with what the report adds. Raises InvalidMetadataError where they contradict each other."""
    passed = report.tests_passed
    if passed is not None and metadata.tests_passed not in (None, passed):
        raise values.invalid(
            "testsPassed",
            f"says {str(metadata.tests_passed).lower()}, but the test report says {str(passed).lower()}",
            "Leave it out, and the report is believed.",
        )
    return msgspec.structs.replace(
        metadata,
        tests_passed=passed if metadata.tests_passed is None else metadata.tests_passed,
        coverage=report.coverage if metadata.coverage is None else metadata.coverage,
    )


class _Xml:
    """Counts as the parser goes; a document type is refused, since with it come entities."""

    def __init__(self) -> None:
        self.root = ""
        self.cases = 0
        self.skipped = 0
        self.failed = False
        self.line_rate: str | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.root:
            self.root = tag
            self.line_rate = attributes.get("line-rate")
        if tag == "testcase":
            self.cases += 1
        elif tag == "skipped":
            self.skipped += 1
        elif tag in ("failure", "error"):
            self.failed = True
        elif tag in ("testsuite", "testsuites"):
            self.failed = self.failed or any(
                attributes.get(name, "0") not in ("", "0") for name in ("failures", "errors")
            )


def _xml(data: bytes) -> TestReport:
    seen = _Xml()
    seen.parser.Parse(data, True)
    if seen.root in ("testsuite", "testsuites"):
        return TestReport(_verdict(failed=seen.failed, passed=seen.cases > seen.skipped))
    if seen.root == "coverage" and seen.line_rate is not None:
        return TestReport(coverage=_percent(float(seen.line_rate) * 100))
    return UNKNOWN


def _json(report: Mapping[str, object]) -> TestReport:
    coverage = _percent(report.get("coverage"))
    totals = report.get("totals")
    if coverage is None and isinstance(totals, dict):
        coverage = _percent(cast("dict[str, object]", totals).get("percent_covered"))
    return TestReport(_json_verdict(report), coverage)


def _json_verdict(report: Mapping[str, object]) -> bool | None:
    for name in ("tests_passed", "testsPassed"):
        if isinstance(said := report.get(name), bool):
            return said
    if isinstance(success := report.get("success"), bool) and "numPassedTests" in report:
        return _verdict(failed=not success, passed=_count(report, "numPassedTests") > 0)
    if isinstance(summary := report.get("summary"), dict):
        counts = cast("dict[str, object]", summary)
        # pytest: 1 is failed tests, 2 to 4 a broken run, 5 that nothing was collected.
        broken = _count(report, "exitcode") in range(1, 5)
        failed = broken or any(_count(counts, name) for name in ("failed", "error", "errors"))
        return _verdict(failed=failed, passed=_count(counts, "passed") > 0)
    return None


def _verdict(*, failed: bool, passed: bool) -> bool | None:
    return False if failed else True if passed else None


def _count(counts: Mapping[str, object], name: str) -> int:
    value = counts.get(name, 0)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _percent(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(float(value), 2) if 0 <= value <= 100 else None
