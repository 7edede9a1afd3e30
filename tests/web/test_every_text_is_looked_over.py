"""Whatever form a text is typed into, whoever typed it is warned where it looks as if it told who somebody is."""

import pytest

from tests.cast import Cast, SignIn

WARNS = "looks as if it held"
TELLS = "Charlotte Kowalski, born 3 May 2012, EH1 2AB, said so."


@pytest.mark.parametrize("text", [TELLS, "Nothing that tells who it is."])
def test_a_reason_that_tells_who_somebody_is_is_warned_of_on_the_page_that_follows(
    cast: Cast, sign_in: SignIn, text: str
) -> None:
    client = sign_in(cast.moderator)
    path = "/conflicts"

    answer = client.submit(path, {"reason": text, "with_all": "y"})

    assert answer.status_code == 303
    told = client.page("/conflicts").text
    assert (WARNS in told) is (text == TELLS)
    assert WARNS not in client.page("/").text, "it is said once"
