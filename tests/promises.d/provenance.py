"""Promises of provenance and of the notes that carry it."""

PROMISES = {
    "provenance.metadata-checked": (
        "Every metadata field is checked, and a wrong one is refused by a sentence that names it.",
        "issue 2.5",
    ),
    "provenance.unknown-fields-kept": ("Metadata fields that are not known are kept under extra.", "issue 2.5"),
    "provenance.report-fills-tests": ("A test report alone says whether the tests passed.", "issue 2.7"),
    "provenance.secrets-redacted": (
        "Likely secrets in metadata are replaced by a marker that says so before anything is stored.",
        "issue 2.5, DESIGN 6.5",
    ),
    "provenance.ids-not-redacted": (
        "Git ids, BLAKE3 ids, UUIDs, lock-file hashes and code are not taken for secrets.",
        "issue 2.5",
    ),
    "provenance.one-value-purged": ("One value of a record can be purged and the rest still verifies.", "DESIGN 5"),
    "provenance.record-vectors": ("Records hash as the published test vectors say.", "issue 2.3, DESIGN 5"),
    "provenance.mirror": (
        ".ai/meta holds the last 100 commits' metadata, can be rebuilt, and fails no commit.",
        "DESIGN 5",
    ),
    "provenance.mirror-stays-inside": ("The mirror follows no symbolic link out of the work tree.", "DESIGN 6.4"),
    "notes.none-lost": ("Several processes that write notes at once lose none of them.", "issue 2.5, DESIGN 5"),
    "notes.git-overwrites-are-put-back": (
        "What `git notes` overwrites while we write is still in the ref's log and can be put back.",
        "DESIGN 5",
    ),
    "notes.every-fan-out": (
        "Notes are read in every fan-out; a write leaves one spelling of its key and nothing else is touched.",
        "DESIGN 5",
    ),
    "notes.git-agrees": ("`git log --notes`, `git notes` and `git fsck --strict` agree with our writer.", "issue 2"),
    "notes.merge-keeps-lines": ("`git notes merge -s cat_sort_uniq` of two clones keeps every line whole.", "DESIGN 5"),
    "notes.rebase-is-ancestry": (
        "After a plain `git rebase` a note names the old commit as ancestry; evidence counts only for an equal tree.",
        "DESIGN 5",
    ),
}
