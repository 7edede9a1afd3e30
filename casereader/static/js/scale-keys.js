/* Keys that answer, while focus is inside a group of answer cells (<fieldset data-scale>) or of ticks
 * (<fieldset data-ticks>), and nowhere else.
 *
 * 0–9           picks the cell whose input has that data-number; in ticks, turns that tick on or off
 * Enter         goes on to the next question (and never sends the form by accident); Shift+Enter goes back
 * N             goes to the note · M what each point means · H the history · D turns the discuss mark on or off
 * Delete        takes the answer back
 * Ctrl+Enter    goes on from anywhere in a question, a note too; from a note of its own first to where it was found
 *
 * Tab goes from question to question: what else a question has is a key away, and an opened note is on the way. The
 * reader may have every stop instead ([data-every-stop], inside the element [data-scale-keys] that lists the keys and
 * is hidden until this script runs).
 */

const TOOLS = ".cr_item__tools summary, .cr_item__tools a, .cr_item__tools input[name$='__discuss']";
const POINTS = /^\s*see\s+\S+\s*$/i;
const CONTROLS = "fieldset[data-scale] input, select, textarea, input[type=text]";

export function listenForKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (event.metaKey || event.altKey || event.isComposing) return;
    if (event.ctrlKey) {
      const item = event.key === "Enter" ? event.target.closest("[data-key]") : null;
      const isDone = item && ((!event.shiftKey && toSources(event.target, item)) || goOn(item, event.shiftKey ? -1 : 1));
      if (isDone) event.preventDefault();
      return;
    }
    const group = event.target.closest?.("fieldset[data-scale], fieldset[data-ticks]");
    if (!group || !["radio", "checkbox"].includes(event.target.type)) return;
    if (act(event.key, group, event)) event.preventDefault();
  });
  root.addEventListener("focusin", (event) => {
    say(event.target);
    if (event.target.closest("fieldset[data-ticks]")) rove(event.target);
  });
  root.addEventListener("change", (event) => say(event.target));
  for (const help of root.querySelectorAll("[data-scale-keys]")) help.hidden = false;
  const everyStop = root.querySelector("[data-every-stop]");
  everyStop?.addEventListener("change", () => setStops(root, everyStop.checked));
  setStops(root, everyStop?.checked ?? false);
}

/** The first control of a question that is in view and not folded away; the picked one in a row of cells. */
export function controlOf(item) {
  const controls = [...item.querySelectorAll(CONTROLS)].filter(isInView);
  return controls.find((one) => one.type === "radio" && one.checked) ?? controls[0];
}

export function isInView(element) {
  return element.getClientRects().length > 0;
}

function act(key, group, event) {
  const item = group.closest("[data-key]");
  const isTicks = group.dataset.ticks !== undefined;
  if (/^[0-9]$/.test(key)) return isTicks ? turn(group, Number(key)) : pick(group.querySelector(`input[data-number="${key}"]`));
  if (isTicks && /^Arrow/.test(key)) return move(group, event.target, /Right|Down/.test(key) ? 1 : -1);
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case "Enter":
      return goOn(item, event.shiftKey ? -1 : 1);
    case "Delete":
    case "Backspace":
      return isTicks ? false : clear(group);
    case "n":
      return toNote(item);
    case "d":
      return toggleDiscuss(item);
    case "m":
      return unfold(item.querySelector(".cr_meanings"));
    case "h":
      return follow(item);
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
  if (picked) {
    picked.checked = false;
    tell(picked);
  }
  return true;
}

function turn(group, number) {
  const tick = group.querySelectorAll("input")[number - 1];
  if (!tick) return false;
  tick.focus();
  tick.checked = !tick.checked;
  tell(tick);
  return true;
}

function move(group, from, step) {
  const ticks = [...group.querySelectorAll("input")];
  ticks[(ticks.indexOf(from) + step + ticks.length) % ticks.length].focus();
  return true;
}

/** To the next question in view, or after the last one to what sends the section on. */
function goOn(item, step) {
  const within = item.closest("form, .cr_notes__form");
  const items = [...within.querySelectorAll("[data-key]")].filter(isInView);
  for (let at = items.indexOf(item) + step; at >= 0 && at < items.length; at += step) {
    const control = controlOf(items[at]);
    if (control) {
      control.focus();
      return true;
    }
  }
  if (step > 0) within.querySelector("button[type=submit]")?.focus();
  return true;
}

function toNote(item) {
  const note = item.querySelector("textarea[name$='__note']");
  if (!note) return false;
  note.closest("details").open = true;
  note.focus({ preventScroll: true });
  note.scrollIntoView({ block: "center", behavior: "instant" }); // wholly in view before the first word is typed
  return true;
}

/** From a note that is written, and whose sources are still to be ticked, to the first of them. */
function toSources(note, item) {
  if (!note.name?.endsWith("__note") || !note.value.trim() || POINTS.test(note.value)) return false;
  const ticks = [...item.querySelectorAll("input[name$='__sources']")];
  if (!ticks.length || ticks.some((tick) => tick.checked)) return false;
  ticks[0].focus();
  return true;
}

function toggleDiscuss(item) {
  const tick = item.querySelector("input[name$='__discuss']");
  if (!tick) return false;
  tick.checked = !tick.checked;
  if (tick.checked) tick.closest("details").open = true;
  tell(tick);
  return true;
}

function unfold(details) {
  if (details) details.open = !details.open;
  return Boolean(details);
}

function follow(item) {
  const link = item.querySelector(".cr_item__history") ?? item.closest("[data-section]")?.querySelector(".cr_item__history");
  link?.click();
  return Boolean(link);
}

/** Say under a row of cells what the point in hand means, or the one that is picked. */
function say(control) {
  if (control.type !== "radio") return;
  const item = control.closest("[data-key]");
  const line = item?.querySelector("[data-says]");
  const meaning = item?.querySelector(`[data-meaning="${CSS.escape(control.value)}"]`);
  if (!line) return;
  line.hidden = !meaning;
  line.textContent = meaning ? `${meaning.children[0].textContent.trim()}: ${meaning.children[1].textContent}` : "";
}

function setStops(root, every) {
  root.dataset.stops = every ? "every" : "questions";
  for (const tool of root.querySelectorAll(TOOLS)) tool.tabIndex = every ? 0 : -1;
  for (const ticks of root.querySelectorAll("fieldset[data-ticks]")) {
    ticks.querySelectorAll("input").forEach((tick, place) => (tick.tabIndex = every || place === 0 ? 0 : -1));
  }
}

/** Of a group of ticks one is a stop: the one last in hand. */
function rove(tick) {
  if (tick.closest("[data-stops]")?.dataset.stops === "every") return;
  for (const other of tick.closest("fieldset").querySelectorAll("input")) other.tabIndex = other === tick ? 0 : -1;
}

function tell(control) {
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}
