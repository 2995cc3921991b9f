"""Which units miss something when a source falls silent: only of what that source brings."""

from __future__ import annotations

from ioc.server.facts import Feeds

FED = Feeds(
    kinds={"dossier": {"onestop", "land"}, "document": {"papers"}, "mirror": {"portal"}},
    units={1: {"onestop", "papers", "portal"}, 2: {"land", "papers"}, 3: {"papers"}},
    items={},
)


def test_a_silent_document_system_does_not_make_a_units_dossiers_old() -> None:
    assert FED.cut_off("dossier", {"papers", "portal"}) == frozenset()
    assert FED.cut_off("document", {"papers"}) == {1, 2, 3}


def test_a_silent_one_stop_system_does() -> None:
    assert FED.cut_off("dossier", {"onestop", "papers"}) == {1}
    assert FED.cut_off("dossier", frozenset()) == frozenset()
    assert FED.cut_off("task", {"onestop"}) == frozenset()
