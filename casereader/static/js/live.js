/* A page to leave open: every so often it looks at itself again, and shows what has changed where it stands.
 *
 * data-live          a part that is looked at again, known by its id
 * data-live-says     the status line: of when the parts are, said aloud only when something changed
 * data-live-looked   beside it, when they were looked at last; data-every: seconds between two looks
 *
 * Nothing is asked while the page is hidden. A look by itself does not count as somebody being there (the header), so
 * that a page left open keeps nobody signed in; a key pressed or a click since the last look does.
 */

const says = document.querySelector("[data-live-says]");
const looked = document.querySelector("[data-live-looked]");
const TIMEOUT = 20000; // milliseconds
let last = Date.now();
let isLooking = false;
let isUsed = false;
let isOver = false;

for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => { isUsed = true; }, { passive: true });

/** The page as the server has it now; null where it does not answer. Parsed by the browser: no string becomes markup here. */
function look() {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href.split("#")[0]);
    request.responseType = "document";
    request.timeout = TIMEOUT;
    request.setRequestHeader("X-Looks-By-Itself", isUsed ? "used" : "unused");
    isUsed = false;
    request.onload = () => resolve({
      page: request.status === 200 ? request.response : null,
      isElsewhere: new URL(request.responseURL || location.href).pathname !== location.pathname,
      isClosed: [401, 403, 404].includes(request.status),
    });
    request.onerror = request.ontimeout = () => resolve({ page: null, isElsewhere: false, isClosed: false });
    request.send();
  });
}

/** What names a control again in a part that was put in the place of another. */
function nameOf(control) {
  const form = control.closest("form")?.getAttribute("action") ?? "";
  return [control.localName, control.id, control.getAttribute("href"), control.name, form, control.closest("details") && control.localName === "summary" ? control.textContent : ""].join("|");
}

/** Put a part in the place of the old one: focus stays, what was opened stays open, and a form that sends a file stays as it is. */
function take(old, fresh) {
  const part = document.importNode(fresh, true);
  const held = old.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const open = new Set([...old.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
  for (const summary of part.querySelectorAll("details > summary")) {
    if (open.has(summary.textContent)) summary.parentElement.open = true;
  }
  for (const form of old.querySelectorAll("form[data-sending]")) { // a file that was chosen cannot be chosen again by a script
    part.querySelector(`form[data-sending][action="${form.getAttribute("action")}"]`)?.replaceWith(form);
  }
  old.replaceWith(part);
  if (held === null) return;
  const again = [...part.querySelectorAll("a, button, input, select, summary, [tabindex]")].find((one) => nameOf(one) === held);
  (again ?? document.getElementById("main")).focus({ preventScroll: true });
}

/** Whether anything in a part differs but the tokens of its forms and what is opened in it. */
function differs(old, fresh) {
  const plain = (part) => {
    const copy = part.cloneNode(true);
    for (const token of copy.querySelectorAll("input[name=csrf_token]")) token.setAttribute("value", "");
    for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
    return copy;
  };
  return !plain(old).isEqualNode(plain(fresh));
}

function renewTokens(page) {
  const fresh = page.querySelector("input[name=csrf_token]");
  if (!fresh) return;
  for (const token of document.querySelectorAll("input[name=csrf_token]")) token.setAttribute("value", fresh.value);
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function show(page) {
  renewTokens(page);
  const parts = [...document.querySelectorAll("[data-live]")].map((old) => [old, page.getElementById(old.id)]);
  const changed = parts.filter(([old, fresh]) => fresh && differs(old, fresh));
  for (const [old, fresh] of changed) take(old, fresh);
  const when = page.querySelector("[data-live-says]").textContent;
  if (changed.length) {
    say(says, `Changed. ${when}`);
    say(looked, "");
  } else {
    const clock = when.match(/[0-9:]{5} UTC/)?.[0] ?? "";
    say(looked, `Looked again at ${clock}: nothing else has changed.`);
  }
}

async function lookAgain() {
  isLooking = true;
  const { page, isElsewhere, isClosed } = await look();
  isLooking = false;
  last = Date.now();
  if (isElsewhere || isClosed) {
    isOver = true;
    say(says, "This does not update any more: you are signed out, or it is no longer yours to see. Show the state now to go on.");
    say(looked, "");
  } else if (page?.querySelector("[data-live-says]")) {
    show(page);
  } else {
    say(looked, "The server did not answer at the last look. Trying again.");
  }
}

function tick() {
  const every = Number(looked.dataset.every) * 1000;
  if (isOver || isLooking || document.hidden || Date.now() - last < every) return;
  lookAgain();
}

setInterval(tick, 500);
document.addEventListener("visibilitychange", tick);
