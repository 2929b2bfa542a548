"""What exchange with other repositories promises."""

PROMISES = {
    "remote.mode-is-kept": (
        (
            "No object of a remote contains a prompt that provenance.push did not let go: not after a change of "
            "the mode, of the remote's address, or of its notes; and what had left before is said."
        ),
        "issue 3.6, DESIGN 5",
    ),
    "remote.only-what-is-pushed": (
        (
            "Nothing leaves but the stream, the notes of its commits and the actor registry; "
            "logs leave for a set team only."
        ),
        "issue 3.6",
    ),
    "remote.no-note-is-lost": (
        (
            "When several clones write notes for the same and other commits and push in turn or at once, no line "
            "is lost."
        ),
        "issue 3.6",
    ),
    "remote.fast-forward-only": (
        "A push never drops a commit of the remote's; it says whose they are.",
        "issue 3.6",
    ),
    "remote.pre-push-hook": (
        "The pre-push hook sees everything that is pushed and can refuse it.",
        "issue 3.6",
    ),
    "remote.transports": (
        "Push, pull and clone work over paths, file, http and ssh, as git's do.",
        "issue 3.6",
    ),
    "remote.credentials": (
        (
            "Credentials come from git's own helpers and askpass programs; without a terminal nothing waits for "
            "an answer, and no password is shown or recorded."
        ),
        "issue 3.6",
    ),
    "remote.progress-and-cancel": (
        ("A push, pull or clone reports how far it is and can be stopped, with nothing half done here or there."),
        "issue 3.6",
    ),
    "remote.pull-is-safe": (
        (
            "A pull moves stream, index and files together, and refuses, before it touches anything, where work "
            "that is not committed would be in the way."
        ),
        "issue 3.6, DESIGN 6.1",
    ),
    "remote.pull-merges-or-refuses": (
        (
            "Where both sides went on, a pull makes a merge commit if nothing conflicts and the settings allow "
            "it; else it names the files and the way out and changes nothing."
        ),
        "issue 3.6",
    ),
    "remote.clone": (
        (
            "A clone has the metadata that was pushed; one that fails or is cancelled leaves nothing; a plain git "
            "clone of the same remote is an ordinary repository."
        ),
        "issue 3.6, DESIGN 6.2",
    ),
    "clone.survives-kill": (
        "A clone into a new folder appears whole or not at all, and after kill -9 the next one is in nobody's way.",
        "issue 3, faults",
    ),
    "init.push-setting-is-visible": (
        ("What a push sends of prompts is a versioned setting that init writes, and only hashes are sent without it."),
        "issue 3.6",
    ),
    "remote.dies-mid-push": (
        "A remote that dies in the middle of a push leaves both sides sound, and the next push completes it.",
        "issue 3, faults",
    ),
    "lsp.sharing-in-nobodys-way": (
        "While a push or pull waits for a remote, reading and committing are answered; it can be cancelled.",
        "issue 3.11, DESIGN 6.6",
    ),
}
