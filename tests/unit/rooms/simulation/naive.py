"""Bindings that seem to do and do not: what the simulation must find."""

from __future__ import annotations

from collections.abc import Sequence

from anvcs.rooms.binding import Binding, Found, Reason
from anvcs.rooms.delta import IDENTITY, Delta
from anvcs.rooms.shadow import Change


class BusyFlag(Binding):
    """Ignores what the editor reports while an edit is on its way."""

    def changed(
        self, version: int, changes: Sequence[Change], *, dirty: bool | None = None, reason: Reason | None = None
    ) -> Found:
        """Whatever comes then is taken for the edit."""
        if self._sent is not None and not self._sent.seen:
            self._shadow.take(version, changes)
            self._sent.seen = True
            return Found("echo")
        return super().changed(version, changes, dirty=dirty, reason=reason)


class ReloadsAsTyping(Binding):
    """Believes that its user wrote what was read from the disk."""

    def changed(
        self, version: int, changes: Sequence[Change], *, dirty: bool | None = None, reason: Reason | None = None
    ) -> Found:
        """Nothing is known of unsaved changes."""
        return super().changed(version, changes, dirty=None if dirty is False else dirty, reason=reason)


class Credulous(Binding):
    """Believes that an edit came back before the editor has answered."""

    def changed(
        self, version: int, changes: Sequence[Change], *, dirty: bool | None = None, reason: Reason | None = None
    ) -> Found:
        """The same text is the same edit."""
        found = super().changed(version, changes, dirty=dirty, reason=reason)
        return found._replace(delta=found.delta or self._sure()) if found.kind == "echo" else found


class SavesAlone(Binding):
    """Does not wait for anybody before it saves."""

    def will_save(self) -> None:
        """Nothing is held."""

    def granted(self) -> Delta:
        """Nothing was held."""
        return IDENTITY


class LateEchoesAsTyping(Binding):
    """Expects an editor to refuse every edit that is out of date."""

    def changed(
        self, version: int, changes: Sequence[Change], *, dirty: bool | None = None, reason: Reason | None = None
    ) -> Found:
        """What was refused is forgotten."""
        if self._sent is not None and self._sent.ghost:
            self._sent = None
        return super().changed(version, changes, dirty=dirty, reason=reason)
