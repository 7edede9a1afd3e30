/* Keys that answer, while focus is inside a group of answer cells (<fieldset data-scale>), and nowhere else.
 *
 * 0–9           picks the cell whose input has that data-number
 * Enter         goes on to the next question (and never sends the form by accident)
 * Shift+Enter   goes back to the question before
 * N             opens the evidence and goes to the note;  D  turns the discuss mark on or off
 * Delete        takes the answer back
 *
 * A form may list the keys for its readers in an element with data-scale-keys, hidden until this script runs.
 */

const PLACES = "fieldset[data-scale] input, [data-key] select, [data-key] input, [data-key] textarea";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const group = event.target.closest?.("fieldset[data-scale]");
  if (!group || event.target.type !== "radio") return;
  if (act(event.key, group, event.shiftKey)) event.preventDefault();
});

function act(key, group, shifted) {
  if (/^[0-9]$/.test(key)) return pick(group.querySelector(`input[data-number="${key}"]`));
  const item = group.closest("[data-key]");
  switch (key) {
    case "Enter":
      go(item, shifted ? -1 : 1);
      return true;
    case "Delete":
    case "Backspace":
      clear(group);
      return true;
    case "n":
    case "N":
      return toNote(item);
    case "d":
    case "D":
      return toggleDiscuss(item);
    default:
      return false;
  }
}

function pick(cell) {
  if (!cell || cell.disabled) return false;
  cell.focus();
  if (!cell.checked) {
    cell.checked = true;
    tell(cell);
  }
  return true;
}

function clear(group) {
  const picked = group.querySelector("input:checked");
  if (!picked) return;
  picked.checked = false;
  tell(picked);
}

/** The first control of the next question in view that is not folded away. */
function go(item, step) {
  const items = [...document.querySelectorAll("[data-key]")].filter((other) => other.offsetParent !== null);
  for (let at = items.indexOf(item) + step; at >= 0 && at < items.length; at += step) {
    const controls = [...items[at].querySelectorAll(PLACES)].filter((control) => control.offsetParent !== null);
    const control = controls.find((one) => one.type === "radio" && one.checked) ?? controls[0];
    if (control) return control.focus();
  }
  if (step > 0) item.closest("form")?.querySelector("button[type=submit]")?.focus();
}

function toNote(item) {
  const note = item?.querySelector("textarea[name$='__note']");
  if (!note) return false;
  const details = note.closest("details");
  if (details) details.open = true;
  note.focus();
  return true;
}

function toggleDiscuss(item) {
  const tick = item?.querySelector("input[name$='__discuss']");
  if (!tick) return false;
  tick.checked = !tick.checked;
  const details = tick.closest("details");
  if (details && tick.checked) details.open = true;
  tell(tick);
  return true;
}

function tell(control) {
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const help of document.querySelectorAll("[data-scale-keys]")) help.hidden = false;
