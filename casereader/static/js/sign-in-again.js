/* Signing in again without leaving the page, when the session has ended. The words in the page stay where they are. */
import { stillness } from "./stillness.js";

const WRONG = "The e-mail address or the password is not right. Try again.";
const STEP = "Your password is right. Take the second step in a new tab, then come back: this page goes on by itself.";

export class SignInAgain {
  constructor(dialog, autosave) {
    this.dialog = dialog;
    this.autosave = autosave;
    this.form = dialog.querySelector("form");
    this.fault = dialog.querySelector("[data-fault]");
    this.step = dialog.querySelector("[data-second-step]");
  }

  listen(root) {
    root.addEventListener("casereader:signed-out", async () => {
      this.isOut = true;
      await stillness();
      if (this.isOut) this.ask();
    });
    document.addEventListener("casereader:uncovered", () => {
      this.isOut = false; // autosave asks anew, and tells
      this.dialog.close();
    });
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("[data-act=sign-in]")) this.ask();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    root.addEventListener("casereader:signed-in", () => {
      this.isOut = false;
      this.dialog.close();
    });
  }

  ask() {
    this.fault.hidden = true;
    if (!this.dialog.open) this.dialog.showModal();
  }

  async send() {
    const button = this.form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      await fetch(this.form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(this.form)),
        credentials: "same-origin",
        redirect: "manual", // where it leads is no matter: the page stays
      });
      await this.autosave.renew();
      this.step.hidden = !this.autosave.needsSecondStep;
      this.say(this.autosave.needsSecondStep ? STEP : WRONG);
    } catch {
      this.say("The server cannot be reached. Try again when the network is back: your words are kept.");
    }
    button.disabled = false;
    this.form.elements.namedItem("password").value = "";
  }

  say(words) {
    if (!this.dialog.open) return; // signed in
    this.fault.textContent = words;
    this.fault.hidden = false;
    (this.step.hidden ? this.form.elements.namedItem("password") : this.step.querySelector("a")).focus();
  }
}
