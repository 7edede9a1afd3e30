/* The check: every answer as it stands in the page with a link to change it, what is missing, and what to look at again.
 * Made from the page each time it comes into view, so it needs no network. */
import { element, spoken } from "./elements.js";
import { ratingWords } from "./ratings.js";
import { DISCUSS } from "./rules.js";
import { inWords } from "./standing.js";

const slug = (key) => key.replaceAll(".", "-");

export class Check {
  constructor(root, rules, views) {
    this.root = root;
    this.box = root.querySelector("[data-check]");
    this.rules = rules;
    this.views = views;
    this.labels = new Map(
      [...root.querySelectorAll("[name$='__sources']")].map((tick) => [tick.value, tick.parentElement.textContent.trim()]),
    );
  }

  /** Show how the reading stands; `found` is what standing.js found. */
  show(found) {
    const marked = found.missing.filter((one) => one.says === DISCUSS);
    const missing = found.missing.filter((one) => one.says !== DISCUSS);
    const lacking = new Map();
    for (const one of missing) lacking.set(one.key, [...(lacking.get(one.key) ?? []), one]);
    const names = found.named;
    this.ask(marked, names, found.warnings);
    const open = [...this.box.querySelectorAll(".cr_missing[open]")].map((one) => one.dataset.section);
    this.box.replaceChildren(
      this.missing(missing, open),
      ...this.message("info", "Marked to discuss", "Talk these over and clear the mark, or say at the end of this page that you leave it:", this.marked(marked)),
      ...this.message("info", "Check", "These answers do not seem to go together. You may submit them all the same.", this.links(found.warnings.map((one) => ({ key: one.keys[0], says: one.says, isWhole: !one.isConcern })))),
      ...this.message("warning", "Names and numbers", "No note may hold anything that identifies a person. Look at these again:", this.links(names)),
      ...this.rules.data.sections.flatMap((section) => this.section(section, found, lacking)),
    );
  }

  /** What the form that submits asks: what is to be said of marks and names only where there are some. */
  ask(marked, names, warnings) {
    for (const [name, found] of [["keep_marks", marked], ["keep_signs", names]]) {
      this.root.querySelector(`[data-confirm=${name}]`).hidden = !found.length;
    }
    const concerns = warnings.filter((one) => one.isConcern);
    const shown = concerns.flatMap((one) => this.message("warning", "Matter of concern", "", element("p", {}, `${this.called(one.keys[0])}: `, inWords(one, this.root))));
    this.root.querySelector("[data-concern-warning]").replaceChildren(...shown);
  }

  marked(marked) {
    const list = this.links(marked.map(({ key }) => ({ key, says: this.called(key), isWhole: true })));
    const leave = element("a", { href: "#keep_marks" }, "Leave the marks as they are");
    return list && element("div", {}, list, element("p", {}, leave));
  }

  called(key) {
    return this.rules.named(key);
  }

  /** Section by section: where the first of it is, how much there is, and each thing folded beneath. */
  missing(found, open) {
    if (!found.length) {
      const submit = element("a", { href: "#submit" }, "submit the reading");
      return element("p", {}, "Nothing is missing. Read your answers through, then ", submit, ".");
    }
    const sections = this.rules.data.sections.flatMap(({ id }) => {
      const here = found.filter((one) => one.section === id);
      if (!here.length) return [];
      const { title } = this.views.views.get(id).dataset;
      const which = element("summary", {}, "Which", spoken(` in ${title}`));
      const folded = { class: "cr_missing", "data-section": id, ...(open.includes(id) ? { open: "" } : {}) };
      const link = element("a", { href: this.address(here[0].key) }, title);
      return [element("li", {}, link, `: ${here.length} missing`, element("details", folded, which, this.links(here)))];
    });
    const count = found.length === 1 ? "1 thing is" : `${found.length} things are`;
    return this.message("info", "Not complete yet", `${count} missing before you can submit:`, element("ul", { class: "ds_list" }, sections))[0];
  }

  message(kind, title, words, list) {
    if (!list) return [];
    const body = element("p", {}, element("strong", {}, `${title}:`), ` ${words}`);
    return [element("div", { class: `cr_message cr_message--${kind}` }, element("div", { class: "cr_message__body" }, body, list))];
  }

  links(found) {
    if (!found.length) return null;
    const items = found
      .filter(({ key }) => this.rules.parts.has(key))
      .map(({ key, says, isWhole }) => {
        const words = isWhole ? says : `${this.called(key)}: ${says}`;
        return element("li", {}, element("a", { href: this.address(key) }, words));
      });
    return items.length ? element("ul", { class: "ds_list" }, items) : null;
  }

  address(key) {
    return `${this.views.address(this.rules.parts.get(key).section)}#q-${slug(key)}`;
  }

  section(section, found, lacking) {
    const keys = section.keys.filter((key) => found.asked.has(key) && this.isShown(key, found.answers[key]));
    if (!keys.length) return [];
    const title = this.views.views.get(section.id).dataset.title;
    const rows = keys.map((key) => this.row(key, found, lacking.get(key) ?? []));
    const heading = element("h2", { id: `s-${section.id}` }, title);
    return [element("section", { "aria-labelledby": `s-${section.id}` }, heading, element("dl", { class: "cr_summary" }, rows))];
  }

  /** Another rating than the computed one is shown only where there is one: most readings have none. */
  isShown(key, answer) {
    return !this.rules.parts.get(key).overrides || Boolean(answer?.value || answer?.note || answer?.discuss);
  }

  row(key, found, lacking) {
    const part = this.rules.parts.get(key);
    const answer = found.answers[key] ?? {};
    const change = element("a", { href: this.address(key) }, "Change", spoken(` ${this.rules.named(key)}`));
    const sources = (answer.sources ?? []).map((source) => this.labels.get(source) ?? source).join(", ");
    const error = lacking.map((one) => one.says).join(" ");
    const value = element(
      "dd",
      { class: "cr_summary__value" },
      this.words(key, answer, found) || "Not answered",
      answer.note ? element("p", { class: "cr_prose" }, element("bdi", {}, answer.note)) : null,
      sources ? element("p", { class: "cr_hint" }, `Found in: ${sources}`) : null,
      answer.discuss ? element("p", {}, element("strong", {}, "Marked to discuss")) : null,
      error ? element("p", { class: "cr_summary__error" }, spoken("Missing: "), error) : null,
    );
    return element(
      "div",
      { class: error ? "cr_summary__row cr_summary__row--error" : "cr_summary__row", id: `r-${slug(key)}` },
      element("dt", { class: "cr_summary__key" }, element("span", { class: "cr_code" }, part.code), ` ${part.title}`),
      value,
      part.computed ? null : element("dd", { class: "cr_summary__action" }, change),
    );
  }

  words(key, answer, found) {
    const part = this.rules.parts.get(key);
    if (!part.computed) return words(this.rules, key, answer);
    const [computed, standing] = ratingWords(this.rules, key, found);
    return `Computed: ${computed.endsWith(".") ? computed : `${computed}.`} ${standing}`.trim();
  }
}

/** An answer in words, with its ground; blank where there is none. */
export function words(rules, key, answer) {
  const choice = rules.choice(key, answer.value);
  if (!choice) return answer.value ?? "";
  const point = rules.parts.get(key).kind === "six" && /^[0-9]+$/.test(choice.value) ? `${choice.value} ` : "";
  const ground = rules.grounds(key, answer.value).find((one) => one.value === answer.ground);
  const said = new Set((ground?.label ?? "").toLowerCase().split(/\s+/));
  const saysMore = ground && !choice.label.toLowerCase().split(/\s+/).every((word) => said.has(word));
  return `${point}${choice.label}${saysMore ? ` (${ground.label})` : ""}`;
}
