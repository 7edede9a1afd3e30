/* What a reading form holds, question by question.
 *
 * An answer's controls stand inside an element with data-key="KEY" and are named KEY (cells, select, input or
 * textarea), KEY__note, KEY__ground, KEY__sources (ticks) and KEY__discuss (a tick). Several elements may carry one
 * key. A ground counts only while the answer it belongs to is picked: an option of the ground's select stands in
 * <optgroup data-for="VALUE">.
 */

/** The key of the question that a control belongs to; null for any other control. */
export function keyOf(control) {
  const item = control.closest("[data-key]");
  if (!item || !control.name) return null;
  const key = item.dataset.key;
  return control.name === key || control.name.startsWith(key + "__") ? key : null;
}

/** The answer as it stands in the page: {value, note, ground, sources, discuss}, of these what has a control. */
export function answerOf(form, key) {
  const named = (name) => [...form.elements].filter((control) => control.name === name && !control.disabled);
  const answer = {};
  const values = named(key);
  if (values.length) answer.value = valueOf(values);
  const [note] = named(key + "__note");
  if (note) answer.note = note.value;
  const [ground] = named(key + "__ground");
  if (ground) answer.ground = groundOf(ground, answer.value);
  const sources = named(key + "__sources");
  if (sources.length) answer.sources = sources.filter((tick) => tick.checked).map((tick) => tick.value);
  const [discuss] = named(key + "__discuss");
  if (discuss) answer.discuss = discuss.checked;
  return answer;
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
