"""What does not show, in forced colours, that it has the focus or is picked."""

# Of what can be answered or pressed in a part of the page, what shows no focus; and the rows of cells in which what is
# picked looks like what is not.
UNSEEN = """name => {
  const view = document.querySelector(name), found = [];
  const kinds = new Set();
  for (const one of view.querySelectorAll("a, button, summary, input, select, textarea")) {
    const kind = `${one.localName} ${one.type ?? ""} ${one.className} ${one.parentElement.className}`;
    if (!one.getClientRects().length || kinds.has(kind)) continue;
    kinds.add(kind);
    one.focus({focusVisible: true});
    const bearer = one.closest(".cr_cells label") ?? one, style = getComputedStyle(bearer);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) found.push(`no focus: ${kind}`);
  }
  for (const cells of view.querySelectorAll(".cr_cells")) {
    if (!cells.getClientRects().length) continue;
    const [first, second] = cells.querySelectorAll("input");
    const before = first.checked;
    first.checked = true;
    const [picked, other] = [first, second].map(one => getComputedStyle(one.parentElement));
    if (picked.borderTopColor === other.borderTopColor || parseFloat(picked.borderTopWidth) < 2)
      found.push(`not seen to be picked: ${first.name}`);
    first.checked = before;
  }
  return found;
}"""
