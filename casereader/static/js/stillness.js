/* Waiting for a pause in somebody's typing: what opens in the middle of a word takes the rest of it. Nor does anything open
 * over the cover of the quick lock, which could then not be lifted. */
import { isCovered, uncovered } from "./cover.js";

const PAUSE = 2000; // milliseconds without a key
let lastKey = -Infinity;

document.addEventListener("keydown", () => (lastKey = performance.now()), { capture: true });

/** Resolves once no key has been pressed for a while, and no cover is over the page: at once, where neither is. */
export async function stillness() {
  await uncovered();
  for (let left; (left = lastKey + PAUSE - performance.now()) > 0; ) {
    await new Promise((resolve) => setTimeout(resolve, left));
  }
  if (isCovered()) await stillness();
}
