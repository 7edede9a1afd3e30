"""Days, moments and shares are worded in one place each, and no page, file or command words its own."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from casereader import dated
from casereader.words import as_set
from tests.source import ROOT, modules

WORDED = re.compile(r"strftime|%[aAbBpj](?![a-z])|%d/%m")
WORDS_THEM = {"casereader/dated.py"}
READS_THEM = {  # what people type, and what programs read
    "casereader/programmes/adding.py",
    "casereader/programmes/joining.py",
    "casereader/returns/changes.py",
    "casereader/web/forms/days.py",
}
SPACED = re.compile(r"[0-9] %(?=[^a-z(\d{%]|$)")


def test_a_day_and_a_moment_are_said_without_a_nought_and_with_their_zone() -> None:
    summer = datetime(2026, 6, 8, 1, 2, 3, tzinfo=timezone(timedelta(hours=1)))

    assert dated.day(date(2026, 6, 8)) == "8 June 2026"
    assert dated.moment(summer) == "8 June 2026, 00:02 UTC"
    assert dated.moment(summer.replace(tzinfo=None)) == "8 June 2026, 01:02 UTC"
    assert [say(None) for say in (dated.day, dated.moment)] == [""] * 2
    assert dated.moment_of("2026-06-08T00:02:03+00:00") == dated.moment(summer)
    assert dated.period(date(2025, 1, 1), date(2026, 3, 31)) == "1 January 2025 to 31 March 2026"
    assert dated.months(date(2025, 1, 1), date(2026, 3, 31)) == "January 2025 to March 2026"
    assert dated.weekday(date(2026, 6, 8)) == "Monday 8 June 2026"
    assert dated.short_weekday(date(2026, 6, 8)) == "Mon 8 Jun"
    assert (dated.short(date(2026, 6, 8)), dated.short_month(date(2026, 6, 8))) == ("8 Jun 2026", "Jun 2026")
    assert dated.clock(summer.astimezone(UTC)) == "00:02 UTC"


@pytest.mark.parametrize(("share", "said"), [("0.10", "10%"), ("0.125", "12.5%"), (0.95, "95%"), ("0", "0%")])
def test_a_share_that_was_set_is_said_as_it_was_set(share: str | float, said: str) -> None:
    assert as_set(share) == said


def test_no_other_module_words_a_day_and_no_template_does() -> None:
    written = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (*modules("casereader").values(), *(ROOT / "templates").rglob("*.html"))
    }
    words_it = {name for name, text in written.items() if WORDED.search(text)}

    assert words_it - WORDS_THEM == READS_THEM, "use casereader/dated.py, in a template as a filter"
    assert not [name for name, text in written.items() if name.endswith(".html") and "|round" in text]
    spaced = [
        f"{name}: {found[0]}"
        for name, text in written.items()
        if name.endswith(".html")
        for found in SPACED.finditer(re.sub(r"\{%.*?%\}", "", text))
    ]
    assert not spaced, "a per cent stands beside its number without a blank"
