"""Promises of the ground floor, of storage and of the ledger."""

PROMISES = {
    "ids.vectors": ("Canonical bytes and ids are those of the published test vectors.", "issue 2.3"),
    "ids.no-floats": ("No float is ever hashed.", "issue 2.3"),
    "ids.commit-over-raw-bytes": (
        "A commit's id is BLAKE3 over its raw Git bytes, so every clone gives the same one.",
        "DESIGN 5",
    ),
    "config.unknown-key": (
        "An unknown key in ai-vcs.config.yaml is refused by its name and line, with the nearest known key.",
        "issue 2.3",
    ),
    "config.variables": (
        "Settings take ${VAR} and ${VAR:-default} from the environment; an unset one is named with its line.",
        "issue 2.3",
    ),
    "actors.key-on-first-use": (
        "An actor's key is made on first use, readable by its user alone, and two processes end with one key.",
        "issue 2.5",
    ),
    "actors.unsafe-key": ("A key file that others can read is refused with the way out.", "DESIGN 6.4"),
    "storage.contract": ("Stores in memory, SQLite, PostgreSQL and S3 behave alike.", "issue 3.7"),
    "storage.versions": (
        "A store made by a newer ANVCS is refused where it would be misread and not written where that would harm.",
        "issue 2.3",
    ),
    "storage.atomic": ("A transaction takes effect whole or not at all, by kill -9 too.", "DESIGN 6.1"),
    "storage.durable": ("What a finished transaction wrote is there after kill -9.", "DESIGN 6.1"),
    "storage.processes": ("Several processes write one store at once and nothing is lost.", "DESIGN 6.1"),
    "storage.full-disk": ("A full disk is reported in one sentence and changes nothing.", "DESIGN 6.1"),
    "storage.foreign-file": (
        "A database of another program, or a damaged one, is refused and left as it is.",
        "DESIGN 6.4",
    ),
    "storage.server-restart": (
        "A server that dies in the middle of a transaction loses nothing acknowledged and leaves nothing half.",
        "issue 3, faults",
    ),
    "storage.lost-answer": (
        "When the answer to a commit is lost, it is found out whether it happened, or said that it is not known yet.",
        "DESIGN 6.1",
    ),
    "storage.dead-writer": (
        "A writer that died frees a store in S3 by itself, and a late one cannot write over its successor.",
        "issue 3.7",
    ),
    "storage.orphans": ("What a lost transaction left in S3 is never read, and scrubbing removes it.", "issue 3.7"),
    "storage.costs": (
        "A transaction in S3 takes about as many requests in a large store as in a small one.",
        "issue 3.7",
    ),
    "storage.server-errors": (
        "A server that is down, too old, or refuses is named with the way out, and never with a password.",
        "DESIGN 6.4",
    ),
    "storage.sqlite-version": ("A SQLite that can corrupt shared databases is refused.", "issue 2.4"),
    "views.canonical": ("Views with equal content have equal roots, however they came about.", "DESIGN 2"),
    "views.small-copies": (
        "An operation on 10,000 names writes about as many parts of the view as one on ten.",
        "issue 2.5",
    ),
    "ledger.signed-operations": (
        "Every operation is signed by its actor in the published encoding, and any change to it is found.",
        "DESIGN 6.3",
    ),
    "ledger.one-transaction": (
        "An operation, its plan and its records are written together or not at all.",
        "DESIGN 4",
    ),
    "ledger.pending-survives": (
        "An operation that was prepared and not finished is still pending after kill -9, with its plan.",
        "issue 2.5",
    ),
    "ledger.foreign-change": (
        "An operation records the pointers as they truly were, so that others' changes in between can be seen.",
        "DESIGN 4",
    ),
    "ledger.purge": ("A private record can be purged from the disk, and the operation still verifies.", "DESIGN 5"),
    "ledger.later-encoding": (
        "Operations with fields of a later ANVCS keep their bytes, ids and signatures.",
        "issue 2.5",
    ),
}
