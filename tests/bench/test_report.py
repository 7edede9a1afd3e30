"""Figures go to their page by themselves, each with its day and commit, and take nobody else's place."""

import os
import re
from collections.abc import Callable

import pandas
import pytest

from bench import frames
from bench.report import Circumstances, Table, written
from bench.web import __main__ as web

PAGE = """# Performance

<!-- figures of make bench-web -->
<!-- end of the figures of make bench-web -->

<!-- figures of make bench-growth -->

### SQLite

Of another bench.

<!-- end of the figures of make bench-growth -->
"""
THEN, LATER = Circumstances("1 May 2026, commit abc"), Circumstances("2 May 2026, commit def")
ROWS = ("| a | b |", "|---|---:|", "| save | 1 |")


def test_a_table_takes_the_place_of_its_own_earlier_one_and_of_no_other() -> None:
    page = written(PAGE, "bench-web", Table("SQLite", THEN, ROWS))
    page = written(page, "bench-web", Table("PostgreSQL", THEN, ROWS))
    page = written(page, "bench-web", Table("SQLite", LATER, [*ROWS, "| open | 2 |"]))

    block = page.partition("<!-- end of the figures of make bench-web -->")[0]
    assert re.findall(r"^#### (.+)$", block, flags=re.MULTILINE) == ["SQLite", "PostgreSQL"]
    assert block.count(THEN.says) == block.count(LATER.says) == block.count("| open | 2 |") == 1
    assert page.endswith(PAGE.partition("bench-web -->\n\n")[2]), "what is of another bench stays"
    assert written(page, "bench-web", Table("PostgreSQL", THEN, ROWS)) == page


def test_a_page_without_the_place_for_a_bench_is_not_written() -> None:
    with pytest.raises(ValueError, match="figures of make bench-frames"):
        written(PAGE, "bench-frames", Table("100,000 rows", THEN, ROWS))


def test_circumstances_name_the_day_the_commit_and_the_machine() -> None:
    says = Circumstances.now("pandas", "no-such-package").says

    assert re.match(r"\d+ \w+ 20\d\d, commit ", says)
    assert f"{os.cpu_count()} processors" in says and "load" in says and "Python" in says
    assert says.endswith(f"pandas {pandas.__version__}")


@pytest.mark.parametrize("bench", [web.main, frames.main])
def test_figures_of_a_quick_run_go_to_no_page(
    bench: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        bench(["--quick", "--report", "docs/performance.md"])

    assert "a quick run" in capsys.readouterr().err
