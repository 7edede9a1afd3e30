"""What whoever reads an issue must know of its words and shares: frozen with it, since no page stands beside a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casereader.disclosure import Policy, Shows
from casereader.words import Wording


def how_to_read(
    policy: Policy, *, corrects: bool, always_valid: Sequence[str] = (), read_out: Mapping[str, str] | None = None
) -> list[str]:
    """What the words mean, what stands for more than one of them, and that shares are weighted.

    `always_valid` names the partnerships whose intervals hold at any time, since reading could end on what was seen;
    `read_out` those in waves, with how reading ended and the rule by which it could.
    """
    found = [
        f"What the words say of the share of records: {_cut_offs(policy.wording)}.",
        "“Possibly” comes before the words that the 90% interval of the share also allows.",
        "Near none and near all a range such as “from most to all” stands for every share in it alike, so that few "
        "cannot be told from none. How far it reaches turns on the number of records, not on how many count.",
        "Each record stands for as many children of its group on the list as there are for each record read. So a "
        "share, and the word for it, can differ from the number that count divided by the number of records.",
        f"“About” says that a number is rounded to {policy.base}: totals need not add up. “At least” says that none of "
        "the records read have no answer, or too few to be told.",
    ]
    if always_valid:
        found.append(
            f"In {', '.join(always_valid)} reading could end, or go on, because of what was seen. So that it may, the "
            "interval of every share in which its records count holds at any time, however often somebody looked "
            "(“always-valid”). It is wider than one made for a sample whose size nobody could change."
        )
    found += [f"{name}: {rule}" for name, rule in (read_out or {}).items()]
    if policy.shows is Shows.COUNTS:
        found.append("Beside a number, the word is true of the number as printed.")
    if corrects:
        found.append(stands_alike(policy))
    return found


def stands_alike(policy: Policy) -> str:
    """The note that only an issue that corrects another has."""
    return (
        f"A figure that stands as in an earlier issue did not change, or by fewer than {policy.threshold} records: "
        "both look alike, so that nobody can tell in which questions a record was corrected."
    )


def _cut_offs(wording: Wording) -> str:
    """Each word with the shares it is said of.

    >>> from casereader.words import WORDING
    >>> _cut_offs(WORDING)[:60]
    '“none” is 0%, “few” over 0% and under 15%, “less than half” '
    """
    said = []
    for word, above in zip(wording.words, [*wording.words[1:], None], strict=True):
        low, high = f"{100 * word.from_share:g}%", "" if above is None else f"{100 * above.from_share:g}%"
        if above is None or above.from_share == word.from_share:
            said.append(f"“{word.text}” is {low}")
            continue
        begins, goes_on = (f"from {low}", "to") if word.inclusive else (f"over {low}", "and")
        ends = f"under {high}" if above.inclusive else high if word.inclusive else f"up to {high}"
        said.append(f"“{word.text}” {begins} {goes_on} {ends}")
    return ", ".join(said)
