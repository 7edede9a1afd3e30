/* Signs in a text that it may identify a child, seen without sending the text anywhere. The page carries the signs in an
 * element with data-signs: the same file that the server reads (casereader/identifying.py). They warn whoever writes;
 * they bar nothing. */

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const SIGNS = read(document.querySelector("[data-signs]")?.textContent ?? '{"signs": []}');

/** What a text looks like it holds, in words; empty for most texts. */
export function signsIn(text) {
  const plain = text.normalize("NFKC").replace(/\p{Cf}/gu, "");
  const found = SIGNS.filter((one) => isIn(one.reads ? text : plain, one)).map((one) => one.sign);
  return [...new Set(found)];
}

function read(text) {
  return JSON.parse(text).signs.map((one) => ({ ...one, pattern: new RegExp(patternOf(one), one.ignores === "case" ? "gi" : "g") }));
}

function patternOf(one) {
  if (one.pattern) return one.pattern.replace("<unless>", `(?!(?:${(one.unless ?? []).join("|")})\\b)`);
  const words = one.words.flatMap((word) => [word, word.toUpperCase()]).join("|");
  const found = `\\b(?:${words})\\b`;
  return one.before ? `${one.before} +${found}|${found}${one.after}` : found;
}

function isIn(text, one) {
  const found = text.match(one.pattern) ?? [];
  if (one.check === "health number") return found.some((number) => isHealthNumber(number.replace(/[ -]/g, "")));
  return found.length > 0;
}

function isHealthNumber(digits) {
  if (digits.length !== 10 || new Set(digits).size === 1) return false;
  const sum = [...digits].slice(0, 9).reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
  const rest = 11 - (sum % 11);
  return (rest === 11 ? 0 : rest) === Number(digits[9]) || beginsWithDay(digits);
}

function beginsWithDay(digits) {
  const [day, month] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4))];
  return day >= 1 && day <= (DAYS[month - 1] ?? 0);
}
