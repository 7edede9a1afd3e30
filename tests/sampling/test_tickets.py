"""What a text must be to serve as a seed."""

import pytest

from sampling.errors import Fault
from sampling.tickets import seed_faults


@pytest.mark.parametrize(
    ("seed", "value", "says"),
    [
        ("", "", "must have 1 to 200 characters, and has 0"),
        ("x" * 201, "x" * 60, "must have 1 to 200 characters, and has 201"),
        ("é1", "\\xe91", "may hold printable ASCII characters only; leave out all others"),
    ],
)
def test_a_seed_that_will_not_do_is_named_with_its_remedy(seed: str, value: str, says: str) -> None:
    assert seed_faults(seed) == [Fault(None, "seed", value, says)]
