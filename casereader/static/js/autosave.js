/* Saves a reading as it is written, and says truthfully whether it has.
 *
 * The form:     data-autosave-url   where changed answers are posted
 *               data-version        the reading's version when the page was made
 *               data-csrf           the token for the X-CSRFToken header
 *               data-session-url    GET, JSON {"csrf_token": "…", "person": "…"} while signed in; anything else: signed out
 *               data-person         who is signed in, as the session address says it (optional)
 *               data-sign-in-url    the sign-in page (default /sign-in)
 *               data-saved-at       when the reading was last saved, ISO 8601 with zone (optional)
 *               autocomplete="off"  so that the browser never puts back older words when somebody returns to the page
 *               a hidden field named "version", if there is one, is kept at the reading's version
 * The line:     #save-status (role="status"), see save-status.js
 * The controls: see answers.js
 * Sent:         {"version", "idempotency_key", "answers": {KEY: {value, note, sources, ground, discuss}}}
 * Replies:      200 {"version", "saved_at", "open": [KEY…]} ("open" is told to the form as a casereader:open event)
 *               409 {"version", "who"} · 401 or 400 signed out · 403, 404, 413 · 422 {"reasons": {KEY: [text…]}}
 *
 * What waits is kept in memory only, the latest answer of each question. A try that failed is sent again exactly as it
 * was, with the same idempotency key, so that a save whose reply was lost is not made twice.
 */
import { answerOf, keyOf } from "./answers.js";
import { SaveStatus, clearReasons, showReasons } from "./save-status.js";

const TYPING_PAUSE = 1000; // milliseconds after the last keystroke
const CHOICE_PAUSE = 150; // after a choice: a run of number keys becomes one save
const LONGEST_PAUSE = 5000; // somebody who never stops typing is saved all the same
const FIRST_RETRY = 2000;
const LAST_RETRY = 30000;
const REPLY_LIMIT = 30000; // a reply later than this counts as lost
const KEEPALIVE_LIMIT = 60000; // browsers carry 64 KiB of body past the end of a page

class Autosave {
  constructor(form, line) {
    this.form = form;
    this.status = new SaveStatus(line, form.dataset.signInUrl ?? "/sign-in");
    this.version = Number(form.dataset.version);
    this.csrf = form.dataset.csrf;
    this.waiting = new Set(); // keys changed since they were last sent
    this.refused = new Set(); // keys the server would not take as they are
    this.attempt = null; // {body, keys}: sent and not yet acknowledged
    this.busy = false; // a request is under way
    this.state = "ready"; // ready, retrying, signed-out or stopped
    this.delay = FIRST_RETRY;
    this.timer = null;
    this.oldest = null; // when the oldest waiting change was made
    this.submitter = undefined; // the button of a submission that waits for the last save
    this.leaving = false;
    this.renewed = false; // a new token was fetched since the last answer from the server
    this.savedAt = form.dataset.savedAt ? new Date(form.dataset.savedAt) : null;
    this.why = "";
  }

  listen() {
    for (const control of this.form.elements) if (touched(control)) this.changed(control, TYPING_PAUSE);
    this.show();
    this.form.addEventListener("input", (event) => this.changed(event.target, TYPING_PAUSE));
    this.form.addEventListener("change", (event) => this.changed(event.target, CHOICE_PAUSE));
    this.form.addEventListener("submit", (event) => this.submitting(event));
    document.addEventListener("visibilitychange", () => (document.hidden ? this.flush() : this.comeBack()));
    window.addEventListener("focus", () => this.comeBack());
    window.addEventListener("online", () => this.comeBack());
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved && !this.leaving) event.preventDefault();
    });
  }

  /** How many answers the server has not acknowledged. */
  get unsaved() {
    return new Set([...this.waiting, ...this.refused, ...(this.attempt?.keys ?? [])]).size;
  }

  changed(control, pause) {
    const key = keyOf(control);
    if (key === null) return;
    this.leaving = false;
    this.refused.delete(key);
    clearReasons(this.form, key);
    this.waiting.add(key);
    this.oldest ??= Date.now();
    this.show();
    if (this.state !== "ready" || this.busy) return;
    this.later(Math.max(0, Math.min(pause, this.oldest + LONGEST_PAUSE - Date.now())));
  }

  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), milliseconds);
  }

  flush() {
    if ((this.state === "ready" || this.state === "retrying") && this.unsaved) this.send();
  }

  comeBack() {
    if (this.busy || document.hidden) return;
    if (this.state === "signed-out") this.renew();
    else if (this.state === "retrying") this.send();
  }

  async send() {
    clearTimeout(this.timer);
    if (this.busy || this.state === "stopped") return;
    this.attempt ??= this.nextAttempt();
    if (!this.attempt) return this.settled();
    this.busy = true;
    let response = null;
    let reply = {};
    try {
      response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.csrf },
        body: this.attempt.body,
        credentials: "same-origin",
        redirect: "error",
        keepalive: new TextEncoder().encode(this.attempt.body).length < KEEPALIVE_LIMIT,
        signal: AbortSignal.timeout(REPLY_LIMIT),
      });
      reply = await response.json();
    } catch {
      if (response?.ok) response = null; // the reply broke off: whether it was saved is not known
    }
    this.busy = false;
    this.answered(response, reply ?? {});
  }

  nextAttempt() {
    if (!this.waiting.size) return null;
    const keys = [...this.waiting];
    this.waiting.clear();
    this.oldest = null;
    const answers = Object.fromEntries(keys.map((key) => [key, answerOf(this.form, key)]));
    return { keys, body: JSON.stringify({ version: this.version, idempotency_key: freshKey(), answers }) };
  }

  answered(response, reply) {
    if (response?.ok && Number.isInteger(reply.version)) return this.saved(reply);
    const status = response?.ok ? 0 : (response?.status ?? 0);
    if ((status === 401 || status === 400) && !this.renewed) return this.renew();
    if (status === 422 && reply.reasons) return this.refuse(reply.reasons);
    if (status === 409) return this.stop(`${reply.who || "Someone else"} changed this reading.`);
    if (status === 404 || status === 403) return this.stop("This reading is no longer yours to change.");
    if (status === 413) return this.stop("There is more text here than can be saved at once.");
    this.renewed = false;
    if (status >= 402 && status < 500 && status !== 408 && status !== 429) {
      return this.stop([].concat(reply.says ?? "The page could not be saved.").join(" "));
    }
    this.retry(Number(response?.headers.get("Retry-After")) * 1000 || 0);
  }

  saved(reply) {
    this.attempt = null;
    this.state = "ready";
    this.delay = FIRST_RETRY;
    this.renewed = false;
    this.version = reply.version;
    const field = this.form.elements.namedItem("version");
    if (field) field.value = reply.version;
    this.savedAt = new Date(reply.saved_at ?? Date.now());
    if (reply.open) {
      this.form.dispatchEvent(new CustomEvent("casereader:open", { detail: { open: reply.open } }));
    }
    if (this.waiting.size) this.later(CHOICE_PAUSE);
    else this.settled();
    this.show();
  }

  /** Nothing waits any more: a submission held back may go. */
  settled() {
    if (this.submitter === undefined || this.busy || this.attempt || this.waiting.size) return;
    const submitter = this.submitter;
    this.submitter = undefined;
    this.leaving = true;
    this.form.requestSubmit(submitter);
  }

  retry(asked) {
    this.state = "retrying";
    this.submitter = undefined;
    this.show();
    this.later(Math.min(LAST_RETRY, Math.max(asked, this.delay)));
    this.delay = Math.min(LAST_RETRY, this.delay * 2);
  }

  /** Ask for a new token: the session may have been begun again in another tab. */
  async renew() {
    clearTimeout(this.timer);
    this.busy = true;
    let session = null;
    let reached = false;
    try {
      const response = await fetch(this.form.dataset.sessionUrl, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error",
        cache: "no-store",
        signal: AbortSignal.timeout(REPLY_LIMIT),
      });
      reached = true;
      if (response.ok) session = await response.json();
    } catch {
      /* no network, or sent on to the sign-in page: still signed out as far as this page knows */
    }
    this.busy = false;
    const person = this.form.dataset.person;
    if (session?.csrf_token && person && session.person && session.person !== person) {
      return this.stop("Someone else is signed in now.");
    }
    if (session?.csrf_token) {
      this.csrf = session.csrf_token;
      for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = this.csrf;
      this.renewed = true;
      this.state = "retrying";
      return this.send();
    }
    this.state = "signed-out";
    this.submitter = undefined;
    this.show();
    this.timer = setTimeout(() => this.renew(), reached ? FIRST_RETRY * 5 : LAST_RETRY);
  }

  refuse(reasons) {
    for (const key of this.attempt.keys) {
      if (!(key in reasons)) this.waiting.add(key); // the whole try was refused: these were in order
      else if (!this.waiting.has(key)) this.refused.add(key);
      if (key in reasons && this.refused.has(key)) showReasons(this.form, key, [].concat(reasons[key]));
    }
    const unknown = !this.attempt.keys.some((key) => key in reasons);
    this.attempt = null;
    if (unknown) return this.stop(Object.values(reasons).flat().join(" "));
    this.state = "ready";
    if (this.waiting.size) this.later(CHOICE_PAUSE);
    else this.settled();
    this.show();
  }

  stop(why) {
    this.state = "stopped";
    this.submitter = undefined;
    this.why = why;
    clearTimeout(this.timer);
    this.show();
  }

  submitting(event) {
    if (this.leaving) return;
    if (this.state === "ready" && !this.busy && !this.attempt && !this.waiting.size) {
      this.leaving = true;
      return;
    }
    event.preventDefault(); // the words in the page go nowhere until the server has them
    this.submitter = event.submitter;
    if (this.state === "ready") this.flush();
    else if (this.state === "stopped") this.status.line.scrollIntoView({ block: "nearest" });
    else this.comeBack();
  }

  show() {
    this.status.show({
      state: this.state,
      unsaved: this.unsaved,
      refused: this.waiting.size || this.attempt ? 0 : this.refused.size,
      savedAt: this.savedAt,
      why: this.why,
    });
  }
}

/** Whether a control was changed before this script ran: it no longer holds what the server wrote into it. */
function touched(control) {
  if (control.type === "radio" || control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control.type === "select-one") {
    const written = [...control.options].findIndex((option) => option.defaultSelected);
    return control.selectedIndex !== Math.max(0, written);
  }
  return control.defaultValue !== undefined && control.type !== "hidden" && control.value !== control.defaultValue;
}

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

for (const form of document.querySelectorAll("form[data-autosave-url]")) {
  const line = document.getElementById("save-status");
  if (line) new Autosave(form, line).listen();
}
