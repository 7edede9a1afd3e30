/* Which part of a reading is in view. All of them are in the page, so none needs the network; each has its own address,
 * so that a link, the way back and loading again work as with pages of their own.
 *
 * root: data-base (the address of the task list), data-in-view, data-reference and data-place, of which record it is;
 * each [data-view] has a data-title.
 */
import { controlOf, isInView } from "./scale-keys.js";

export class Views {
  constructor(root) {
    this.root = root;
    this.base = root.dataset.base;
    this.views = new Map([...root.querySelectorAll("[data-view]")].map((view) => [view.dataset.view, view]));
    this.heading = document.querySelector("h1");
    this.current = root.dataset.inView;
  }

  listen() {
    this.heading.tabIndex = -1;
    document.addEventListener("click", (event) => this.clicked(event));
    window.addEventListener("popstate", () => {
      const name = this.named(location);
      if (name !== null && name !== this.current) this.show(name, location.hash);
    });
  }

  /** The view that an address is of; null for any other address. */
  named({ origin, pathname }) {
    if (origin !== location.origin || (pathname !== this.base && !pathname.startsWith(this.base + "/"))) return null;
    const name = pathname.slice(this.base.length + 1) || "tasks";
    return this.views.has(name) ? name : null;
  }

  address(name) {
    return name === "tasks" ? this.base : `${this.base}/${name}`;
  }

  clicked(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const name = this.named(link);
    if (name === null || (name === this.current && link.hash)) return; // a place in view: the browser goes there
    event.preventDefault();
    this.go(name, { hash: link.hash });
  }

  /** Bring a view into view, as following a link to it would; `toQuestion` goes straight to its first question. */
  go(name, { hash = "", toQuestion = false } = {}) {
    history.pushState(null, "", this.address(name) + hash);
    this.show(name, hash, toQuestion);
  }

  show(name, hash = "", toQuestion = false) {
    this.current = name;
    for (const [other, view] of this.views) view.hidden = other !== name;
    const view = this.views.get(name);
    this.heading.textContent = view.dataset.title;
    document.title = this.tab(view.dataset.title);
    for (const link of this.root.querySelectorAll("[data-sections] a")) {
      if (this.named(link) === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    // What the server said at the head of the page was about the view it made.
    for (const said of document.querySelectorAll("#main > .ds_error-summary, #main > .cr_message")) said.remove();
    const sections = this.root.querySelector(".cr_sections");
    if (sections) sections.open = false;
    this.root.dispatchEvent(new CustomEvent("casereader:view", { detail: { name } }));
    this.focus(view, hash, toQuestion);
  }

  /** What stands in the browser's list of tabs, as the server words it: never a section without its record. */
  tab(title) {
    const { reference, place } = this.root.dataset;
    return [title, title.includes(reference) ? "" : reference, place, "casereader"].filter(Boolean).join(" – ");
  }

  focus(view, hash, toQuestion) {
    window.scrollTo(0, 0);
    const place = hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    if (place && view.contains(place)) {
      const folded = place.closest("details:not([open])");
      if (folded) folded.open = true;
      place.scrollIntoView();
      return (controlOf(place) ?? place).focus({ preventScroll: true });
    }
    const item = toQuestion ? [...view.querySelectorAll("form [data-key]")].find(isInView) : null;
    ((item && controlOf(item)) ?? this.heading).focus();
  }
}
