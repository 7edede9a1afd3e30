/* Hides what is not asked, and what an answer does not call for. What is asked follows from rules.js.
 *
 * [data-show-if]         a question (data-key) or a group (data-section) that skip logic may hide; a group is shown
 *                        while any question in it is
 * [data-closed]          in a section: says that nothing in it is asked
 * [data-asked]           in a section: what is of use only where something in it is asked
 * [data-none-open]       in a grid: says that nothing is open in it yet
 * [data-ground-for]      the values, with blanks between, that need a ground; shown while one of them is picked, and
 *                        only the <optgroup data-for="VALUE"> of the value picked can be chosen from
 * [data-note-for]        a <details> that is opened when one of these values is picked; it is never closed from here
 */

/** Show the questions whose keys are `asked`, and nothing else. */
export function showAsked(root, asked) {
  for (const item of root.querySelectorAll("[data-key][data-show-if]")) item.hidden = !asked.has(item.dataset.key);
  for (const group of root.querySelectorAll("[data-section][data-show-if]")) {
    group.hidden = [...group.querySelectorAll("[data-key]")].every((item) => item.hidden);
  }
  for (const view of root.querySelectorAll("[data-view]")) {
    const closed = view.querySelector("[data-closed]");
    const isAsked = [...view.querySelectorAll("[data-key]")].some((item) => !item.hidden);
    if (closed) closed.hidden = isAsked;
    for (const about of view.querySelectorAll("[data-asked]")) about.hidden = !isAsked;
    const none = view.querySelector("[data-none-open]");
    if (none) none.hidden = [...view.querySelectorAll("[data-section]")].some((group) => !group.hidden);
  }
}

/** Let the questions follow their own answers, now and from now on. */
export function followAnswers(root) {
  for (const item of root.querySelectorAll("[data-key]")) fitGround(item);
  root.addEventListener("change", (event) => {
    const item = event.target.closest("[data-key]");
    if (!item || event.target.name !== item.dataset.key) return;
    fitGround(item);
    const evidence = item.querySelector("details[data-note-for]");
    if (evidence && isOne(item, evidence.dataset.noteFor)) evidence.open = true;
  });
}

/** Show the grounds of the answer that is picked. */
export function fitGround(item) {
  const ground = item.querySelector("[data-ground-for]");
  if (!ground) return;
  const value = picked(item);
  ground.hidden = !isOne(item, ground.dataset.groundFor);
  for (const group of ground.querySelectorAll("optgroup")) group.disabled = group.dataset.for !== value;
  const select = ground.querySelector("select");
  if (select.selectedOptions[0]?.closest("optgroup")?.disabled) select.value = "";
}

function isOne(item, values) {
  const value = picked(item);
  return value !== "" && values.split(" ").includes(value);
}

function picked(item) {
  return item.querySelector("fieldset[data-scale] input:checked")?.value ?? item.querySelector("select")?.value ?? "";
}
