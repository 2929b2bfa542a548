"""Promises about resources, and about what breaks between files."""

PROMISES = {
    "resources.ids": (
        "A resource keeps its id through renames and moves, the same for all who go through the same history.",
        "issue 5.5",
    ),
    "resources.ids-stay": (
        "Ids are kept from process to process: what was renamed and moved in many commits has the id it began with.",
        "issue 5.5",
    ),
    "resources.between-files": (
        "A name that one side of a merge renames or removes and the other newly uses in any file is reported.",
        "issue 5.4",
    ),
    "resources.conflicts": (
        "Where another stream changes what you change, or what your changes depend on, is shown before anyone merges.",
        "issue 5.5",
    ),
    "resources.live": (
        "What is saved in other worktrees or typed in their rooms counts before it is committed.",
        "issue 5.5",
    ),
    "resources.while-typing": (
        "An editor is told where others meet what is typed, without being asked and without waiting.",
        "issue 5.5",
    ),
}
