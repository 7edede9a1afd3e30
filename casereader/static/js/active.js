/* Reports in which minutes the page was used, so that the time a record took need not be remembered.
 *
 * A minute counts when a key was pressed, something pointed at, or the page scrolled in it; nothing of what was done is
 * sent. What cannot be sent waits in the page and is sent later. [data-minutes-so-far] says what the server measured.
 */

const EVERY = 60_000;
const MOST = 720; // minutes that wait at most
const USED = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "input"];

const root = document.querySelector("[data-base]");
const waiting = new Set();
let sending = false;

const minuteOf = (time) => Math.floor(time / 60_000);

function used() {
  waiting.add(minuteOf(Date.now()));
  if (waiting.size > MOST) waiting.delete(waiting.values().next().value);
}

async function report() {
  if (sending || waiting.size === 0) return;
  sending = true;
  const minutes = [...waiting];
  const now = minuteOf(Date.now());
  try {
    const reply = await fetch(`${root.dataset.base}/active`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("input[name=csrf_token]").value },
      body: JSON.stringify({ minutes_ago: minutes.map((minute) => now - minute).filter((ago) => ago <= MOST) }),
      keepalive: true,
    });
    if (reply.ok) {
      // The minute that still runs is sent again if it is used again: the server keeps each once.
      for (const minute of minutes) waiting.delete(minute);
      say((await reply.json()).minutes);
    }
  } catch {
    // No network: the minutes wait for the next time.
  }
  sending = false;
}

function say(minutes) {
  for (const place of document.querySelectorAll("[data-minutes-so-far]")) {
    place.textContent = `Measured on this record so far: ${minutes} minutes.`;
  }
}

if (root) {
  for (const kind of USED) addEventListener(kind, used, { passive: true, capture: true });
  setInterval(report, EVERY);
  addEventListener("pagehide", report);
}
