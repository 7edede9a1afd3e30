"""Somebody at a browser without a mouse: what they want is reached by Tab, ticked by Space and pressed by Enter."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from casereader.models import Account
from tests.browser.harness import Visitor
from tests.cast import PASSWORD

MOST_TABS = 300


@dataclass
class Keys:
    """Keys alone; nothing is clicked and nothing focused but by Tab."""

    visitor: Visitor

    @property
    def page(self) -> Page:
        """The page in view."""
        return self.visitor.page

    def to(self, target: Locator) -> None:
        """Tab until the focus is there."""
        target.wait_for()
        aim = target.element_handle()  # found once: to find by name takes longer on a long page than the key
        for _ in range(MOST_TABS):
            if aim.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {target}")

    def write(self, field: Locator, text: str) -> None:
        """Type into a field, in the place of what is there."""
        self.to(field)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def tick(self, box: Locator) -> None:
        """Tick a box that is not ticked yet."""
        if not box.is_checked():
            self.to(box)
            self.page.keyboard.press("Space")
        assert box.is_checked()

    def press(self, button: str) -> None:
        """Press the button of that name, and be on the page that it leads to."""
        self._leave_by(self.page.get_by_role("button", name=button).first)

    def follow(self, link: str) -> None:
        """Follow the first link of that name, and be on the page that it leads to."""
        self._leave_by(self.page.get_by_role("link", name=link).first)

    def sign_in(self, account: Account) -> None:
        """Sign in on the sign-in page."""
        self.visitor.visit("/sign-in")
        self.write(self.page.get_by_label("E-mail address"), account.email)
        self.write(self.page.get_by_label("Password"), PASSWORD)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        if self.visitor.is_at_second_step:
            self.write(self.page.get_by_label("A line of your recovery sheet"), self.visitor.next_line(account.email))
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        assert "/sign-in" not in self.page.url and not self.visitor.is_at_second_step

    def _leave_by(self, control: Locator) -> None:
        self.to(control)
        with self.page.expect_navigation():  # what is looked for next may stand on this page too
            self.page.keyboard.press("Enter")
