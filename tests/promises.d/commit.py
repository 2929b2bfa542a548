"""Promises about commits and the verbs around them."""

PROMISES: dict[str, tuple[str, str]] = {
    "add.shares-gits-index": ("ai-vcs add and git add stage in one index.", "issue 2.5"),
    "commit.amend-keeps-the-change": ("An amended commit keeps its change id and author.", "DESIGN 2, change"),
    "commit.hooks-as-git-runs-them": ("A failing hook's words are shown and nothing is changed.", "issue 2.5"),
    "commit.id-over-raw-bytes": ("Every clone gives a commit the same id, with no notes at hand.", "DESIGN 5"),
    "commit.leaves-the-index-bits": (
        "Skip-worktree, assume-unchanged and intent-to-add bits stay as they were.",
        "issue 2.5",
    ),
    "commit.loser-rebuilds": (
        "The loser of a race rebuilds its paths on the new tip, so the winner's files stay.",
        "DESIGN 4, publish",
    ),
    "commit.many-writers": ("Several processes commit at once and nothing is lost.", "DESIGN 6.1"),
    "commit.metadata-mirror": ("Metadata is mirrored under .ai/meta, excluded from Git.", "DESIGN 5"),
    "commit.no-verify-is-recorded": ("Skipped hooks are recorded with the commit.", "issue 2.5"),
    "commit.ordinary-git-commit": (
        "A commit is an ordinary Git commit: Git's author, the agent as co-author, two trailers.",
        "issue 2.5",
    ),
    "commit.provenance-in-notes": ("Plain git log shows why a commit was made.", "issue 2, purpose"),
    "commit.record-verified": ("A record that does not match its trailer is shown as a mismatch.", "DESIGN 5"),
    "commit.secrets-redacted": ("Likely secrets are redacted before anything is stored.", "DESIGN 6.5"),
    "commit.signing-settings": ("Git's commit signing settings are honoured.", "DESIGN 6.7"),
    "commit.takes-every-change": ("With nothing staged, a commit takes every change.", "DESIGN 4, commit"),
    "commit.takes-paths-as-saved": ("Paths are taken exactly as they are saved.", "DESIGN 4, commit"),
    "commit.takes-what-is-staged": ("Without paths, a commit takes what is staged.", "DESIGN 4, commit"),
    "index.only-our-own-stale-lock": ("A stale index.lock is removed only if it is provably ours.", "DESIGN 4"),
    "init.foreign-commits-readable": ("Foreign commits are readable, with empty metadata.", "issue 2.5"),
    "init.survives-kill": (
        "After kill -9 at any step of init the next one goes on, and uninstall takes back all that was added.",
        "issue 3, faults",
    ),
    "init.rewrites-nothing": ("init leaves history, refs, index and files as they are.", "issue 2.5"),
    "input.handled-or-refused": (
        "Unusual repositories and files are handled as git's users expect, or refused with nothing changed.",
        "issue 2, bad input",
    ),
    "notes.survive-plain-rebase": ("Provenance survives plain git rebase and amend.", "DESIGN 5, notes"),
    "objects.durable": ("Git objects are durable before anything points at them.", "DESIGN 4, publish (a)"),
    "publish.full-disk": ("A disk that refuses is a sentence with a way out; nothing is half done.", "DESIGN 6.1"),
    "publish.survives-kill": (
        "After kill -9 before any step, refs, ledger and index are as before or as after.",
        "issue 2, done when",
    ),
    "show.by-any-name": ("A commit is found by its BLAKE3 id, change id, a prefix, or any Git revision.", "issue 2.5"),
    "uninstall.leaves-ordinary-git": (
        "uninstall exports, then removes every ref, setting, exclude line and file of ours.",
        "issue 2.2",
    ),
}
