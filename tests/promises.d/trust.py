"""What is promised about verifying, replaying, letting go of and repairing what we keep."""

PROMISES = {
    "verify.names-what-is-wrong": (
        "verify names every altered operation, signature, view, record, note, key, segment and commit, nothing else.",
        "issue 3.8",
    ),
    "audit.checkable-alone": ("Ids, chain and signatures of the audit log can be checked from its lines.", "issue 3.8"),
    "audit.json-lines": ("audit writes JSON lines, one operation each, page by page.", "issue 3.8"),
    "replay.same-again": (
        "Green operations give the same again; a tampered input gives another result, another engine none.",
        "issue 3.10",
    ),
    "du.matches-disk": ("What du says is what is on the disk.", "issue 3.9"),
    "gc.frees": ("Commits that only compacted operations name are left to git's collector.", "issue 3.9"),
    "gc.keeps": ("Checkpoints with all they point at, and what is not pushed yet, stay whole.", "issue 3.9"),
    "gc.refused-plainly": ("What is compacted is refused with a sentence, never taken for damage.", "issue 3.9"),
    "gc.survives-kill": ("A gc killed at any step loses nothing and is finished by the next.", "issue 3, faults"),
    "purge.everywhere": ("A purged value is in no byte that we keep, and everything still verifies.", "issue 3.9"),
    "purge.one-operation": ("A purge is one signed operation that names root and field, not the value.", "issue 3.9"),
    "purge.survives-kill": ("A purge killed at any step is finished by doing it again.", "issue 3, faults"),
    "purge.never-brought-back": ("No fetched copy brings a purged value back.", "issue 3.9"),
    "doctor.repairs": (
        "The doctor repairs indexes, our stale locks, orphans, notes, hooks and settings; others' locks stay.",
        "issue 3.8",
    ),
}
