"""A folder of an S3 bucket as the S3 store needs it: objects written once, and some moved by compare-and-swap.

The only user of boto3, which is imported when a bucket is first opened. Every error is a StoreError with its cause and
way out; none holds the secret key.
"""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from anvcs.errors import StoreError, StoreUnreachableError

T = TypeVar("T")

TRIES = 4
"""How often a request that can be repeated is sent before the server counts as unreachable."""
LOST = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404", "409", "412"})
"""What servers answer to a write whose condition does not hold."""
_WIDE = 8


@dataclass(frozen=True)
class Address:
    """Where a bucket is and who asks; without keys, boto3 finds them as AWS programs do."""

    bucket: str
    prefix: str = ""
    """The folder in the bucket; several stores can share a bucket."""
    endpoint: str | None = None
    """The server's URL; None is AWS."""
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        server = (urlsplit(self.endpoint).hostname if self.endpoint else None) or "AWS"
        return f"bucket {self.bucket} at {server}"


class Version(msgspec.Struct, frozen=True):
    """One version of one object, as a listing shows it."""

    name: str
    id: str
    latest: bool


class Bucket:
    """Access to one folder of a bucket, for several threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._root = f"{address.prefix.strip('/')}/" if address.prefix.strip("/") else ""
        self._client: Any = _client(address)
        self.server_time = 0.0
        """The server's clock at its last answer to a write, in seconds since 1970."""

    def get(self, name: str, known: str | None = None) -> tuple[bytes, str] | None:
        """An object and its entity tag; nothing if it is not there. Raises Unchanged if the tag is the known one."""
        condition = {} if known is None else {"IfNoneMatch": known}

        def fetch() -> tuple[bytes, str] | None:
            try:
                answer = self._client.get_object(Bucket=self.address.bucket, Key=self._root + name, **condition)
                return answer["Body"].read(), answer["ETag"]
            except self._client.exceptions.NoSuchKey:
                return None

        return self._repeated(fetch)

    def add(self, name: str, value: bytes) -> bool:
        """Keep a new object; False if the name is taken, or was taken by an earlier try of this same call."""

        def send() -> bool:
            return self._put(name, value, IfNoneMatch="*") is not None

        return self._repeated(send)

    def add_all(self, objects: dict[str, bytes]) -> None:
        """Keep new objects whose names nobody else uses."""
        if len(objects) < 2:
            for name, value in objects.items():
                self.add(name, value)
            return
        with ThreadPoolExecutor(_WIDE) as pool:
            for done in [pool.submit(self.add, name, value) for name, value in objects.items()]:
                done.result()

    def swap(self, name: str, value: bytes, tag: str) -> str | None:
        """Replace the object with this entity tag; gives the new tag, or nothing if the tag was another.

        Sent once only: after a StoreUnreachableError it may have happened, unless that says ``sent`` is False.
        """
        with self._explained():
            return self._put(name, value, IfMatch=tag)

    def delete_all(self, names: Iterable[str]) -> None:
        """Remove objects."""
        self._delete([{"Key": self._root + name} for name in names])

    def delete_versions(self, versions: Iterable[Version]) -> None:
        """Remove versions of objects for good."""
        self._delete([{"Key": self._root + version.name, "VersionId": version.id} for version in versions])

    def versions(self) -> Iterator[Version]:
        """All versions of all objects; a bucket without versioning has one of each."""
        after: dict[str, str] = {}
        while True:
            request = {"Bucket": self.address.bucket, "Prefix": self._root, **after}
            page = self._repeated(lambda request=request: self._client.list_object_versions(**request))
            for entry in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                yield Version(entry["Key"].removeprefix(self._root), entry["VersionId"], entry["IsLatest"])
            if not page.get("IsTruncated"):
                return
            after = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "null")}

    def is_empty(self, folder: str) -> bool:
        """Whether there is nothing in a folder of this one."""
        request = {"Bucket": self.address.bucket, "Prefix": self._root + folder, "MaxKeys": 1}
        return not self._repeated(lambda: self._client.list_objects_v2(**request)).get("KeyCount")

    def check_conditions(self, name: str) -> None:
        """Try on an object of this name whether the server honours conditions. Raises StoreError if it does not."""
        self.add(name, b"1")
        honoured = not self.add(name, b"2") and self.swap(name, b"3", '"00000000000000000000000000000000"') is None
        self.delete_all([name])
        if not honoured:
            raise StoreError(
                f"The server of {self.address} is too old: it overwrites objects that a condition protects.",
                "Use a server with conditional writes, such as AWS S3 or SeaweedFS 4.",
            )

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _put(self, name: str, value: bytes, **condition: str) -> str | None:
        try:
            answer = self._client.put_object(Bucket=self.address.bucket, Key=self._root + name, Body=value, **condition)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in LOST:
                return None
            raise
        date = email.utils.parsedate_tz(answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
        self.server_time = email.utils.mktime_tz(date) if date else time.time()
        return answer["ETag"]

    def _delete(self, objects: list[dict[str, str]]) -> None:
        for at in range(0, len(objects), 1000):
            batch = {"Objects": objects[at : at + 1000], "Quiet": True}
            request = {"Bucket": self.address.bucket, "Delete": batch}
            answer = self._repeated(lambda request=request: self._client.delete_objects(**request))
            for error in answer.get("Errors", ()):
                raise StoreError(
                    f"The server of {self.address} kept {error.get('Key')}: {error.get('Code')}.",
                    "Allow these credentials to delete objects, versions included.",
                )

    def _repeated(self, request: Callable[[], T]) -> T:
        """Send a request that does no harm when it arrives twice until it is answered."""
        for attempt in range(1, TRIES):
            try:
                with self._explained():
                    return request()
            except StoreUnreachableError:
                time.sleep(random.uniform(0.05, 0.1) * 2**attempt)  # noqa: S311 - spreading needs no secrecy
        with self._explained():
            return request()

    def _explained(self) -> _Explained:
        return _Explained(self.address)


class UnchangedError(Exception):
    """The object is still the one known."""


class _Explained:
    """Turns botocore's errors into ours."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        from botocore import exceptions  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

        failure: Any = error
        if isinstance(error, exceptions.ClientError):
            raise self._refusal(failure.response) from None
        if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
            raise StoreError(f"There are no credentials for the {self._address}.", _CREDENTIALS)
        if isinstance(error, exceptions.ParamValidationError):
            raise StoreError(f"The {self._address} cannot be asked: {error}.", "Check the name of the bucket.")
        if isinstance(error, exceptions.BotoCoreError):
            unsent = isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError)
            reason = " ".join(str(error).split()).rstrip(".")
            raise UnansweredError(
                f"The server of the {self._address} does not answer: {reason}.",
                "Check the endpoint, the network and the server.",
                sent=not unsent,
            ) from None

    def _refusal(self, response: Any) -> Exception:
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        code, said = response["Error"]["Code"], response["Error"].get("Message", "")
        if status == 304:
            return UnchangedError()
        if code == "NoSuchBucket":
            return StoreError(f"There is no {self._address}.", "Make the bucket, or name another one.")
        if code == "RequestTimeTooSkewed":
            return StoreError(f"The server of the {self._address} says that this clock is wrong.", "Set the clock.")
        if status in {401, 403}:
            return StoreError(f"The {self._address} refused these credentials: {code}.", _CREDENTIALS)
        if status == 501:
            return StoreError(
                f"The server of the {self._address} is too old: it does not know conditional writes.",
                "Use a server with conditional writes, such as AWS S3 or SeaweedFS 4.",
            )
        if status >= 500 or code in {"SlowDown", "RequestTimeout", "ThrottlingException"}:
            return UnansweredError(
                f"The server of the {self._address} cannot answer now: {code}.", "Try again later.", sent=True
            )
        return StoreError(
            f"The server of the {self._address} refused: {code} {said}".rstrip(" .") + ".",
            "Check endpoint, region and bucket.",
        )


class UnansweredError(StoreUnreachableError):
    """A request without an answer."""

    def __init__(self, message: str, way_out: str, *, sent: bool) -> None:
        super().__init__(message, way_out)
        self.sent = sent
        """Whether it may have taken effect nevertheless."""


_CREDENTIALS = "Check access key and secret key, and that they may list, read, write and delete there."


def _client(address: Address) -> Any:
    try:
        import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
        from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - as above
    except ImportError as missing:
        raise StoreError("A team store in S3 needs the boto3 package.", "Run pip install 'anvcs[team]'.") from missing
    make: Any = getattr(boto3, "client")  # noqa: B009 - as above
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if address.endpoint else "auto"},
        connect_timeout=5,
        read_timeout=20,
        # Repeated here instead, where it is known which requests may arrive twice.
        retries={"total_max_attempts": 1, "mode": "standard"},
        # Every segment has its own hash, and not every server knows these checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with _Explained(address):
        try:
            return make(
                "s3",
                endpoint_url=address.endpoint,
                region_name=address.region or ("us-east-1" if address.endpoint else None),
                aws_access_key_id=address.access_key,
                aws_secret_access_key=address.secret_key,
                config=config,
            )
        except ValueError as error:
            raise StoreError(
                "The endpoint of the S3 team store is no URL.", "Write it as https://host:port."
            ) from error
