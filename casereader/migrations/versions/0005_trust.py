"""Trust: second factors, sessions one can list and lock, allowances of tries, versions of texts, retention."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime, new_digest_key, new_public_id

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Float(), nullable=False),
        sa.Column("counted_at", UtcTime(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_allowance_tries_from_none")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_allowance")),
    )
    op.create_table(
        "authenticator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "app",
                "passkey",
                "recovery code",
                "outside sign-in",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sealed_secret", sa.String(length=200), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("credential_id", sa.String(length=1400), nullable=True),
        sa.Column("public_key", sa.String(length=2000), nullable=True),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'app') = (sealed_secret IS NOT NULL)", name=op.f("ck_authenticator_an_app_has_a_secret")
        ),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential_id IS NOT NULL)", name=op.f("ck_authenticator_a_passkey_has_a_credential")
        ),
        sa.CheckConstraint(
            "(kind = 'passkey') = (public_key IS NOT NULL)", name=op.f("ck_authenticator_a_passkey_has_a_key")
        ),
        sa.CheckConstraint("kind IN ('app', 'passkey')", name=op.f("ck_authenticator_app_or_passkey")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 60", name=op.f("ck_authenticator_name_length")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_authenticator_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_authenticator_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_authenticator_public_id")),
    )
    with op.batch_alter_table("authenticator", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authenticator_account_id"), ["account_id"], unique=False)

    op.create_table(
        "outside_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("bound_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_outside_identity_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_identity")),
        sa.UniqueConstraint("account_id", "issuer", name=op.f("uq_outside_identity_account_id_issuer")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_outside_identity_issuer_subject")),
    )
    with op.batch_alter_table("outside_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outside_identity_account_id"), ["account_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 10", name=op.f("ck_recovery_code_ten_of_them")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "number", name=op.f("uq_recovery_code_account_id_number")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "text_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcTime(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_text_version_digest_length")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_text_version_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_version")),
        sa.UniqueConstraint("inspection_id", "digest", name=op.f("uq_text_version_inspection_id_digest")),
    )
    with op.batch_alter_table("text_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_text_version_digest"), ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_text_version_inspection_id"), ["inspection_id"], unique=False)

    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reader_idle_minutes", sa.Integer(), nullable=False, server_default="240"))
        batch_op.add_column(
            sa.Column("readers_need_second_factor", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("retain_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("erased_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("digest_key", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint("reader_idle_within_a_day", "reader_idle_minutes BETWEEN 15 AND 720")
        batch_op.create_check_constraint("erased_without_its_key", "erased_at IS NULL OR digest_key IS NULL")
    _fill("inspection", "digest_key", new_digest_key)

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("public_id", sa.String(length=22), nullable=True))
        batch_op.add_column(sa.Column("previous_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("renewed_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("rights", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("proved_at", UtcTime(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "factor",
                sa.Enum(
                    "app",
                    "passkey",
                    "recovery code",
                    "outside sign-in",
                    name="factor",
                    native_enum=False,
                    create_constraint=True,
                    length=30,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("is_waiting", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("locked_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("browser", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("network", sa.String(length=43), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_sign_in_previous_hash"), ["previous_hash"], unique=False)

    _fill("sign_in", "public_id", new_public_id)
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(length=22), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_sign_in_public_id"), ["public_id"])


def _fill(name: str, column: str, make: Callable[[], str]) -> None:
    """Give each row that was there before a value of its own."""
    table = sa.table(name, sa.column("id"), sa.column(column))
    connection = op.get_bind()
    for key in connection.scalars(sa.select(table.c.id)).all():
        connection.execute(table.update().where(table.c.id == key).values({column: make()}))
