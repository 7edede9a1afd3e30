/* A reading that was changed elsewhere: each answer that waits beside what is stored, and which of the two stands. */
import { element, spoken } from "./elements.js";
import { stillness } from "./stillness.js";

export class BothTexts {
  constructor(dialog, autosave, describe) {
    this.dialog = dialog;
    this.autosave = autosave;
    this.describe = describe; // (key, answer) => {title, words}
    this.form = dialog.querySelector("form");
    this.list = dialog.querySelector("[data-both]");
    this.fault = dialog.querySelector("[data-fault]");
  }

  listen(root) {
    root.addEventListener("casereader:differs", async () => {
      await stillness();
      if (this.autosave.meeting.theirs) this.show(); // with what was typed since; unless it was chosen meanwhile
    });
    document.addEventListener("click", (event) => {
      if (event.target.closest?.("[data-act=differs]")) this.show();
    });
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.choose();
    });
  }

  show() {
    const { who, rows } = this.autosave.meeting;
    this.keys = rows.map((row) => row.key);
    this.dialog.querySelector("[data-who]").textContent = who || "Someone else";
    this.fault.hidden = true;
    this.list.replaceChildren(...rows.map((row, place) => this.row(row, place)));
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** One answer: where nobody changed it elsewhere, what was typed here is picked already. */
  row({ key, mine, theirs, isUntouched }, place) {
    const { title } = this.describe(key, mine);
    const choice = (value, label, answer) => {
      const { words, note } = this.describe(key, answer);
      const input = element("input", { type: "radio", name: `both-${place}`, value, ...(value === "mine" && isUntouched ? { checked: "" } : {}) });
      const shown = [words || "Not answered", note ? element("bdi", { class: "cr_prose" }, `\n${note}`) : null];
      return element("label", {}, input, element("span", {}, element("strong", {}, label, ": "), shown));
    };
    return element(
      "fieldset",
      { class: "cr_both" },
      element("legend", { class: "cr_legend" }, title, isUntouched ? spoken(" (not changed elsewhere)") : null),
      element("div", { class: "cr_ticks cr_ticks--list" }, choice("theirs", "Stored", theirs), choice("mine", "What you typed", mine)),
    );
  }

  choose() {
    const chosen = new FormData(this.form);
    const open = this.keys.findIndex((_, place) => !chosen.has(`both-${place}`));
    if (open >= 0) {
      this.fault.textContent = "Choose for each answer which of the two stands.";
      this.fault.hidden = false;
      return this.list.children[open].querySelector("input").focus();
    }
    this.dialog.close();
    this.autosave.meeting.take(new Set(this.keys.filter((_, place) => chosen.get(`both-${place}`) === "mine")));
  }
}
