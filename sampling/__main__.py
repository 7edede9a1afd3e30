"""`python -m sampling`: size, allocate, draw and verify, without web app or database.

Shares are per cent here and fractions in Python. Faults and warnings go to standard error; a command that finds a fault
writes nothing and ends with 2, one that finds the sample wanting with 1.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from sampling.certificate import certificate, is_drawn_from, read_certificate, same_file, verify
from sampling.console import margin_text, per_cent_fault, plain, print_json, progress, stop, stop_if, warn
from sampling.digest import canonical_json
from sampling.draw import draw
from sampling.engines import LargeList, open_large
from sampling.errors import CertificateError, Fault, SamplingError
from sampling.exact import decimal_text
from sampling.files import write_together
from sampling.frame import Frame, read_frame
from sampling.labels import label_cases
from sampling.listing import (
    about_the_list,
    check_seed_and_folder,
    choices_of,
    columns_of,
    earlier_draw,
    plan_of,
    read_list,
)
from sampling.options import Options
from sampling.plan import Plan
from sampling.size import margins_of, sample_size
from sampling.version import VERSION
from sampling.within import allocate_within

OUTPUT = ("sample.csv", "certificate.json")
_MOST_DIFFERENCES = 20


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, "-V", "--version", prog_name="casereader")
def main() -> None:
    """Draw a fair sample of cases that nobody can steer and anyone can check."""


@main.command("size")
@click.option("--population", metavar="N", help="How many cases there are.")
@click.option("--confidence", metavar="C", default="90", show_default=True, help="Per cent.")
@click.option("--margin", metavar="M", default="15", show_default=True, help="Half-width, in percentage points.")
@click.option("--expected-share", metavar="P", default="50", show_default=True, help="Per cent expected.")
@click.option("--ineligible", metavar="P", default="0", show_default=True, help="Per cent not eligible.")
@click.option("--formula", metavar="NAME", default="cochran", show_default=True, help="Or wilson, hypergeometric.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def size_command(
    population: str | None,
    confidence: str,
    margin: str,
    expected_share: str,
    ineligible: str,
    formula: str,
    as_json: bool,
) -> None:
    """How many cases to draw for a share with a given margin.

    \b
    python -m sampling size --population 240
    python -m sampling size --population 240 --confidence 95 --margin 10 --ineligible 5
    """
    options = Options()
    if population is None:
        options.refuse("--population", None, "say how many cases there are, such as --population 240")
    number = options.whole("--population", population, least=1)
    shares = {
        "confidence": options.per_cent("--confidence", confidence),
        "margin": options.per_cent("--margin", margin),
        "expected_share": options.per_cent("--expected-share", expected_share),
        "ineligible": options.per_cent("--ineligible", ineligible),
    }
    given = {name: share for name, share in shares.items() if share is not None}
    try:
        result = sample_size(number or 1, formula=formula, **given)  # type: ignore[arg-type]
    except SamplingError as error:
        stop([*options.faults, *map(per_cent_fault, error.faults)])
    stop_if(options.faults)
    warn(options.warnings)
    if as_json:
        figures = {name: plain(share * 100) for name, share in given.items()}
        print_json(
            {
                "population": result.population,
                "sample_size": result.sample_size,
                "exact": result.exact,
                **figures,
                "formula": formula,
            }
        )
        return
    percent = {name: decimal_text(share * 100) for name, share in given.items()}
    click.echo(f"Draw {result.sample_size} of {result.population} cases.")
    click.echo(
        f"In {percent['confidence']} of 100 such samples, a share near {percent['expected_share']}% comes within "
        f"{percent['margin']} percentage points of the share in all {result.population} "
        f"({formula}; {result.exact:.2f} before rounding)."
    )
    if given["ineligible"]:
        click.echo(f"That allows for {percent['ineligible']}% of the cases being ineligible.")


@main.command("allocate")
@about_the_list
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def allocate_command(as_json: bool, **typed: Any) -> None:
    """Share a sample out over the strata of FRAME (CSV, XLSX or Parquet).

    \b
    python -m sampling allocate list.csv --strata stratum --size 60 --minimum 5
    python -m sampling allocate list.csv --strata reason,age_band --within partnership --size 60 --json
    """
    options = Options()
    choices = choices_of(options, typed)
    columns = columns_of(options, typed)
    blocked = list(options.faults)
    frame = read_list(typed, columns, options)
    sizing = counts = None
    if frame is not None and not blocked:
        try:
            labelled = frame if isinstance(frame, LargeList) else label_cases(frame.table, frame.strata, frame.within)
            counts = labelled.counts
            sizing = allocate_within(labelled.counts_by_group, **choices)
        except SamplingError as error:
            options.faults += error.faults
    stop_if(options.faults)
    assert frame is not None and sizing is not None and counts is not None
    warn([*options.warnings, *frame.warnings, *sizing.warnings])
    widths, overall = margins_of(counts, sizing)
    if as_json:
        print_json([{"stratum": k, "population": n, "sample_size": sizing[k]} for k, n in counts.items()])
        return
    wide = max(len("stratum"), *map(len, counts))
    click.echo(f"{'stratum':<{wide}}  population  sample  margin")
    for label, population in counts.items():
        click.echo(f"{label:<{wide}}  {population:>10}  {sizing[label]:>6}  {margin_text(widths[label]):>6}")
    total = f"{sum(counts.values()):>10}  {sum(sizing.values()):>6}"
    click.echo(f"{'all':<{wide}}  {total}  {margin_text(overall):>6}")
    click.echo("Margin: percentage points to each side of a share of 50%, with 90% confidence.")


@main.command("draw")
@about_the_list
@click.option("--confidence", metavar="C", help="Instead of a size: per cent (90 when only the margin is given).")
@click.option("--margin", metavar="M", help="Instead of a size: percentage points (15 when only C is given).")
@click.option("--reserve", metavar="P%|K", default="0", show_default=True, help="A share of each stratum, or so many.")
@click.option("--selection", metavar="NAME", default="tickets", show_default=True, help="Or systematic, pps.")
@click.option("--order-by", metavar="A,B", help="Columns that a systematic selection is ordered by.")
@click.option("--measure", metavar="COLUMN", help="The size of each case, for pps.")
@click.option("--avoid", metavar="CERTIFICATE", help="Take other cases than this draw with the same seed.")
@click.option("--seed", metavar="TEXT", help="1 to 200 printable ASCII characters but |, used as given.")
@click.option("--out", metavar="FOLDER", help="Where sample.csv and certificate.json are written.")
@click.option("--force", is_flag=True, help="Write over a sample that is there.")
def draw_command(seed: str | None, out: str | None, force: bool, **typed: Any) -> None:
    """Draw a sample from FRAME (CSV, XLSX or Parquet), with a certificate that anyone can verify.

    \b
    python -m sampling draw list.csv --strata stratum --size 60 --minimum 5 --reserve 50% \\
        --seed 2026-06-01-4-8-15-16-23-42 --out drawn
    python -m sampling draw list.csv --strata reason,age_band --within partnership \\
        --confidence 90 --margin 15 --seed 2026-06-01-4-8-15-16-23-42 --out drawn
    """
    options = Options()
    choices = choices_of(options, typed)
    choices["confidence"] = options.per_cent("--confidence", typed["confidence"])
    choices["margin"] = options.per_cent("--margin", typed["margin"])
    columns = columns_of(options, typed)
    typed["order_by"] = options.names("--order-by", typed["order_by"])
    blocked = list(options.faults)
    check_seed_and_folder(options, seed, out, OUTPUT, force)
    earlier = earlier_draw(typed["avoid"], seed, options)
    needs_all = typed["selection"] != "tickets" or any(typed[name] for name in ("order_by", "measure", "avoid"))
    frame = read_list(typed, columns, options, whole=needs_all)
    plan, warnings = None, list(options.warnings)
    if frame is not None and not blocked:
        try:
            plan, found = plan_of(frame, columns, choices, typed, earlier)
            warnings += [*frame.warnings, *found]
        except SamplingError as error:
            options.faults += error.faults
    stop_if([*map(per_cent_fault, options.faults)])
    assert frame is not None and plan is not None and seed is not None and out is not None
    _draw_and_write(frame, plan, seed, Path(out), earlier, warnings)


def _draw_and_write(
    frame: Frame | LargeList,
    plan: Plan,
    seed: str,
    folder: Path,
    earlier: dict[str, Any] | None,
    warnings: list[Fault],
) -> None:
    progress("Drawing")
    try:
        drawn = frame.draw(plan, seed=seed) if isinstance(frame, LargeList) else draw(frame.table, plan, seed=seed)
    except SamplingError as error:
        stop(error.faults)
    paper = certificate(drawn, at=datetime.now(UTC), file_sha256=frame.file_sha256)
    if earlier is not None:
        before = {case["case_ref"] for case in earlier["cases"]}
        shared = sum(ref in before for ref in drawn.sample["case_ref"])
        if shared:
            says = f"{shared} of its cases are drawn again: their strata have too few others"
            warnings.append(Fault(None, "--avoid", None, says))
    progress("Writing")
    table = drawn.sample.to_csv(index=False, lineterminator="\n").encode()
    try:
        write_together(folder, {"sample.csv": table, "certificate.json": canonical_json(paper)})
    except OSError as error:
        stop([Fault(None, "--out", str(folder), f"cannot be written: {error.strerror or 'no room or no right'}")])
    warn(warnings)
    n, population = sum(plan.sizes.values()), sum(drawn.counts.values())
    click.echo(f"Drew {n} of {population} cases and {len(drawn.sample) - n} in reserve, in {len(drawn.counts)} strata.")
    click.echo(f"Wrote {' and '.join(str(folder / name) for name in OUTPUT)}.")
    click.echo(f"Digest of the certificate: {paper['digest']}")


@main.command("verify")
@click.argument("certificate_file", metavar="CERTIFICATE")
@click.argument("frame")
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook holds the list.")
def verify_command(certificate_file: str, frame: str, sheet: str | None) -> None:
    """Draw again by a CERTIFICATE from the list in FRAME, and say whether the sample is the same.

    \b
    python -m sampling verify drawn/certificate.json list.csv

    Ends with 0 when it is, 1 with the first differences, 2 when one of the files cannot be read.
    """
    try:
        stated = read_certificate(certificate_file)
        plan = Plan.from_json(stated["plan"])
        asked: dict[str, Any] = {"id": plan.id, "strata": plan.strata, "within": plan.within, "rules": plan.rules}
        asked["today"] = _day(stated["created_at"])
        progress("Reading the list")
        again: Frame | LargeList | None = None
        if sheet is None:
            with open_large(frame, **asked) as large:
                progress("Drawing again")
                again = large if large is not None and is_drawn_from(stated, large) else None
        differences = []
        if again is None:
            again = read_frame(frame, sheet=sheet, **asked)
            differences = verify(stated, again)
    except SamplingError as error:
        stop(error.faults)
    if not same_file(stated, again):
        click.echo("Note: this is not byte for byte the file that was drawn from.", err=True)
    if not differences:
        click.echo("verified")
        return
    click.echo("not verified")
    for difference in differences[:_MOST_DIFFERENCES]:
        click.echo(str(difference))
    if len(differences) > _MOST_DIFFERENCES:
        click.echo(f"… and {len(differences) - _MOST_DIFFERENCES} differences more")
    sys.exit(1)


def _day(created_at: str) -> date:
    try:
        return datetime.fromisoformat(created_at).date()
    except ValueError:
        raise CertificateError([Fault(None, "created_at", created_at, "is not a time")]) from None


if __name__ == "__main__":
    main(prog_name="python -m sampling")
