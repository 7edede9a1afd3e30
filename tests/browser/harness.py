"""A real browser for tests: Chromium with somebody in front of it, and what can be measured about a page in it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, expect, sync_playwright

from tests.programs import find_chromium
from tests.second_steps import line
from tests.source import ROOT

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ALONE = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Where axe cannot see what is painted behind words: on charts (their contrast has a test of its own), and where a
# table's caption runs out of the box that it scrolls in (it is the page's own ink on the page's own paper).
UNDECIDED = ("<text ", "<caption ")
# What axe finds turns on what is laid out and how; all its other rules are about what stands there, at any width.
AS_LAID_OUT = ("color-contrast", "target-size", "scrollable-region-focusable")
# What there is of the page, and which of it shows.
SHOWN = """() => [...document.querySelectorAll("body *")]
  .map(one => one.localName + (one.checkVisibility({visibilityProperty: true}) ? "+" : "-")).join("")"""
TIMEOUT = 30_000  # milliseconds; whatever is waited for comes far sooner, bar where the machine is busy
WIDE, NARROW = 1280, 320
WIDTHS = (WIDE, 1024, 1023, 800, NARROW)

# Words that do not fit: the page scrolls sideways, or something that holds words is narrower than they are. With
# `spaced`, the text is set apart as WCAG 1.4.12 allows a reader to, by a constructed sheet, which the page's content
# security policy lets pass.
OVERFLOWS = """spaced => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
    + " word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
  const before = [...document.adoptedStyleSheets];
  if (spaced) document.adoptedStyleSheets = [...before, sheet];
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`page ${root.scrollWidth} > ${root.clientWidth} px`);
  for (const element of document.querySelectorAll("label, legend, button, a, h1, h2, h3, p, li, dt, dd, th, td")) {
    const style = getComputedStyle(element);
    if (style.display === "inline" || element.closest(".visually-hidden")) continue;
    if (element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
      found.push(`<${element.localName}> ${element.scrollWidth} > ${element.clientWidth} px: `
        + element.textContent.trim().slice(0, 60));
  }
  document.adoptedStyleSheets = before;
  return found;
}"""

# What is kept in view covers the words scrolled beneath it, whose contrast axe then cannot tell: for its look the bars
# stand where they would without being kept in view.
AXE_RUN = """async ([only, within]) => {
  const still = new CSSStyleSheet();
  still.replaceSync(".cr_identity, .cr_notes { position: static !important; }");
  const before = [...document.adoptedStyleSheets];
  document.adoptedStyleSheets = [...before, still];
  // Views that are not in view are passed over anyway, but slowly: they stand aside meanwhile.
  const aside = [...document.querySelectorAll("[data-view][hidden]")].map(view => [view, new Comment()]);
  for (const [view, place] of aside) view.replaceWith(place);
  const found = await axe.run(within ?? document, {runOnly: only, resultTypes: ["violations", "incomplete"],
    preload: false});
  for (const [view, place] of aside) place.replaceWith(view);
  document.adoptedStyleSheets = before;
  return found;
}"""


@dataclass
class Visitor:
    """One person at one browser; what the browser complains of is kept, and must be nothing at the end."""

    context: BrowserContext
    page: Page
    address: str
    pictures: Path | None = None
    expected: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    lines_used: Counter[str] = field(default_factory=Counter)

    def visit(self, path: str) -> None:
        """Go to a page of the app."""
        self.page.goto(self.address + path)

    def leave_by(self, control: Locator) -> None:
        """Click what leads to another page, or brings this one anew, and be there: a click alone waits for neither."""
        with self.page.expect_navigation():
            control.click()

    def visit_in_stopped_time(self, path: str) -> None:
        """Go to a page on which nothing is due before `page.clock.run_for` or `resume` says so, however busy we are.

        Nor is it on any other page of this browser: they have one clock.
        """
        self.page.clock.install()
        self.visit(path)
        self.stop_time()

    def stop_time(self) -> None:
        """Let time stand still again on a page where it did before."""
        self.page.clock.pause_at(self.page.evaluate("Date.now() / 1000 + 3600"))  # no time that may be past by then

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the sign-in page."""
        self.visit("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.leave_by(self.page.get_by_role("button", name="Sign in"))
        if self.is_at_second_step:
            self.page.get_by_label("A line of your recovery sheet").fill(self.next_line(email))
            self.leave_by(self.page.get_by_role("button", name="Go on with the line"))
        assert "/sign-in" not in self.page.url and not self.is_at_second_step

    @property
    def is_at_second_step(self) -> bool:
        """Whether the page asks for what stands beside the password."""
        return "/second-step" in self.page.url

    def next_line(self, email: str) -> str:
        """The next line of somebody's sheet, at whatever browser they sit."""
        self.lines_used[email] += 1
        return line(self.lines_used[email])

    def expect_complaint(self, part: str) -> None:
        """Let pass what the browser says when a test does something that it must complain of (a 422, say)."""
        self.expected.append(part)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, when the run was asked to (`--pictures FOLDER`)."""
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def look_over(self, name: str, *, widths: tuple[int, ...] = WIDTHS, within: str | None = None) -> None:
        """Hold the page as it stands to the house's rule: sound for axe, and no word cut off, wide and narrow.

        Narrow, axe goes by all its rules where other parts of the page show than wide, else by those about the layout.

        `within`: the part of the page that axe looks at, where the rest is looked over elsewhere.
        """
        self.page.wait_for_load_state()  # a page is there before its styles are
        found = axe(self.page, within=within)
        before = self.page.evaluate(SHOWN)
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [f"at {width} px: {overflow}" for overflow in overflows(self.page)]
            found += [f"at {width} px, spaced: {overflow}" for overflow in overflows(self.page, spaced=True)]
            if width in (WIDE, NARROW):
                self.picture(f"{name}-{width}")
        same = self.page.evaluate(SHOWN) == before
        found += axe(self.page, within=within, only=AS_LAID_OUT if same else AXE_TAGS)
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        assert not found, f"{name} ({self.page.url}):\n" + "\n".join(sorted(set(found)))

    def _note(self, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.complaints.append(text)


class Browsing:
    """People at browsers of their own, as many as a test needs."""

    def __init__(self, chromium: Browser, pictures: Path | None) -> None:
        self._chromium, self._pictures = chromium, pictures
        self._visitors: list[Visitor] = []
        self._lines_used: Counter[str] = Counter()

    def __call__(self, address: str, **options: Any) -> Visitor:
        """Somebody new at `address`."""
        context = self._chromium.new_context(viewport={"width": WIDE, "height": 900}, locale="en-GB", **options)
        context.set_default_timeout(TIMEOUT)
        visitor = Visitor(context, context.new_page(), address, self._pictures, lines_used=self._lines_used)
        context.on("console", lambda message: _listen(visitor, message))
        context.on("weberror", lambda error: visitor._note(f"error in a script: {error.error}"))
        self._visitors.append(visitor)
        return visitor

    def leave(self) -> None:
        """Everybody leaves: a page still being fetched is no longer wanted."""
        for visitor in self._visitors:
            visitor.context.close()

    @property
    def complaints(self) -> list[str]:
        """What the browsers complained of."""
        return [complaint for visitor in self._visitors for complaint in visitor.complaints]


def axe(
    page: Page,
    *,
    accepted: frozenset[str] = frozenset(),
    within: str | None = None,
    only: Sequence[str] = AXE_TAGS,
) -> list[str]:
    """What axe-core finds on the page as it stands, what it could not decide included, bar the `accepted` rules.

    `within`: a selector of the part to look at, instead of all of it. `only`: the rules, or their tags, to hold it to.
    """
    if not page.evaluate("() => 'axe' in window"):
        # Through the inspector: the page's own policy, rightly, lets no foreign script in.
        inspector = page.context.new_cdp_session(page)
        inspector.send("Runtime.evaluate", {"expression": _axe_source(), "allowUnsafeEvalBlockedByCSP": True})
        inspector.detach()
    result: dict[str, Any] = page.evaluate(AXE_RUN, [list(only), within])
    return [
        f"{kind}: {rule['id']} ({rule['help']}) on {node['target']}: {node['html'][:200]}"
        + "".join(f" ({reason['message']})" for reason in node["any"][:1])
        for kind in ("violations", "incomplete")
        for rule in result[kind]
        if rule["id"] not in accepted
        for node in rule["nodes"]
        if not (kind == "incomplete" and node["html"].startswith(UNDECIDED))
    ]


def overflows(page: Page, *, spaced: bool = False) -> list[str]:
    """What does not fit into the width that the page has, as it stands or with its text `spaced` by a reader."""
    found: list[str] = page.evaluate(OVERFLOWS, spaced)
    return found


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


expect.set_options(timeout=TIMEOUT)  # the same patience for what a page is to say as for what is to be pressed on it


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that every test of this run shares."""
    found = find_chromium()
    if found is None:
        raise RuntimeError("Chromium is missing: run `make test`, which says what to install.")
    with sync_playwright() as playwright:
        # No sandbox: root and containers have none, and the only pages are our own.
        browser = playwright.chromium.launch(executable_path=found, args=list(ALONE), chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture
def browsing(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Browsing]:
    """Open a browser on an address, as often as people are needed; what they complain of fails the test."""
    folder: str | None = request.config.getoption("pictures")
    people = Browsing(chromium, Path(folder) if folder else None)
    yield people
    people.leave()
    if people.complaints:
        raise AssertionError("the browser complained:\n" + "\n".join(people.complaints))


def _listen(visitor: Visitor, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        visitor._note(f"{message.type} at {message.location.get('url', '')}: {message.text}")


def page_of_nothing(browsing: "Browsing", body: str = "") -> Page:
    """A page of no instrument, from which our scripts can be had."""
    page = browsing("http://127.0.0.1").page

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=ROOT / "casereader" / path.removeprefix("/"), content_type="text/javascript")
        else:
            route.fulfill(content_type="text/html", body=f"<!DOCTYPE html><title>Nothing</title>{body}")

    page.route("**/*", serve)
    page.goto("http://127.0.0.1/")
    return page
