/* Making elements without markup in strings: the page's policy lets no string become markup. */

/** An element with attributes and children (elements, or texts); a child that is null is left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** Words that only a screen reader says. */
export function spoken(words) {
  return element("span", { class: "visually-hidden" }, words);
}
