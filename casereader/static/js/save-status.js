/* The one line that says whether a reading is saved, and the reasons for which single answers were not.
 *
 * The line carries data-state: saved, saving, waiting (it is being tried again) or stopped (somebody must act).
 */

export class SaveStatus {
  constructor(line, signInUrl) {
    this.line = line;
    this.signInUrl = signInUrl;
  }

  /** state: ready, retrying, signed-out or stopped; unsaved and refused: how many answers; why: of a stop. */
  show({ state, unsaved, refused, savedAt, why }) {
    const waiting = `${answers(unsaved)} waiting`;
    if (state === "stopped") {
      this.say("stopped", `Not saved. ${why} ${waiting}. Copy what you need, then open the reading again.`);
    } else if (state === "signed-out") {
      this.say("stopped", "Signed out: ", this.signIn(), `, your words are kept. ${waiting}.`);
    } else if (state === "retrying") {
      this.say("waiting", `Not saved yet. Trying again. ${waiting}`);
    } else if (refused) {
      this.say("stopped", `Not saved: ${answers(refused)} to put right. See what is asked there.`);
    } else if (unsaved) {
      this.say("saving", "Saving…");
    } else if (savedAt) {
      this.say("saved", `Saved at ${clock(savedAt)}`);
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

  signIn() {
    const link = document.createElement("a");
    link.href = this.signInUrl;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "sign in in another tab";
    return link;
  }
}

/** Put the reasons at the head of the question. */
export function showReasons(form, key, reasons) {
  clearReasons(form, key);
  const box = document.createElement("div");
  box.className = "cr_item__error";
  box.dataset.refused = "";
  box.setAttribute("role", "alert");
  for (const reason of reasons) {
    const line = document.createElement("p");
    line.textContent = reason;
    box.append(line);
  }
  form.querySelector(`[data-key="${CSS.escape(key)}"]`)?.prepend(box);
}

export function clearReasons(form, key) {
  form.querySelector(`[data-key="${CSS.escape(key)}"] > [data-refused]`)?.remove();
}

function answers(count) {
  return count === 1 ? "1 answer" : `${count} answers`;
}

function clock(time) {
  return time.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
