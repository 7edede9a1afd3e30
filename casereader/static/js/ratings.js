/* Computed ratings in the page, kept true as answers change: the computed one, and the one that stands in its place with
 * its reason. The words are those of casereader/web/answers/computed.py.
 *
 * [data-rating]     the rating's key; inside it [data-computed] and [data-standing] hold the words
 */

const OPEN = "Not yet: it follows once every answer it rests on is given.";

/** Say every rating anew; found: how the reading stands (standing.js). */
export function sayRatings(root, rules, found) {
  for (const item of root.querySelectorAll("[data-rating]")) {
    const [computed, standing] = ratingWords(rules, item.dataset.rating, found);
    put(item.querySelector("[data-computed]"), computed);
    put(item.querySelector("[data-standing]"), standing);
  }
}

/** A rating in words: the computed one, and what stands in its place; blank where the computed one stands. */
export function ratingWords(rules, key, { ratings, answers }) {
  const rated = ratings.get(key);
  const computed = rules.choice(key, rated?.computed)?.label ?? OPEN;
  const { override: other } = rules.data.steps.find((step) => step.rating === key);
  if (!rated?.override) return [computed, ""];
  const reason = (answers[other]?.note ?? "").trim();
  const standing = `${rules.choice(other, rated.override).label} stands in its place.`;
  return [computed, reason ? `${standing} Reason: ${reason}` : standing];
}

function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
