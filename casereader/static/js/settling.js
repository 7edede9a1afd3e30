/* Counts the questions that have a choice, and opens the fields of another answer when that is chosen.
 *
 * Without this script the count is of the page as it came, and the fields open by their own button.
 */

const form = document.querySelector("form[data-settling]");
const bar = document.getElementById("settled");
const says = document.getElementById("settled-text");

form?.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=radio]")) return;
  if (target.value === "other") target.closest("section").querySelector("details").open = true;
  const n = form.querySelectorAll("input[type=radio]:checked").length;
  bar.value = n;
  says.textContent = says.textContent.replace(/^\d+/u, String(n));
});
