/* Saves a reading as it is written, and says truthfully whether it has.
 *
 * The root:     data-autosave-url   where changed answers are posted
 *               data-version        the reading's version when the page was made
 *               data-csrf           the token for the X-CSRFToken header
 *               data-session-url    GET, JSON {"csrf_token": "…", "person": "…" or null when signed out, "locked": …}
 *               data-person         who is signed in, as the session address says it (optional)
 *               data-saved-at       when the reading was last saved, ISO 8601 with zone (optional)
 *               fields named "version" and "csrf_token" in it are kept at what is true
 * The line, the controls and what is sent: see save-status.js (#save-status), answers.js and requests.js
 * Submitting:   see submission.js; leaving the page: leaving.js; changed elsewhere: meeting.js
 * Tells root:   casereader:open   {open}               what the server says is asked, when nothing waits
 *               casereader:told   {keys, signs}      what the server saw in the texts of these answers (standing.js)
 *               casereader:refused {key}             a submission is held back until this answer is put right
 *               casereader:signed-out                  sign in again, then `renew()`; casereader:signed-in follows
 *               casereader:differs                     changed elsewhere, and somebody has to choose (meeting.js)
 *
 * What waits is kept in memory only, the latest answer of each question. A try that failed is sent again exactly as it
 * was, with the same idempotency key, so that a save whose reply was lost is not made twice.
 */
import { answerOf, answersOf, keyOf, touched } from "./answers.js";
import { isCovered } from "./cover.js";
import { Leaving } from "./leaving.js";
import { Meeting } from "./meeting.js";
import { askSession, freshKey, postSave, whyStopped } from "./requests.js";
import { SaveStatus, clearReasons, showReasons } from "./save-status.js";
import { Submission } from "./submission.js";

const TYPING_PAUSE = 1000; // milliseconds after the last keystroke
const CHOICE_PAUSE = 150; // after a choice: a run of number keys becomes one save
const LONGEST_PAUSE = 5000; // somebody who never stops typing is saved all the same
const [FIRST_RETRY, LAST_RETRY] = [2000, 30000];

let current = null;

/** Begin to save what stands in `root`. */
export function start(root, line) {
  current = new Autosave(root, line);
  current.listen();
  return current;
}

/** What the server has not acknowledged, for a rescue file: {version, answers}; null when everything is saved. */
export function waitingQueue() {
  return current?.queue ?? null;
}

class Autosave {
  constructor(root, line) {
    [this.root, this.status] = [root, new SaveStatus(line)];
    this.version = Number(root.dataset.version);
    this.csrf = root.dataset.csrf;
    this.held = answersOf(root); // the answers as the server was last known to hold them
    this.waiting = new Set(); // keys changed since they were last sent
    this.refused = new Set(); // keys the server would not take as they are
    this.attempt = null; // {key, keys, answers, body}: sent and not yet acknowledged
    this.nextKey = freshKey(); // of the save after it
    this.busy = false; // a request is under way
    this.state = "ready"; // ready, retrying, locked, signed-out, differs or stopped
    this.delay = FIRST_RETRY;
    this.timer = null;
    this.oldest = null; // when the oldest waiting change was made
    this.submission = new Submission(this);
    this.meeting = new Meeting(this);
    this.leaving = new Leaving(this);
    this.wished = false; // somebody came back while a request was under way: if it fails, the next one goes at once
    this.renewed = false; // a new token was fetched since the last answer from the server
    this.savedAt = root.dataset.savedAt ? new Date(root.dataset.savedAt) : null;
    this.why = "";
    this.news = ""; // what the reader is told beside the time of the last save, until they write again
  }

  listen() {
    for (const control of this.root.querySelectorAll("[data-key] [name]")) {
      if (touched(control)) this.changed(control, TYPING_PAUSE);
    }
    this.show();
    this.root.addEventListener("input", (event) => this.changed(event.target, TYPING_PAUSE));
    this.root.addEventListener("change", (event) => this.changed(event.target, CHOICE_PAUSE));
    this.submission.listen();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.flush() : this.comeBack()));
    for (const name of ["focus", "online"]) window.addEventListener(name, () => this.comeBack());
    document.addEventListener("casereader:covered", () => this.flush());
    document.addEventListener("casereader:uncovered", () => this.uncovered());
    this.leaving.listen();
  }

  /** The keys of what the server has not acknowledged. */
  get keys() {
    return new Set([...(this.attempt?.keys ?? []), ...this.waiting, ...this.refused]);
  }

  /** Nothing is to be sent, and no reply is awaited; what was refused may still have to be put right. */
  get isSettled() {
    return this.state === "ready" && !this.busy && !this.attempt && !this.waiting.size;
  }

  get queue() {
    if (!this.keys.size) return null;
    const answers = Object.fromEntries([...this.keys].map((key) => [key, answerOf(this.root, key)]));
    return { version: this.version, answers };
  }

  changed(control, pause) {
    const key = keyOf(control);
    if (key === null) return;
    this.submission.leaving = false;
    this.news = "";
    this.refused.delete(key);
    clearReasons(this.root, key);
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
    if ((this.state === "ready" || this.state === "retrying") && this.keys.size) this.send();
  }

  comeBack() {
    if (document.hidden) return;
    if (this.busy) this.wished = true;
    else if (this.state === "signed-out" || this.state === "locked") this.renew();
    else if (this.state === "retrying") this.send();
  }

  /** The quick lock is off again: what met it is sent at once. Where the sign-in has ended all the same, that is told. */
  uncovered() {
    if (this.state === "locked" || this.state === "signed-out") this.state = "retrying";
    this.comeBack();
  }

  async send() {
    clearTimeout(this.timer);
    if (this.busy || this.state === "stopped" || this.state === "differs") return;
    this.attempt ??= this.nextAttempt();
    if (!this.attempt) return this.submission.settled();
    this.busy = true;
    this.wished = false;
    const { response, reply } = await postSave(this.root.dataset.autosaveUrl, this.csrf, this.attempt.body);
    this.busy = false;
    this.answered(response, reply);
  }

  nextAttempt() {
    if (!this.waiting.size) return null;
    const keys = [...this.waiting];
    this.waiting.clear();
    this.oldest = null;
    const answers = Object.fromEntries(keys.map((key) => [key, answerOf(this.root, key)]));
    const key = this.nextKey;
    this.nextKey = freshKey();
    const body = JSON.stringify({ version: this.version, idempotency_key: key, answers });
    return { key, keys, answers, body };
  }

  answered(response, reply) {
    if (response?.ok && Number.isInteger(reply.version)) return this.saved(reply);
    const status = response?.ok ? 0 : (response?.status ?? 0);
    if ((status === 401 || status === 400) && !this.renewed) return this.renew();
    if (status === 423) return this.wait("locked");
    if (status === 422 && reply.reasons) return this.refuse(reply.reasons);
    if (status === 409 && reply.answers && !reply.closed) return this.meeting.meet(reply);
    const why = whyStopped(status, reply);
    if (why) return this.stop(why);
    this.renewed = false;
    this.retry(Number(response?.headers.get("Retry-After")) * 1000 || 0);
  }

  saved(reply) {
    Object.assign(this.held, this.attempt.answers);
    this.tell("told", { keys: this.attempt.keys, signs: reply.signs ?? {} });
    this.attempt = null;
    this.state = "ready";
    this.delay = FIRST_RETRY;
    this.renewed = false;
    this.moveTo(reply.version);
    this.savedAt = new Date(reply.saved_at ?? Date.now());
    if (reply.open && !this.waiting.size) this.tell("open", { open: reply.open });
    if (this.waiting.size) this.later(CHOICE_PAUSE);
    else this.submission.settled();
    this.show();
  }

  moveTo(version) {
    this.version = version;
    for (const field of document.querySelectorAll("input[name=version]")) field.value = version;
  }

  tell(name, detail = {}) {
    this.root.dispatchEvent(new CustomEvent(`casereader:${name}`, { detail }));
  }

  retry(asked) {
    this.state = "retrying";
    this.submission.drop();
    this.show();
    this.later(Math.min(LAST_RETRY, Math.max(asked, this.pause(this.delay))));
    this.delay = Math.min(LAST_RETRY, this.delay * 2);
  }

  /** How long to wait before the next try: not at all, once, for somebody who came back meanwhile. */
  pause(milliseconds) {
    const pause = this.wished ? 0 : milliseconds;
    this.wished = false;
    return pause;
  }

  /** Ask for a new token: the session may have been begun again in another tab. */
  async renew() {
    clearTimeout(this.timer);
    this.busy = true;
    const { session, reached } = await askSession(this.root.dataset.sessionUrl);
    this.busy = false;
    const { person } = this.root.dataset;
    if (person && session?.person && session.person !== person) {
      return isCovered() ? this.wait("signed-out") : this.stop("Someone else is signed in now.");
    }
    if (session?.csrf_token) {
      this.csrf = session.csrf_token;
      for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = this.csrf;
    }
    if (session?.person) {
      this.renewed = true;
      if (this.state === "signed-out") this.tell("signed-in");
      this.state = "retrying";
      return this.send();
    }
    if (session?.locked) return this.wait("locked");
    this.needsSecondStep = Boolean(session?.second_step); // the password was given, and is not enough
    if (this.state !== "signed-out") this.tell("signed-out");
    this.wait("signed-out", reached ? FIRST_RETRY * 5 : LAST_RETRY);
  }

  /** Nothing can be saved before somebody has given their password: look every so often whether they did. */
  wait(state, pause = FIRST_RETRY * 5) {
    this.state = state;
    this.submission.drop();
    this.show();
    this.timer = setTimeout(() => this.renew(), this.pause(pause));
  }

  refuse(reasons) {
    for (const key of this.attempt.keys) {
      if (!Object.hasOwn(reasons, key)) this.waiting.add(key); // the whole try was refused: these were in order
      else if (!this.waiting.has(key)) this.refused.add(key);
      if (Object.hasOwn(reasons, key) && this.refused.has(key)) showReasons(this.root, key, [].concat(reasons[key]));
    }
    const unknown = !this.attempt.keys.some((key) => Object.hasOwn(reasons, key));
    this.attempt = null;
    if (unknown) return this.stop(Object.values(reasons).flat().join(" "));
    this.state = "ready";
    if (this.waiting.size) this.later(CHOICE_PAUSE);
    else this.submission.settled();
    this.show();
  }

  stop(why) {
    this.state = "stopped";
    this.submission.drop();
    this.why = why;
    clearTimeout(this.timer);
    this.show();
  }

  show() {
    this.status.show({
      state: this.state,
      unsaved: this.keys.size,
      refused: this.waiting.size || this.attempt ? 0 : this.refused.size,
      savedAt: this.savedAt,
      why: this.why,
      news: this.news,
    });
    this.leaving.forget();
  }
}
