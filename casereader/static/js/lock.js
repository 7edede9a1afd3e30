/* The quick lock: covers the page in every tab, keeps what is in it, and asks the server to open nothing meanwhile.
 *
 * The form [data-lock] locks without this script, too, but then leads away from the page; its data-person is whose page
 * this is. What is typed stays in memory. The cover goes for one answer alone: 204 that names this person. Where their
 * sign-in has ended meanwhile, it goes once the server says that they are signed in again.
 * Tells document:  casereader:covered, casereader:uncovered
 */
import { Cover, isCovered } from "./cover.js";
import { askSession } from "./requests.js";

const SESSION = "/readings/session";
const UNCOVERED = "Casereader-Uncovered";
const UNTOLD = "The page is covered, but the server could not be told: do not leave the room before the network is back.";
const UNREACHED = "The server cannot be reached. Try again when the network is back: the page is kept.";
const UNOPENED = "It could not be opened. Try again in a minute: the page is kept.";
const WRONG = "The e-mail address or the password is not right. Try again.";
const TOO_MANY = "There were too many tries. Nothing was checked this time: wait some minutes, then try again.";
const STEP = "Your password is right. Take the second step in a new tab, then come back: this page opens by itself.";
const OTHER = "You are signed in, but this page is somebody else's. It stays covered: open casereader in a new tab.";

const form = document.querySelector("form[data-lock]");
const { person } = form.dataset;
const tabs = new BroadcastChannel("casereader-lock");
let cover = null;

function show() {
  cover ??= new Cover({ unlock, signIn, signOut });
  cover.show();
}

function lift() {
  tabs.postMessage({ says: "uncovered", person });
  return take();
}

/** Show the page again; after a new sign-in its forms need a new token. */
async function take() {
  cover?.lift();
  const { session } = await askSession(SESSION);
  if (session?.person !== person) return;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = session.csrf_token;
}

async function post(address, fields) {
  const { session } = await askSession(SESSION);
  if (!session) throw new TypeError("no token");
  return fetch(address, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ ...fields, csrf_token: session.csrf_token }),
    credentials: "same-origin",
    redirect: "manual", // no redirect is ever a yes
  });
}

async function lock() {
  show();
  tabs.postMessage({ says: "covered" });
  try {
    const { status } = await post("/lock", {});
    if (status === 401) cover.end();
    else if (status !== 204 && status !== 423) cover.say(UNTOLD);
  } catch {
    cover.say(UNTOLD);
  }
}

async function unlock(password) {
  try {
    const reply = await post("/unlock", { person, password });
    if (reply.status === 204 && reply.headers.get(UNCOVERED) === person) return lift();
    if (reply.status === 401) return cover.end();
    const isAnswered = reply.status === 422 || reply.status === 429;
    cover.say(isAnswered ? (await reply.json()).says.join(" ") : UNOPENED);
  } catch {
    cover.say(UNREACHED);
  }
}

async function signIn(email, password) {
  try {
    const { status } = await post("/sign-in", { email, password });
    if (status === 429) return cover.say(TOO_MANY);
    const { session } = await askSession(SESSION);
    if (session?.person === person) lift();
    else if (session?.person) cover.say(OTHER);
    else if (session?.second_step) cover.say(STEP, { needsStep: true });
    else cover.say(WRONG);
  } catch {
    cover.say(UNREACHED);
  }
}

async function signOut(asked) {
  const { session } = await askSession(SESSION);
  if (!session) return cover.say(UNREACHED);
  asked.elements.namedItem("csrf_token").value = session.csrf_token;
  asked.submit();
}

/** Whoever signed in again in another tab comes back to the page as it was. */
async function comeBack() {
  if (document.hidden || !isCovered() || !cover.isEnded) return;
  const { session } = await askSession(SESSION);
  if (session?.person === person && cover.isEnded) lift();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  lock();
});
addEventListener("keydown", (event) => {
  if (event.altKey && event.shiftKey && event.code === "KeyL" && !isCovered()) {
    event.preventDefault();
    lock();
  }
});
tabs.addEventListener("message", ({ data }) => {
  if (data.says === "covered") show();
  else if (data.person === person) take();
});
addEventListener("focus", comeBack);
document.addEventListener("visibilitychange", comeBack);
