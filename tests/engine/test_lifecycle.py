"""N and N-1: on both sides of every date in the data, as readable sentences, and as laws that hold for any product line."""

from dataclasses import replace
from datetime import date, timedelta
from typing import List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import Line, Version, eligibility
from bot.engine.catalogue import FIXED, MODERN
from bot.engine.lifecycle import ENDED, OLDER, UNCONFIRMED, sequence
from bot.knowledge import shared

LINES = shared().catalogue.lines
DAY = timedelta(days=1)
EVERY_VERSION = [(line, version) for line in LINES.values() for version in line.versions.values()]


def ids(cases: List[tuple]) -> List[str]:
    return [f"{line.id} {version.id}" for line, version, *_ in cases]


def newer_bases(line: Line, version: Version, on: date) -> int:
    """Count the releases that came out after that of `version` and are out on `on`, in another way than the engine does."""
    first = min(
        other.release
        for other in line.versions.values()
        if other.in_sequence and other.counts_as == version.counts_as and other.release
    )
    newer = {
        other.counts_as
        for other in line.versions.values()
        if other.in_sequence and other.release and first < other.release <= on and other.counts_as != version.counts_as
    }
    # An R2 that came out later does not make an older base newer.
    return sum(
        first < min(o.release for o in line.versions.values() if o.in_sequence and o.counts_as == base and o.release)
        for base in newer
    )


# Each date in the data, from both sides.

ENDS = [(line, version) for line, version in EVERY_VERSION if version.policy != MODERN and version.mainstream_end]


@pytest.mark.parametrize("line, version", ENDS, ids=ids(ENDS))
def test_mainstream_support_holds_on_its_last_day_and_is_over_the_day_after(line: Line, version: Version) -> None:
    last = version.mainstream_end
    assert last is not None
    on_the_day, after = eligibility(line, version.id, last), eligibility(line, version.id, last + DAY)
    assert on_the_day.reason != ENDED
    assert after.eligible is False
    older = version.in_sequence and newer_bases(line, version, last + DAY) > 1
    assert after.reason == (OLDER if older else ENDED)
    confirmed = version.in_sequence and not line.later_versions_unconfirmed
    if confirmed and newer_bases(line, version, last) <= 1:
        assert on_the_day.eligible is True
    elif not older:
        assert on_the_day.eligible is None


SUPPORT_ENDS = [(line, version) for line, version in EVERY_VERSION if version.policy == MODERN and version.support_end]


@pytest.mark.parametrize("line, version", SUPPORT_ENDS, ids=ids(SUPPORT_ENDS))
def test_modern_support_holds_on_its_last_day_and_is_over_the_day_after(line: Line, version: Version) -> None:
    last = version.support_end
    assert last is not None
    assert eligibility(line, version.id, last).reason != ENDED
    after = eligibility(line, version.id, last + DAY)
    assert after.eligible is False
    assert after.reason in (ENDED, OLDER)


EXTENDED_ONLY = [
    (line, version)
    for line, version in EVERY_VERSION
    if version.policy != MODERN and version.mainstream_end is None and version.extended_end
]


@pytest.mark.parametrize("line, version", EXTENDED_ONLY, ids=ids(EXTENDED_ONLY))
def test_without_a_mainstream_date_the_end_of_all_support_settles_it(line: Line, version: Version) -> None:
    last = version.extended_end
    assert last is not None
    assert eligibility(line, version.id, last).eligible is not True
    assert eligibility(line, version.id, last).reason in (UNCONFIRMED, OLDER)
    assert eligibility(line, version.id, last + DAY).reason in (ENDED, OLDER)


RELEASES = [(line, version) for line, version in EVERY_VERSION if version.release]


@pytest.mark.parametrize("line, version", RELEASES, ids=ids(RELEASES))
def test_a_release_counts_from_its_day_and_not_the_day_before(line: Line, version: Version) -> None:
    out = version.release
    assert out is not None
    before = eligibility(line, version.id, out - DAY)
    assert (before.eligible, before.position) == (False, "unreleased")
    assert eligibility(line, version.id, out).position != "unreleased"
    if version.in_sequence and version.counts_as == version.id and not line.later_versions_unconfirmed:
        on_the_day = eligibility(line, version.id, out)
        assert on_the_day.position == ("N", "N-1", "older")[min(newer_bases(line, version, out), 2)]
        assert on_the_day.n is not None


@pytest.mark.parametrize("line, version", RELEASES, ids=ids(RELEASES))
def test_a_release_displaces_the_older_ones_on_its_day(line: Line, version: Version) -> None:
    out = version.release
    assert out is not None
    was, now = sequence(line, out - DAY), sequence(line, out)
    if not version.in_sequence or version.counts_as in was:
        assert now == was  # an R2, or a channel outside the sequence, moves nothing
    else:
        assert now[0] == version.counts_as
        assert now[1:] == was
    for other in line.versions.values():
        if other.in_sequence and other.counts_as in now[2:]:
            assert eligibility(line, other.id, out).reason == OLDER


def test_every_version_on_every_date_of_its_line_stands_where_counting_puts_it() -> None:
    for line, version in EVERY_VERSION:
        dates = {day for v in line.versions.values() for day in (v.release, v.mainstream_end, v.support_end) if day}
        for on in sorted({day + shift for day in dates for shift in (-DAY, timedelta(), DAY)}):
            if not version.in_sequence or version.release is None or version.release > on:
                continue
            found, place = eligibility(line, version.id, on), newer_bases(line, version, on)
            if place > 1:
                assert (found.eligible, found.position, found.reason) == (False, "older", OLDER), (line.id, version.id, on)
            elif line.later_versions_unconfirmed:
                assert (found.position, found.n, found.n_minus_1) == ("unknown", None, None), (line.id, version.id, on)
                assert found.eligible is not True
            else:
                assert found.position == ("N", "N-1")[place], (line.id, version.id, on)


# As sentences.

SENTENCES: List[Tuple[str, str, str, str, Optional[bool], str, Optional[str]]] = [
    ("Windows Server 2016 is N-1 until the day before 2022 is released",
     "windows_server", "2016", "2021-08-17", True, "N-1", None),
    ("Windows Server 2016 stops being N-1 on the day that 2022 is released",
     "windows_server", "2016", "2021-08-18", False, "older", OLDER),
    ("Windows Server 2022 is covered on the last day of mainstream support",
     "windows_server", "2022", "2026-10-13", True, "N-1", None),
    ("Windows Server 2022 is not covered the day after",
     "windows_server", "2022", "2026-10-14", False, "N-1", ENDED),
    ("Windows Server 2019 is N-1 until 2025 is released",
     "windows_server", "2019", "2024-01-09", True, "N-1", None),
    ("Windows Server 2019 is N-1 but out of mainstream the day after",
     "windows_server", "2019", "2024-01-10", False, "N-1", ENDED),
    ("Windows Server 2019 is older once 2025 is out, whatever its support",
     "windows_server", "2019", "2024-11-01", False, "older", OLDER),
    ("Windows Server 2012 R2 counts as 2012, so 2016 makes it N-1",
     "windows_server", "2012_r2", "2018-10-09", True, "N-1", None),
    ("Windows Server 2012 R2 did not make 2008 R2 older",
     "windows_server", "2008_r2", "2014-01-01", True, "N-1", None),
    ("Windows Server 2025 cannot be covered before it is released",
     "windows_server", "2025", "2024-10-31", False, "unreleased", UNCONFIRMED),
    ("Exchange 2016 was N-1 in June 2021, but out of mainstream",
     "exchange_server", "2016", "2021-06-30", False, "N-1", ENDED),
    ("Exchange 2016 was covered on its last mainstream day",
     "exchange_server", "2016", "2020-10-13", True, "N-1", None),
    ("Exchange 2019 was N in June 2021",
     "exchange_server", "2019", "2021-06-30", True, "N", None),
    ("Exchange 2019 is N-1 and out of mainstream in November 2026",
     "exchange_server", "2019", "2026-11-22", False, "N-1", ENDED),
    ("Exchange 2013 is older than N-1",
     "exchange_server", "2013", "2026-11-22", False, "older", OLDER),
    ("Exchange Subscription Edition is covered by reading the modern policy as mainstream support",
     "exchange_server", "subscription_edition", "2026-11-22", True, "N", None),
    ("SQL Server 2017 was N-1 in June 2021",
     "sql_server", "2017", "2021-06-30", True, "N-1", None),
    ("SQL Server 2016 was in mainstream support until 13 July 2021, and older than N-1 all the same",
     "sql_server", "2016", "2021-06-30", False, "older", OLDER),
    ("SQL Server 2022 is N-1 in November 2026",
     "sql_server", "2022", "2026-11-22", True, "N-1", None),
    ("Windows 10 is covered on its last supported day",
     "windows_client", "10", "2025-10-14", True, "N-1", None),
    ("Windows 10 is not covered the day after",
     "windows_client", "10", "2025-10-15", False, "N-1", ENDED),
    ("Even N is refused once its mainstream support is over",
     "identity_manager", "mim_2016", "2021-06-30", False, "N", ENDED),
    ("A line whose newest release has no known date cannot be confirmed",
     "system_center_operations_manager", "2022", "2026-11-22", None, "unknown", UNCONFIRMED),
    ("An unconfirmed line still refuses what two known releases push back",
     "system_center_operations_manager", "2016", "2026-11-22", False, "older", OLDER),
    ("An annual channel release is outside the sequence",
     "windows_server_sac", "20h2", "2021-06-30", None, "unknown", UNCONFIRMED),
    ("A channel release that is out of support is refused all the same",
     "windows_server_sac", "1909", "2021-06-30", False, "unknown", ENDED),
    ("A release without any date cannot be confirmed",
     "small_business_server", "2011", "2026-11-22", None, "unknown", UNCONFIRMED),
]  # fmt: skip


@pytest.mark.parametrize(
    "product, version, on, eligible, position, reason", [case[1:] for case in SENTENCES], ids=[case[0] for case in SENTENCES]
)
def test_as_sentences(
    product: str, version: str, on: str, eligible: Optional[bool], position: str, reason: Optional[str]
) -> None:
    found = eligibility(LINES[product], version, date.fromisoformat(on))
    assert (found.eligible, found.position, found.reason) == (eligible, position, reason)


def test_the_answer_names_n_and_n_minus_1_of_the_day() -> None:
    then = eligibility(LINES["windows_server"], "2012_r2", date(2021, 6, 30))
    now = eligibility(LINES["windows_server"], "2012_r2", date(2026, 11, 22))
    assert (then.n, then.n_minus_1) == ("2019", "2016")
    assert (now.n, now.n_minus_1) == ("2025", "2022")


def test_an_unconfirmed_line_names_no_n() -> None:
    found = eligibility(LINES["system_center_operations_manager"], "2022", date(2026, 11, 22))
    assert (found.n, found.n_minus_1) == (None, None)
    assert "R12" in found.cites


def test_only_an_answer_under_the_modern_policy_cites_the_reading_of_it() -> None:
    modern = eligibility(LINES["exchange_server"], "subscription_edition", date(2026, 11, 22))
    fixed = eligibility(LINES["sql_server"], "2025", date(2026, 11, 22))
    assert modern.modern and "R8" in modern.cites
    assert not fixed.modern and "R8" not in fixed.cites


def test_a_version_that_the_line_does_not_have_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        eligibility(LINES["windows_server"], "2017", date(2026, 11, 22))


# As laws, for lines that nobody sells.

DAYS = st.dates(date(2000, 1, 1), date(2035, 12, 31))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    releases = draw(st.lists(DAYS, min_size=1, max_size=6, unique=True))
    versions = {}
    for number, release in enumerate(sorted(releases, reverse=True)):
        name = f"v{len(releases) - number}"
        policy = draw(st.sampled_from([FIXED, MODERN]))
        end = draw(st.none() | st.integers(0, 5000).map(lambda days, release=release: release + days * DAY))
        ends = {"support_end": end} if policy == MODERN else {"mainstream_end": end}
        versions[name] = Version(id=name, label=name, policy=policy, release=release, counts_as=name, **ends)
    unconfirmed = draw(st.booleans())
    return Line(id="line", name="Line", versions=versions, later_versions_unconfirmed=unconfirmed)


@given(lines(), DAYS)
def test_eligible_means_n_or_n_minus_1_released_and_in_support(line: Line, on: date) -> None:
    for version in line.versions.values():
        found = eligibility(line, version.id, on)
        if found.eligible:
            assert found.position in ("N", "N-1") and found.reason is None
            assert version.release is not None and version.release <= on
            assert version.id in (found.n, found.n_minus_1)
            end = version.support_end if version.policy == MODERN else version.mainstream_end
            assert on <= end if end else version.policy == MODERN
        else:
            assert found.reason in (OLDER, ENDED, UNCONFIRMED)


@given(lines(), DAYS)
def test_at_most_two_versions_are_eligible(line: Line, on: date) -> None:
    assert sum(eligibility(line, version, on).eligible is True for version in line.versions) <= 2


@given(lines(), DAYS)
def test_a_version_is_never_nearer_than_a_newer_one(line: Line, on: date) -> None:
    """When a version is older than N-1, so is every version released before it."""
    released = [version.id for version in line.versions.values() if version.release and version.release <= on]
    older = [eligibility(line, version, on).position == "older" for version in released]
    assert older == sorted(older)


@given(lines(), DAYS, st.integers(0, 4000))
def test_what_was_refused_does_not_become_covered_again(line: Line, on: date, later: int) -> None:
    for version in line.versions.values():
        if version.release and version.release <= on and eligibility(line, version.id, on).eligible is False:
            assert eligibility(line, version.id, on + later * DAY).eligible is False


@given(lines(), DAYS)
def test_an_unconfirmed_line_never_says_yes(line: Line, on: date) -> None:
    if line.later_versions_unconfirmed:
        for version in line.versions:
            found = eligibility(line, version, on)
            assert found.eligible is not True and found.n is None and found.position not in ("N", "N-1")


@given(lines(), DAYS, DAYS, st.data())
def test_an_r2_moves_nothing_however_late_it_comes(line: Line, released: date, on: date, data: st.DataObject) -> None:
    base = data.draw(st.sampled_from(list(line.versions.values())))
    if base.release is None or released <= base.release:
        return
    r2 = Version(id="r2", label="R2", policy=FIXED, release=released, counts_as=base.id, mainstream_end=date(2099, 1, 1))
    with_r2 = replace(line, versions={"r2": r2, **line.versions})
    for version in line.versions:
        assert eligibility(with_r2, version, on) == eligibility(line, version, on)
    if on >= released:
        assert eligibility(with_r2, "r2", on).position == eligibility(line, base.id, on).position


@given(st.sampled_from(EVERY_VERSION), DAYS)
def test_the_laws_hold_for_the_real_lines_on_any_day(case: Tuple[Line, Version], on: date) -> None:
    line, version = case
    found = eligibility(line, version.id, on)
    assert (found.reason is None) == (found.eligible is True)
    assert found.cites
    if found.eligible:
        assert newer_bases(line, version, on) <= 1
        assert version.mainstream_end is None or on <= version.mainstream_end
        assert version.support_end is None or on <= version.support_end
    if found.eligible is None:
        assert found.reason == UNCONFIRMED
