"""What merging by syntax for plain Git promises."""

PROMISES = {
    "merge-driver.plain-git": (
        "Plain git's merge, rebase, cherry-pick, revert and stash merge by syntax where git alone leaves a conflict.",
        "README, With plain Git",
    ),
    "merge-driver.clean-is-git": (
        "What git merges without a conflict is git's, byte for byte, and nothing of ours is started for it.",
        "README, With plain Git",
    ),
    "merge-driver.git-stands": (
        "Where the driver fails, is killed, hangs or is gone, git's own merge stands, and you are told.",
        "README, With plain Git",
    ),
    "merge-driver.attributes": (
        "Merge attributes of the project count before the driver, and settings of the user stay.",
        "docs/merging.md",
    ),
    "merge-driver.favour": (
        "-Xours and -Xtheirs mean with the driver what they mean without it.",
        "docs/merging.md",
    ),
    "merge-driver.warns": (
        "If it is set up with --check-clean, it warns where a file that git merged cleanly is broken.",
        "docs/merging.md",
    ),
    "merge-driver.leaves": (
        "init --no-merge-driver and uninstall take the driver out of the settings without a trace.",
        "README, With plain Git",
    ),
    "mergetool.edited": (
        "ai-vcs mergetool leaves a file alone that was changed by hand since git left it in conflict.",
        "README, With plain Git",
    ),
    "mergetool.stages-what-is-safe": (
        "ai-vcs mergetool stages only files whose result is clean and safe.",
        "README, With plain Git",
    ),
}
