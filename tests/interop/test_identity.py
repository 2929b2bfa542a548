"""Keys of actors in a real repository: enrolled on first use, verified by git, rotated, revoked, shared, taken back."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest

from anvcs import wire
from anvcs.actions import identity
from anvcs.actions.caller import call
from anvcs.actions.workspace import Workspace
from anvcs.actors import KeyStore
from anvcs.errors import ActorError, AnvcsError, UsageError
from anvcs.gitmirror import actors as store
from anvcs.governance import sshsig
from anvcs.history.operations import SignedOperation
from tests.conftest import Repo

ADA, FOO = "human:ada@example.org", "agent:foo"
AGENT = wire.Metadata(agent_id=FOO)
SETTING = "gpg.ssh.allowedSignersFile"


def keys(repo: Repo, actor: str | None = None) -> list[wire.ActorKey]:
    """What the list shows of people and agents."""
    found = call(repo.caller(), wire.ACTOR_LIST, wire.ActorListParams(actor=actor)).keys
    return [key for key in found if actor or not key.actor.startswith("system:")]


def states(repo: Repo, actor: str) -> list[str]:
    """How the actor's keys stand, oldest first."""
    return [key.state for key in keys(repo, actor)]


def workspace(repo: Repo) -> Workspace:
    """The repository as actions see it."""
    return repo.caller().workspace(None)


def last(repo: Repo) -> tuple[SignedOperation, str]:
    """The newest operation, and its kind."""
    (entry,) = workspace(repo).ledger.operations(limit=1)
    return entry.signed, entry.operation.kind


def verified(repo: Repo, commit: str = "HEAD") -> str:
    """What git verify-commit says of a commit that it must accept."""
    done = subprocess.run(
        ["git", "verify-commit", commit], cwd=repo.path, env=repo.env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.decode()


def signed_commit(repo: Repo, metadata: wire.Metadata = AGENT) -> wire.CommitResult:
    """A commit signed on request."""
    repo.write("file.txt", str(time.monotonic_ns()))
    return repo.commit("signed", sign=True, metadata=metadata)


# Enrolling


@pytest.mark.promise("identity.enrolled-on-first-use")
def test_an_actor_is_enrolled_when_it_first_signs_and_never_again(repo: Repo) -> None:
    assert [key.actor for key in keys(repo)] == [ADA], "init is an operation of hers"
    before = store.tip(workspace(repo).repo)
    repo.write("a", "1")
    repo.commit("one", metadata=AGENT)
    assert [(key.actor, key.state, key.on_trust, key.mine) for key in keys(repo)] == [
        (FOO, "known", True, True),
        (ADA, "known", True, True),
    ]
    after = store.tip(workspace(repo).repo)
    assert after != before
    repo.write("a", "2")
    repo.commit("two", metadata=AGENT)
    assert store.tip(workspace(repo).repo) == after
    repo.git("fsck", "--strict")


def test_looking_an_enrolled_actor_up_never_reads_the_registry(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    here = workspace(repo)
    signer = KeyStore(repo.config_home).signer(ADA)

    def never(*_: object) -> None:
        raise AssertionError("the registry was read")

    monkeypatch.setattr(store, "tip", never)
    monkeypatch.setattr(store, "read", never)
    identity.enrolled(here, signer)
    identity.enrolled(here, signer)
    assert here.notices == []


def test_a_registry_that_cannot_be_written_keeps_nobody_from_committing(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = repo.path / ".git" / (store.REF + ".lock")
    lock.touch()
    repo.write("a", "1")
    monkeypatch.setattr(store, "append", partial(store.append, patience=0.0))
    made = repo.commit("one", metadata=AGENT)
    assert any("actor registry" in notice for notice in made.notices)
    lock.unlink()
    repo.write("a", "2")
    repo.commit("two", metadata=AGENT)
    assert states(repo, FOO) == ["known"]


def test_operations_are_judged_by_the_registry(repo: Repo) -> None:
    repo.write("a", "1")
    repo.commit("one", metadata=AGENT)
    here = workspace(repo)
    signed, _ = last(repo)
    assert identity.judge_operation(here, signed).state == "known"
    thief = KeyStore(repo.config_home.parent / "elsewhere").signer(FOO)
    assert identity.judge(here, thief.public_key, FOO, 0).state == "unknown"
    false = msgspec.structs.replace(signed, signature=bytes(64))
    assert identity.judge_operation(here, false).state == "bad"


# Signed commits


@pytest.mark.promise("identity.git-verifies")
def test_git_verifies_a_commit_that_an_agent_signed_with_its_own_key(repo: Repo) -> None:
    made = signed_commit(repo)
    assert 'Good "git" signature for foo@agent.anvcs.invalid' in verified(repo)
    shown = repo.show()
    assert (shown.signed, shown.signature, shown.signer) == (True, "known", FOO)
    assert made.git_commit == repo.head()
    repo.git("fsck", "--strict")
    raw = repo.git_bytes("cat-file", "commit", "HEAD")
    assert raw.split(b"\n\n")[0].endswith(b" -----END SSH SIGNATURE-----"), "where git puts it"


def test_a_person_without_a_signing_key_signs_with_that_of_the_actor(repo: Repo) -> None:
    signed_commit(repo, wire.Metadata())
    assert 'Good "git" signature for ada@example.org' in verified(repo)
    assert repo.show().signer == ADA


def test_amending_and_another_encoding_keep_a_signature_whole(repo: Repo) -> None:
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    signed_commit(repo)
    repo.commit("größer", amend=True, sign=True, allow_empty=True, metadata=AGENT)
    assert "foo@agent" in verified(repo)
    assert repo.show().signature == "known"


def own_key(repo: Repo, tmp_path: Path) -> Path:
    """A key of the user's own, in git's settings."""
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key))):
        repo.git("config", name, value)
    return key


@pytest.mark.promise("identity.users-key-honoured")
def test_the_users_own_signing_key_is_honoured_and_an_agent_does_not_sign_with_it(repo: Repo, tmp_path: Path) -> None:
    key = own_key(repo, tmp_path)
    signed_commit(repo, wire.Metadata())
    assert repo.show().signature == "unknown", "nobody vouched for it"
    (repo.path / ".git/mine").write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    repo.git("config", SETTING, str(repo.path / ".git/mine"))
    assert "ada@example.org" in verified(repo)
    assert (repo.show().signature, repo.show().signer) == ("known", None), "git knows it"
    signed_commit(repo)
    assert repo.show().signer == FOO


def test_where_git_is_set_to_sign_every_commit_its_settings_count_for_agents_too(repo: Repo, tmp_path: Path) -> None:
    key = own_key(repo, tmp_path)
    repo.git("config", "commit.gpgSign", "true")
    repo.write("a", "1")
    repo.commit("one", metadata=AGENT)
    _, signature = signature_of(repo)
    assert sshsig.key_text(sshsig.parse(signature).public_key) in key.with_suffix(".pub").read_text()


def signature_of(repo: Repo) -> tuple[bytes, bytes]:
    """What was signed of the last commit, and the signature."""
    from anvcs.gitmirror.signing import split_signature

    payload, signature = split_signature(repo.git_bytes("cat-file", "commit", "HEAD"))
    assert signature is not None
    return payload, signature


def test_a_false_signature_is_called_bad(repo: Repo) -> None:
    signed_commit(repo)
    raw = repo.git_bytes("cat-file", "commit", "HEAD").replace(b"\n\nsigned", b"\n\nchanged")
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    assert repo.show(oid).signature == "bad"
    repo.git_fails("verify-commit", oid)


def test_what_is_not_signed_says_so(repo: Repo) -> None:
    shown = repo.show()
    assert (shown.signed, shown.signature, shown.signer) == (False, "none", None)


# Rotating, revoking, vouching


@pytest.mark.promise("identity.rotation")
def test_a_rotated_key_signs_on_and_the_old_one_counts_for_the_past(repo: Repo) -> None:
    old = signed_commit(repo).git_commit
    # Git counts in seconds: the next one is when the key ends.
    repo.git_bytes("commit", "--quiet", "--allow-empty", "-m", "plain")
    waited_past(repo, old)
    result = call(repo.caller(), wire.ACTOR_ROTATE, wire.ActorRotateParams(agent="foo", reason="once a year"))
    assert last(repo)[1] == "actor-rotate"
    assert result.key.mine
    assert states(repo, FOO) == ["revoked", "known"]
    signed, _ = last(repo)
    assert identity.judge_operation(workspace(repo), signed).state == "known"
    new = signed_commit(repo).git_commit
    for commit in (old, new):
        assert "foo@agent" in verified(repo, commit)
        assert repo.show(commit).signature == "known"


def waited_past(repo: Repo, commit: str) -> None:
    """Be in a later second than a commit."""
    moment = int(repo.git("show", "--no-patch", "--format=%ct", commit))
    deadline = time.monotonic() + 5
    while int(time.time()) <= moment:
        assert time.monotonic() < deadline


@pytest.mark.promise("identity.revocation")
def test_what_a_revoked_key_signed_since_is_refused_by_us_and_by_git(repo: Repo) -> None:
    commit = signed_commit(repo).git_commit
    made = int(repo.git("show", "--no-patch", "--format=%ct", commit)) * 1000
    (key,) = keys(repo, FOO)
    params = wire.ActorRevokeParams(key=key.fingerprint, since=made - 1000, reason="stolen")
    result = call(repo.caller(), wire.ACTOR_REVOKE, params)
    assert (result.key.state, result.key.revoked_since, result.key.reason) == ("revoked", made - 1000, "stolen")
    assert last(repo)[1] == "actor-revoke"
    shown = repo.show(commit)
    assert (shown.signature, shown.signer, shown.revoked_since) == ("revoked", FOO, made - 1000)
    repo.git_fails("verify-commit", commit)
    repo.write("a", "1")
    assert any("was revoked" in notice for notice in repo.commit("more", metadata=AGENT).notices)


@pytest.mark.promise("identity.later-keys-vouched")
def test_another_machine_s_key_is_unknown_until_somebody_vouches(repo: Repo, tmp_path: Path) -> None:
    signed_commit(repo)
    other = Repo(repo.path, repo.env, tmp_path / "other-home")
    try:
        commit = signed_commit(other, wire.Metadata()).git_commit
        assert other.show(commit).signature == "unknown"
        with pytest.raises(ActorError, match="not known") as refused:
            call(other.caller(), wire.ACTOR_REVOKE, wire.ActorRevokeParams(key=FOO))
        theirs = KeyStore(other.config_home).signer(ADA)
        assert f"'{sshsig.key_text(theirs.public_key)}'" in refused.value.way_out
    finally:
        other.close()
    enrol = wire.ActorEnrollParams(actor=ADA, key=sshsig.key_text(theirs.public_key) + " desk")
    assert call(repo.caller(), wire.ACTOR_ENROLL, enrol).key.by == ADA
    assert last(repo)[1] == "actor-enroll"
    assert repo.show(commit).signature == "known"
    assert "ada@example.org" in verified(repo, commit)


def test_an_agent_s_key_on_another_machine_is_vouched_for_by_the_human_there(repo: Repo, tmp_path: Path) -> None:
    signed_commit(repo)
    other = Repo(repo.path, repo.env, tmp_path / "other-home")
    try:
        theirs = KeyStore(other.config_home).signer(ADA)
        enrol = wire.ActorEnrollParams(actor=ADA, key=sshsig.key_text(theirs.public_key))
        call(repo.caller(), wire.ACTOR_ENROLL, enrol)
        assert other.show(signed_commit(other).git_commit).signer == FOO
        assert sorted((key.by, key.mine) for key in keys(other, FOO)) == [(FOO, False), (ADA, True)]
    finally:
        other.close()


def test_a_rotation_elsewhere_is_made_good_where_the_actor_next_signs(make_repo: Callable[..., Repo]) -> None:
    one, two = make_repo("one"), make_repo("two")
    call(one.caller(), wire.ACTOR_ROTATE, wire.ActorRotateParams())
    two.write("a", "1")
    two.commit("two")
    assert states(two, ADA) == ["revoked", "known"]


@pytest.mark.parametrize(
    ("request_", "params", "match"),
    [
        (wire.ACTOR_ENROLL, wire.ActorEnrollParams(actor="agent:bar", key="ssh-rsa AAAA"), "not an Ed25519"),
        (wire.ACTOR_ENROLL, wire.ActorEnrollParams(actor="human:", key="x"), "name of an actor"),
        (wire.ACTOR_REVOKE, wire.ActorRevokeParams(key="agent:nobody"), "has no key"),
        (wire.ACTOR_REVOKE, wire.ActorRevokeParams(key="SHA256:nothing"), "has no key"),
        (wire.ACTOR_REVOKE, wire.ActorRevokeParams(key=ADA), "signs here"),
        (wire.ACTOR_REVOKE, wire.ActorRevokeParams(key=ADA, agent="foo"), "cannot decide"),
        (wire.ACTOR_REVOKE, wire.ActorRevokeParams(key=FOO, since=2**52), "yet to come"),
        (wire.ACTOR_LIST, wire.ActorListParams(actor="two words"), "name of an actor"),
    ],
)
def test_a_refused_request_changes_nothing(
    repo: Repo, request_: wire.Request[wire.Params, object], params: wire.Params, match: str
) -> None:
    signed_commit(repo)
    before = repo.git("for-each-ref"), last(repo)[0].id
    with pytest.raises((ActorError, UsageError), match=match) as refused:
        call(repo.caller(), request_, params)
    assert refused.value.way_out
    assert (repo.git("for-each-ref"), last(repo)[0].id) == before


def test_a_revoked_or_known_key_is_not_enrolled_again(repo: Repo) -> None:
    signed_commit(repo)
    (key,) = keys(repo, FOO)
    enrol = wire.ActorEnrollParams(actor=FOO, key=key.key)
    with pytest.raises(ActorError, match="known"):
        call(repo.caller(), wire.ACTOR_ENROLL, enrol)
    call(repo.caller(), wire.ACTOR_REVOKE, wire.ActorRevokeParams(key=FOO))
    with pytest.raises(ActorError, match="revoked"):
        call(repo.caller(), wire.ACTOR_ENROLL, enrol)
    with pytest.raises(ActorError, match="revoked already"):
        call(repo.caller(), wire.ACTOR_REVOKE, wire.ActorRevokeParams(key=key.fingerprint))


def test_the_verbs_need_a_repository_that_is_set_up(make_repo: Callable[..., Repo]) -> None:
    bare = make_repo("bare", init=False)
    with pytest.raises(AnvcsError, match="not set up"):
        call(bare.caller(), wire.ACTOR_LIST, wire.ActorListParams())
    with pytest.raises(AnvcsError, match="not set up"):
        call(bare.caller(), wire.ACTOR_ROTATE, wire.ActorRotateParams())
    assert not KeyStore(bare.config_home).folder.exists()


# Clones


@pytest.mark.promise("identity.merge-loses-nothing")
def test_two_clones_that_both_went_on_merge_without_loss_and_agree(make_repo: Callable[..., Repo]) -> None:
    one, two = make_repo("one"), make_repo("two", init=False)
    two.git("fetch", "--quiet", one.path, f"{store.REF}:{store.REF}")
    two.init()
    for repo, agent in ((one, "agent:one"), (two, "agent:two")):
        signed_commit(repo, wire.Metadata(agent_id=agent))
    for here, there in ((one, two), (two, one)):
        here.git("fetch", "--quiet", there.path, f"{store.REF}:refs/anvcs/fetched")
    for here in (one, two):
        identity.merge(workspace(here), here.git("rev-parse", "refs/anvcs/fetched"))
    read = [store.read(workspace(repo).repo, store.tip(workspace(repo).repo)) for repo in (one, two)]
    assert read[0] == read[1]
    assert [key.actor for key in keys(one)] == ["agent:one", "agent:two", ADA]
    commit = two.head()
    one.git("fetch", "--quiet", two.path, commit)
    assert "two@agent" in verified(one, commit)
    one.git("fsck", "--strict")


def test_a_rival_first_key_that_arrives_later_is_not_believed(make_repo: Callable[..., Repo], tmp_path: Path) -> None:
    one, thief = make_repo("one"), make_repo("thief", init=False)
    thief.config_home = tmp_path / "thief-home"
    thief.init()
    commit = signed_commit(thief, wire.Metadata()).git_commit
    one.git("fetch", "--quiet", thief.path, commit, f"+{store.REF}:refs/anvcs/fetched")
    identity.merge(workspace(one), one.git("rev-parse", "refs/anvcs/fetched"))
    assert sorted((key.mine, key.state) for key in keys(one, ADA)) == [(False, "unknown"), (True, "known")]
    assert one.show(commit).signature == "unknown"
    one.git_fails("verify-commit", commit)


# The user's own files


@pytest.mark.promise("identity.allowed-signers")
def test_init_points_git_at_the_allowed_signers_and_uninstall_takes_exactly_that_back(repo: Repo) -> None:
    path = repo.path / ".git" / "anvcs" / "allowed_signers"
    assert repo.git("config", "--local", SETTING) == str(path)
    assert "ada@example.org" in path.read_text()
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert repo.git_fails("config", SETTING) == ""
    assert "refs/anvcs" not in repo.git("for-each-ref")


def test_a_file_that_the_user_named_stays_the_user_s(make_repo: Callable[..., Repo]) -> None:
    repo = make_repo(init=False)
    repo.git("config", "--global", SETTING, "/mine")
    repo.init()
    assert repo.git("config", SETTING) == "/mine"
    call(repo.caller(), wire.UNINSTALL, wire.UninstallParams())
    assert repo.git("config", SETTING) == "/mine"


def test_what_is_made_from_the_registry_comes_back_when_it_is_lost(repo: Repo) -> None:
    commit = signed_commit(repo).git_commit
    for name in ("allowed_signers", "actors.json", "enrolled"):
        (repo.path / ".git/anvcs" / name).unlink()
    assert states(repo, FOO) == ["known"]
    assert "foo@agent" in verified(repo, commit)


def test_ssh_never_takes_an_actor_s_name_for_a_pattern(repo: Repo) -> None:
    commit = signed_commit(repo, wire.Metadata(agent_id="agent:*")).git_commit
    assert repo.show(commit).signature == "known"
    assert "*" not in (repo.path / ".git/anvcs/allowed_signers").read_text()
    repo.git_fails("verify-commit", commit)
