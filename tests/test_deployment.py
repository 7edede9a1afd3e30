"""What docs/deployment shows agrees with the program."""

import re

from casereader.web.issuing import worked_out
from tests.source import ROOT


def test_the_proxy_waits_longer_for_a_programme_s_issue_than_it_may_take() -> None:
    shown = (ROOT / "docs" / "deployment" / "nginx.conf").read_text(encoding="utf-8")

    waits = re.search(r"location ~ \^/programmes/\[\^/\]\+/issues\$ \{[^}]*proxy_read_timeout (\d+)s;", shown)

    assert waits is not None and int(waits[1]) > worked_out.SECONDS
