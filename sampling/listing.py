"""What `allocate` and `draw` are told: which list and columns, how many and how shared out, what to avoid, where to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import pandas as pd

from sampling.certificate_file import read_certificate
from sampling.console import progress
from sampling.draw import start_after
from sampling.engines import LargeList, open_large
from sampling.errors import CertificateError, Fault, FrameError, PlanError
from sampling.files import in_the_way
from sampling.frame import Frame, FrameRules, read_frame
from sampling.frame.headers import header_key
from sampling.labels import label_cases
from sampling.options import Options
from sampling.plan import Plan, plan_for, plan_from_counts
from sampling.tickets import seed_faults

Command = TypeVar("Command", bound=Callable[..., Any])


def about_the_list(command: Command) -> Command:
    """The options that `allocate` and `draw` share."""
    for option in reversed(
        [
            click.argument("frame"),
            click.option("--id", "id_", metavar="COLUMN", default="case_ref", show_default=True, help="References."),
            click.option("--strata", metavar="A,B", help="Columns that make the strata."),
            click.option("--within", metavar="COLUMN", help="Apply size and method inside each of its values."),
            click.option("--rules", metavar="FILE", help="What the list may hold (TOML)."),
            click.option("--sheet", metavar="NAME", help="Which sheet of a workbook holds the list."),
            click.option("--size", metavar="N", help="How many cases to share out."),
            click.option("--sizes", metavar="FILE", help="CSV with stratum and size."),
            click.option("--method", metavar="NAME", help="proportional (default), equal, neyman, power or fixed."),
            click.option("--minimum", metavar="K", help="At least so many in each stratum."),
            click.option("--maximum", metavar="K", help="At most so many in each stratum."),
            click.option("--sd", metavar="FILE", help="CSV with stratum, sd and, for power, mean."),
            click.option("--power", metavar="P", default="0.5", show_default=True, help="For power; 0.5: square root."),
            click.option("--take-all", metavar="LABEL", multiple=True, help="Read this stratum in full. Repeatable."),
        ]
    ):
        command = option(command)
    return command


def columns_of(options: Options, typed: dict[str, Any]) -> dict[str, Any]:
    """The columns of reference, strata and within, as `read_frame` and `plan_for` take them."""
    if typed["strata"] is None:
        options.refuse("--strata", None, "name the columns that make the strata, such as --strata stratum")
    strata = options.names("--strata", typed["strata"])
    return {"id": typed["id_"], "strata": strata, "within": typed["within"]}


def choices_of(options: Options, typed: dict[str, Any]) -> dict[str, Any]:
    """How many and how shared out, as `allocate_within` and `plan_for` take them."""
    sizes = options.sizes("--sizes", typed["sizes"])
    method = typed["method"] or ("proportional" if typed["sizes"] is None else "fixed")
    if typed["sizes"] is not None and method != "fixed":
        options.refuse("--method", method, "sizes given for each stratum are fixed; leave the method out")
    figures = options.figures("--sd", typed["sd"], ("sd", "mean"))
    if typed["sd"] is not None and method not in ("neyman", "power"):
        options.warnings.append(Fault(None, "--sd", typed["sd"], f"is not used by the method {method}"))
    return {
        "size": options.whole("--size", typed["size"], least=1),
        "sizes": sizes,
        "method": method,
        "minimum": options.whole("--minimum", typed["minimum"]),
        "maximum": options.whole("--maximum", typed["maximum"], least=1),
        "power": options.number("--power", typed["power"]),
        "sd": figures.get("sd"),
        "mean": figures.get("mean"),
        "take_all": typed["take_all"],
    }


def read_list(
    typed: dict[str, Any], columns: dict[str, Any], options: Options, *, whole: bool = False
) -> Frame | LargeList | None:
    """The list, or None with what is wrong with it among the options' faults.

    A long list is opened where it lies, until the command ends, unless it is wanted whole, in memory.
    """
    path, sheet = typed["frame"], typed["sheet"]
    try:
        given = None if typed["rules"] is None else FrameRules.from_toml(typed["rules"])
    except FrameError as error:
        options.faults += error.faults
        return None
    if not columns["strata"]:
        return None
    progress("Reading the list")
    if not whole and sheet is None:
        large = click.get_current_context().with_resource(open_large(path, rules=given, **columns))
        if large is not None:
            return large
    try:
        return read_frame(path, rules=given, sheet=sheet, **columns)
    except FrameError as error:
        options.faults += error.faults
        return None


def plan_of(
    frame: Frame | LargeList,
    columns: dict[str, Any],
    choices: dict[str, Any],
    typed: dict[str, Any],
    earlier: dict[str, Any] | None,
) -> tuple[Plan, list[Fault]]:
    """The plan that the options make of the list, with what is to be warned of; PlanError bears the sender's rows."""
    if isinstance(frame, LargeList):
        return plan_from_counts(
            frame.counts_by_group, **columns, reserve=typed["reserve"], rules=frame.rules, **choices
        )
    named = {header_key(str(name)): str(name) for name in frame.table.columns}
    try:
        return plan_for(
            frame.table,
            **columns,
            reserve=typed["reserve"],
            selection=typed["selection"],
            order_by=tuple(named.get(header_key(name), name) for name in typed["order_by"]),
            measure=typed["measure"] and named.get(header_key(typed["measure"]), typed["measure"]),
            start=_start_of(earlier, frame),
            rules=frame.rules,
            **choices,
        )
    except PlanError as error:
        raise PlanError([_at_its_row(fault, frame) for fault in error.faults]) from None


def check_seed_and_folder(
    options: Options, seed: str | None, out: str | None, output: tuple[str, ...], force: bool
) -> None:
    """Whether a seed and a folder are given, and can be used."""
    if seed is None:
        options.refuse("--seed", None, "give the seed, such as the public value that was fixed before")
    else:
        options.faults += seed_faults(seed)
    if out is None:
        options.refuse("--out", None, "name the folder that the sample is to be written to")
        return
    there = in_the_way(Path(out), output)
    if there and (not force or there == [out]):
        says = f"{' and '.join(there)} would be written over; name another folder, or use --force"
        options.refuse("--out", out, f"{out} is a file; name a folder" if there == [out] else says)


def earlier_draw(path: str | None, seed: str | None, options: Options) -> dict[str, Any] | None:
    """The certificate of the draw whose cases are to be avoided."""
    if path is None:
        return None
    try:
        earlier = read_certificate(path)
    except CertificateError as error:
        options.faults += error.faults
        return None
    if earlier["seed"] != seed:
        options.refuse("--avoid", path, "was drawn with another seed; cases are avoided by the same seed only")
    return earlier


def _start_of(earlier: dict[str, Any] | None, frame: Frame) -> dict[str, str]:
    """The ticket in each stratum after which cases are taken, so that those of the earlier draw are avoided."""
    if earlier is None or not earlier["cases"]:
        return {}
    known = label_cases(frame.table, frame.strata, frame.within).labels
    return {label: ticket for label, ticket in start_after(pd.DataFrame(earlier["cases"])).items() if label in known}


def _at_its_row(fault: Fault, frame: Frame) -> Fault:
    """The fault with the row as the sender of the list counts it."""
    if fault.row is None:
        return fault
    return Fault(int(frame.rows[fault.row - 2]), fault.column, fault.value, fault.says)
