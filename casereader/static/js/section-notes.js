/* What each section lacks, listed at its end with links, and one note for several questions.
 *
 * [data-lacking]   a section's list; made again whenever the form says how the reading stands (casereader:standing)
 * KEY__see         the question whose note serves KEY too: the note of KEY becomes "see …", which is how it is stored
 */
import { element } from "./elements.js";

const POINTS = /^\s*see\s+\S+\s*$/i;
const root = document.querySelector("[data-base]");

root?.addEventListener("casereader:standing", ({ detail }) => {
  for (const box of root.querySelectorAll("[data-lacking]")) list(box, detail);
});
root?.addEventListener("change", ({ target }) => {
  if (target.name?.endsWith("__see") && target.value.trim()) take(target);
});

function list(box, { missing, states }) {
  const section = box.dataset.lacking;
  const found = states.get(section) === "in progress" ? missing.filter((one) => one.section === section) : [];
  const words = found.map(({ key, says }) => `${key}: ${says}`).join("\n");
  box.hidden = !found.length;
  if (box.dataset.words === words) return;
  box.dataset.words = words;
  box.querySelector("[data-count]").textContent = `What is missing in this section: ${found.length}`;
  const link = ({ key, says }) => element("a", { href: `#q-${key.replaceAll(".", "-")}` }, `${key}: ${says}`);
  box.querySelector("ul").replaceChildren(...found.map((one) => element("li", {}, link(one))));
}

function take(see) {
  const note = see.closest("[data-key]").querySelector("textarea[name$='__note']");
  see.parentElement.querySelector("[role=status]")?.remove();
  if (note.value.trim() && !POINTS.test(note.value)) {
    const says = "This question has a note of its own. Empty it first, or leave it.";
    see.after(element("span", { role: "status", class: "cr_item__warning" }, says));
    return;
  }
  note.value = `see ${see.value.trim()}`;
  see.value = "";
  note.dispatchEvent(new Event("input", { bubbles: true }));
  note.dispatchEvent(new Event("change", { bubbles: true }));
}
