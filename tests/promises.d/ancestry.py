"""What questions about ancestors promise."""

PROMISES = {
    "ancestry.exact": (
        "Which commit reaches which, and their best common ancestors, are told as sets of reachable commits tell them.",
        "issue 3, Done when",
    ),
    "ancestry.agrees-with-git": (
        "Ancestors and merge bases are git's, indexed or not, whatever was committed, replaced or cut off since.",
        "issue 3, Done when",
    ),
}
