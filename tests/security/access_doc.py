"""The table of who may use what, as docs/security/access.md shows it; run as a module, this writes it."""

from __future__ import annotations

from tests.security.access_table import ROLES, Reply, Row, table
from tests.source import ROOT

DOCUMENT = ROOT / "docs" / "security" / "access.md"
BEGINS = "<!-- From here on written by `python -m tests.security.access_doc`. -->\n"
PEOPLE = (*ROLES, "administrator", "beginner")
HEADS = ("reviewer", "local", "moderator", "coordinator", "lead", "deputy", "administrator", "begins programmes")
WHOSE = {
    "-": "",
    "inspection": "theirs by that role",
    "own reading": "their own to read",
    "own reading or one to countersign": "their own, or a local reviewer's they countersign",
    "programme": "they have that role in an inspection of it",
    "own programme": "they began it",
    "account": "anybody's",
    "own sign-in": "their own",
    "own sign-in method": "their own",
    "link": "whoever holds the link",
    "practice case": "everybody's of that role",
    "guide": "everybody's",
}
AREAS = (
    ("An inspection", "/inspections"),
    ("A programme", "/programmes"),
    ("A reading", "/readings"),
    ("Practice", "/practice"),
    ("Accounts, for administrators", "/accounts"),
    ("Oneself, and the rest", "/"),
)


def rendered() -> str:
    """Every row, by area."""
    left = list(table())
    parts = []
    for title, start in AREAS:
        rows = [row for row in left if row.address.startswith(start)]
        left = [row for row in left if row not in rows]
        lines = [f"| what | address | {' | '.join(HEADS)} | whose | else |", "|---|---|" + "---|" * (len(HEADS) + 2)]
        parts.append("\n".join([f"### {title}\n", *lines, *map(_line, rows)]))
    return "\n\n".join(parts) + "\n"


def _line(row: Row) -> str:
    everybody = bool(row.who & {"anyone", "signed-in"})
    marks = ["yes" if everybody or one in row.who else "" for one in PEOPLE]
    extra = " (also before the second step)" if "second-step" in row.who else ""
    extra += " (also while locked)" if "covered" in row.who else ""
    what = row.what + extra + (" (nobody need be signed in)" if "anyone" in row.who else "")
    answers = "; ".join(f"{condition}: {_words(reply)}" for condition, reply in row.when)
    answers += f"{'; ' if answers else ''}empty: {_words(row.empty)}" if row.empty else ""
    return f"| {what} | {row.method} `{row.address}` | {' | '.join(marks)} | {WHOSE[row.of]} | {answers} |"


def _words(reply: Reply) -> str:
    return f"{reply.status} to `{reply.leads_to}`" if reply.leads_to else str(reply.status)


def in_document() -> str:
    """What stands in the document."""
    return DOCUMENT.read_text(encoding="utf-8").partition(BEGINS)[2]


if __name__ == "__main__":
    said = DOCUMENT.read_text(encoding="utf-8").partition(BEGINS)[0]
    DOCUMENT.write_text(said + BEGINS + "\n" + rendered(), encoding="utf-8")
