/* Follows long work on its progress page.
 *
 * An element with data-poll-url="ADDRESS" holds a <progress>, and an element with data-poll-status (role="status") for
 * the words. Every two seconds ADDRESS is asked; it answers {"value": 40, "maximum": 100, "text": "40 of 100 …",
 * "finished": false, "next": "/where/to/go"}. When finished, the page goes to "next", or is loaded again without one.
 * Without this script the page's own "Check progress" button does the same.
 */

const EVERY = 2000;
const SLOWEST = 30000;

for (const box of document.querySelectorAll("[data-poll-url]")) follow(box, EVERY);

function follow(box, pause) {
  setTimeout(async () => {
    let next = EVERY;
    try {
      const response = await fetch(box.dataset.pollUrl, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        cache: "no-store",
      });
      if (response.status === 401 || response.redirected) return location.reload();
      if (!response.ok) throw new Error(String(response.status));
      if (show(box, await response.json())) return;
    } catch {
      next = Math.min(SLOWEST, pause * 2);
      say(box, "No answer from the server. Trying again.");
    }
    follow(box, next);
  }, pause);
}

function show(box, reply) {
  const bar = box.querySelector("progress");
  if (bar) {
    bar.max = reply.maximum;
    bar.value = reply.value;
  }
  say(box, reply.text);
  if (!reply.finished) return false;
  if (reply.next) location.assign(reply.next);
  else location.reload();
  return true;
}

function say(box, text) {
  const line = box.querySelector("[data-poll-status]");
  if (line && line.textContent !== text) line.textContent = text;
}
