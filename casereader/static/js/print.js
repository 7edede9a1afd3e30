/* A button that prints the page: [data-print], hidden where there are no scripts to press it with. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
