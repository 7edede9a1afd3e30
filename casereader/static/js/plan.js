/* Keeps the table of the plan page up to date while choices change.
 *
 * It asks for the same page with the choices as they stand, and puts that page's table in the place of this one's; so
 * what is shown is worked out by the very function that fixes list and plan. Without this script the button does it.
 *
 * form: data-preview (the address); data-mends (what is wrong above is about the choices alone); #gives (what is replaced); [data-preview-status] (what is said meanwhile)
 */

const WAIT = 400; // milliseconds after the last change, so that a number being typed is asked for once
const LIMIT = 30000;
const CHOICES = "#choose-heading";

const form = document.querySelector("form[data-preview]");
const status = form.querySelector("[data-preview-status]");
const section = form.querySelector(CHOICES).closest("section");
let waiting = 0;
let asked = null;

section.addEventListener("input", later);
section.addEventListener("change", later);

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, WAIT);
}

function ask() {
  asked?.abort();
  const request = new XMLHttpRequest(); // it alone reads a page without markup passing through a string
  asked = request;
  request.open("GET", `${form.dataset.preview}?${choices()}`);
  request.responseType = "document";
  request.timeout = LIMIT;
  request.onload = () => show(request);
  request.onerror = request.ontimeout = () => say("The table could not be brought up to date. Press “Show what this gives”.");
  say("Working it out…");
  request.send();
}

function choices() {
  const chosen = new URLSearchParams();
  for (const control of section.querySelectorAll("input, select, textarea")) {
    if (control.name && ((control.type !== "checkbox" && control.type !== "radio") || control.checked)) {
      chosen.append(control.name, control.value);
    }
  }
  if (!chosen.has("strata")) chosen.append("strata", ""); // none ticked is a choice too, and a wrong one
  return chosen;
}

function show(request) {
  const fresh = request.response?.querySelector("#gives");
  if (!fresh) return say("The table could not be brought up to date. Press “Show what this gives”.");
  document.querySelector("#gives").replaceWith(document.importNode(fresh, true));
  if (request.status === 200 && form.hasAttribute("data-mends")) mend();
  say(request.status === 200 ? "Up to date." : "These choices cannot be met.");
}

/* The choices can be met again: what the page said of them when it was sent does not hold any more. */
function mend() {
  form.removeAttribute("data-mends");
  document.querySelector("#error-summary")?.remove();
  document.title = document.title.replace(/^Error: /, "");
  for (const says of section.querySelectorAll(".ds_question__error-message")) says.remove();
  for (const wrong of section.querySelectorAll("[aria-invalid]")) {
    wrong.removeAttribute("aria-invalid");
    wrong.classList.remove("ds_input--error", "ds_select--error");
  }
  for (const question of section.querySelectorAll(".ds_question--error")) question.classList.remove("ds_question--error");
}

function say(words) {
  status.textContent = words;
}
