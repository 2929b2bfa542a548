"""Two clients and a relay: what one types, the other has, and both know when it is durable."""

from __future__ import annotations

from tests.relay.conftest import Team, agree, until, write


async def test_what_one_types_the_other_has(team: Team) -> None:
    ada = await team.join("src/app.py")
    bob = await team.join("src/app.py", "human:bob@example.org")
    assert ada.doc.text == bob.doc.text == "x = 1\n"
    write(ada, 0, "# é😀中\n")
    await ada.durable()
    await until(bob, lambda: bob.doc.text == "# é😀中\nx = 1\n")
    write(bob, 0, "first\n")
    write(ada, len(ada.doc), "last\n")
    assert await agree(ada, bob) == "first\n# é😀中\nx = 1\nlast\n"
    assert ada.undurable == bob.undurable == 0
