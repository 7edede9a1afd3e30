"""People who may sign in, their sessions, and what they may do in each inspection."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import Role


class Account(SQLModel, table=True):
    """A person who may sign in. `email` is in its one canonical form."""

    __table_args__ = (
        CheckConstraint("email = lower(email) AND length(email) BETWEEN 3 AND 254", name="email_canonical"),
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    email: str = Field(sa_type=String(254), unique=True)
    name: str = Field(sa_type=String(100))
    password_hash: str | None = Field(default=None, sa_type=String(200))
    is_administrator: bool = False
    may_begin_programmes: bool = False  # becomes coordinator of every inspection they add
    is_demo: bool = False
    ends_on: date | None = None  # last day on which the account works
    preferences: list[str] = Field(default_factory=list, sa_type=JSON)  # values of `Preference`
    created_at: datetime = moment()
    disabled_at: datetime | None = moment(nullable=True)


class SignIn(SQLModel, table=True):
    """One signed-in browser. The cookie holds the token; we hold only its hash."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(sa_type=String(64), unique=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = moment()
    last_seen_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class OneTimeLink(SQLModel, table=True):
    """A link with which a person sets a password once."""

    __tablename__ = "one_time_link"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="expires_later"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(sa_type=String(64), unique=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class Membership(SQLModel, table=True):
    """A person's role in one inspection."""

    __table_args__ = (
        UniqueConstraint("account_id", "inspection_id", "role"),
        CheckConstraint("paired_with_id IS NULL OR role = 'local reviewer'", name="only_local_are_paired"),
        CheckConstraint("paired_with_id IS NULL OR paired_with_id <> account_id", name="paired_with_another"),
        CheckConstraint("role <> 'local reviewer' OR paired_with_id IS NOT NULL", name="local_has_a_pair"),
        CheckConstraint("telephone = '' OR role IN ('lead', 'deputy')", name="only_who_is_told_has_a_telephone"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    role: Role = Field(sa_type=word(Role, "role"))
    paired_with_id: int | None = Field(default=None, foreign_key="account.id")
    telephone: str = Field(default="", sa_type=String(30))  # where they are told of a matter of concern
