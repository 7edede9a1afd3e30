/* The keys and the grounds of the real form, on a practice case; it is saved by its buttons alone, so the browser asks
 * before a section is left in which something is not saved. */
import { touched } from "./answers.js";
import { listenForKeys } from "./scale-keys.js";
import { followAnswers } from "./skip-logic.js";

const root = document.querySelector("[data-practice]");
let isSaving = false;

listenForKeys(root);
followAnswers(root);
root.addEventListener("submit", () => (isSaving = true));
window.addEventListener("pageshow", () => (isSaving = false));
window.addEventListener("beforeunload", (event) => {
  const isWritten = "refusedPage" in root.dataset || [...root.querySelectorAll("[data-key] [name]")].some(touched);
  if (isWritten && !isSaving) event.preventDefault();
});
