"""What is long is compressed where nobody could have chosen a word of it: open readings and static files."""

import gzip

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from casereader.web.every_request.compressing import PADDING
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WANTED = {"Accept_Encoding": "gzip, deflate, br"}
FILE = "/static/css/casereader.css"


def ask(client: PageClient, path: str, *, method: str = "GET", **heads: str) -> TestResponse:
    """Ask as a browser would, whole; nothing looks the page over, because its bytes may be packed."""
    with FlaskClient.open(
        client, path, method=method, headers={n.replace("_", "-"): h for n, h in heads.items()}
    ) as got:
        got.get_data()
        return got


def is_packed(answer: TestResponse) -> bool:
    return answer.headers.get("Content-Encoding") == "gzip"


def test_an_open_reading_comes_compressed_to_who_can_take_it(room: Room, reviewer: PageClient) -> None:
    for rest in ("", "/C", "/check"):
        path = address(room.given(room.cast.reviewer)[0], rest)
        plain, packed = ask(reviewer, path), ask(reviewer, path, **WANTED)

        assert is_packed(packed) and not is_packed(plain)
        assert len(packed.data) * 8 < len(plain.data)
        assert packed.headers["Content-Length"] == str(len(packed.data))
        assert b"</html>" in gzip.decompress(packed.data)
        for answer in (plain, packed):
            assert {"Accept-Encoding", "Cookie"} <= set(answer.vary)
            assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_reading_never_has_a_telling_length(room: Room, reviewer: PageClient) -> None:
    path = address(room.given(room.cast.reviewer)[0], "/C")

    names = [ask(reviewer, path, **WANTED).data[10:].partition(b"\0")[0] for _ in range(8)]

    assert all(0 < len(name) <= PADDING for name in names)
    assert len({len(name) for name in names}) > 1


def test_what_repeats_its_request_is_never_compressed(room: Room, reviewer: PageClient) -> None:
    path = address(room.given(room.cast.reviewer)[0], "/C")

    refused = reviewer.post(path, data={"C9": "99"}, headers={"Accept-Encoding": "gzip"})
    asked = ask(reviewer, f"{path}?going=somewhere", **WANTED)
    other = ask(reviewer, "/settings", **WANTED)

    assert refused.status_code >= 400
    assert not any(is_packed(answer) for answer in (refused, asked, other))


def test_a_static_file_comes_compressed_and_is_asked_after_by_its_tag(client: PageClient) -> None:
    plain, packed = ask(client, FILE), ask(client, FILE, **WANTED)

    assert is_packed(packed) and gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 3 < len(plain.data)
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    for tag, wanted in ((packed.headers["ETag"], WANTED), (plain.headers["ETag"], {})):
        again = ask(client, FILE, If_None_Match=tag, **wanted)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Encoding" not in again.headers


def test_head_says_of_a_file_what_get_gives(client: PageClient) -> None:
    looked, head = ask(client, FILE, **WANTED), ask(client, FILE, method="HEAD", **WANTED)

    said = ("Content-Encoding", "Content-Length", "ETag", "Vary", "Content-Type")
    assert [head.headers[name] for name in said] == [looked.headers[name] for name in said]
    assert head.data == b""


@pytest.mark.parametrize("heads", [{"Accept_Encoding": "gzip;q=0"}, {"Accept_Encoding": "br"}, {}])
def test_who_does_not_take_gzip_is_given_none(client: PageClient, heads: dict[str, str]) -> None:
    assert not is_packed(ask(client, FILE, **heads))


def test_a_part_of_a_file_is_a_part_of_the_file_itself(client: PageClient) -> None:
    part = ask(client, FILE, Range="bytes=0-9", **WANTED)

    assert (part.status_code, is_packed(part)) == (206, False)
    assert part.data == ask(client, FILE).data[:10]
    assert "Accept-Encoding" in part.vary
