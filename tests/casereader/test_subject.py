"""All that is held about a case is gathered: each table leads to it, or says here why it tells of no case."""

from __future__ import annotations

from sqlalchemy import event, update

from casereader import subject, subject_shown
from casereader.db import make_engine, transaction
from casereader.erasing import FATES, Kept, words_of
from casereader.instrument import Instrument
from casereader.models import metadata
from tests.casereader.erasing.planted import WORD, plant
from tests.cast import BEGAN, gather

OF_THE_WHOLE_LIST = "of the whole list or sample: gathered where, and as far as, it names the case"
OF_THE_PARTNERSHIP = "about the partnership, and named where a reader of it wrote the reference"
NAMED_ONLY = {
    "challenge": OF_THE_PARTNERSHIP,
    "draw": OF_THE_WHOLE_LIST,
    "draw_extension": OF_THE_WHOLE_LIST,
    "ending": "figures of the whole sample, and the reason why it was read no further",
    "evaluation": OF_THE_PARTNERSHIP,
    "inspection": "its name and dates",
    "issue": "figures that tell of nobody, and a note that is looked over",
    "job": OF_THE_WHOLE_LIST,
    "membership": "who took part",
    "offline_week": "when it was with a laptop",
    "packed_file": "which files went and came, by number and digest",
    "partnership_answer": OF_THE_PARTNERSHIP,
    "partnership_return": OF_THE_WHOLE_LIST,
    "reader_days": "on which days staff read",
    "reading_workbook": OF_THE_WHOLE_LIST,
    "return_mapping": OF_THE_WHOLE_LIST,
    "sampling_frame": OF_THE_WHOLE_LIST,
    "sampling_plan": OF_THE_WHOLE_LIST,
    "text_version": "gathered by the digests in what the trail says of the case",
    "wave_look": "who saw figures of the whole sample, and when",
    "workbook_return": OF_THE_WHOLE_LIST,
}
REFERENCE = f"{WORD}0"


def test_every_table_that_holds_content_leads_to_its_case_or_says_why_it_is_named_only(
    sqlite_url: str, instrument: Instrument
) -> None:
    engine = make_engine(sqlite_url)
    event.listen(engine, "connect", lambda held, _: held.execute("PRAGMA ignore_check_constraints=ON"))
    with transaction(engine) as session:
        cast = gather(session, instrument=instrument, at=BEGAN)
    place = cast.place
    with engine.begin() as connection:
        accounts = (cast.lead.id or 0, cast.moderator.id or 0)
        keys = {"inspection_id": place.inspection.id or 0, "partnership_id": place.partnership.id or 0}
        planted = plant(connection, **keys, accounts=accounts)
        workbooks = metadata.tables["workbook_return"]
        answers = {REFERENCE: {"C9": "of this case"}, "another": {"C9": "of another"}}
        connection.execute(update(workbooks).values(answers=answers, receipts=[{"case": REFERENCE}, {"case": "other"}]))

    with transaction(engine) as session:
        held = subject.gather(session, place=place, reference=REFERENCE, by=cast.lead, at=BEGAN).as_plain()
    engine.dispose()

    content = {name for name, fate in FATES.items() if not isinstance(fate, Kept)}
    assert content == held["held"].keys() | NAMED_ONLY.keys()
    assert not held["held"].keys() & NAMED_ONLY.keys()
    named = {row["table"]: row for row in held["also_named_in"] if row["row"] == REFERENCE}
    could_name = {name for name in NAMED_ONLY if {*words_of(metadata.tables[name])} and name in planted}
    assert could_name - {row["table"] for row in held["also_named_in"]} <= {"draw_extension", "draw", "issue"}
    assert held["held"].keys() == subject_shown.HEADINGS.keys(), "each has a heading in words"
    shown = subject_shown.sections(held)
    assert {"Answers", "Matters of concern", "Also named in"} <= {section["heading"] for section in shown}
    assert not {name for section in shown for row in section["rows"] for name, _ in row} & {
        "Id",
        "Reading id",
        "Digest",
    }
    parts = named["workbook_return"]["parts"]
    assert parts == {"answers": [{"C9": "of this case"}], "receipts": [{"case": REFERENCE}]}
    assert "of another" not in str(held["also_named_in"])
