/* Keeps the table of the plan page up to date while choices change.
 *
 * It asks for the same page with the choices as they stand, and puts that page's table in the place of this one's; so
 * what is shown is worked out by the very function that fixes list and plan. Without this script the button does it.
 *
 * form: data-preview (the address); #gives (what is replaced); [data-preview-status] (what is said meanwhile)
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
  say(request.status === 200 ? "Up to date." : "These choices cannot be met.");
}

function say(words) {
  status.textContent = words;
}
