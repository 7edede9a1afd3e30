"""Takes the pictures of the guides anew: `make docs`.

A page that is not where it was, or that has another heading, stops it: then the guide that shows it has to be read too.
Pictures that no guide needs any more are removed. Ends with 1, and leaves every picture as it was, where one fails.
"""

from __future__ import annotations

import base64
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright
from waitress import create_server

from tests.pictures import world
from tests.pictures.shots import SHOTS, Shot, found
from tests.ports import HOST
from tests.programs import find_chromium
from tests.source import ROOT

FOLDER = ROOT / "docs" / "pictures"
QUALITY, SCALE, WIDE, MARGIN = 75, 0.7, 1280, 16
# Where a heading or a caption stands, and the middle of the page beside it.
BOX = """words => {
  const heads = [...document.querySelectorAll("main :is(h1, h2, h3, caption)")];
  const head = heads.find(one => one.checkVisibility() && one.textContent.trim().startsWith(words));
  const main = document.querySelector("main").getBoundingClientRect();
  const top = head && (head.closest(".cr_title") ?? head);
  return head && [main.x, top.getBoundingClientRect().y + scrollY, main.width];
}"""
# How far down a picture may go, at most to `end`, without cutting through a line or a row, or ending with a heading.
CUT = """end => {
  const whole = "tr, p, li, dt, dd, h1, h2, h3, caption, summary, svg, input, label, a";
  const pieces = [...document.querySelectorAll(`main :is(${whole})`)];
  const boxes = pieces.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect());
  const through = () => boxes.filter(box => box.height && box.top + scrollY < end && box.bottom + scrollY > end);
  for (let cut = through(); cut.length; cut = through()) end = Math.min(...cut.map(box => box.top)) + scrollY;
  const heads = [...document.querySelectorAll("main :is(h2, h3, legend)")].map(one => one.getBoundingClientRect());
  const last = heads.filter(box => box.bottom + scrollY <= end && box.bottom + scrollY > end - 70);
  return last.length ? Math.min(...last.map(box => box.top)) + scrollY : end;
}"""
# A question in the middle of the window, as its reader has it.
SCROLL = """key => document.querySelector(`[data-key="${key}"]`).scrollIntoView({block: "center"})"""


class FailedError(Exception):
    """A page is not what its picture says."""


def main() -> int:
    """Take every picture, then write them all."""
    try:
        taken = _take_all()
    except FailedError as error:
        print(f"No picture was changed: {error}", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.webp"):
        if path.stem not in taken:
            path.unlink()
    for name, content in taken.items():
        (FOLDER / f"{name}.webp").write_bytes(content)
    print(f"docs/pictures: {len(taken)} pictures, {sum(map(len, taken.values())) // 1024} KB")
    return 0


def _take_all() -> dict[str, bytes]:
    with TemporaryDirectory() as folder, world.demonstration(Path(folder)) as app, sync_playwright() as playwright:
        places = {shot.name: found(app, shot) for shot in SHOTS}
        server = create_server(app, host=HOST, port=0, threads=12, ident=None)
        threading.Thread(target=server.run, daemon=True).start()
        address = f"http://{HOST}:{server.effective_port}"
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            chromium_sandbox=False,
            args=["--font-render-hinting=none", "--lang=en-GB"],
            env={"LANGUAGE": "en_GB"},
        )
        taken = {}
        for who in dict.fromkeys(shot.who for shot in SHOTS):
            page = _signed_in(browser, address, who)
            for shot in SHOTS:
                if shot.who == who:
                    path, heading = places[shot.name]
                    taken[shot.name] = _take(page, shot, address + path, heading)
        browser.close()
        server.close()
        return taken


def _signed_in(browser: Browser, address: str, who: str) -> Page:
    page = browser.new_page(locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce")
    page.clock.set_fixed_time(world.MOMENT)
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail address").fill(f"{who}@demo.example")
    page.get_by_label("Password").fill(world.PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    return page


def _take(page: Page, shot: Shot, address: str, heading: str) -> bytes:
    page.set_viewport_size({"width": WIDE, "height": shot.height})
    reply = page.goto(address, wait_until="networkidle")
    if reply is None or reply.status != 200:
        raise FailedError(f"{shot.name}: {address} answers {reply and reply.status}.")
    if (said := page.locator("h1").inner_text()) != heading:
        raise FailedError(f"{shot.name}: {address} is headed “{said}”, not “{heading}”.")
    x, y, width = 0, 0, WIDE
    if shot.question:
        page.evaluate(SCROLL, shot.question)
        y = page.evaluate("scrollY")
    elif shot.begins:
        found = page.evaluate(BOX, shot.begins)
        if not found:
            raise FailedError(f"{shot.name}: {address} has no heading or caption “{shot.begins}”.")
        x, y, width = found[0] - MARGIN, found[1] - MARGIN, found[2] + 2 * MARGIN
    height = page.evaluate(CUT, y + shot.height) - y
    clip = {"x": x, "y": y, "width": width, "height": height, "scale": SCALE}
    beyond = {"captureBeyondViewport": not shot.question}
    devtools = page.context.new_cdp_session(page)
    picture = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip, **beyond})
    devtools.detach()
    return base64.b64decode(picture["data"])


if __name__ == "__main__":
    sys.exit(main())
