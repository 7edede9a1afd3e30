"""Practice is apart from what counts: in the tables, and in what asks for it."""

from collections.abc import Iterable

from casereader.models import PracticeReading
from tests.source import imports, modules


def test_what_counts_cannot_reach_practice() -> None:
    known = modules("app.py", "sampling", "casereader", "bench")
    allowed = {
        "casereader",
        "casereader.models",
        "casereader.practice",
        "casereader.practice.calibration",
        "casereader.web.readings.practice",
        "casereader.web.readings.calibration",
        "casereader.cli.demo",  # makes invented practice readings
        "casereader.demo",
        "casereader.demo.practising",
    }

    asking = {name for name, path in known.items() if _asks(imports(path, frozenset(known)))}

    assert asking - allowed == set()
    keys = {key.column.table.name for key in PracticeReading.__table__.foreign_keys}  # type: ignore[attr-defined]
    assert keys == {"account"}


def _asks(imported: Iterable[str]) -> bool:
    return any(name.startswith(("casereader.practice", "casereader.models.practice")) for name in imported)
