"""People who may sign in, their sessions, and what they may do in each inspection."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import Factor, Role


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
    preferences: list[str] = Field(default=[], sa_type=JSON)  # values of `Preference`
    created_at: datetime = moment()
    disabled_at: datetime | None = moment(nullable=True)


class SignIn(SQLModel, table=True):
    """One signed-in browser. The cookie holds the token; we hold only its hash."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    token_hash: str = Field(sa_type=String(64), unique=True)
    previous_hash: str | None = Field(
        default=None, sa_type=String(64), index=True
    )  # answers on their way still know it
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = moment()
    last_seen_at: datetime = moment()
    renewed_at: datetime | None = moment(nullable=True)  # when the token was last made new, as after a change of roles
    rights: str = Field(default="", sa_type=String(64))  # digest of the roles held when the token was made
    proved_at: datetime | None = moment(nullable=True)  # when it was last proved who sits there
    factor: Factor | None = Field(default=None, sa_type=word(Factor, "factor"))  # what stood beside the password
    is_waiting: bool = False  # the password was right, the second factor is still to come
    challenge: str | None = Field(default=None, sa_type=String(90))  # what a passkey is asked to sign, once
    challenged_at: datetime | None = moment(nullable=True)
    locked_at: datetime | None = moment(nullable=True)  # covered by whoever left the desk, until the password is given
    browser: str = Field(default="", sa_type=String(60))  # "Firefox on Linux": what its owner knows it by
    network: str = Field(default="", sa_type=String(43))  # the network it came from, never the whole address
    ended_at: datetime | None = moment(nullable=True)


class Authenticator(SQLModel, table=True):
    """Something a person has that proves who they are: an app with codes, or a passkey."""

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name_length"),
        CheckConstraint("kind IN ('app', 'passkey')", name="app_or_passkey"),
        CheckConstraint("(kind = 'app') = (sealed_secret IS NOT NULL)", name="an_app_has_a_secret"),
        CheckConstraint("(kind = 'passkey') = (credential_id IS NOT NULL)", name="a_passkey_has_a_credential"),
        CheckConstraint("(kind = 'passkey') = (public_key IS NOT NULL)", name="a_passkey_has_a_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    kind: Factor = Field(sa_type=word(Factor, "kind"))
    name: str = Field(sa_type=String(60))
    sealed_secret: str | None = Field(default=None, sa_type=String(200))  # under a key made from the secret key
    last_step: int | None = None  # of the code used last: no code opens twice
    credential_id: str | None = Field(default=None, sa_type=String(1400), unique=True)
    public_key: str | None = Field(default=None, sa_type=String(2000))
    sign_count: int = 0
    made_at: datetime = moment()
    confirmed_at: datetime | None = moment(nullable=True)  # once a first code was right
    last_used_at: datetime | None = moment(nullable=True)


class RecoveryCode(SQLModel, table=True):
    """One line of a recovery sheet: opens once where the authenticator is not at hand. `number` says which line."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        UniqueConstraint("account_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 10", name="ten_of_them"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    number: int
    code_hash: str = Field(sa_type=String(200))
    made_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class OutsideIdentity(SQLModel, table=True):
    """Under what name the organisation's own sign-in service knows an account."""

    __tablename__ = "outside_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("account_id", "issuer"))

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    issuer: str = Field(sa_type=String(300))
    subject: str = Field(sa_type=String(255))
    bound_at: datetime = moment()


class Allowance(SQLModel, table=True):
    """How many tries are left to one name or one network: fills up again with time. The key is a keyed hash."""

    __table_args__ = (CheckConstraint("tries >= 0", name="tries_from_none"),)

    key_hash: str = Field(primary_key=True, sa_type=String(64))
    tries: float
    counted_at: datetime = moment()


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
