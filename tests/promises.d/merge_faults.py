"""Promises about merges of what is odd, deep or large."""

PROMISES = {
    "merge.odd-texts": (
        "Bytes that are no UTF-8, NULs, UTF-16, byte order marks and mixed line ends are merged as git does, or asked.",
        "issue 5, faults",
    ),
    "merge.deep": (
        "However deeply a text is nested, a merge ends in time and without a crash, with git's lines.",
        "issue 5, faults",
    ),
    "merge.large": (
        "Ten thousand changed files and files of fifty megabytes are merged in bounded time and memory.",
        "issue 5, faults",
    ),
}
