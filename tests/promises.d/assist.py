"""Promises about asking a language model."""

PROMISES = {
    "assist.off": (
        "Nothing is sent unless somebody asks, and the target's settings or the editor's user allow it.",
        "issue 5.6",
    ),
    "assist.little-is-sent": (
        "A conflict's three versions and little around it are sent, never a whole file, within a limit.",
        "issue 5.6",
    ),
    "assist.secrets": (
        "Likely secrets are taken out before anything is sent; files that hold keys or are excluded never are.",
        "issue 5.6",
    ),
    "assist.one-place": (
        "A prompt goes to the one place that was named, encrypted or on this machine; no redirect is followed.",
        "issue 5.6",
    ),
    "assist.key": ("The key of an endpoint is neither stored nor logged nor shown.", "issue 5.6"),
    "assist.data-only": (
        "What stands in a conflict or an answer is data: it becomes no instruction of ours, command or other field.",
        "issue 5.6",
    ),
    "assist.guarded": (
        "What a model suggests goes through the guards of every merge, and on request through the team's checks.",
        "issue 5.6",
    ),
    "assist.suggests-only": (
        "A suggestion decides nothing until a person takes it or the target's settings let it be applied.",
        "issue 5.6",
    ),
    "assist.policy": (
        "Settings, the target's alone, apply only what is safe and with what every required check passes.",
        "issue 5.6",
    ),
    "assist.recorded": (
        "A suggestion that lands stands in the merge commit's metadata: model, prompt hash, rationale, who took it.",
        "issue 5.6",
    ),
    "assist.nothing-half": (
        "Refused, cancelled or killed, asking leaves a whole suggestion or none; what was answered is not asked again.",
        "issue 5.6",
    ),
}
