"""``python -m anvcs.wire [FILE]``: write the published schema, by default to ``protocol/`` of this checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from anvcs.wire.schema import published

IN_CHECKOUT = Path(__file__).parents[3] / "protocol" / "anvcs.schema.json"

if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IN_CHECKOUT
    target.write_bytes(published())
