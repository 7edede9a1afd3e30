/* Waiting for a pause in somebody's typing: what opens in the middle of a word takes the rest of it. */

const PAUSE = 2000; // milliseconds without a key
let lastKey = -Infinity;

document.addEventListener("keydown", () => (lastKey = performance.now()), { capture: true });

/** Resolves once no key has been pressed for a while: at once, where none was. */
export async function stillness() {
  for (let left; (left = lastKey + PAUSE - performance.now()) > 0; ) {
    await new Promise((resolve) => setTimeout(resolve, left));
  }
}
