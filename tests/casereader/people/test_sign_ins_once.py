"""What a sign-in and its second step open once, for how long, and what goes with what was removed."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import cbor2
import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session, update
from webauthn.helpers import bytes_to_base64url

from casereader.config import RelyingParty
from casereader.errors import AbsentError
from casereader.factors import app, methods, passkeys, recovery
from casereader.factors.keys import FactorKeys
from casereader.models import Account, Authenticator, SignIn
from casereader.people import accounts, passwords, sessions
from casereader.vocabulary import Factor

AT = datetime(2026, 6, 1, 9, 0, 10, tzinfo=UTC)
KEYS = FactorKeys("a secret key of the instance, long enough")
PARTY = RelyingParty("casereader.example", "https://casereader.example")
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def account(session: Session) -> Account:
    return accounts.create(session, email="ada@example.org", name="Ada", by=None, at=AT)


def signed_in(session: Session, account: Account, *, is_waiting: bool = False) -> tuple[SignIn, str]:
    token = sessions.begin(session, account=account, at=AT, is_waiting=is_waiting)
    found = sessions.find(session, token=token, at=AT)
    assert found is not None
    return found[1], token


def test_of_two_second_steps_at_once_one_completes_the_sign_in(session: Session, account: Account) -> None:
    entry, _ = signed_in(session, account, is_waiting=True)

    def complete(factor: Factor) -> str | None:
        return sessions.complete(session, account=account, entry=entry, factor=factor, at=AT)

    assert complete(Factor.APP) is not None
    assert complete(Factor.RECOVERY_CODE) is None


def test_a_passkey_that_another_request_has_counted_on_meanwhile_is_refused(session: Session, account: Account) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
    made = Authenticator(
        account_id=account.id or 0,
        kind=Factor.PASSKEY,
        name="Token",
        credential_id=bytes_to_base64url(b"a token's key"),
        public_key=bytes_to_base64url(cbor2.dumps(cose)),
        sign_count=0,
        made_at=AT,
        confirmed_at=AT,
    )
    session.add(made)
    session.flush()
    asked = b"what was asked, of thirty-two bytes"

    def check(count: int) -> bool:
        return passkeys.check(
            session, account=account, party=PARTY, challenge=asked, answer=_signed(key, asked, count), at=AT
        )

    assert check(1)
    assert made.sign_count == 1
    session.exec(update(Authenticator).values(sign_count=2), execution_options={"synchronize_session": False})

    assert not check(2)


def _signed(key: ec.EllipticCurvePrivateKey, challenge: bytes, count: int) -> str:
    said = {"type": "webauthn.get", "challenge": bytes_to_base64url(challenge), "origin": PARTY.origin}
    client = json.dumps(said).encode()
    data = sha256(PARTY.id.encode()).digest() + b"\x05" + count.to_bytes(4)
    signature = key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
    name = bytes_to_base64url(b"a token's key")
    response = {one: bytes_to_base64url(value) for one, value in parts.items()}
    return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def test_the_token_before_works_sixty_seconds_longer_and_not_sixty_one(session: Session, account: Account) -> None:
    entry, before = signed_in(session, account)
    assert sessions.renew(session, entry=entry, rights="other", at=AT) is not None

    def works(seconds: int) -> bool:
        return sessions.find(session, token=before, at=AT + timedelta(seconds=seconds)) is not None

    assert (works(60), works(61)) == (True, False)


def test_a_clock_that_is_set_back_brings_no_sign_in_back_to_life(session: Session, account: Account) -> None:
    entry, token = signed_in(session, account)
    entry.last_seen_at = AT + timedelta(hours=3)
    session.flush()

    def lasts(minutes: int) -> bool:
        return sessions.find(session, token=token, at=AT + timedelta(minutes=minutes)) is not None

    assert [lasts(minutes) for minutes in (1, 174, 175, 180, 211)] == [False, False, True, True, False]


def test_a_changed_password_ends_the_one_time_links_that_were_handed_out(session: Session, account: Account) -> None:
    here, _ = signed_in(session, account)
    link = passwords.issue_link(session, account=account, by=None, at=AT)

    passwords.change(session, account=account, here=here, password="five entirely unrelated words", at=AT)

    with pytest.raises(AbsentError):
        passwords.account_of_link(session, token=link, at=AT)


def test_a_sign_in_counts_a_second_step_no_more_once_the_last_method_is_removed(
    session: Session, account: Account
) -> None:
    here, _ = signed_in(session, account)
    app.begin(session, account=account, keys=KEYS, at=AT)
    waiting = app.setting_up(session, account=account, keys=KEYS, at=AT)
    code = pyotp.TOTP(waiting.secret).at(AT)
    assert app.confirm(session, account=account, here=here, keys=KEYS, code=code, name="App", at=AT)
    recovery.make(session, account=account, here=here, at=AT)

    methods.remove(session, account=account, here=here, public_id=waiting.public_id, at=AT)
    left = here.factor
    methods.remove_sheet(session, account=account, here=here, at=AT)

    assert (left, here.factor) == (Factor.APP, None)
