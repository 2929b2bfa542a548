"""Sealed segments, lost databases, and several clones with one history."""

PROMISES = {
    "segments.chain": (
        "Finished operations are sealed in segments that follow each other, each vouched for by the next.",
        "DESIGN 5, issue 3.1",
    ),
    "segments.finished-only": ("An operation is sealed only once it has ended.", "DESIGN 5, issue 3.1"),
    "segments.round-trip": (
        "A ledger made anew from its segments has the same operations, outcomes, views and indexes, byte for byte.",
        "DESIGN 5, issue 3.1",
    ),
    "segments.off-the-hot-path": (
        "Operations are sealed after the reply: when there are many, or when one is an hour old.",
        "ARCHITECTURE",
    ),
    "segments.crash": ("A process killed at any step of sealing loses nothing and doubles nothing.", "issue 3, faults"),
    "ledger.rebuilt": (
        "A ledger deleted, truncated or overwritten is made anew from its sealed segments; what is lost is named.",
        "issue 3, faults",
    ),
    "cache.rebuilt": ("A deleted or damaged cache is built again without a word.", "issue 3, faults"),
    "team.exchange": (
        "After both have synced, every operation of each clone is in the other's ledger, verified and attributed.",
        "issue 3.7",
    ),
    "team.survives-kill": (
        "After kill -9 at any step of an exchange the next one makes up for it; nothing is lost or sent twice.",
        "issue 3, faults",
    ),
    "team.opt-in": ("No operation leaves a clone unless a place is set or named.", "issue 3.7"),
    "team.conflict": (
        "A stream that two clones moved two ways is shown as conflicted, the other value kept or named as not fetched.",
        "issue 3.7, DESIGN 2",
    ),
    "team.conflict-resolves-itself": ("A commit that descends from both values ends the conflict.", "issue 3.7"),
    "team.resolve": (
        "A conflicted stream is resolved by one signed operation, and the other clones do not raise it again.",
        "issue 3.7",
    ),
    "team.copy": (
        "A copied clone, or one restored from an older state, becomes a replica of its own at its first sync.",
        "ARCHITECTURE",
    ),
    "team.stores": ("A store exchanges operations as a Git remote does.", "issue 3.7"),
    "team.week-offline": (
        "After a week offline on clocks that disagree, both ledgers have all operations in the order of their chains.",
        "issue 3.7",
    ),
}
