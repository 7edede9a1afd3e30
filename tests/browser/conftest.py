"""What a browser test may ask for."""

from tests.browser.every_page import every_page
from tests.browser.harness import browsing, chromium
from tests.cast import cast

__all__ = ["browsing", "cast", "chromium", "every_page"]
