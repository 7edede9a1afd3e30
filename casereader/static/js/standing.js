/* How the reading stands, kept true in the page after each answer: the state of each section, what to do next, the
 * records supplied, and what does not go together or seems to name somebody, beside its question. */
import { answersOf } from "./answers.js";
import { element } from "./elements.js";
import { signsIn } from "./identifying.js";
import { showAsked } from "./skip-logic.js";

const KINDS = {
  "not started": "not-started",
  "in progress": "in-progress",
  complete: "done",
  "not applicable": "not-applicable",
};
const TYPING_PAUSE = 300; // milliseconds
const DONE = ["complete", "not applicable"];

export class Standing {
  constructor(root, rules, views) {
    this.root = root;
    this.rules = rules;
    this.views = views;
    this.due = false;
    this.told = Object.create(null); // by key, what the server saw in a text: it knows references that the page does not
    this.said = null; // by key, what was said last of a text that seems to name somebody
  }

  listen() {
    this.voice = element("p", { role: "status", class: "visually-hidden" });
    this.root.append(this.voice);
    this.follow();
    this.root.addEventListener("casereader:told", ({ detail }) => {
      for (const key of detail.keys) delete this.told[key];
      Object.assign(this.told, detail.signs);
      this.soon(0);
    });
    this.root.addEventListener("input", () => this.soon(TYPING_PAUSE));
    this.root.addEventListener("change", () => this.soon(0));
    this.root.addEventListener("casereader:open", ({ detail }) => {
      this.follow();
      if (detail.open) showAsked(this.root, new Set(detail.open)); // the server decides in the end
    });
  }

  /** Follow once for any number of changes: at once after a choice, after a pause while somebody writes. */
  soon(pause) {
    this.due = true;
    clearTimeout(this.timer);
    if (pause) this.timer = setTimeout(() => this.follow(), pause);
    else queueMicrotask(() => this.due && this.follow());
  }

  /** How the reading stands now: what rules.js says, with the answers it says it of. */
  follow() {
    this.due = false;
    clearTimeout(this.timer);
    const answers = answersOf(this.root);
    const found = { ...this.rules.of(answers), answers, named: naming(answers, this.told) };
    this.now = found;
    showAsked(this.root, found.asked);
    this.tagSections(found.states);
    this.sayNext(found.states);
    this.sayRecords(answers);
    this.remark(found);
    this.root.dispatchEvent(new CustomEvent("casereader:standing", { detail: found }));
    return found;
  }

  /** The next section in which anything is asked; the check after the last. */
  after(name) {
    const { asked } = this.due ? this.follow() : this.now;
    const sections = this.rules.data.sections;
    const later = sections.slice(sections.findIndex((one) => one.id === name) + 1);
    return later.find((one) => one.keys.some((key) => asked.has(key)))?.id ?? "check";
  }

  /** The section before in which anything is asked; the task list before the first. */
  before(name) {
    const sections = this.rules.data.sections;
    const earlier = sections.slice(0, sections.findIndex((one) => one.id === name)).reverse();
    return earlier.find((one) => one.keys.some((key) => this.now.asked.has(key)))?.id ?? "tasks";
  }

  tagSections(states) {
    for (const link of this.root.querySelectorAll("[data-sections] a, [data-tasks] a")) {
      const state = states.get(this.views.named(link));
      const tag = link.closest("li")?.querySelector(".cr_tag");
      if (!state || !tag) continue;
      tag.className = `cr_tag cr_tag--${KINDS[state]}`;
      tag.textContent = state[0].toUpperCase() + state.slice(1);
    }
  }

  sayNext(states) {
    const box = this.root.querySelector("[data-next]");
    if (!box) return;
    const left = [...states].filter(([, state]) => !DONE.includes(state)).map(([id]) => id);
    const title = left.length ? this.views.views.get(left[0]).dataset.title : "";
    const words = left.length ? `Go on with ${title}` : "Check your answers and submit";
    const link = box.querySelector("a");
    link.href = this.views.address(left[0] ?? "check");
    link.textContent = words;
    const says = box.querySelector("p:not(.cr_next__label)");
    const done = states.size - left.length;
    if (says && says !== link.parentElement) {
      says.textContent = left.length
        ? `${done} of ${states.size} sections are complete.`
        : "Every section is complete.";
    }
  }

  sayRecords(answers) {
    const fact = document.querySelector("[data-fact=records]");
    if (!fact) return;
    const said = new Map();
    const unsaid = [];
    for (const [key, part] of this.rules.parts) {
      if (!part.agency) continue;
      for (const choice of this.rules.data.lists[part.choices]) said.set(choice.label, said.get(choice.label) ?? []);
      const choice = this.rules.choice(key, answers[key]?.value);
      if (!choice) unsaid.push(part.label);
      else if (choice.value !== "not_expected") said.get(choice.label).push(part.label);
    }
    const found = [...said, ["Not said yet", unsaid]].filter(([, names]) => names.length);
    fact.textContent = found.map(([label, names]) => `${label.toLowerCase()}: ${names.join(", ")}`).join("; ");
  }

  /** Say beside each question what is to be looked at again; nothing said here stops anything. */
  remark({ warnings, named: found }) {
    const said = byKey(warnings, (one) => one.keys[0]);
    const named = byKey(found, (one) => one.key);
    this.voiceNew(found);
    for (const remarks of this.root.querySelectorAll("[data-remarks]")) {
      const item = remarks.closest("[data-key]");
      const { key } = item.dataset;
      const beneath = item.querySelector("[data-note-remarks]");
      this.put(remarks, [...(said.get(key) ?? []), ...(beneath ? [] : (named.get(key) ?? []))]);
      if (beneath) this.put(beneath, named.get(key) ?? []); // beneath the note: it moves nothing that is written in
    }
  }

  /** Tell whoever hears the page of a text that has come to look as if it named somebody; not of those found on it. */
  voiceNew(found) {
    const news = found.filter(({ key, says }) => this.said && this.said.get(key) !== says);
    this.said = new Map(found.map(({ key, says }) => [key, says]));
    if (!found.length) this.voice.textContent = "";
    if (news.length) this.voice.textContent = news.map(({ key, says }) => `Check ${spokenName(key)}: ${says}`).join(" ");
  }

  put(box, lines) {
    const words = lines.map((one) => one.says).join(" ");
    const before = box.querySelector(".cr_item__warning");
    if ((before?.dataset.warns ?? "") === words && (words || !before)) return;
    before?.remove();
    if (!words) return;
    const shown = lines.map((one) => element("p", {}, element("strong", {}, "Check:"), " ", inWords(one, this.root)));
    box.append(element("div", { class: "cr_item__warning", "data-warns": words }, shown));
  }
}

/** A warning; where it turns on a matter of concern, with the way to raise one. */
export function inWords({ says, isConcern }, root) {
  if (!isConcern) return says;
  const raise = element("a", { href: root.dataset.concernUrl, "data-concern": "" }, "Raise a matter of concern");
  return [`${says} `, raise, ", or change the answer."];
}

/** The answers whose note or text looks as if it named somebody, as the page or the server sees it: [{key, says}]. */
function naming(answers, told) {
  return Object.entries(answers).flatMap(([key, { value, note }]) => {
    const signs = new Set([...signsIn(note ?? ""), ...signsIn(value ?? ""), ...(told[key] ?? [])]);
    return signs.size ? [{ key, says: `This looks like ${[...signs].join(" and ")}. No note may name anybody.` }] : [];
  });
}

function spokenName(key) {
  return { _notes: "the running notes", _story: "the child’s story" }[key] ?? `the text of ${key}`;
}

function byKey(found, keyOf) {
  const groups = new Map();
  for (const one of found) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}
