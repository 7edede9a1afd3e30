/* What a reading form holds, question by question, and putting an answer back into it.
 *
 * An answer's controls stand inside an element with data-key="KEY" and are named KEY (cells, select, input or
 * textarea), KEY__note, KEY__ground, KEY__sources (ticks) and KEY__discuss (a tick). Several elements may carry one
 * key. A ground counts only while the answer it belongs to is picked: an option of the ground's select stands in
 * <optgroup data-for="VALUE">. `root` is any element that holds them; its controls never come or go.
 */

const known = new WeakMap();

/** The controls in `root` by name, each in order. */
function index(root) {
  if (!known.has(root)) {
    const byName = new Map();
    for (const control of root.querySelectorAll("[data-key] [name]")) {
      if (!byName.has(control.name)) byName.set(control.name, []);
      byName.get(control.name).push(control);
    }
    known.set(root, byName);
  }
  return known.get(root);
}

function named(root, name) {
  return index(root).get(name) ?? [];
}

/** The key of the question that a control belongs to; null for any other control. */
export function keyOf(control) {
  const item = control.closest("[data-key]");
  if (!item || !control.name) return null;
  const key = item.dataset.key;
  return control.name === key || control.name.startsWith(key + "__") ? key : null;
}

/** The answer as it stands in the page: {value, note, ground, sources, discuss}, of these what has a control. */
export function answerOf(root, key) {
  const answer = {};
  const values = named(root, key);
  if (values.length) answer.value = valueOf(values);
  const [note] = named(root, key + "__note");
  if (note) answer.note = note.value;
  const [ground] = named(root, key + "__ground");
  if (ground) answer.ground = groundOf(ground, answer.value);
  const sources = named(root, key + "__sources");
  if (sources.length) answer.sources = sources.filter((tick) => tick.checked).map((tick) => tick.value);
  const [discuss] = named(root, key + "__discuss");
  if (discuss) answer.discuss = discuss.checked;
  return answer;
}

/** Every answer in the page, by key: in a table without a prototype, into which what the server holds may be put. */
export function answersOf(root) {
  const keys = [...index(root)].filter(([name, [control]]) => keyOf(control) === name).map(([name]) => name);
  const answers = Object.create(null);
  for (const key of keys) answers[key] = answerOf(root, key);
  return answers;
}

/** Put an answer into the page in place of what stands there; a part that the answer leaves out is emptied. */
export function putBack(root, key, answer) {
  for (const control of named(root, key)) {
    if (control.type === "radio") control.checked = control.value === (answer.value ?? "");
    else control.value = answer.value ?? "";
  }
  for (const note of named(root, key + "__note")) note.value = answer.note ?? "";
  for (const ground of named(root, key + "__ground")) ground.value = answer.ground ?? "";
  for (const tick of named(root, key + "__sources")) tick.checked = (answer.sources ?? []).includes(tick.value);
  for (const tick of named(root, key + "__discuss")) tick.checked = Boolean(answer.discuss);
}

/** Whether two answers are the same as they would be stored. */
export function isSame(one, other) {
  return JSON.stringify(stored(one)) === JSON.stringify(stored(other));
}

/** Whether a control was changed before any script ran: it no longer holds what the server wrote into it. */
export function touched(control) {
  if (control.type === "radio" || control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control.type === "select-one") {
    const written = [...control.options].findIndex((option) => option.defaultSelected);
    return control.selectedIndex !== Math.max(0, written);
  }
  return control.defaultValue !== undefined && control.type !== "hidden" && control.value !== control.defaultValue;
}

function stored(answer) {
  const { value, note, ground, sources, discuss } = answer ?? {};
  return [(value ?? "").trim(), note ?? "", ground ?? "", [...(sources ?? [])].sort(), Boolean(discuss)];
}

function valueOf(controls) {
  if (controls[0].type !== "radio") return controls[0].value;
  return controls.find((cell) => cell.checked)?.value ?? "";
}

function groundOf(select, value) {
  const option = select.selectedOptions[0];
  const group = option?.closest("optgroup");
  return !group || group.dataset.for === value ? select.value : "";
}
