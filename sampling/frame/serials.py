"""Dates in a workbook: which cells are styled as dates, and which day a serial number is."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from sampling.frame.cells import Kind

# Number formats that Excel has built in and shows as a day, in every language it is sold in.
_BUILT_IN = frozenset([*range(14, 18), 22, *range(27, 37), *range(50, 59)])
_TIMES = frozenset([18, 19, 20, 21, 45, 46, 47])
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
_LAST_SERIAL = 2_958_465
_DAYS_1904 = 1462


@dataclass(frozen=True, slots=True)
class DateStyles:
    """The cell styles that show a number as a day, and the day from which the workbook counts."""

    styles: frozenset[int]
    is_1904: bool

    @classmethod
    def of(cls, style_elements: list[tuple[str, dict[str, str]]], *, is_1904: bool) -> DateStyles:
        """From the elements of the workbook's part of styles, in order."""
        codes: dict[str, str] = {}
        styles = set()
        place = -1
        inside = False
        for name, attributes in style_elements:
            if name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside = name == "cellXfs"
            elif name == "xf" and inside:
                place += 1
                if _is_date(attributes.get("numFmtId", "0"), codes):
                    styles.add(place)
        return cls(frozenset(styles), is_1904)

    def day(self, number: str) -> tuple[Kind, str]:
        """The kind and text of a number styled as a date: the ISO date where it is a day of the calendar."""
        serial = float(number)
        days = int(serial // 1)
        part = serial - days
        if part > 1 - 1e-8:
            days, part = days + 1, 0.0
        if self.is_1904:
            days += _DAYS_1904
            if serial < 0:
                return Kind.NO_DATE, number
        # Serial 60 is the 29 February 1900 that never was; the days before it are counted one off.
        if days == 60 or not 1 <= days <= _LAST_SERIAL:
            return Kind.NO_DATE, number
        date = datetime.date(1899, 12, 31 if days < 60 else 30) + datetime.timedelta(days=days)
        return (Kind.TIMED if part > 1e-8 else Kind.DATE), date.isoformat()


def _is_date(format_id: str, codes: dict[str, str]) -> bool:
    if format_id in codes:
        code = _NOT_CODE.sub("", codes[format_id]).split(";")[0].casefold()
        if code.strip() == "general" or re.search(r"[0#?]", re.sub(r"s\.0+", "s", code)):
            return False
        return bool(re.search(r"[dyhs]|m", code))
    return format_id.isdecimal() and (int(format_id) in _BUILT_IN or int(format_id) in _TIMES)
