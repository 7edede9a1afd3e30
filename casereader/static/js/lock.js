/* The quick lock: covers the page in every tab, keeps what is in it, and asks the server to open nothing meanwhile.
 *
 * The form [data-lock] locks without this script, too, but then leads away from the page. What is typed stays in memory.
 * The cover goes only when the server has taken the password.
 */
import { element } from "./elements.js";

const form = document.querySelector("form[data-lock]");
const tabs = new BroadcastChannel("casereader-lock");
let cover = null;
let covered = false;

function build() {
  const fault = element("div", { class: "cr_item__error", role: "alert", hidden: "" });
  const password = element("input", {
    class: "ds_input ds_input--fixed-20",
    type: "password",
    id: "lock-password",
    name: "password",
    autocomplete: "current-password",
  });
  const label = element("label", { class: "ds_label", for: "lock-password" }, "Password");
  const button = element("button", { type: "submit", class: "ds_button" }, "Unlock");
  const asked = element("form", {}, fault, element("div", { class: "ds_question cr_field" }, label, password), button);
  asked.addEventListener("submit", (event) => {
    event.preventDefault();
    unlock();
  });
  const dialog = element(
    "dialog",
    { class: "cr_cover", "aria-labelledby": "lock-heading" },
    element("h2", { id: "lock-heading" }, "Locked"),
    element("p", {}, "The page is kept as it is. It opens again with your password."),
    asked,
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => covered && dialog.showModal());
  document.body.append(dialog);
  return { dialog, password, fault };
}

function show() {
  cover ??= build();
  covered = true;
  cover.fault.hidden = true;
  document.documentElement.classList.add("cr_is-covered");
  if (!cover.dialog.open) cover.dialog.showModal();
  cover.password.focus();
}

function take() {
  covered = false;
  document.documentElement.classList.remove("cr_is-covered");
  if (cover?.dialog.open) cover.dialog.close();
}

async function token() {
  const reply = await fetch("/readings/session", { credentials: "same-origin" });
  return (await reply.json()).csrf_token;
}

async function post(address, fields) {
  const body = new URLSearchParams({ ...fields, csrf_token: await token() });
  return fetch(address, { method: "POST", credentials: "same-origin", redirect: "manual", body });
}

async function lock() {
  show();
  tabs.postMessage("locked");
  try {
    await post("/lock", {});
  } catch {
    say("The page is covered, but the server could not be told: do not leave the room before the network is back.");
  }
}

async function unlock() {
  const { password, fault } = cover;
  fault.hidden = true;
  try {
    const reply = await post("/unlock", { next: "/", password: password.value });
    if (reply.type === "opaqueredirect") {
      take();
      tabs.postMessage("unlocked");
    } else say("The password is not right.");
  } catch {
    say("The server cannot be reached. Try again when the network is back: the page is kept.");
  }
  password.value = "";
}

function say(words) {
  cover.fault.textContent = words;
  cover.fault.hidden = false;
  cover.password.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  lock();
});
addEventListener("keydown", (event) => {
  if (event.altKey && event.shiftKey && event.code === "KeyL" && !covered) {
    event.preventDefault();
    lock();
  }
});
tabs.addEventListener("message", ({ data }) => (data === "locked" ? show() : take()));
