"""What docs/deployment shows agrees with the program."""

from tests.source import ROOT


def test_no_request_is_waited_for_longer_than_others_by_the_proxy() -> None:
    shown = (ROOT / "docs" / "deployment" / "nginx.conf").read_text(encoding="utf-8")

    assert shown.count("proxy_read_timeout") == 1
