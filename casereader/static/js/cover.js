/* The cover of the quick lock: a dialog over the whole page, which asks for the password, or to sign in again once the
 * sign-in has ended. It says what it is told; what goes to the server is lock.js's.
 */
import { element } from "./elements.js";

const COVERED = "cr_is-covered";
const LOCKED = "The page is kept as it is, with what was written in it. It opens again with your password.";
const ENDED = "Your sign-in has ended. The page is kept as it is, with what was written in it: sign in again, and it opens.";
const SIGN_OUT =
  "You are somebody else, and whoever locked this does not come back? Signing out keeps what was saved, and loses what was " +
  "written since in this browser.";

/** Resolves once no cover is over the page: at once, where none is. What opens a dialog by itself waits for it. */
export async function uncovered() {
  if (!isCovered()) return;
  await new Promise((resolve) => document.addEventListener("casereader:uncovered", resolve, { once: true }));
}

export function isCovered() {
  return document.documentElement.classList.contains(COVERED);
}

export class Cover {
  /** unlock(password), signIn(email, password) and signOut(form): what the buttons do. */
  constructor({ unlock, signIn, signOut }) {
    this.isEnded = false;
    this.words = element("p", {});
    this.fault = element("div", { class: "cr_item__error", role: "alert", hidden: "" });
    this.email = field("lock-email", "E-mail address", { type: "email", autocomplete: "username" });
    this.password = field("lock-password", "Password", { type: "password", autocomplete: "current-password" });
    this.button = element("button", { type: "submit", class: "ds_button" });
    this.elsewhere = element(
      "p",
      { hidden: "" },
      element("a", { href: "/sign-in", target: "_blank", rel: "noopener" }, "Sign in another way, in a new tab"),
    );
    this.step = element(
      "p",
      { hidden: "" },
      element("a", { href: "/second-step", target: "_blank", rel: "noopener" }, "Take the second step, in a new tab"),
    );
    const asked = element("form", { novalidate: "" }, this.fault, this.email.box, this.password.box, this.button);
    asked.append(this.step, this.elsewhere);
    asked.addEventListener("submit", async (event) => {
      event.preventDefault();
      this.fault.hidden = true;
      this.button.disabled = true;
      const password = this.password.input.value;
      // Emptied before the answer is there, not after it: whoever types again meanwhile keeps what they typed.
      this.password.input.value = "";
      await (this.isEnded ? signIn(this.email.input.value, password) : unlock(password));
      this.button.disabled = false;
    });
    this.out = element(
      "form",
      { method: "post", action: "/sign-out" },
      element("p", {}, SIGN_OUT),
      element("input", { type: "hidden", name: "csrf_token" }),
      element("button", { type: "submit", class: "ds_button ds_button--secondary" }, "Sign out instead"),
    );
    this.out.addEventListener("submit", (event) => {
      event.preventDefault();
      signOut(this.out);
    });
    const heading = element("h2", { id: "lock-heading" }, "Locked");
    this.dialog = element(
      "dialog",
      { class: "cr_cover", "aria-labelledby": "lock-heading" },
      heading,
      this.words,
      asked,
      this.out,
    );
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.dialog.addEventListener("close", () => isCovered() && this.dialog.showModal());
    document.body.append(this.dialog);
    this.ask(false);
  }

  show() {
    this.fault.hidden = true;
    document.documentElement.classList.add(COVERED);
    if (!this.dialog.open) this.dialog.showModal();
    this.password.input.focus();
    document.dispatchEvent(new CustomEvent("casereader:covered"));
  }

  lift() {
    if (!isCovered()) return;
    document.documentElement.classList.remove(COVERED);
    this.dialog.close();
    this.ask(false);
    document.dispatchEvent(new CustomEvent("casereader:uncovered"));
  }

  /** The sign-in has ended: nothing is here to unlock, and nobody but whoever signs in again sees the page. */
  end() {
    if (!this.isEnded) this.ask(true);
    this.say(ENDED);
    this.email.input.focus();
  }

  ask(isEnded) {
    this.isEnded = isEnded;
    this.words.textContent = isEnded ? "" : LOCKED;
    this.words.hidden = this.out.hidden = isEnded;
    this.email.box.hidden = this.elsewhere.hidden = !isEnded;
    this.step.hidden = this.fault.hidden = true;
    this.button.textContent = isEnded ? "Sign in" : "Unlock";
  }

  say(words, { needsStep = false } = {}) {
    this.fault.textContent = words;
    this.fault.hidden = false;
    this.step.hidden = !needsStep;
    (needsStep ? this.step.querySelector("a") : this.password.input).focus();
  }
}

function field(id, words, attributes) {
  const input = element("input", { class: "ds_input ds_input--fixed-20", id, name: id, ...attributes });
  const label = element("label", { class: "ds_label", for: id }, words);
  return { input, box: element("div", { class: "ds_question cr_field" }, label, input) };
}
