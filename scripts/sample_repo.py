"""A sample repository with a history worth looking at: one person with plain git, two agents with ANVCS, a merge."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scripts.toolchain import SetUpError, clean_environment

PERSON = {"user.name": "Maren Holt", "user.email": "maren@example.org"}

README = """\
# tide-table

Prints when it is high water. Heights are in metres above chart datum.
"""

MODEL = '''\
"""Tides as a sum of harmonic constituents."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Constituent:
    """One harmonic: amplitude in metres, speed in degrees an hour, phase in degrees."""

    amplitude: float
    speed: float
    phase: float


def height(constituents: list[Constituent], hours: float) -> float:
    """The height in metres, hours after the epoch."""
    return sum(c.amplitude * math.cos(math.radians(c.speed * hours - c.phase)) for c in constituents)
'''

STATIONS = '''\
"""Stations and where their constituents come from."""

import csv
from pathlib import Path

from tide_table.model import Constituent


def read_station(path: Path) -> list[Constituent]:
    """The constituents of one station file; refuses a file with a missing column."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"amplitude", "speed", "phase"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: missing column {', '.join(sorted(missing))}")
        return [Constituent(*(float(row[name]) for name in ("amplitude", "speed", "phase"))) for row in rows]
'''

EXTREMES = '''\
"""High and low water: where the height stops rising or falling."""

from tide_table.model import Constituent, height


def high_waters(constituents: list[Constituent], first: float, last: float, step: float = 0.1) -> list[float]:
    """The hours of high water between two hours, to the nearest step."""
    found, hours = [], first + step
    while hours < last:
        before, now, after = (height(constituents, hours + shift) for shift in (-step, 0, step))
        if before < now >= after:
            found.append(round(hours, 3))
        hours += step
    return found
'''

REFINE = '''

def refine(constituents: list[Constituent], hours: float, width: float = 0.1) -> float:
    """The hour of the extreme near a guess, by golden-section search, to a second."""
    ratio = 0.6180339887498949
    low, high = hours - width, hours + width
    while high - low > 1 / 3600:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if height(constituents, left) > height(constituents, right):
            high = right
        else:
            low = left
    return (low + high) / 2
'''

TESTS = """\
from tide_table.model import Constituent, height


def test_a_single_constituent_peaks_at_its_phase():
    assert height([Constituent(2.0, 30.0, 60.0)], 2.0) == 2.0
"""

CLI = '''\
"""The command line: `python -m tide_table station.csv`."""

import sys
from pathlib import Path

from tide_table.extremes import high_waters, refine
from tide_table.stations import read_station


def main() -> None:
    """Print today's high waters of one station."""
    constituents = read_station(Path(sys.argv[1]))
    for hours in high_waters(constituents, 0, 24):
        exact = refine(constituents, hours)
        print(f"{int(exact):02}:{int(exact % 1 * 60):02}")


if __name__ == "__main__":
    main()
'''

HARBOUR = """\
name,amplitude,speed,phase
M2,1.34,28.984,112.0
S2,0.42,30.0,160.5
N2,0.27,28.44,88.3
"""


@dataclass(frozen=True)
class Agent:
    """An agent as it names itself in its commits."""

    name: str
    model: str


DRAFTER = Agent("agent:drafter", "claude-opus-4-5")
CHECKER = Agent("agent:checker", "gpt-5-codex")


@dataclass
class _Writer:
    """Writes the history, one commit an hour or so after the other, apart from the user's own git settings."""

    folder: Path
    ai_vcs: Path
    env: Mapping[str, str]
    now: datetime

    def git(self, *args: str) -> None:
        """Run plain git, as the person."""
        self._run(["git", *args])

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, whole."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def by_person(self, message: str, files: Mapping[str, str]) -> None:
        """A commit made with plain git."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def by_agent(
        self, agent: Agent, message: str, prompt: str, files: Mapping[str, str], tests: Sequence[str] = ()
    ) -> None:
        """A commit made with ANVCS, saying which agent made it, why, and how the tests went."""
        self.write(files)
        said = ["--prompt", prompt, "--model", agent.model, "--agent", agent.name, *tests]
        self._run([str(self.ai_vcs), "commit", "-m", message, *said])

    def anvcs(self, *args: str) -> None:
        """Run another ANVCS command."""
        self._run([str(self.ai_vcs), *args])

    def _run(self, argv: list[str]) -> None:
        self.now += timedelta(minutes=47)
        date = self.now.isoformat()
        env = {**self.env, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        done = subprocess.run(
            argv, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            raise SetUpError(f"The sample repository could not be made: {' '.join(argv[:3])} said:\n{said}")


def make_sample(folder: Path, ai_vcs: Path, config: Path) -> None:
    """Make the sample repository in a folder that is not there yet; the agents' keys go to a folder of their own."""
    folder.mkdir(parents=True)
    env = {name: value for name, value in clean_environment().items() if not name.startswith("GIT_")}
    env |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CONFIG_HOME": str(config),
        "XDG_STATE_HOME": str(config),
    }
    # The steps together take half a day, so the last one lies some hours back.
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    _history(_Writer(folder, ai_vcs, env, start))


def _history(writer: _Writer) -> None:
    writer.git("init", "--quiet", "--initial-branch", "main")
    # The person's identity stays in the sample, so that commits from the editor work on a fresh machine.
    for name, value in PERSON.items():
        writer.git("config", name, value)
    package = "src/tide_table"
    writer.by_person("Tides as a sum of constituents", {"README.md": README, f"{package}/model.py": MODEL})
    writer.by_person("Test a single constituent", {"tests/test_model.py": TESTS})
    writer.anvcs("init")
    writer.by_agent(
        DRAFTER,
        "Read stations from CSV files",
        "Add read_station(path) that turns a CSV of amplitude, speed and phase into Constituents. "
        "Name the missing column when there is one.",
        {f"{package}/stations.py": STATIONS},
    )
    writer.git("switch", "--quiet", "--create", "high-water")
    writer.by_agent(
        CHECKER,
        "Find high waters by stepping through the day",
        "Find the times of high water between two hours. A tenth of an hour is exact enough for now.",
        {f"{package}/extremes.py": EXTREMES},
        ["--tests-failed"],
    )
    writer.git("switch", "--quiet", "main")
    writer.by_person("Add the harbour's own station", {"stations/harbour.csv": HARBOUR})
    writer.git("switch", "--quiet", "high-water")
    writer.by_agent(
        CHECKER,
        "Refine high water to the second",
        "Six minutes off is too much for the lock keeper. Refine each high water with a golden-section search.",
        {f"{package}/extremes.py": EXTREMES + REFINE},
        ["--tests-passed", "--coverage", "91.5"],
    )
    writer.git("switch", "--quiet", "main")
    writer.git("merge", "--quiet", "--no-ff", "--message", "Merge high-water", "high-water")
    writer.by_agent(
        DRAFTER,
        "Print today's high waters",
        "Make `python -m tide_table station.csv` print the high waters of the day as HH:MM.",
        {f"{package}/__main__.py": CLI},
        ["--tests-passed", "--coverage", "88"],
    )
    writer.git("switch", "--quiet", "--create", "low-water")
    low = EXTREMES + REFINE.replace("extreme near", "high water near")
    writer.by_agent(
        CHECKER, "Say which extreme refine finds", "refine only finds maxima: say so.", {f"{package}/extremes.py": low}
    )
    writer.git("switch", "--quiet", "main")
    writer.by_person("Say how to run it", {"README.md": README + "\n    python -m tide_table stations/harbour.csv\n"})
    # Left uncommitted on purpose: something to commit on the first visit.
    writer.write(
        {f"{package}/model.py": MODEL.replace("hours after the epoch", "hours after midnight UTC of the epoch")}
    )
