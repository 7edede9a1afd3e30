"""What is sealed to this instance is opened by it alone, whole or not at all, and by the keys it had before too."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from casereader.sealing import SUITE, BrokenSealError, SealingKeys, UnknownKeyError, sealing_keys

SECRET, EARLIER, ELSEWHERE = "0123456789abcdef" * 2, "fedcba9876543210" * 2, "another instance's secret key, long"
BOUND = b"whose it is"


def sealed_to(keys: SealingKeys, text: bytes) -> bytes:
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.public)
    return SUITE.encrypt(text, point, info=BOUND)


def test_every_host_with_the_secret_key_opens_what_any_had_sealed() -> None:
    one, other = sealing_keys(SECRET), sealing_keys(SECRET)

    assert (one.id, one.public) == (other.id, other.public)
    assert other.open(sealed_to(one, b"words"), key_id=one.id, bound_to=BOUND) == b"words"


def test_another_instance_has_another_key_and_opens_nothing() -> None:
    ours, theirs = sealing_keys(SECRET), sealing_keys(ELSEWHERE)
    sealed = sealed_to(theirs, b"words")

    assert theirs.id != ours.id
    with pytest.raises(UnknownKeyError):
        ours.open(sealed, key_id=theirs.id, bound_to=BOUND)
    with pytest.raises(BrokenSealError):
        ours.open(sealed, key_id=ours.id, bound_to=BOUND)


def test_a_retired_key_still_opens_and_is_sealed_to_no_more() -> None:
    before, now = sealing_keys(EARLIER), sealing_keys(SECRET, EARLIER)

    assert now.id == sealing_keys(SECRET).id != before.id
    assert now.open(sealed_to(before, b"words"), key_id=before.id, bound_to=BOUND) == b"words"


def test_no_byte_of_what_was_sealed_or_bound_to_it_can_be_another() -> None:
    keys = sealing_keys(SECRET)
    sealed = sealed_to(keys, b"words")
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]

    for other in (*changed, sealed[:-1], sealed[:65], b"", sealed + b"x"):
        with pytest.raises(BrokenSealError):
            keys.open(other, key_id=keys.id, bound_to=BOUND)
    with pytest.raises(BrokenSealError):
        keys.open(sealed, key_id=keys.id, bound_to=BOUND + b" now")
