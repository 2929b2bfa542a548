"""Finds likely secrets in text.

It is detect-secrets with its structured tokens, keyword assignments and URLs with passwords, but not its entropy
checks, which take Git ids, UUIDs and lock-file hashes for secrets. It is used by its patterns, since its own scanner
says only that a line has a secret, not where. Importing it takes a quarter of a second, so that happens only for a text
that has one of the marks its patterns need. Beside it are patterns for what it misses.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, cast

MARKER = "[redacted: "
"""How every marker begins; what follows is what the secret looked like, and ``]``."""
WINDOW = 1024
"""Characters looked at together: some patterns take quadratic time, and lines of 100 kB are pasted."""
OVERLAP = 256
"""Characters that two windows of one line share."""


class Span(NamedTuple):
    """A likely secret: where it is and what it looks like."""

    start: int
    end: int
    kind: str


class Pattern(NamedTuple):
    """One shape of secret."""

    kind: str
    regex: re.Pattern[str]
    group: int = 0
    """The group that holds the secret; 0 for the whole match, which then is no secret in the midst of a word."""
    exact: bool = False
    """A longer word is another thing; else the secret goes on to the word's end."""
    accept: Callable[[str], bool] = bool


def find(text: str) -> list[Span]:
    """The likely secrets in a text, in order and without overlap."""
    # What a marker says ("... Key]") must not make a secret of what follows it.
    text = _MARKED.sub(lambda marker: _MASK * len(marker[0]), text)
    lowered = text.lower()
    found = list(_private_keys(text)) if "private" in lowered else []
    own = [pattern for mark, pattern in _OWN if mark in lowered]
    needed = may_need_detector(text)
    if own or needed:
        for start, window in _windows(text):
            found += _matches(text, start, window, own)
            if needed and _may_hold_token(window):
                found += _matches(text, start, window, _detectors()[0])
            if needed and _may_hold_keyword(window):
                found += _matches(text, start, window, _detectors()[1])
    return _joined(found)


def may_need_detector(text: str) -> bool:
    """Whether detect-secrets could find anything in the text; no is certain, yes is not."""
    return _may_hold_token(text) or _may_hold_keyword(text)


def _may_hold_token(text: str) -> bool:
    lowered = text.lower()
    return any(mark in lowered for mark in _MARKS) or any(shape.search(text) for shape in _SHAPES)


def _may_hold_keyword(text: str) -> bool:
    lowered = text.lower()
    roots = any(root in lowered for root in _ROOTS)
    return roots and _QUOTE.search(text) is not None and _KEYWORD.search(text) is not None


def _windows(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        for offset in range(0, max(1, len(line) - OVERLAP), WINDOW - OVERLAP):
            yield start + offset, line[offset : offset + WINDOW]
        start += len(line)


def _matches(text: str, start: int, window: str, patterns: Sequence[Pattern]) -> Iterator[Span]:
    for pattern in patterns:
        for match in pattern.regex.finditer(window):
            first, last = match.span(pattern.group)
            span = (
                _whole_word(text, start + first, start + last, pattern)
                if pattern.group == 0
                else (start + first, start + last)
            )
            if span is None:
                continue
            secret = text[span[0] : span[1]]
            if secret.strip(_MASK) and pattern.accept(secret):
                yield Span(*span, pattern.kind)


def _whole_word(text: str, first: int, last: int, pattern: Pattern) -> tuple[int, int] | None:
    # Some patterns take in the quote, space or sign around the token.
    while first < last and text[first] in _AROUND:
        first += 1
    while first < last and text[last - 1] in _AROUND:
        last -= 1
    if first > 0 and text[first - 1].isalnum():
        return None
    word = _WORD.match(text, last)
    end = word.end() if word else last
    return None if pattern.exact and end > last else (first, end)


def _private_keys(text: str) -> Iterator[Span]:
    footers = [(match.start(), match.end()) for match in _KEY_ENDS.finditer(text)]
    done = 0
    for header in _KEY_BEGINS.finditer(text):
        first, end = header.span()
        if first < done:
            continue
        below = bisect.bisect_left(footers, (end, end))
        if below < len(footers):
            done = footers[below][1]
        elif (body := _KEY_BODY.match(text, end)) is not None and body.end() > end:
            done = body.end()
        else:
            continue
        yield Span(first, done, "Private Key")


def _joined(found: list[Span]) -> list[Span]:
    """In order; those that overlap become one, called what its first part looked like."""
    joined: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if joined and span.start < joined[-1].end:
            joined[-1] = joined[-1]._replace(end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _is_random_word(secret: str) -> bool:
    return any(any(char.isdigit() for char in run) for run in re.findall(r"[A-Za-z0-9]{20,}", secret))


def _is_mixed(secret: str) -> bool:
    return _has_digit(secret) and secret != secret.lower() and secret != secret.upper()


def _has_digit(secret: str) -> bool:
    return any(char.isdigit() for char in secret)


def _is_given(secret: str) -> bool:
    """A value, not a placeholder such as ``${TOKEN}``, ``<token>``, ``{token}``, ``$TOKEN`` or ``*****``."""
    return (
        any(char.isalnum() for char in secret)
        and not secret.startswith("$")
        and (secret[0], secret[-1]) not in (("{", "}"), ("<", ">"), ("%", "%"))
    )


def _is_unquoted_value(secret: str) -> bool:
    """Letters and digits, and not code such as ``self.token2``."""
    mixed = _has_digit(secret) and any(char.isalpha() for char in secret)
    return mixed and _is_given(secret) and not _DOTTED_NAME.fullmatch(secret)


def _own(kind: str, regex: str, group: int = 0, accept: Callable[[str], bool] = bool) -> Pattern:
    return Pattern(kind, re.compile(regex, re.ASCII), group, accept=accept)


@functools.cache
def _detectors() -> tuple[tuple[Pattern, ...], tuple[Pattern, ...]]:
    """The patterns of detect-secrets: for tokens, and for values assigned to a keyword."""
    from detect_secrets.plugins import (
        artifactory,
        aws,
        azure_storage_key,
        cloudant,
        discord,
        github_token,
        gitlab_token,
        ibm_cloud_iam,
        ibm_cos_hmac,
        keyword,
        mailchimp,
        npm,
        openai,
        pypi_token,
        sendgrid,
        slack,
        softlayer,
        square_oauth,
        stripe,
        telegram_token,
        twilio,
    )

    whole = (github_token.GitHubTokenDetector, gitlab_token.GitLabTokenDetector)
    exact = (
        aws.AWSKeyDetector,
        discord.DiscordBotTokenDetector,
        mailchimp.MailchimpDetector,
        telegram_token.TelegramBotTokenDetector,
        twilio.TwilioKeyDetector,
    )
    # Loose shapes: a short prefix as of APDUResponse, and any long name after the word "key".
    accept: dict[type, Callable[[str], bool]] = {
        artifactory.ArtifactoryDetector: _has_digit,
        ibm_cloud_iam.IbmCloudIamDetector: _is_mixed,
    }
    grouped = (
        azure_storage_key.AzureStorageKeyDetector,
        cloudant.CloudantDetector,
        ibm_cos_hmac.IbmCosHmacDetector,
        npm.NpmDetector,
        openai.OpenAIDetector,
        pypi_token.PypiTokenDetector,
        sendgrid.SendGridDetector,
        slack.SlackDetector,
        softlayer.SoftlayerDetector,
        square_oauth.SquareOAuthDetector,
        stripe.StripeDetector,
    )
    tokens: list[Pattern] = []
    for detector in (*whole, *exact, *accept, *grouped):
        # Declared as abstract properties there, which hides their types.
        kind, regexes = cast("str", detector.secret_type), cast("Iterable[re.Pattern[str]]", detector.denylist)
        for regex in regexes:
            group = 0 if detector in whole else min(regex.groups, 1)
            tokens.append(Pattern(kind, regex, group, detector in exact, accept.get(detector, bool)))
    kind = cast("str", keyword.KeywordDetector.secret_type)
    assigned = keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP.items()
    return tuple(tokens), tuple(Pattern(kind, regex, group, accept=_is_given) for regex, group in assigned)


_MASK = "\x01"
_MARKED = re.compile(re.escape(MARKER) + r"[^\[\]\n]{1,40}\]")
_AROUND = " \t\r\n=:\"'"
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_KEY_BEGINS = re.compile(r"-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-\d")
_KEY_ENDS = re.compile(r"-{4,5} ?END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-(?:MAC|Hash): *\w+")
# A block that was cut off: lines of base64, where a line may end in an escaped newline.
_KEY_BODY = re.compile(r"(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,}(?![A-Za-z0-9+/=]))*")

_MARKS = (
    *("a3t", "abia", "acca", "akia", "asia", "aws", "accountkey=", "cloudant", "softlayer"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "gr1348941", "glcbt-"),
    *("glimt-", "glptt-", "glagent-", "gloas-", "-us", ":_authtoken=", "t3blbkfj", "pypi-age", "sg."),
    *("xox", "hooks.slack.com", "sq0csp-", "k_live_"),
)
"""Without one of these, in lower case, most patterns of detect-secrets match nothing."""
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"AKC[a-zA-Z0-9]{10}|AP[\dABCDEF][a-zA-Z0-9]{8}",
        r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
        r"\d:[0-9A-Za-z_-]{35}",
        r"(?:AC|SK)[a-z0-9]{32}",
        r"(?i:key|pwd|pw|pass|password|token)[\"']?\]? *[=:> ][=:> ]*[\"']?[A-Za-z0-9_\-]{24}",
    )
)
"""What the patterns without such a mark need."""
_ROOTS = ("key", "pass", "pwd", "secret", "contrase")
_QUOTE = re.compile(r"[\"'`]")
_KEYWORD = re.compile(
    r"(?:api|auth|service|account|db|database|priv|private|client)_?key|(?:db|database|key)_?pass"
    r"|password|passwd|pwd|secret|contrase[nñ]a",
    re.IGNORECASE,
)

_NAME = r"(?i:password|passwd|passphrase|pwd|secret|token|(?:api|auth|access|private|secret|client)[_-]?key)(?:_\w*)?"
_OWN = (
    ("sk-ant-", _own("Anthropic API Key", r"sk-ant-[A-Za-z0-9_-]{20,}")),
    ("sk-", _own("API Key", r"sk-[A-Za-z0-9_-]{20,}", accept=_is_random_word)),
    ("aiza", _own("Google API Key", r"AIza[0-9A-Za-z_-]{35}")),
    ("github_pat_", _own("GitHub Token", r"github_pat_[A-Za-z0-9_]{22,}")),
    ("hf_", _own("Hugging Face Token", r"hf_[A-Za-z0-9]{30,}")),
    ("npm_", _own("NPM Token", r"npm_[A-Za-z0-9]{36}")),
    ("xox", _own("Slack Token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}", accept=_has_digit)),
    ("eyj", _own("JSON Web Token", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]+)?")),
    ("://", _own("Basic Auth Credentials", r"://[^\s/:@?#\"'<>]*:([^\s/@\"'<>]+)@", 1, _is_given)),
    (
        "authorization",
        _own(
            "Authorization Header",
            r"(?i:authorization)[\"']?\s*[:=]\s*[\"']?(?i:bearer|basic|token)\s+([A-Za-z0-9._~+/=-]{8,})",
            1,
            _has_digit,
        ),
    ),
    (
        "=",
        _own(
            "Secret Keyword",
            rf"{_NAME}=([^\s'\"`<>{{}}()\[\],;&|]{{6,}})(?=$|[\s'\"`,;&|)}}\]])",
            1,
            _is_unquoted_value,
        ),
    ),
    (
        ": ",
        _own("Secret Keyword", rf"^[\s-]*\w*{_NAME}: +([^\s'\"`<>{{}}()\[\],;&|]{{6,}})\s*$", 1, _is_unquoted_value),
    ),
)
"""Patterns of our own by a mark that they need."""
