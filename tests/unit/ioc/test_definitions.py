"""Every number has its words in both languages, a basis, an owner, and a version that follows from what is computed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from ioc.explain import define, names
from ioc.explain.catalogue import GROUPS, group_of, page
from ioc.explain.definition import kinds, readable, versioned
from ioc.explain.figure_words import BASES, basis, of_figure
from ioc.figures import FIGURES, Declared
from ioc.indicators import BY_NAME, IndicatorError

DIACRITICS = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
NAMED_ALIKE = {"PAR INDEX", "SIPAS", "PCI", "PAPI"}  # proper names


@pytest.mark.parametrize("name", names())
def test_a_number_is_described_in_both_languages_with_its_basis_and_its_owner(name: str) -> None:
    words = define(name).words
    for vietnamese in (words.vi, words.about_vi):
        assert DIACRITICS.search(vietnamese) or vietnamese in NAMED_ALIKE, vietnamese
    for english in (words.en, words.about_en):
        assert english and not DIACRITICS.search(english), english  # noqa: PT018
    for sentence in (words.about_vi, words.about_en):
        assert sentence.endswith("."), sentence
        assert 20 < len(sentence) < 400, sentence
        assert "  " not in sentence
    assert words.basis
    assert DIACRITICS.search(words.owner)
    assert define(name).measured_in


def test_no_two_numbers_have_the_same_title_or_definition() -> None:
    every = [define(name).words for name in names()]
    for said in ("vi", "en", "about_vi", "about_en"):
        assert [text for text, n in Counter(getattr(words, said) for words in every).items() if n > 1] == []


def test_a_definition_that_changes_gets_another_version_and_one_that_does_not_keeps_it() -> None:
    one = BY_NAME["dossiers_overdue"]
    assert versioned(one.where) == define("dossiers_overdue").version
    assert versioned(one.where.replace(" and ", "\n   and ")) == define("dossiers_overdue").version, "how it is written says nothing"
    assert versioned(replace(one, where=f"{one.where} and outgoing").where) != define("dossiers_overdue").version
    versions = [define(name).version for name in names()]
    assert len(set(versions)) == len(versions)
    assert all(re.fullmatch(r"[0-9a-f]{8}", version) for version in versions)


def test_a_rate_changes_its_version_with_its_parts() -> None:
    parts = [define(part).version for part in ("dossiers_early", "dossiers_on_time")]
    whole = define("dossiers_resolved").version
    assert define("early_and_on_time_rate").version == versioned("above", *parts, "below", whole)
    assert define("early_rate").version != define("on_time_rate").version


def test_what_it_is_computed_by_is_readable_and_names_what_it_looks_at() -> None:
    assert readable("a >= {since} and b <= {age_16}") == "a >= :since and b <= :age_16"
    assert "{" not in "".join(define(name).predicate for name in names())
    assert kinds("kind = 'dossier' and not (kind = 'mirror')") == {"dossier", "mirror"}
    assert define("satisfaction_rate").formula == (
        "100 × (votes_very_satisfied + votes_satisfied) / (votes_very_satisfied + votes_satisfied + votes_unsatisfied)"
    )
    assert define("handling_p90").formula == "percentile_disc(0.9) (handled_minutes / 60) dossiers_resolved"


def test_a_figure_nobody_described_or_based_is_an_error_not_an_empty_page() -> None:
    with pytest.raises(KeyError):
        of_figure(Declared(name="visits_new", measured_in="lượt", vi="Lượt", en="Visits"))
    with pytest.raises(KeyError, match="wind"):
        basis("wind")
    for begins in BASES:
        assert any(name.startswith(begins) for name in names()), f"{begins} is no beginning of any name"
    assert {figure.name for figure in FIGURES} <= set(names())


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(IndicatorError, match=r"'on_time_rat'.*on_time_rate"):
        define("on_time_rat")
    with pytest.raises(IndicatorError) as refused:
        define("x" * 500)
    assert len(str(refused.value)) < 400


def test_every_number_stands_in_one_group_of_the_catalogue() -> None:
    text = page()
    for name in names():
        assert group_of(define(name)) in GROUPS
        assert text.count(f"### `{name}`") == 1
    assert [group_of(define(n)) for n in ("dossiers_overdue", "tasks_done", "documents_in", "handling_p90", "pci", "portal_sync_rate")] == [
        "dossiers", "tasks", "documents", "times", "figures", "rates",
    ]  # fmt: skip
