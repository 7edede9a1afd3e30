/* The one line that says whether a reading is saved, and the reasons for which single answers were not.
 *
 * The line carries data-state: saved, saving, waiting (it is being tried again) or stopped (somebody must act).
 */

import { element } from "./elements.js";

export class SaveStatus {
  constructor(line) {
    this.line = line;
  }

  /** state: ready, retrying, locked, signed-out, differs, stopped or looking (leaving.js); unsaved and refused: how many answers;
   *  why: of a stop; news: {says, isLoss} beside the time of the last save. */
  show({ state, unsaved, refused, savedAt, why, news }) {
    const waiting = `${answers(unsaved)} waiting`;
    this.line.classList.toggle("cr_identity__status--long", Boolean(news));
    if (state === "stopped") {
      this.say("stopped", `Not saved. ${why} ${waiting}. Copy what you need, then open the reading again.`);
    } else if (state === "signed-out") {
      this.say("stopped", "You are signed out; your words are kept. ", act("sign-in", "Sign in again"), ` ${waiting}.`);
    } else if (state === "locked") {
      this.say("waiting", `Locked: ${waiting}, to be saved as soon as the password is given.`);
    } else if (state === "differs") {
      this.say("stopped", "Not saved: this reading was changed elsewhere. ", act("differs", "See both"), ` ${waiting}.`);
    } else if (state === "retrying") {
      this.say("waiting", `Not saved yet. Trying again. ${waiting}`);
    } else if (state === "looking") {
      this.say("saving", "Looking whether what you wrote last was saved…");
    } else if (refused) {
      this.say("stopped", `Not saved: ${answers(refused)} to put right. See what is asked there.`);
    } else if (unsaved) {
      this.say("saving", `Saving… ${waiting}`);
    } else if (news?.isLoss) {
      this.say("stopped", news.says);
    } else if (savedAt) {
      this.say("saved", [`Saved at ${clock(savedAt)}`, news?.says].filter(Boolean).join(". "));
    } else {
      this.say("saved"); // nothing to say yet
    }
  }

  say(state, ...parts) {
    const words = parts.map((part) => part.textContent ?? part).join("");
    if (this.line.dataset.state === state && this.line.textContent === words) return;
    this.line.dataset.state = state;
    // "Saving…" after each answer is for the eye; a screen reader hears what came of it.
    this.line.setAttribute("aria-busy", String(state === "saving"));
    this.line.replaceChildren(...parts);
  }
}

/** A button in the line; what it does is listened for by its data-act. */
function act(name, words) {
  return element("button", { type: "button", class: "ds_link", "data-act": name }, words);
}

/** Put the reasons at the head of the question. */
export function showReasons(root, key, reasons) {
  clearReasons(root, key);
  const lines = reasons.map((reason) => element("p", {}, reason));
  const box = element("div", { class: "cr_item__error", "data-refused": "", role: "alert" }, lines);
  root.querySelector(`[data-key="${CSS.escape(key)}"] [data-remarks]`)?.prepend(box);
}

export function clearReasons(root, key) {
  root.querySelector(`[data-key="${CSS.escape(key)}"] [data-remarks] > [data-refused]`)?.remove();
}

function answers(count) {
  return count === 1 ? "1 answer" : `${count} answers`;
}

/** The time of day, and the day where it is another: in UTC and with its name, as every page says a moment (dated.py). */
function clock(time) {
  const said = `${time.toISOString().slice(11, 16)} UTC`;
  if (day(time) === day(new Date())) return said;
  return `${said}, ${day(time)}`;
}

/** A day, short enough for two lines beside the link to a concern on a narrow screen. */
function day(time) {
  return time.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}
