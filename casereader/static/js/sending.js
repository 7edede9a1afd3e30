/* Says that a file is on its way and being checked, from the press of the button until the answer comes.
 *
 * A form with data-sending holds an element with data-sending-shown, hidden at first, with the words and a <progress>
 * that tells no share, since the server says nothing before it is done. A second press sends nothing a second time.
 * Without this script the form works the same; the browser alone then shows that it waits.
 */

for (const form of document.querySelectorAll("form[data-sending]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending === "now") return event.preventDefault();
    form.dataset.sending = "now";
    show(form, true);
  });
}

// The page may come back from the browser's memory by its Back button, as it was when it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    form.dataset.sending = "";
    show(form, false);
  }
});

function show(form, sending) {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    if (sending) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
  const box = form.querySelector("[data-sending-shown]");
  box.querySelector("progress").hidden = !sending;
  box.querySelector("p").textContent = sending ? box.dataset.sendingShown : "";
}
