/* The notes pane: opens and closes where there is little room, and copies what is selected in the running notes into the
 * note of a question (*use as evidence for*). What is written in it is saved with the answers, by autosave.js. */
import { element } from "./elements.js";
import { isInView } from "./scale-keys.js";

export class Notes {
  constructor(root, rules) {
    this.root = root;
    this.rules = rules;
    this.pane = root.querySelector(".cr_notes");
    this.text = this.pane.querySelector("textarea[name=_notes]");
    this.choice = this.pane.querySelector("#use-for");
    this.said = this.pane.querySelector("[data-used]");
    const notes = [...root.querySelectorAll("textarea[name$='__note']")];
    this.notes = new Map(notes.map((note) => [note.closest("[data-key]").dataset.key, note]));
  }

  listen() {
    this.fold();
    this.pane.querySelector("[data-use-notes]").hidden = false;
    this.pane.querySelector("[data-notes-save]").hidden = true; // what is written is saved as it is written
    this.pane.querySelector("[data-use]").addEventListener("click", () => this.use());
    this.root.addEventListener("focusin", ({ target }) => {
      const key = target.closest("[data-key]")?.dataset.key;
      if (this.notes.has(key)) this.choice.value = key;
    });
    this.root.addEventListener("casereader:standing", ({ detail }) => this.offer(detail.asked));
  }

  fold() {
    const toggle = this.pane.querySelector("[data-notes-toggle]");
    const body = this.pane.querySelector("#notes-body");
    const narrow = window.matchMedia("(max-width: 74.9375em)");
    const set = (open) => {
      toggle.setAttribute("aria-expanded", String(open));
      body.hidden = !open;
    };
    const fit = () => {
      toggle.hidden = !narrow.matches;
      this.pane.querySelector("[data-notes-title]").hidden = narrow.matches;
      set(!narrow.matches);
    };
    toggle.addEventListener("click", () => set(toggle.getAttribute("aria-expanded") !== "true"));
    narrow.addEventListener("change", fit);
    fit();
  }

  /** Offer every question that is asked and has a note. */
  offer(asked) {
    const keys = [...asked].filter((key) => this.notes.has(key));
    if (keys.join() === this.offered) return;
    this.offered = keys.join();
    const before = this.choice.value;
    this.choice.replaceChildren(
      ...keys.map((key) => element("option", { value: key }, this.rules.named(key))),
    );
    if (keys.includes(before)) this.choice.value = before;
  }

  use() {
    const { selectionStart, selectionEnd, value } = this.text;
    const selected = value.slice(selectionStart, selectionEnd).trim();
    if (!selected) {
      this.said.textContent = "Select words in the running notes first.";
      return this.text.focus();
    }
    const note = this.notes.get(this.choice.value);
    note.value = [note.value.trimEnd(), selected].filter(Boolean).join("\n");
    note.closest("details").open = true;
    note.dispatchEvent(new Event("input", { bubbles: true }));
    this.said.textContent = `Copied to the note of ${this.choice.value}.`;
    if (isInView(note)) note.scrollIntoView({ block: "nearest" });
  }
}
