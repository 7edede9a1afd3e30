"""Every inspection of mine at once: by stage with what is late, and their weeks side by side."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, url_for

from casereader import dated
from casereader.charts.calendar import CalendarRow, calendar_chart
from casereader.programmes.calendars import WORDS
from casereader.stages import board
from casereader.stages.board import Card
from casereader.vocabulary import Role, Stage
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.programmes import signposts
from casereader.web.request_session import db

blueprint = Blueprint("board", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)


@blueprint.get("/board")
@allow(*SEES)
def show() -> str:
    """The inspections by stage."""
    found = _cards()
    columns = board.columns(found, today=now().date())
    return render_template(
        "board/show.html",
        columns=[{"title": column.title, "cards": [_card(card) for card in column.cards]} for column in columns],
        n_late=sum(bool(card.late) for card in found),
        n_programmes=len({card.place.programme.id for card in found}),
    )


@blueprint.get("/board/calendar")
@allow(*SEES)
def calendar() -> str:
    """Their weeks."""
    found = sorted((card for card in _cards() if card.standing.stage is not Stage.PUBLISHED), key=_first_day)
    today = now().date()
    late = [card for card in found if card.late]
    return render_template(
        "board/calendar.html",
        n=len(found),
        has_dates=any(_chart_row(card).dates for card in found),
        chart=calendar_chart(
            [_chart_row(card) for card in found],
            name="calendar",
            title="The weeks of the inspections that are not published yet",
            finding=f"{len(found)} inspections, {len(late)} of them late on {dated.day(today)}.",
            today=today,
        ),
        columns=["Inspection", *WORDS.values(), "Late"],
        rows=[_table_row(card) for card in found],
    )


def _cards() -> list[Card]:
    found = board.cards(db(), account=person().account, roles=SEES, today=now().date())
    for card in found:
        objects.show_banner(card.place.programme)
    return found


def _card(card: Card) -> dict[str, object]:
    standing = card.standing
    following = f"{card.following[0]}: {dated.day(card.following[1])}" if card.following else ""
    return {
        "name": card.place.partnership.name,
        "programme": card.place.programme.name,
        "href": url_for("programmes.inspection", public_id=card.place.inspection.public_id),
        "stage": standing.stage if standing.stage in (Stage.FIXED, Stage.EVALUATED) else "",
        "read": f"{standing.n_submitted} of {standing.n_readings} readings submitted"
        if standing.stage is Stage.READING
        else "",
        "waits": [
            {"text": post.heading, "href": post.href}
            for post in signposts.for_me(
                card.place, standing, person().roles_in(card.place.inspection.id or 0), me=person().id
            )
        ],
        "late": [f"{one.what}, since {dated.day(one.since)}" for one in card.late],
        "following": following,
    }


def _first_day(card: Card) -> tuple[date, str]:
    days = [day for day in card.calendar.dates.values() if day is not None]
    return min(days, default=date.max), card.place.partnership.name


def _chart_row(card: Card) -> CalendarRow:
    dates = card.calendar
    begins, ends = dates.reading_starts, dates.reading_ends or dates.reading_starts
    return CalendarRow(
        label=card.place.partnership.name,
        notified=dates.notified_on,
        list_due=dates.list_due_on,
        reading=(begins, ends) if begins and ends else None,
        panel=dates.panel_on,
        publication=dates.publish_on,
        late=bool(card.late),
    )


def _table_row(card: Card) -> list[object]:
    href = url_for("programmes.inspection", public_id=card.place.inspection.public_id)
    days = [dated.short(day) if day else "" for day in card.calendar.dates.values()]
    return [{"text": card.place.name, "href": href}, *days, "; ".join(one.what for one in card.late)]
