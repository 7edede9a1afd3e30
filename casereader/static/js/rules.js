/* What follows from answers: which questions are asked, what is missing, what does not go together, how far each
 * section is. Pure: no page, no network. The rules come from the server as data (casereader/instrument/rules.py), so
 * nothing here knows an instrument; the server decides in the end, by the same rules.
 *
 * answers: {KEY: {value, note, sources, ground, discuss}}, of each what there is.
 */

const NOT_APPLICABLE = "not_applicable";
const CANNOT_BE_EVALUATED = "cannot_be_evaluated";
const AT_LEAST = 3; // answers before a rating is compared with them
const WEAK_FROM = 0.5; // share of weak answers that does not go with a high rating
const STRONG_FROM = 0.9; // share of strong answers that does not go with a low one
const POINTS_TO = /^see ([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?)\.?$/i;
const WHOLE_NUMBER = /^(0|[1-9][0-9]{0,5})$/;
const UNANSWERED = "This is not answered yet.";
export const DISCUSS = "This is marked “discuss”: talk it over, then clear the mark.";

export class Rules {
  /** raised: how many matters of concern were raised from the reading; undefined where that is not known. */
  constructor(data, raised) {
    this.data = data;
    this.raised = raised;
    this.parts = new Map(Object.entries(data.parts));
    this.choices = data.lists.map((list) => new Map(list.map((choice) => [choice.value, choice])));
    this.byName = new Map([...this.parts.keys()].map((key) => [key.toLowerCase(), key]));
  }

  /** A part by its code and label, as pages name it. */
  named(key) {
    const part = this.parts.get(key);
    return part ? `${part.code} ${part.title}` : key;
  }

  /** The choice that a part offers under a value; undefined where it offers none. */
  choice(key, value) {
    const part = this.parts.get(key);
    return part?.choices === undefined ? undefined : this.choices[part.choices].get(value);
  }

  /** The grounds of a part for *not applicable* or *cannot be evaluated*. */
  grounds(key, value) {
    const part = this.parts.get(key);
    const place = value === NOT_APPLICABLE ? part.naGrounds : value === CANNOT_BE_EVALUATED ? part.cbeGrounds : undefined;
    return place === undefined ? [] : this.data.lists[place];
  }

  /** Everything that follows: {values, asked, missing, warnings, states, ratings}. */
  of(answers) {
    const { values, closed, ratings } = this.resolve(answers);
    const asked = new Set([...this.parts.keys()].filter((key) => !closed.has(key)));
    const missing = new Map(this.data.sections.map((one) => [one.id, this.missingIn(one, answers, asked)]));
    const states = new Map(
      this.data.sections.map((one) => [one.id, this.state(one, answers, asked, missing.get(one.id))]),
    );
    return { values, asked, missing: [...missing.values()].flat(), warnings: this.warnings(values), states, ratings };
  }

  /** Close what is not asked and compute the ratings, in the order in which one asks about the other. */
  resolve(answers) {
    const values = new Map();
    for (const [key, answer] of Object.entries(answers)) {
      const part = this.parts.get(key);
      const value = trimmed(answer.value);
      if (part && value && (part.choices === undefined || this.choice(key, value))) values.set(key, value);
    }
    const closed = new Set();
    const ratings = new Map();
    for (const step of this.data.steps) {
      if (step.opens) {
        if (decide(step.when, values, this.data.stratum) !== false) continue;
        for (const key of step.opens) {
          closed.add(key);
          values.delete(key);
        }
        continue;
      }
      values.delete(step.rating);
      if (closed.has(step.rating)) continue;
      const given = this.rated(step, values, closed);
      const override = step.override ? this.choice(step.override, values.get(step.override))?.value : undefined;
      ratings.set(step.rating, { computed: given ?? null, override: override ?? null });
      const stands = override ?? given;
      if (stands !== undefined) values.set(step.rating, stands);
    }
    return { values, closed, ratings };
  }

  rated(step, values, closed) {
    if (step.inputs.some((key) => !values.get(key) && !closed.has(key))) return undefined;
    for (const [gives, when] of step.rules) {
      const holds = decide(when, values, this.data.stratum);
      if (holds !== false) return holds ? gives : undefined;
    }
    return undefined;
  }

  missingIn(section, answers, asked) {
    const keys = section.keys.filter((key) => asked.has(key));
    const found = keys.flatMap((key) => this.lacks(key, answers).map((says) => ({ key, section: section.id, says })));
    if (section.evidence) found.push(...this.sectionLacksEvidence(section, keys, answers));
    return found;
  }

  lacks(key, answers) {
    const part = this.parts.get(key);
    if (part.computed) return [];
    const answer = answers[key] ?? {};
    const value = trimmed(answer.value);
    if (!value) return [...(part.optional ? [] : [UNANSWERED]), ...(answer.discuss ? [DISCUSS] : [])];
    const found = this.faults(key, answer);
    for (const [code, words] of [[NOT_APPLICABLE, "Not applicable"], [CANNOT_BE_EVALUATED, "Cannot be evaluated"]]) {
      if (value === code && !answer.ground && this.grounds(key, code).length > 1) {
        found.push(`“${words}” needs a ground: choose one from the list.`);
      }
    }
    const choice = this.choice(key, value);
    if (choice?.need) {
      const evidence = this.evidence(key, answers);
      const advice = pointsTo(answer.note) === null ? "" : ` Its note points to ${evidence.of}, which has no such note of its own.`;
      if (choice.need === "note" && !(evidence.note ?? "").trim()) {
        found.push(`“${choice.label}” needs a note.${advice}`);
      } else if (choice.need === "note and source" && !this.isFull(evidence)) {
        found.push(
          `“${choice.label}” needs a note of ${this.data.shortest} characters or more, without names, ` +
            `and at least one source.${advice}`,
        );
      }
    }
    return answer.discuss ? [...found, DISCUSS] : found;
  }

  /** Why an answer cannot be taken, as far as a page can tell: the server says the rest when it refuses one. */
  faults(key, answer) {
    const part = this.parts.get(key);
    const value = trimmed(answer.value);
    if (part.kind === "count") {
      const [low, high] = part.bounds;
      if (WHOLE_NUMBER.test(value) && low <= Number(value) && Number(value) <= high) return [];
      return [`“${[...value].slice(0, 60).join("")}” is not a whole number from ${low} to ${high}.`];
    }
    if (part.refuses?.includes(value)) {
      const words = value === NOT_APPLICABLE ? "Not applicable" : "Cannot be evaluated";
      return [`“${words}” is not offered for this group of children.`];
    }
    return [];
  }

  sectionLacksEvidence(section, keys, answers) {
    const given = [];
    for (const key of keys) {
      const value = trimmed(answers[key]?.value);
      if (!value) continue;
      if (this.choice(key, value)?.need === "note and source") return [];
      if (this.parts.get(key).judgement && value !== NOT_APPLICABLE) given.push(key);
    }
    if (!given.length || keys.some((key) => this.isFull(this.evidence(key, answers)))) return [];
    const key = given.includes(section.headline) ? section.headline : given[0];
    const says =
      `This section needs one note of ${this.data.shortest} characters or more, without names, with at least ` +
      "one source. Put it at any of its answers.";
    return [{ key, section: section.id, says }];
  }

  isFull(evidence) {
    return [...(evidence.note ?? "").trim()].length >= this.data.shortest && (evidence.sources ?? []).length > 0;
  }

  /** The evidence under an answer: its own, or that of the answer its note points to, one step only. */
  evidence(key, answers) {
    const own = answers[key];
    if (!own) return { note: "", sources: [], of: key };
    const pointed = pointsTo(own.note);
    if (pointed === null) return { note: own.note ?? "", sources: own.sources ?? [], of: key };
    const target = this.byName.get(pointed.toLowerCase()) ?? pointed;
    const there = answers[target];
    if (!there || target === key || pointsTo(there.note) !== null) return { note: "", sources: [], of: target };
    return { note: there.note ?? "", sources: [...(there.sources ?? []), ...(own.sources ?? [])], of: target };
  }

  state(section, answers, asked, found) {
    const missing = found.filter(({ says }) => says !== DISCUSS); // a mark is no gap: its reader may leave it
    const open = section.keys.filter((key) => asked.has(key) && !this.parts.get(key).computed);
    const given = open.filter((key) => trimmed(answers[key]?.value));
    const keys = open.filter((key) => !this.parts.get(key).overrides || given.includes(key));
    if (given.length === keys.length && given.every((key) => trimmed(answers[key].value) === NOT_APPLICABLE)) {
      return missing.length ? "in progress" : "not applicable";
    }
    if (!keys.some((key) => this.wasTouched(key, answers[key]))) return "not started";
    return missing.length ? "in progress" : "complete";
  }

  wasTouched(key, answer) {
    if (!answer || this.parts.get(key).filled) return false;
    return Boolean(trimmed(answer.value) || answer.note || answer.discuss);
  }

  warnings(values) {
    const found = this.data.contradictions.map((one) => {
      if (one.when) return decide(one.when, values, this.data.stratum) === true ? one : null;
      const says = this.contradicts(one, values);
      return says ? { ...one, says } : null;
    });
    return [...found.filter(Boolean), ...this.chosenAgain(values), ...this.concerns(values)];
  }

  /** The warning, with what is the case here; blank where the rating goes with its answers. */
  contradicts(one, values) {
    const rating = values.get(one.rating);
    const isHigh = one.high.includes(rating);
    if (!isHigh && !one.low.includes(rating)) return "";
    const counted = one.answers
      .map((key) => ({ key, choice: this.choice(key, values.get(key)) }))
      .filter(({ choice }) => choice?.y !== undefined);
    if (counted.length < AT_LEAST) return "";
    const against = counted.filter(({ choice }) => (isHigh ? choice.y === 0 && !choice.partly : choice.y === 1));
    if (against.length < (isHigh ? WEAK_FROM : STRONG_FROM) * counted.length) return "";
    const { label } = this.choice(one.rating, rating);
    return `${one.says} Here: rated “${label}”; against that ${against.map(({ key }) => key).join(", ")}.`;
  }

  /** An answer that is chosen again where up to so many are asked for. */
  chosenAgain(values) {
    return this.data.several.flatMap((keys) => {
      const chosen = [...new Set(keys.map((key) => values.get(key)).filter(Boolean))];
      return chosen.flatMap((value) => {
        const same = keys.filter((key) => values.get(key) === value);
        if (same.length < 2) return [];
        const { label } = this.choice(same[0], value);
        return [{ keys: [...same].reverse(), says: `“${label}” is chosen ${same.length} times: ${same.join(", ")}.` }];
      });
    });
  }

  /** What is answered of a matter of concern beside whether one was raised. */
  concerns(values) {
    if (this.raised === undefined) return [];
    const { keys, noneRaised, someRaised } = this.data.concerns;
    const { value, says } = this.raised ? someRaised : noneRaised;
    return keys.filter((key) => values.get(key) === value).map((key) => ({ keys: [key], says, isConcern: true }));
  }
}

/** Whether a condition holds; null where it turns on a stratum that is not known. values: a Map. */
export function decide(expression, values, stratum) {
  const [kind, first, second] = expression;
  if (kind === "in" || kind === "not in") {
    const differs = kind === "not in";
    if (first === "stratum") return stratum === null ? null : second.includes(stratum) !== differs;
    return second.includes(values.get(first) ?? null) !== differs;
  }
  if (kind === "not") {
    const inner = decide(first, values, stratum);
    return inner === null ? null : !inner;
  }
  const settling = kind === "or";
  let unknown = false;
  for (const one of first) {
    const result = decide(one, values, stratum);
    if (result === settling) return settling;
    unknown ||= result === null;
  }
  return unknown ? null : !settling;
}

function pointsTo(note) {
  if (!note || note.length > 60) return null;
  return POINTS_TO.exec(note.trim())?.[1] ?? null;
}

function trimmed(value) {
  return (value ?? "").trim();
}
