"""A rescue file is what was sealed here, whole, or it is refused in words that say what is wrong with it."""

import base64
import json
from typing import Any

import pytest

from casereader.sealing import sealing_keys
from casereader.web.readings.rescue_file import LARGEST, RescueFileError, read
from tests.web.rescue_files import outer, rescue_file, sealed, waiting

KEYS = sealing_keys("the secret key of this test, long enough")
OFFER = {
    "key": base64.urlsafe_b64encode(KEYS.public).decode().rstrip("="),
    "key-id": KEYS.id,
    "reading": "R" * 22,
    "account": "A" * 22,
    "instrument": "CRR-1",
    "instrument-version": "1.0",
}
ANSWERS = {"C9": {"value": "5"}}
CHANGED, NOT_WHOLE, NOT_ONE = "was changed after it was saved", "is not whole", "This is not a rescue file"
OTHER_VERSION, ODD = "is of another version of casereader", "is not what a page of a reading saves"
ELSEWHERE = "for another casereader, or with a key that this one no longer keeps"
WHOLE = rescue_file(OFFER, ANSWERS)


def changed(**more: Any) -> bytes:
    return json.dumps(outer(OFFER, ANSWERS) | more).encode()


def flipped(at: int) -> bytes:
    text = json.loads(WHOLE)["sealed"]
    closed = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    closed[at] ^= 1
    return changed(sealed=base64.urlsafe_b64encode(bytes(closed)).decode().rstrip("="))


def sealing(words: bytes) -> bytes:
    """A file in which something is sealed that no page seals."""
    return changed(sealed=sealed(OFFER, words))


def inner(**more: Any) -> bytes:
    return sealing(json.dumps(waiting(OFFER, ANSWERS) | more).encode())


def test_a_whole_file_gives_what_was_sealed() -> None:
    found = read(rescue_file(OFFER, {"C9": {"value": "5", "sources": ["health"]}, "C1": "yes"}), KEYS)

    assert (found.reading, found.account, found.version) == (OFFER["reading"], OFFER["account"], 1)
    assert (found.instrument, found.instrument_version) == ("CRR-1", "1.0")
    assert found.saved_at.isoformat() == "2026-06-09T10:02:00+00:00"
    assert found.changes == {"C9": {"value": "5", "sources": ("health",)}}
    assert list(found.faults) == ["C1"]


def test_a_file_that_only_got_other_line_ends_on_the_way_is_the_same_file() -> None:
    assert read(WHOLE.replace(b"\n", b"\r\n"), KEYS) == read(WHOLE, KEYS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", NOT_ONE),
        (b"\x89PNG\r\n\x1a\n", NOT_ONE),
        (b"[]", NOT_ONE),
        (b'{"some": "json"}', NOT_ONE),
        (WHOLE[:-20], NOT_WHOLE),
        (WHOLE[:60], NOT_WHOLE),
        (WHOLE[:-2] + b',"format":1}', NOT_WHOLE),
        (WHOLE.replace(b'"sealed"', b'"s\xffaled"'), NOT_WHOLE),
        (WHOLE * 2, NOT_WHOLE),
        (changed(casereader="letter"), NOT_ONE),
        (changed(format=2), OTHER_VERSION),
        (changed(format=True), OTHER_VERSION),
        (changed(format="1"), OTHER_VERSION),
        (changed(key="0" * 16), ELSEWHERE),
        (changed(key="no key"), CHANGED),
        (changed(key=None), CHANGED),
        (changed(says="Somebody else's words"), CHANGED),
        (changed(says="\ud800"), CHANGED),
        (changed(says=None), CHANGED),
        (changed(more="than there was"), CHANGED),
        (changed(sealed=""), CHANGED),
        (changed(sealed="AAAA"), CHANGED),
        (changed(sealed="not base64 at all!"), CHANGED),
        (changed(sealed="é"), CHANGED),
        (changed(sealed=json.loads(WHOLE)["sealed"] + "="), CHANGED),
        (flipped(0), CHANGED),
        (flipped(40), CHANGED),
        (flipped(70), CHANGED),
        (flipped(-1), CHANGED),
        (sealing(b"not JSON"), ODD),
        (inner(role="lead"), ODD),
        (inner(reading="../C"), ODD),
        (inner(reading=7), ODD),
        (inner(account="\n"), ODD),
        (inner(version=0), ODD),
        (inner(version=True), ODD),
        (inner(saved_at="yesterday"), ODD),
        (inner(saved_at="2026-02-31T10:00:00.000Z"), ODD),
        (inner(answers=[]), ODD),
        (inner(answers={str(key): {} for key in range(1001)}), ODD),
        (b" " * (LARGEST + 1), "larger than the 2 MB"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:20],
)
def test_any_other_file_says_what_is_wrong_with_it(content: bytes, says: str) -> None:
    with pytest.raises(RescueFileError) as caught:
        read(content, KEYS)

    assert says in str(caught.value)


def test_a_file_sealed_for_one_key_and_labelled_with_another_of_ours_is_refused() -> None:
    both = sealing_keys("a newer secret key of this test, longer", "the secret key of this test, long enough")

    assert read(WHOLE, both) == read(WHOLE, KEYS)
    with pytest.raises(RescueFileError, match=CHANGED):
        read(changed(key=both.id), both)


def test_no_letter_of_the_text_can_be_another() -> None:
    for at, byte in enumerate(WHOLE):
        if byte in b" \n":
            continue  # blanks between the parts of the JSON
        other = b"B" if byte != ord("B") else b"C"
        with pytest.raises(RescueFileError):
            read(WHOLE[:at] + other + WHOLE[at + 1 :], KEYS)
