"""Drawing a sample from the command line."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from casereader.cli.acting import coordinator_of
from casereader.cli.edge import inspection_to_change, now, refusals_exit_2, writing
from casereader.drawing import draws
from casereader.vocabulary import SampleRole


@click.command("draw")
@click.option(
    "--inspection", "path", metavar="PROGRAMME/PARTNERSHIP", required=True, help="The inspection to draw for."
)
@click.option("--public-value", metavar="TEXT", required=True, help="The public value named when the plan was fixed.")
@click.option("--by", "email", metavar="EMAIL", help="The coordinator who draws; needed where there are several.")
@with_appcontext
@refusals_exit_2
def command(path: str, public_value: str, email: str | None) -> None:
    """Draw the sample of an inspection whose list and plan are fixed and confirmed; says what is missing otherwise.

    The seed is worked out from the commitment, the plan and the public value. A sample is drawn once.

    \b
    Example:
      flask --app app draw --inspection children-at-risk-2026/glen-test --public-value "4 8 15 16 23 42"
    """
    with writing() as session:
        place = inspection_to_change(session, path=path)
        record = draws.make(
            session,
            inspection=place.inspection,
            public_value=public_value,
            by=coordinator_of(session, place, email),
            at=now(),
        )
        roles = [drawn.role for drawn, _ in draws.sampled(session, draw_record=record)]
    main = roles.count(SampleRole.MAIN)
    click.echo(f"{place.name}: {main} cases drawn, {len(roles) - main} in reserve.")
    click.echo(f"Seed {record.seed}")
    click.echo(f"Certificate {record.certificate_sha256}")
