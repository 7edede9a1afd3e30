"""Passkeys (WebAuthn): a key that a computer, a telephone or a token keeps, and that signs for this service alone.

What it is asked to sign is drawn here, kept with the sign-in, good for five minutes and taken once: whatever comes of
the answer, the challenge is gone. Whoever holds the key is verified by it (finger, face or PIN).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import webauthn
from sqlmodel import Session, col, select, update
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from casereader.config import RelyingParty
from casereader.errors import RefusedError
from casereader.factors import methods
from casereader.models import Account, Authenticator, SignIn
from casereader.vocabulary import Factor

CHALLENGE_BYTES = 32
CHALLENGE_LIMIT = timedelta(minutes=5)
MOST_LETTERS, MOST_OF_A_KEY = 1400, 2000  # of a credential's id, and of a public key
REFUSED = "The passkey could not be taken. Begin again, and use it on this page."
BROKEN = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)  # by fuzzing it
VERIFIED = UserVerificationRequirement.REQUIRED


def options_to_make(
    session: Session, *, account: Account, here: SignIn, party: RelyingParty, at: datetime
) -> dict[str, object]:
    """What the browser needs to make a passkey that the account has not."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="casereader",
        user_id=account.public_id.encode(),
        user_name=account.email,
        user_display_name=account.name,
        challenge=_ask(session, here=here, at=at),
        timeout=int(CHALLENGE_LIMIT.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=VERIFIED
        ),
        exclude_credentials=_known(_of(session, account)),
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def options_to_use(
    session: Session, *, account: Account, here: SignIn, party: RelyingParty, at: datetime
) -> dict[str, object]:
    """What the browser needs to ask for one of the account's passkeys."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=_ask(session, here=here, at=at),
        timeout=int(CHALLENGE_LIMIT.total_seconds() * 1000),
        allow_credentials=_known(_of(session, account)),
        user_verification=VERIFIED,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def take_challenge(session: Session, *, here: SignIn, at: datetime) -> bytes | None:
    """The challenge of this sign-in, which is gone by that; None where there is none or it is too old."""
    asked = here.challenge
    is_late = here.challenged_at is None or not timedelta(0) <= at - here.challenged_at <= CHALLENGE_LIMIT
    if asked is None:
        return None
    taken = session.exec(
        update(SignIn).where(col(SignIn.id) == here.id, col(SignIn.challenge) == asked).values(challenge=None)
    )
    return base64url_to_bytes(asked) if taken.rowcount and not is_late else None


def add(
    session: Session,
    *,
    account: Account,
    here: SignIn,
    party: RelyingParty,
    challenge: bytes,
    answer: str,
    name: str,
    at: datetime,
) -> None:
    """Take a new passkey whose answer is right for what was asked.

    Raises RefusedError where the answer is wrong, or the passkey is somebody's already.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except BROKEN as error:
        raise RefusedError(REFUSED) from error
    credential, key = bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key)
    known = session.exec(select(Authenticator.id).where(Authenticator.credential_id == credential)).first()
    if len(credential) > MOST_LETTERS or len(key) > MOST_OF_A_KEY or known is not None:
        raise RefusedError(REFUSED)
    session.add(
        Authenticator(
            account_id=account.id or 0,
            kind=Factor.PASSKEY,
            name=name,
            credential_id=credential,
            public_key=key,
            sign_count=made.sign_count,
            made_at=at,
            confirmed_at=at,
        )
    )
    session.flush()
    methods.note_added(session, account=account, here=here, factor=Factor.PASSKEY, at=at)


def check(
    session: Session, *, account: Account, party: RelyingParty, challenge: bytes, answer: str, at: datetime
) -> bool:
    """Whether a passkey of the account has signed what was asked, and counts on from where it was."""
    one = next((each for each in _of(session, account) if each.credential_id == _credential_of(answer)), None)
    if one is None:
        return False
    try:
        proof = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(one.public_key or ""),
            credential_current_sign_count=one.sign_count,
            require_user_verification=True,
        )
    except BROKEN:
        return False
    used = session.exec(
        update(Authenticator)
        .where(col(Authenticator.id) == one.id, col(Authenticator.sign_count) == one.sign_count)
        .values(sign_count=proof.new_sign_count, last_used_at=at)
    )
    return bool(used.rowcount)


def _ask(session: Session, *, here: SignIn, at: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    here.challenge, here.challenged_at = bytes_to_base64url(challenge), at
    session.add(here)
    session.flush()
    return challenge


def _of(session: Session, account: Account) -> Sequence[Authenticator]:
    return methods.of(session, account=account).passkeys


def _known(passkeys: Sequence[Authenticator]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id or "")) for one in passkeys]


def _credential_of(answer: str) -> str | None:
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    found = read.get("id") if isinstance(read, dict) else None
    return found if isinstance(found, str) else None
