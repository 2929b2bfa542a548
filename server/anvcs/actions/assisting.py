"""Which language model may be asked here, and what the doctor says of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from anvcs.errors import AssistOffError, ConfigError, UntrustedError
from anvcs.provenance.redaction import redact_text

if TYPE_CHECKING:
    from anvcs.actions.caller import Caller
    from anvcs.assist.model import Provider
    from anvcs.config import Assist

Wanted = Literal["endpoint", "editor"]
_SET = "Set merge.assist.url and merge.assist.model in ai-vcs.config.yaml, or let your editor's own model be asked."


def provider(caller: Caller, settings: Assist, wanted: Wanted | None) -> Provider:
    """The model to ask: the one that is wanted, else the editor's, else that of the settings.

    Raises AssistOffError where there is none, UntrustedError, ConfigError.
    """
    found = _offered(caller, settings, wanted)
    if not caller.trusted:
        raise UntrustedError(
            f"Asking would send code of this repository to {found.place}, and its workspace is not trusted.",
            "Trust the workspace in your editor, or run ai-vcs in a terminal, if you trust who wrote its settings.",
        )
    return found


def where(caller: Caller, settings: Assist, wanted: Wanted | None) -> tuple[str, str]:
    """Where a prompt would go, and to which model; both empty where nobody may be asked. Raises nothing."""
    try:
        found = _offered(caller, settings, wanted)
    except (AssistOffError, ConfigError):
        return "", ""
    return found.place, found.model


def describe(caller: Caller, settings: Assist) -> str:
    """Whether somebody may be asked, in a sentence. Raises ConfigError where the settings are wrong."""
    if not settings.url:
        return "No language model is asked about conflicts: merge.assist.url is not set."
    from anvcs.assist import endpoint

    address = endpoint.address(settings.url)
    if not settings.model:
        raise _no_model()
    name = settings.key_env
    key = f" with the key in {name}" if name else " without a key"
    missing = " (which is not set here)" if name and not caller.env.get(name) else ""
    policy = "applied if they are safe and pass" if settings.apply == "safe" else "never applied without a person"
    return (
        f"When somebody asks, {settings.model} at {address.place} is told about conflicts{key}{missing}; "
        f"its suggestions are {policy}."
    )


def _offered(caller: Caller, settings: Assist, wanted: Wanted | None) -> Provider:
    own = caller.editor_model if settings.editor else None
    if wanted != "endpoint" and own is not None:
        return own
    if wanted == "editor":
        why = "The team's settings do not let it (merge.assist.editor)." if caller.editor_model is not None else ""
        raise AssistOffError(f"The editor's own language model cannot be asked. {why}".rstrip(), _SET)
    if not settings.url:
        raise AssistOffError("No language model is set up to be asked here, so nothing was sent.", _SET)
    if not settings.model:
        raise _no_model()
    # Not before it is needed: it brings the standard library's HTTP and TLS.
    from anvcs.assist import endpoint

    return endpoint.Endpoint(
        endpoint.address(settings.url),
        settings.model,
        endpoint.key_of(caller.env, settings.key_env),
        clean=lambda text: redact_text(text)[0],
    )


def _no_model() -> ConfigError:
    return ConfigError("merge.assist.url is set, but merge.assist.model is not.", "Name one of its models.")
