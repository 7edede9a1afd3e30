/* Raising a matter of concern: a plain link, but where the server cannot be reached it would lead to the browser's error
 * page. There a dialog says in its place whom to tell, and the reading stays as it is.
 *
 * Links: a[data-concern]; the dialog holds [data-again], [data-close] and [data-still], which says that it is still so.
 */

import { uncovered } from "./cover.js";

const PATIENCE = 4000; // milliseconds: somebody wants to tell of a child at risk

export class Concern {
  constructor(dialog, url) {
    [this.dialog, this.url] = [dialog, url];
    this.still = dialog.querySelector("[data-still]");
  }

  listen() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-concern]");
      if (!link || event.defaultPrevented || event.button !== 0) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.open(link.href);
    });
    this.dialog.querySelector("[data-again]").addEventListener("click", () => this.open(this.href));
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
  }

  async open(href) {
    this.href = href;
    this.still.textContent = "";
    const isReached = await this.isReached();
    await uncovered();
    if (isReached) location.assign(href);
    else if (this.dialog.open) this.still.textContent = "The server still cannot be reached.";
    else this.dialog.showModal();
  }

  /** Whether the server answers, whatever it says. */
  async isReached() {
    try {
      await fetch(this.url, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return true;
    } catch {
      return false;
    }
  }
}
