/* Hides what is not asked. What is asked is decided by the server; this only follows it.
 *
 * [data-show-if]         a question (data-key) or a section (data-section) that skip logic may hide. It is shown while
 *                        its key is among the open keys that an autosave reply brings (casereader:open, autosave.js);
 *                        a section is shown while any question in it is.
 * [data-ground-for]      the values, with blanks between, that need a ground; shown while one of them is picked, and
 *                        only the <optgroup data-for="VALUE"> of the value picked can be chosen from
 * [data-note-for]        a <details> that is opened when one of these values is picked; it is never closed from here
 */

function follow(form, open) {
  const keys = new Set(open);
  for (const item of form.querySelectorAll("[data-key][data-show-if]")) item.hidden = !keys.has(item.dataset.key);
  for (const section of form.querySelectorAll("[data-section][data-show-if]")) {
    const items = [...section.querySelectorAll("[data-key]")];
    section.hidden = items.length > 0 && items.every((item) => item.hidden);
  }
}

function fit(item) {
  const picked = item.querySelector("fieldset[data-scale] input:checked")?.value ?? "";
  const isOne = (values) => picked !== "" && values.split(" ").includes(picked);
  const ground = item.querySelector("[data-ground-for]");
  if (ground) {
    ground.hidden = !isOne(ground.dataset.groundFor);
    for (const group of ground.querySelectorAll("optgroup")) group.disabled = group.dataset.for !== picked;
    const select = ground.querySelector("select");
    if (select.selectedOptions[0]?.closest("optgroup")?.disabled) select.value = "";
  }
  return isOne;
}

for (const form of document.querySelectorAll("form:has([data-key])")) {
  for (const item of form.querySelectorAll("[data-key]")) fit(item);
  form.addEventListener("change", (event) => {
    const item = event.target.closest("[data-key]");
    if (!item || event.target.name !== item.dataset.key) return;
    const isOne = fit(item);
    const evidence = item.querySelector("details[data-note-for]");
    if (evidence && isOne(evidence.dataset.noteFor)) evidence.open = true;
  });
  form.addEventListener("casereader:open", (event) => follow(form, event.detail.open));
}
