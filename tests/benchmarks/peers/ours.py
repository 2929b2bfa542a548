"""Our server as it is, with actions that do nothing: what is left is the server itself."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, cast

from anvcs.actions.caller import Caller
from anvcs.lsp.connection import Connection
from anvcs.lsp.transport import StandardStreams
from anvcs.wire import GraphPage, GraphRow, Person, RepositoryStatus, Request

PAGE = json.loads(os.environ.get("ANVCS_BENCHMARK_PAGE", "{}"))
STATUS = RepositoryStatus(root="/", initialized=True)


class NoActions:
    """Answers from memory."""

    def __init__(self) -> None:
        row = dict(PAGE["row"])
        author = Person(**row.pop("author"))
        made = GraphRow(
            author=author, commit_id=row["commitId"], git_commit=row["gitCommit"], lane=0, subject=row["subject"]
        )
        self.page = GraphPage(rows=(made,) * PAGE["count"])

    def call(self, _: Caller, request: Request[Any, Any], __: Any) -> Any:
        """The same answer every time."""
        return self.page if request.verb == "graph" else STATUS

    def update_index(self, *_: object) -> bool:
        """No index."""
        return False

    def explain_line(self, *arguments: Any) -> str:
        """The length of the document, which proves that every change was taken."""
        return str(len(arguments[4]))


async def serve() -> None:
    """Serve one benchmark."""
    streams = StandardStreams()
    here = Path.cwd()
    connection = Connection(
        streams.writer,
        cwd=here,
        env=os.environ,
        make_caller=lambda cwd: Caller(cwd=cwd, env=os.environ, config_home=here),
        config_home=here,
        actions=cast("Any", NoActions()),
    )
    await streams.listen(connection)
    sys.exit(await connection.serve())


asyncio.run(serve())
