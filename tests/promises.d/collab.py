"""Promises about working in rooms together."""

PROMISES = {
    "collab.start": (
        "After a start the relay runs, rooms are open, and a token lets any Yjs client in as its user only.",
        "issue 4, 8",
    ),
    "collab.start-refused": (
        "Where rooms are off nothing is started, and the way to switch them on is said.",
        "issue 4, 8",
    ),
    "collab.leave": (
        "Who leaves is out of every room at once and stays out until the next start; others go on.",
        "issue 4, 1",
    ),
    "collab.elsewhere": (
        "Who works on another stream or worktree is shown, with a warning where a file is changed here too.",
        "issue 4, 8",
    ),
    "collab.tail": ("Edits can be followed as they happen, each with who, how, where and what.", "issue 4, 8"),
    "collab.review": (
        "What others changed since the user last looked is shown by agent and task, with who else wrote there.",
        "issue 4, 9",
    ),
    "collab.revert": (
        "Taking back an actor's edits, all or one hunk, touches nothing of others and can be undone.",
        "issue 4, 9",
    ),
    "collab.playback": (
        "A file's text at any edit and every step to it can be shown, and what is not kept is named.",
        "issue 4, 3",
    ),
    "collab.changes-view": (
        "Agents' Changes shows in the side bar what was not looked at yet; each hunk can be kept or taken back there.",
        "issue 4, 9",
    ),
    "collab.playback-seen": (
        "A file is played back in the editor step by step, with who made each.",
        "issue 4, 9",
    ),
    "collab.join": (
        "What a program writes that runs in an agent's name is credited to the agent, as inferred; it knows its name.",
        "issue 4, 8",
    ),
    "collab.join-passes": (
        "A program that runs in an agent's name gets the signals and has its own input, output and exit code.",
        "issue 4, 8",
    ),
    "collab.agent-client": (
        "An agent in Python edits by range or unique text what it read, whatever others type meanwhile, as itself.",
        "issue 4, 8",
    ),
    "collab.agent-client-bounded": (
        "Every call of the Python client ends in the time that it was given, and says why it could do no more.",
        "issue 4, 8",
    ),
}
