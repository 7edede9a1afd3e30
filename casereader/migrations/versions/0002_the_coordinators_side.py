"""The coordinator's side: returns and their changes, jobs, calendars, extensions, days, conflicts, records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_return_mapping_partnership_id_partnership")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["account.id"], name=op.f("fk_return_mapping_saved_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_mapping")),
        sa.UniqueConstraint("partnership_id", name=op.f("uq_return_mapping_partnership_id")),
    )
    op.create_table(
        "earlier_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.String(length=300), nullable=False),
        sa.Column("share", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=40), nullable=True),
        sa.Column(
            "comparability",
            sa.Enum(
                "same",
                "similar",
                "not comparable",
                name="comparability",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("n IS NULL OR n >= 1", name=op.f("ck_earlier_figure_n_from_one")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["account.id"], name=op.f("fk_earlier_figure_entered_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_earlier_figure_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_figure")),
        sa.UniqueConstraint("public_id", name=op.f("uq_earlier_figure_public_id")),
    )
    with op.batch_alter_table("earlier_figure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_earlier_figure_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="job_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("says", sa.String(length=300), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=True),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name=op.f("ck_job_ended_when")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_job_progress_in_per_cent")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_job_inspection_id_inspection")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_job_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_public_id")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "partnership_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "taken",
                "dropped",
                name="return_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("received_by_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_partnership_return_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"], ["account.id"], name=op.f("fk_partnership_return_received_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_return")),
        sa.UniqueConstraint("public_id", name=op.f("uq_partnership_return_public_id")),
    )
    with op.batch_alter_table("partnership_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partnership_return_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index(
            "uq_partnership_return_open",
            ["inspection_id"],
            unique=True,
            sqlite_where=sa.text("state = 'received'"),
            postgresql_where=sa.text("state = 'received'"),
        )

    op.create_table(
        "reader_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.CheckConstraint("per_day BETWEEN 1 AND 20", name=op.f("ck_reader_days_per_day_possible")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reader_days_account_id_account")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_reader_days_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_days")),
        sa.UniqueConstraint("inspection_id", "account_id", name=op.f("uq_reader_days_inspection_id_account_id")),
    )
    with op.batch_alter_table("reader_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reader_days_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reader_days_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "list_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("return_id", sa.Integer(), nullable=True),
        sa.Column("frame_id", sa.Integer(), nullable=True),
        sa.Column("tab", sa.String(length=100), nullable=True),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("case_ref", sa.String(length=40), nullable=True),
        sa.Column("list_column", sa.String(length=100), nullable=True),
        sa.Column("is_exclusion", sa.Boolean(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_list_change_has_reason")),
        sa.CheckConstraint("is_exclusion = (list_column IS NULL)", name=op.f("ck_list_change_a_value_or_a_row")),
        sa.ForeignKeyConstraint(
            ["frame_id"], ["sampling_frame.id"], name=op.f("fk_list_change_frame_id_sampling_frame")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_list_change_made_by_id_account")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["partnership_return.id"], name=op.f("fk_list_change_return_id_partnership_return")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_list_change_public_id")),
    )
    with op.batch_alter_table("list_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_change_frame_id"), ["frame_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_list_change_return_id"), ["return_id"], unique=False)

    op.create_table(
        "conflict_of_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", UtcTime(), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_conflict_of_interest_has_reason")),
        sa.CheckConstraint(
            "(partnership_id IS NULL) <> (case_id IS NULL)",
            name=op.f("ck_conflict_of_interest_a_partnership_or_a_case"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conflict_of_interest_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["frame_case.id"], name=op.f("fk_conflict_of_interest_case_id_frame_case")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["account.id"], name=op.f("fk_conflict_of_interest_declared_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_conflict_of_interest_partnership_id_partnership")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_of_interest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_conflict_of_interest_public_id")),
    )
    with op.batch_alter_table("conflict_of_interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_of_interest_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_of_interest_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_of_interest_partnership_id"), ["partnership_id"], unique=False)

    op.create_table(
        "draw_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL) AND (confirmed_at IS NULL) = (certificate IS NULL) AND (confirmed_at IS NULL) = (certificate_sha256 IS NULL)",
            name=op.f("ck_draw_extension_confirmed_when_who_and_what"),
        ),
        sa.CheckConstraint("confirmed_by_id <> asked_by_id", name=op.f("ck_draw_extension_two_people")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_draw_extension_asked_by_id_account")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["account.id"], name=op.f("fk_draw_extension_confirmed_by_id_account")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_extension_draw_id_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_extension")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draw_extension_public_id")),
    )
    with op.batch_alter_table("draw_extension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draw_extension_draw_id"), ["draw_id"], unique=False)

    op.create_table(
        "record_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_case_id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "expected",
                "requested",
                "chased",
                "supplied",
                "problem",
                name="record_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_record_request_changed_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["sample_case_id"], ["sample_case.id"], name=op.f("fk_record_request_sample_case_id_sample_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_request")),
        sa.UniqueConstraint("sample_case_id", "agency", name=op.f("uq_record_request_sample_case_id_agency")),
    )
    with op.batch_alter_table("record_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_request_sample_case_id"), ["sample_case_id"], unique=False)

    with op.batch_alter_table("draw", schema=None) as batch_op:
        batch_op.add_column(sa.Column("partnership_secret", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("inspectorate_secret", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("void_asked_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("void_asked_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("void_asked_reason", sa.Text(), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_draw_void_asked_by_id_account"), "account", ["void_asked_by_id"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_draw_void_asked_when_who_and_why"),
            "(void_asked_at IS NULL) = (void_asked_by_id IS NULL)"
            " AND (void_asked_at IS NULL) = (void_asked_reason = '')",
        )

    with op.batch_alter_table("frame_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tab", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("row", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("other_groups", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notified_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("list_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("panel_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("publish_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("published_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("published_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_inspection_published_by_id_account"), "account", ["published_by_id"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_inspection_published_when_and_who"),
            "(published_on IS NULL) = (published_by_id IS NULL)",
        )

    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stratum_order", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("comparison", sa.JSON(), nullable=True))

    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begun_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_reading_begun_by_id_account"), "account", ["begun_by_id"], ["id"])

    with op.batch_alter_table("sampling_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("partnership_secret_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("inspectorate_secret_sha256", sa.String(length=64), nullable=True))
