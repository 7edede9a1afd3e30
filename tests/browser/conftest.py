"""What a browser test may ask for."""

from tests.browser.harness import browsing, chromium
from tests.cast import cast

__all__ = ["browsing", "cast", "chromium"]
