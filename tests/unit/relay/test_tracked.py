"""What the disk bridge knows of a file."""

from __future__ import annotations

from anvcs.relay.fileio import FRESH, Seen
from anvcs.relay.tracked import Tracked


def test_a_file_that_looks_cut_off_is_given_time_though_its_own_times_are_old() -> None:
    tracked = Tracked("room", "a.txt", ())
    emptied, going_on = Seen(b"", 7, 0, 1), Seen(b"x", 7, 0, 2)
    assert tracked.goes_on(emptied, 100.0)
    assert tracked.goes_on(emptied, 100.0 + FRESH - 0.01)
    # It was written on: the time begins anew.
    assert tracked.goes_on(going_on, 100.0 + FRESH)
    assert tracked.goes_on(going_on, 100.9 + FRESH)
    assert not tracked.goes_on(going_on, 100.0 + 2 * FRESH)
