/* Keeps a page of long work true: asks every two seconds how far it is, says it, and goes on when it has ended.
 *
 * [data-progress] holds the address to ask and a <progress> with its words; the reply is {per_cent, ended}. Without
 * this script the link beneath does the same.
 */

const PAUSE = 2000; // milliseconds
const box = document.querySelector("[data-progress]");

async function ask() {
  let reply = null;
  try {
    const response = await fetch(box.dataset.progress, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
    });
    reply = response.ok ? await response.json() : { ended: true };
  } catch {
    reply = null; // no network for a moment: ask again
  }
  if (reply?.ended) return location.reload();
  if (reply) show(reply.per_cent);
  setTimeout(ask, PAUSE);
}

function show(perCent) {
  const words = `${perCent}% done`;
  box.querySelector("progress").value = perCent;
  const text = box.querySelector("p");
  if (text.textContent !== words) text.textContent = words; // said once by a screen reader
}

if (box) setTimeout(ask, PAUSE);
