"""``ai-vcs.config.yaml``: the seed's examples, variables, and everything that can be wrong in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from anvcs.config import FILE_NAME, S3, Agent, Blobs, Check, Config, Guards, Ipfs, Nfs, Storage, load, parse
from anvcs.errors import ConfigError

EXAMPLE = """
agent:
  name: "agent-synth-x"
  model: "gpt-4o"
  commit_policy: "task-complete"

storage:
  mode: hybrid
  primary: s3
  fallback: local

blobs:
  track:
    - "*.jpg"
    - "datasets/**/*.csv"
  upload_on_commit: true
  compress: true

adapters:
  s3:
    provider: aws
    bucket: "anvcs-artifacts"
    region: "eu-west-1"
    endpoint_url: "https://s3.eu-west-1.amazonaws.com"
    access_key_id: "${S3_KEY}"
    secret_access_key: "${S3_SECRET}"
  ipfs:
    gateway: "https://ipfs.io"
    pinning_service: "web3.storage"
    api_token: "${IPFS_TOKEN}"
  nfs:
    mount_path: "/mnt/anvcs_blobs"
"""

CODESPACES = """
storage:
  mode: hybrid
  primary: s3
  fallback: local
adapters:
  s3:
    bucket: ${AI_VCS_S3_BUCKET}
    region: ${AWS_REGION}
    endpoint_url: ${S3_ENDPOINT_URL:-}
    use_presigned: true
blobs:
  track: ["*.pt", "*.onnx"]
  upload_on_commit: true
  compress: true
"""


def test_the_example_means_what_it_says() -> None:
    config = parse(EXAMPLE, {"S3_KEY": "key", "S3_SECRET": "secret", "IPFS_TOKEN": "token"})
    assert config.agent == Agent(name="agent-synth-x", model="gpt-4o", commit_policy="task-complete")
    assert config.storage == Storage(mode="hybrid", primary="s3", fallback="local")
    assert config.blobs == Blobs(track=("*.jpg", "datasets/**/*.csv"), upload_on_commit=True, compress=True)
    assert config.adapters.s3 == S3(
        provider="aws",
        bucket="anvcs-artifacts",
        region="eu-west-1",
        endpoint_url="https://s3.eu-west-1.amazonaws.com",
        access_key_id="key",
        secret_access_key="secret",
    )
    assert config.adapters.ipfs == Ipfs(gateway="https://ipfs.io", pinning_service="web3.storage", api_token="token")
    assert config.adapters.nfs == Nfs(mount_path="/mnt/anvcs_blobs")


@pytest.mark.promise("config.variables")
def test_the_codespaces_example_takes_its_values_from_the_environment() -> None:
    config = parse(CODESPACES, {"AI_VCS_S3_BUCKET": "bucket", "AWS_REGION": "eu-west-1"})
    assert config.adapters.s3 == S3(bucket="bucket", region="eu-west-1", use_presigned=True)
    config = parse(CODESPACES, {"AI_VCS_S3_BUCKET": "b", "AWS_REGION": "r", "S3_ENDPOINT_URL": "http://minio:9000"})
    assert config.adapters.s3.endpoint_url == "http://minio:9000"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "null\n", "agent:\n", "agent: ~\nstorage: {}\n"])
def test_what_is_left_out_has_its_default(text: str) -> None:
    assert parse(text, {}) == Config()


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / FILE_NAME, {}) == Config()


def test_a_file_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text("agent: {name: größe}", encoding="utf-8")
    assert load(path, {}).agent.name == "größe"
    path.write_bytes("agent: {name: größe}".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


def test_an_error_names_the_file_it_is_in(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text("\nagnt: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert refused.value.message == f"{path}, line 2: agnt is not a known key."


@pytest.mark.promise("config.variables")
@pytest.mark.parametrize(
    ("written", "env", "value"),
    [
        ("${A}", {"A": "x"}, "x"),
        ("a${A}b${B}c", {"A": "1", "B": "2"}, "a1b2c"),
        ("${A:-d}", {"A": "x"}, "x"),
        ("${A:-d}", {}, "d"),
        ("${A:-d}", {"A": ""}, "d"),
        ("${A:-}", {}, None),
        ("${A}", {"A": ""}, None),
        ("${A:-http://h:1/}", {}, "http://h:1/"),
        ("${A}", {"A": "${B}"}, "${B}"),
        ("$${A}", {"A": "x"}, "${A}"),
        ("$A costs $5", {"A": "x"}, "$A costs $5"),
    ],
)
def test_variables_are_replaced(written: str, env: dict[str, str], value: str | None) -> None:
    assert parse(f"agent: {{name: '{written}'}}", env).agent.name == value


@pytest.mark.promise("config.variables")
def test_an_unset_variable_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError) as refused:
        parse("adapters:\n  s3:\n    bucket: b\n    access_key_id: ${S3_KEY}\n", {})
    assert refused.value.message == (
        f"{FILE_NAME}, line 4: adapters.s3.access_key_id needs the environment variable S3_KEY, which is not set."
    )
    assert refused.value.way_out == "Set it, or give a default: ${S3_KEY:-default}."


@pytest.mark.parametrize(
    ("written", "value"), [("true", True), ("False", False), ("${A:-true}", True), ("${B:-}", False)]
)
def test_true_and_false_can_come_from_a_variable(written: str, value: bool) -> None:
    assert parse(f"blobs:\n  compress: {written}", {}).blobs.compress is value


@pytest.mark.promise("config.unknown-key")
@pytest.mark.parametrize(
    ("text", "message", "way_out"),
    [
        ("agnt: {}", "line 1: agnt is not a known key.", "Did you mean agent?"),
        ("agent:\n  nmae: x", "line 2: agent.nmae is not a known key.", "Did you mean name?"),
        (
            "adapters:\n\n  s3:\n    secret_key: x",
            "line 4: adapters.s3.secret_key is not a known key.",
            "Did you mean secret_access_key?",
        ),
        (
            "zzz: 1",
            "line 1: zzz is not a known key.",
            "Known here: agent, storage, team, blobs, adapters, provenance, retention, guards, merge.",
        ),
        (
            "7: 1",
            "line 1: 7 is not a known key.",
            "Known here: agent, storage, team, blobs, adapters, provenance, retention, guards, merge.",
        ),
        (
            "? [a]\n: b",
            "line 1: a list or section is not a known key.",
            "Known here: agent, storage, team, blobs, adapters, provenance, retention, guards, merge.",
        ),
    ],
)
def test_an_unknown_key_is_refused_by_name_and_line(text: str, message: str, way_out: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text, {})
    assert refused.value.message == f"{FILE_NAME}, {message}"
    assert refused.value.way_out == way_out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agent: x", "line 1: agent must be a section"),
        ("- agent", "line 1: the file must be a section"),
        ("agent:\n  name: 4", "line 2: agent.name must be text"),
        ("agent:\n  name: [x]", "line 2: agent.name must be text"),
        ("agent:\n  name: true", "line 2: agent.name must be text"),
        ("agent:\n  name: a\n  name: b", "line 3: agent.name is given twice"),
        ("storage:\n  mode: cloud", "line 2: storage.mode cannot be 'cloud'"),
        ("storage:\n  fallback: cloud", "line 2: storage.fallback cannot be 'cloud'"),
        ("blobs:\n  track: '*.pt'", "line 2: blobs.track must be a list"),
        ("blobs:\n  track:\n    - '*.pt'\n    - 4", "line 4: each item of blobs.track must be text"),
        ("blobs:\n  compress: yes", "line 2: blobs.compress must be true or false"),
        ("blobs:\n  compress: 'true'", "line 2: blobs.compress must be true or false"),
        ("blobs:\n  compress: 1", "line 2: blobs.compress must be true or false"),
        ("blobs:\n  compress: ${A:-maybe}", "line 2: blobs.compress must be true or false"),
        ("agent:\n  name: ${A", "line 2: agent.name has a variable that cannot be read"),
        ("agent:\n  name: ${A-B}", "line 2: agent.name has a variable that cannot be read"),
        ("agent: {name: x", "line 1: "),
        ("agent:\n\tname: x", "line 2: "),
        ("agent: *nothing", "line 1: "),
        ("a: 1\n---\nb: 2", "line 2: "),
        ("retention:\n  operations: '90'", "line 2: retention.operations must be a whole number of at least 0"),
        ("retention:\n  operations: -1", "line 2: retention.operations must be a whole number of at least 0"),
        ("retention:\n  operations: 1.5", "line 2: retention.operations must be a whole number of at least 0"),
        ("retention:\n  operations: ${A:-many}", "line 2: retention.operations must be a whole number of at least 0"),
        ("guards:\n  setup: npm ci", "line 2: guards.setup must be a list"),
        ("guards:\n  setup: [npm 'ci]", "line 2: each item of guards.setup cannot be split into words: no closing"),
        ("guards:\n  setup: ['\"\"']", "line 2: each item of guards.setup names no program"),
        ("guards:\n  parallel: 0", "line 2: guards.parallel must be a whole number of at least 1"),
        ("guards:\n  checks: [npm test]", "line 2: guards.checks must be a section"),
        ("guards:\n  checks:\n    tests: npm test", "line 3: guards.checks.tests must be a section"),
        ("guards:\n  checks:\n    tests:\n      seconds: 5", "line 4: guards.checks.tests has no command"),
        (
            "guards:\n  checks:\n    tests: {command: a, seconds: 0}",
            "line 3: guards.checks.tests.seconds must be a number above 0",
        ),
        ("guards:\n  checks:\n    tests: {command: a, cmd: b}", "line 3: guards.checks.tests.cmd is not a known key"),
        (
            "guards:\n  checks:\n    tests: {command: [a, 1]}",
            "line 3: each item of guards.checks.tests.command must be text",
        ),
        ("guards:\n  checks:\n    ../x: {command: a}", "line 3: guards.checks has a name that cannot be used"),
        ("guards:\n  checks:\n    a: {command: a}\n    a: {command: b}", "line 4: guards.checks.a is given twice"),
        ("- " * 5000, "is not YAML that ANVCS can read"),
        ("agent: \x00", "is not YAML that ANVCS can read"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_a_way_out(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text, {})
    assert message in refused.value.message
    assert refused.value.way_out


GUARDS = """
guards:
  setup:
    - npm ci
    - [python, -m, pip, install, "-r", requirements.txt]
  cache_by: [package-lock.json, requirements.txt]
  ignored: [node_modules, .venv]
  env: [NODE_OPTIONS, TZ=UTC]
  parallel: 3
  output: 128
  checks:
    tests:
      command: npm test -- --reporter 'a b'
      affected: [npx, jest, --findRelatedTests, "{files}"]
      seconds: 90.5
      retries: 1
    lint:
      command: [npx, eslint, .]
      required: false
    later:
"""


def test_guards_have_commands_limits_and_names_of_the_users_choice() -> None:
    assert parse(GUARDS, {}).guards == Guards(
        setup=(("npm", "ci"), ("python", "-m", "pip", "install", "-r", "requirements.txt")),
        cache_by=("package-lock.json", "requirements.txt"),
        ignored=("node_modules", ".venv"),
        env=("NODE_OPTIONS", "TZ=UTC"),
        parallel=3,
        output=128,
        checks={
            "tests": Check(
                command=("npm", "test", "--", "--reporter", "a b"),
                affected=("npx", "jest", "--findRelatedTests", "{files}"),
                seconds=90.5,
                retries=1,
            ),
            "lint": Check(command=("npx", "eslint", "."), required=False),
        },
    )


def test_the_page_on_guards_shows_an_example_that_can_be_read_and_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guards.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert set(parse(example, {}).guards.checks) == {"tests", "types", "lint"}
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted([*Guards.__struct_fields__, *Check.__struct_fields__])


@pytest.mark.parametrize(
    ("written", "value"), [("30", 30), ("0", 0), ("1_000", 1000), ("${A:-7}", 7), ("${A:-}", 90), ("", 90)]
)
def test_numbers_are_written_without_quotes_or_come_from_a_variable(written: str, value: int) -> None:
    assert parse(f"retention:\n  operations: {written}", {}).retention.operations == value


def test_anchors_that_contain_themselves_do_no_harm() -> None:
    with pytest.raises(ConfigError, match=r"agent\.name must be text"):
        parse("agent: {name: &x [*x]}", {})


def test_the_yaml_library_is_not_loaded_before_it_is_needed() -> None:
    script = "import sys, anvcs.config; assert not any(name.startswith('ruamel') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
