"""Second factors below the pages: no code and no line opens twice, a code lives thirty seconds, secrets are sealed."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import cbor2
import pyotp
import pytest
from argon2 import extract_parameters
from sqlalchemy import Engine
from sqlmodel import Session, select, update
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from casereader.config import RelyingParty, load_settings
from casereader.db import transaction
from casereader.errors import AbsentError, RefusedError
from casereader.factors import app, methods, passkeys, recovery, required
from casereader.factors.keys import FactorKeys, LostKeyError
from casereader.models import Account, AuditEvent, Authenticator, Inspection, RecoveryCode, SignIn
from casereader.people import accounts, sessions
from casereader.web import starting
from tests.cast import Cast
from tests.databases import ON_BOTH

AT = datetime(2026, 6, 1, 9, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=app.STEP)
KEY = "a secret key of the instance, long enough"
KEYS = FactorKeys(KEY)
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def somebody(session: Session) -> tuple[Account, SignIn]:
    account = accounts.create(session, email="ada@example.org", name="Ada", by=None, at=AT)
    token = sessions.begin(session, account=account, at=AT)
    found = sessions.find(session, token=token, at=AT)
    assert found is not None
    return found


def with_app(session: Session, *, at: datetime = AT) -> tuple[Account, SignIn, pyotp.TOTP]:
    account, here = somebody(session)
    app.begin(session, account=account, keys=KEYS, at=at)
    codes = pyotp.TOTP(app.setting_up(session, account=account, keys=KEYS, at=at).secret)
    before = at - 10 * STEP
    assert app.confirm(session, account=account, here=here, keys=KEYS, code=codes.at(before), name="App", at=before)
    return account, here, codes


def check_code(session: Session, account: Account, code: str, at: datetime = AT) -> bool:
    return app.check(session, account=account, keys=KEYS, code=code, at=at)


def at_once(engine: Engine, check: Callable[[Session], bool]) -> list[bool]:
    ready = Barrier(2)

    def one(_: int) -> bool:
        ready.wait()
        with transaction(engine) as session:
            return check(session)

    with ThreadPoolExecutor(2) as both:
        return sorted(both.map(one, range(2)))


@ONLY_SQLITE
def test_a_code_is_right_in_its_own_thirty_seconds_and_in_no_others(session: Session) -> None:
    account, _, codes = with_app(session)
    begins = AT.replace(second=0)
    seconds = (-1, 0, 29, 30)

    taken = []
    for second in seconds:
        session.exec(update(Authenticator).values(last_step=0))
        taken.append(check_code(session, account, codes.at(begins), begins + timedelta(seconds=second)))

    assert taken == [False, True, True, False]


@ONLY_SQLITE
def test_apps_that_another_secret_key_sealed_are_counted_and_said_at_the_start(session: Session) -> None:
    with_app(session)
    other = FactorKeys("the key of another host, long enough too")

    assert app.n_lost(session, keys=FactorKeys("a new key, long enough as well", KEY)) == 0
    assert app.n_lost(session, keys=other) == 1
    (said,) = starting.other_secret_key(1)
    assert "1 code app was set up under another secret key" in said
    assert starting.other_secret_key(0) == ()


@ONLY_SQLITE
def test_how_far_off_a_clock_is_is_told_and_opens_nothing(session: Session) -> None:
    account, _, codes = with_app(session)

    def told(off: int) -> int | None:
        code = codes.at(AT + off * STEP)
        assert not (off and check_code(session, account, code))
        return app.steps_off(session, account=account, keys=KEYS, code=code, at=AT)

    assert [told(off) for off in (-20, -1, 0, 1, 20, -400)] == [-20, -1, 0, 1, 20, None]


@ONLY_SQLITE
def test_a_code_opens_once_and_none_from_before_the_one_used_last(session: Session) -> None:
    account, _, codes = with_app(session)
    now, before = codes.at(AT), codes.at(AT - STEP)

    assert check_code(session, account, f" {now[:3]} {now[3:]}")
    assert [check_code(session, account, code) for code in (now, before)] == [False, False]
    assert not check_code(session, account, now, AT + STEP)
    assert check_code(session, account, codes.at(AT + STEP), AT + STEP)


@ONLY_SQLITE
def test_a_code_used_while_the_clock_was_a_year_ahead_shuts_nobody_out_once_it_is_set_back(session: Session) -> None:
    account, _, codes = with_app(session)
    ahead, soon = AT + timedelta(days=365), AT + timedelta(minutes=10)
    assert check_code(session, account, codes.at(ahead), ahead)

    assert check_code(session, account, codes.at(AT), AT)
    assert not check_code(session, account, codes.at(AT), AT), "once, as ever"
    assert check_code(session, account, codes.at(soon), soon)
    assert not check_code(session, account, codes.at(AT + STEP), AT + STEP), "set back by minutes"


@ONLY_SQLITE
def test_the_code_that_set_an_app_up_does_not_sign_in_as_well(session: Session) -> None:
    account, here = somebody(session)
    app.begin(session, account=account, keys=KEYS, at=AT)
    codes = pyotp.TOTP(app.setting_up(session, account=account, keys=KEYS, at=AT).secret)
    assert not methods.of(session, account=account).is_any

    for code, is_right in (("000000", False), ("¹²³⁴⁵⁶", False), (codes.at(AT), True)):
        done = app.confirm(session, account=account, here=here, keys=KEYS, code=code, name="App", at=AT)
        assert done is is_right

    assert not check_code(session, account, codes.at(AT))


@ONLY_SQLITE
def test_an_app_that_nobody_confirmed_in_the_hour_is_begun_again(session: Session) -> None:
    account, _ = somebody(session)
    app.begin(session, account=account, keys=KEYS, at=AT)

    with pytest.raises(AbsentError):
        app.setting_up(session, account=account, keys=KEYS, at=AT + app.SET_UP_WITHIN + STEP)
    app.begin(session, account=account, keys=KEYS, at=AT)
    assert len(session.exec(select(Authenticator)).all()) == 1


@ON_BOTH
def test_of_two_requests_with_one_code_at_once_one_is_refused(engine: Engine) -> None:
    with transaction(engine) as session:
        account, _, codes = with_app(session)

    assert at_once(engine, lambda session: check_code(session, account, codes.at(AT))) == [False, True]


@ON_BOTH
def test_of_two_requests_with_one_line_at_once_one_is_refused(engine: Engine) -> None:
    with transaction(engine) as session:
        account, here = somebody(session)
        line = recovery.make(session, account=account, here=here, at=AT)[6]
    typed = f"{line.number} {line.text}"

    def check(session: Session) -> bool:
        return recovery.check(session, account=account, typed=typed, at=AT)

    assert at_once(engine, check) == [False, True]


@ONLY_SQLITE
def test_a_sheet_has_ten_lines_of_80_bits_kept_as_argon2id_and_a_new_one_voids_the_old(session: Session) -> None:
    account, here = somebody(session)
    old = recovery.make(session, account=account, here=here, at=AT)
    new = recovery.make(session, account=account, here=here, at=AT)

    assert len(recovery.ALPHABET) ** recovery.LETTERS == 2**80
    assert [line.number for line in new] == list(range(1, 11)) and len({line.text for line in old + new}) == 20
    stored = session.exec(select(RecoveryCode)).all()
    assert len(stored) == 10 and all(extract_parameters(one.code_hash).memory_cost == 8192 for one in stored)
    assert all(one.code_hash.startswith("$argon2id$") for one in stored)

    def takes(line: recovery.Line, written: str = "{} {}") -> bool:
        typed = written.format(line.number, line.text)
        return recovery.check(session, account=account, typed=typed, at=AT)

    assert not takes(old[0])
    assert takes(new[0]) and not takes(new[0])
    assert not takes(recovery.Line(3, new[1].text)), "only the line whose number was given is checked"
    assert takes(recovery.Line(2, new[1].text.lower().replace("-", " ")), " {}.  {} ")
    assert methods.of(session, account=account).lines_left == 8


@ONLY_SQLITE
@pytest.mark.parametrize("typed", ["ABCD-EFGH-JKLM-NPQR", "11 ABCD-EFGH-JKLM-NPQR", "0 A", "3", "3 ÄBCD", ""])
def test_what_is_no_line_of_a_sheet_is_told_how_one_is_typed(session: Session, typed: str) -> None:
    account, _ = somebody(session)
    with pytest.raises(RefusedError, match="number of the line"):
        recovery.check(session, account=account, typed=typed, at=AT)


@ONLY_SQLITE
def test_a_secret_opens_for_its_account_alone_and_outlives_the_secret_key_it_was_sealed_under(session: Session) -> None:
    account, _, codes = with_app(session)
    sealed = session.exec(select(Authenticator.sealed_secret)).one() or ""
    assert codes.secret not in sealed and KEYS.open(sealed, bound_to=account.public_id) == codes.secret
    with pytest.raises(LostKeyError):
        KEYS.open(sealed, bound_to="somebody else")

    rotated = FactorKeys("another secret key, as long as the one before", "a secret key of the instance, long enough")
    assert app.check(session, account=account, keys=rotated, code=codes.at(AT), at=AT)
    session.expire_all()
    alone = FactorKeys("another secret key, as long as the one before")
    later = AT + STEP
    assert app.check(session, account=account, keys=alone, code=codes.at(later), at=later)
    assert not check_code(session, account, codes.at(later + STEP), later + STEP), "a lost key is a code not right"


@ONLY_SQLITE
def test_a_new_method_ends_every_other_sign_in_and_is_in_the_trail(session: Session) -> None:
    account, here = somebody(session)
    other = sessions.begin(session, account=account, at=AT)

    recovery.make(session, account=account, here=here, at=AT)

    assert sessions.find(session, token=other, at=AT) is None
    event = session.exec(select(AuditEvent).where(AuditEvent.action == "second factor added")).one()
    assert (event.actor_id, event.body) == (account.id, {"factor": "recovery code"})


@ONLY_SQLITE
def test_who_must_have_one_is_by_role_and_readers_where_their_inspection_says_so(
    session: Session, people: Cast
) -> None:
    def needing() -> set[str]:
        everybody = {name: one for name, one in vars(people).items() if isinstance(one, Account)}
        return {
            name
            for name, one in everybody.items()
            if required.is_needed(session, account=one, memberships=accounts.memberships(session, account=one))
        }

    always = {"coordinator", "moderator", "lead", "deputy", "administrator"}
    assert needing() == always
    inspection = session.get_one(Inspection, people.place.inspection.id)
    inspection.readers_need_second_factor = True
    session.add(inspection)
    session.flush()
    assert needing() == always | {"reviewer", "second_reviewer", "local_reviewer"}
    people.lead.is_demo = True
    assert needing() == always - {"lead"} | {"reviewer", "second_reviewer", "local_reviewer"}


@ONLY_SQLITE
def test_a_challenge_is_taken_once_within_five_minutes_and_of_its_own_sign_in(session: Session) -> None:
    account, here = somebody(session)
    party = RelyingParty("reading.example", "https://reading.example")

    def ask() -> bytes:
        options = passkeys.options_to_make(session, account=account, here=here, party=party, at=AT)
        assert options["rp"] == {"name": "casereader", "id": "reading.example"}
        assert options["authenticatorSelection"]["userVerification"] == "required"  # type: ignore[index]
        return base64url_to_bytes(str(options["challenge"]))

    asked = ask()
    assert len(asked) == passkeys.CHALLENGE_BYTES
    assert [passkeys.take_challenge(session, here=here, at=AT) for _ in range(2)] == [asked, None]
    session.refresh(here)
    ask()
    assert passkeys.take_challenge(session, here=here, at=AT + passkeys.CHALLENGE_LIMIT + STEP) is None
    session.refresh(here)
    assert here.challenge is None, "one that came too late is gone, too"


def keyless() -> str:
    """What an authenticator would answer whose key does not say of which kind it is."""
    said = {"type": "webauthn.create", "challenge": bytes_to_base64url(b"x" * 32), "origin": "https://reading.example"}
    key = cbor2.dumps({1: 2, -1: 1, -2: b"a" * 32, -3: b"b" * 32})
    data = sha256(b"reading.example").digest() + b"\x45\0\0\0\1" + bytes(16) + b"\0\x10" + b"i" * 16 + key
    made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
    name = bytes_to_base64url(b"i" * 16)
    parts = {
        "clientDataJSON": bytes_to_base64url(json.dumps(said).encode()),
        "attestationObject": bytes_to_base64url(made),
    }
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})


@ONLY_SQLITE
@pytest.mark.parametrize(
    "answer", [keyless(), "", "[]", "{}", '{"id": 1}', "[" * 100_000, '{"id": "AAAA", "type": "public-key"}']
)
def test_what_no_passkey_answered_is_refused_in_plain_words(session: Session, answer: str) -> None:
    account, here = somebody(session)
    party, asked = RelyingParty("reading.example", "https://reading.example"), b"x" * 32

    assert not passkeys.check(session, account=account, party=party, challenge=asked, answer=answer, at=AT)
    with pytest.raises(RefusedError, match="could not be taken"):
        passkeys.add(
            session, account=account, here=here, party=party, challenge=asked, answer=answer, name="Token", at=AT
        )


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        ("127.0.0.1,localhost", RelyingParty("localhost", "http://localhost:8000")),
        ("127.0.0.1,reading.example", RelyingParty("reading.example", "https://reading.example")),
        ("192.0.2.7", None),
    ],
)
def test_passkeys_are_made_for_the_name_by_which_people_come(
    tmp_path: Path, hosts: str, found: RelyingParty | None
) -> None:
    settings = load_settings({"CASEREADER_DATA": tmp_path / "data", "TRUSTED_HOSTS": hosts, "PROXY_HOPS": 1})

    assert settings.relying_party == found
