"""``ai-vcs.config.yaml``: what a team sets for its repository; read strictly, with variables from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from anvcs.config.reader import Command, Reader, Section, compose
from anvcs.errors import ConfigError

FILE_NAME = "ai-vcs.config.yaml"
"""Where it stands, in the root of the work tree."""

Place: TypeAlias = Literal["local", "s3", "ipfs", "nfs"]
"""Where artifacts can be kept."""
Share: TypeAlias = Literal["full", "hashes", "none"]
"""What a push may send of metadata: all of it, only salted hashes, or nothing."""
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]


class Agent(Section, frozen=True, kw_only=True):
    """The agent that works here when a command names none."""

    name: str | None = None
    model: str | None = None
    commit_policy: str | None = None


class Storage(Section, frozen=True, kw_only=True):
    """Where artifacts go."""

    mode: Literal["local", "remote", "hybrid"] = "local"
    primary: Place = "local"
    fallback: Place | None = None
    team: Literal["git", "postgres", "s3"] | None = None
    """Through what the clones of a team exchange their operations; not at all, if absent."""


class Team(Section, frozen=True, kw_only=True):
    """Where the team's operations are, by ``storage.team``."""

    remote: str | None = None
    """git: the remote; the current stream's, if absent."""
    dsn: str | None = None
    """postgres: its address, ``postgresql://...``."""
    schema: str | None = None
    """postgres: ``anvcs``, if absent."""
    bucket: str | None = None
    """s3: the bucket and where in it; the rest as in ``adapters.s3``."""
    prefix: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


class Blobs(Section, frozen=True, kw_only=True):
    """Which files are artifacts."""

    track: tuple[str, ...] = ()
    upload_on_commit: bool = True
    compress: bool = False


class S3(Section, frozen=True, kw_only=True):
    """An S3 bucket with versioning."""

    provider: str | None = None
    bucket: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    use_presigned: bool = False


class Ipfs(Section, frozen=True, kw_only=True):
    """An IPFS gateway and a pinning service."""

    gateway: str | None = None
    pinning_service: str | None = None
    api_token: str | None = None


class Nfs(Section, frozen=True, kw_only=True):
    """A mounted network folder."""

    mount_path: str | None = None


class Adapters(Section, frozen=True, kw_only=True):
    """How to reach each place."""

    s3: S3 = S3()
    ipfs: Ipfs = Ipfs()
    nfs: Nfs = Nfs()


class Provenance(Section, frozen=True, kw_only=True):
    """What leaves this repository of why commits exist."""

    push: Share = "hashes"


class Retention(Section, frozen=True, kw_only=True):
    """How long old things stay whole."""

    operations: Count = 90
    """Days after which ``gc`` compacts an operation."""
    proposals: Count = 90
    """Days after which ``gc`` keeps nothing but the events of a merge proposal that has ended."""


class Check(Section, frozen=True, kw_only=True):
    """A command that judges a tree by its exit code."""

    command: Command
    seconds: Positive = 600.0
    """After so long it counts as failed."""
    required: bool = True
    """Without it passing, nothing lands by itself."""
    retries: Count = 0
    """How often a failed run is repeated; what passes then is recorded as flaky."""
    affected: Command = ()
    """Runs before the command, to fail fast; ``{files}`` stands for the changed files."""


class Guards(Section, frozen=True, kw_only=True):
    """What is run on a merged tree in a scratch worktree, and what makes that worktree fit to run it."""

    setup: tuple[Command, ...] = ()
    setup_seconds: Positive = 1800.0
    """For all of setup."""
    cache_by: tuple[str, ...] = ()
    """Lock files: while they and the commands are the same, what setup made is used again."""
    ignored: tuple[str, ...] = ()
    """What Git does not track and the checks need, such as ``node_modules``; ``*`` and ``**`` stand for folders."""
    env: tuple[str, ...] = ()
    """Variables that commands get beside the safe ones: ``NAME`` as it is here, ``NAME=VALUE`` as given."""
    parallel: AtLeastOne = 2
    """How many checks run at a time."""
    output: AtLeastOne = 64
    """KiB that are kept of what a check prints: the end."""
    checks: Mapping[str, Check] = {}


class Assist(Section, frozen=True, kw_only=True):
    """A language model that may be asked how to decide a conflict; none, unless an address is given."""

    url: str | None = None
    """The base address of an endpoint with OpenAI's API for chat completions, such as ``https://api.openai.com/v1``."""
    model: str | None = None
    """Which of its models."""
    key_env: str | None = None
    """The environment variable that holds the key; no key is sent, if absent."""
    editor: bool = True
    """Whoever lets their editor's own model be asked may do so here."""
    seconds: Positive = 60.0
    """After so long there is no answer."""
    max_tokens: Count = 4096
    """The longest answer; 0 leaves it to the model."""
    context: AtLeastOne = 24
    """KiB that are sent at most for a conflict."""
    prompts: bool = True
    """What agents were asked is sent too, where it is recorded."""
    exclude: tuple[str, ...] = ()
    """Paths of which nothing is sent, as in ``.gitignore``, beside files that hold keys."""
    apply: Literal["never", "safe"] = "never"
    """never: a person applies a suggestion; safe: it is applied where no guard finds anything hard and all that is
    required under ``guards.checks`` passes."""


class Merge(Section, frozen=True, kw_only=True):
    """What a merge needs before it lands, beside the checks of ``guards``."""

    approvals: Count = 0
    """How many people other than its author must approve of the result."""
    keep_approvals: bool = False
    """An approval stays when the result changes, because a stream moved or a conflict was resolved."""
    versions: Literal["ask", "higher"] = "higher"
    """What becomes of a package's version that both sides raised: a person is asked, or the higher one stands."""
    assist: Assist = Assist()
    batch: AtLeastOne = 10
    """How many proposals of a merge queue are tested together; with 1 each result is tested by itself."""


class Config(Section, frozen=True, kw_only=True):
    """The whole file; a missing file, section or key means the defaults."""

    agent: Agent = Agent()
    storage: Storage = Storage()
    team: Team = Team()
    blobs: Blobs = Blobs()
    adapters: Adapters = Adapters()
    provenance: Provenance = Provenance()
    retention: Retention = Retention()
    guards: Guards = Guards()
    merge: Merge = Merge()


def load(path: Path, env: Mapping[str, str], needed: frozenset[str] | None = None) -> Config:
    """The settings in a file; the defaults if it is not there.

    ``${NAME}`` and ``${NAME:-default}`` in values are replaced from ``env``; ``$${`` stands for a literal ``${``. An
    empty value counts as absent. In sections that are not ``needed`` (None needs all) a variable may be unset: who
    commits need not have the credentials of a store. Raises ConfigError, naming the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path} cannot be read: {reason}.", "Make it a readable UTF-8 text file.") from error
    return parse(text, env, str(path), needed)


def parse(text: str, env: Mapping[str, str], name: str = FILE_NAME, needed: frozenset[str] | None = None) -> Config:
    """The settings in a text. Raises ConfigError as ``load`` does."""
    node = compose(text, name)
    return Config() if node is None or node.type == "null" else Reader(name, env, needed).struct(node, Config, "")
