"""The words of a reading workbook that tell its reader what to do. Pure."""

from __future__ import annotations

CONCERN = "A matter of concern does not wait for the workbook: tell the inspection lead now, in person or by telephone"
STEPS = (
    "This workbook is for reading records when there is no server to reach. Each of your cases has a sheet of its own, "
    "called by its reference.",
    "Choose an answer from the list in the column Answer: click the cell, then the arrow beside it, or press Alt and "
    "the down arrow. Numbers and texts are typed. What the service knew when the workbook was issued is filled in "
    "already: correct what the record shows to be otherwise.",
    "The column Still to do says what a row lacks. Rows that say “not asked” are grey: they do not arise because of "
    "the group or of other answers. Leave them; they open by themselves when those answers change.",
    "“Not applicable” and “Cannot be evaluated” need a ground, chosen from the list beside the answer. What each "
    "answer means is on the sheet Meanings.",
    "Write what you saw in the column Evidence note, and put x under each record in which you found it. A note “see "
    "C9” rests on the note of C9. Never write a name, a date of birth, an address or a number of the health service.",
    "Put x under Discuss where you are unsure and want to talk about it.",
    "Only the white cells can be written in. Do not rename, move or add sheets, rows or columns, and do not copy "
    "sheets between workbooks: a workbook is taken back only as it was issued.",
    f"{CONCERN}.",
    "A record that you cannot read, because it was not produced, the child is not eligible or you have a conflict of "
    "interest: answer nothing on its sheet, and tell the coordinator today which of the three it is and why, without "
    "names. Once the server is back, say it on the page of the reading.",
    "Save the workbook often, as .xlsx, and keep it only where your inspection lets you. Give it to the coordinator "
    "when you have finished, or when the server is back. Nothing that the server holds is written over unless the "
    "coordinator says so, and giving it back twice changes nothing.",
    "When it has come in, sign in, check your answers and submit each reading yourself: the workbook cannot do that.",
)
COLOURS = (
    ("not asked", "grey: leave the row"),
    ("answer needed", "yellow answer cell: nothing is chosen yet"),
    ("ground needed · note needed · source needed", "yellow cell in that column: the answer needs it"),
    ("to discuss", "blue cell under Discuss: talk it over, then take the x away"),
    ("done", "nothing is lacking in the row"),
)
KEPT = "What stands here identifies the workbook when it comes back: it must stay as it is."
HINT = "Choose the answers from the lists. White cells can be written in; Still to do says what a row lacks."


def steps(to_tell: str) -> tuple[str, ...]:
    """What to do, in order; `to_tell` says whom to tell of a matter of concern, and is blank where it is not known."""
    return tuple(f"{CONCERN}: {to_tell}." if to_tell and step == f"{CONCERN}." else step for step in STEPS)
