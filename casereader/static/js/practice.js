/* The keys and the grounds of the real form, on a practice case; it is saved by its buttons alone. */
import { listenForKeys } from "./scale-keys.js";
import { followAnswers } from "./skip-logic.js";

const root = document.querySelector("[data-practice]");
listenForKeys(root);
followAnswers(root);
