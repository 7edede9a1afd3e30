/* Says beneath a text, while it is written, that it looks as if it identified somebody. For forms outside the reading
 * form, which has its own way (standing.js): the textareas of a form with data-watch-texts. Nothing is sent. */
import { signsIn } from "./identifying.js";

for (const text of document.querySelectorAll("form[data-watch-texts] textarea")) {
  const box = document.createElement("div");
  box.className = "cr_item__warning";
  box.setAttribute("role", "status");
  box.hidden = true;
  text.after(box);
  const look = () => {
    const signs = signsIn(text.value);
    const says = signs.length ? `Check: this looks like ${signs.join(" and ")}. Use the reference only.` : "";
    if (box.textContent !== says) box.textContent = says;
    box.hidden = !says;
  };
  text.addEventListener("input", look);
  look();
}
