"""What was purged here, so that no copy brings it back: for each root the names of the fields whose values are gone.

Kept in the ledger's store as the refs ``purged/ROOT``. A purge operation names what it purged in its details, so a
ledger made anew from its sealed segments knows it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import cast

from anvcs import ids
from anvcs.history.operations import Operation
from anvcs.storage.protocol import Reader, Writer

KIND = "purge"
VALUES = "values"
"""The detail of a purge operation that names roots and fields."""
_PREFIX = "purged/"

Value = tuple[str, str]
"""A root as ``b3:...``, and the name of a field below it."""


def named(values: Iterable[Value]) -> str:
    """Roots and fields as the detail ``VALUES`` has them."""
    return json.dumps([list(each) for each in sorted(set(values))], separators=(",", ":"))


def note(transaction: Writer, operation: Operation) -> None:
    """Note what a published purge operation purged; what a newer ANVCS says there is passed over."""
    said = operation.details.get(VALUES)
    try:
        found: object = json.loads(said) if isinstance(said, str) else []
    except ValueError:
        return
    for each in cast("list[object]", found) if isinstance(found, list) else []:
        match each:
            case [str(root), str(field)] if ids.is_text(root):
                known = transaction.ref(_PREFIX + root)
                fields = sorted({*_fields(known), field})
                transaction.swap(_PREFIX + root, known, ids.encode(cast("list[ids.Value]", fields)))
            case _:
                continue


def purged(transaction: Reader) -> dict[str, frozenset[str]]:
    """Everything that was purged here: fields by their root."""
    return {name.removeprefix(_PREFIX): frozenset(_fields(value)) for name, value in transaction.refs(_PREFIX).items()}


def _fields(stored: bytes | None) -> list[str]:
    return [] if stored is None else cast("list[str]", ids.decode(stored))
