/* A reading in the page: loaded once, it needs the network for nothing but saving and submitting. */
import { start } from "./autosave.js";
import { BothTexts } from "./both-texts.js";
import { Check, words } from "./check.js";
import { Concern } from "./concern.js";
import { Notes } from "./notes.js";
import { sayRatings } from "./ratings.js";
import { Rules } from "./rules.js";
import { controlOf, listenForKeys } from "./scale-keys.js";
import { SignInAgain } from "./sign-in-again.js";
import { fitGround, followAnswers } from "./skip-logic.js";
import { Standing } from "./standing.js";
import { Views } from "./views.js";

const PANE = { _notes: "Running notes", _story: "The child’s story" };

function begin(root) {
  const rules = new Rules(JSON.parse(document.querySelector("[data-rules]").textContent), Number(root.dataset.raised));
  const views = new Views(root);
  for (const how of root.querySelectorAll("[data-how-saved]")) how.textContent = "Everything is saved as you write.";
  const standing = new Standing(root, rules, views);
  const check = new Check(root, rules, views);

  root.addEventListener("submit", (event) => goOn(event, root, views, standing, autosave));
  const autosave = start(root, document.getElementById("save-status"));
  followAnswers(root);
  new Notes(root, rules).listen();
  listenForKeys(root);
  root.addEventListener("casereader:standing", ({ detail }) => sayRatings(root, rules, detail));
  root.addEventListener("casereader:standing", ({ detail }) => views.current === "check" && check.show(detail));
  root.addEventListener("casereader:view", ({ detail }) => detail.name === "check" && standing.follow());
  root.addEventListener("casereader:open", () => root.querySelectorAll("[data-key]").forEach(fitGround));
  standing.listen();
  views.listen();
  nameButtons(root, views, standing);

  root.addEventListener("casereader:refused", ({ detail }) => showRefused(root, views, detail.key));
  new SignInAgain(document.getElementById("sign-in-again"), autosave).listen(root);
  new Concern(document.getElementById("concern-unreached"), root.dataset.sessionUrl).listen();
  const describe = (key, answer) => ({
    title: PANE[key] ?? rules.named(key),
    words: rules.parts.has(key) ? words(rules, key, answer) : answer.value,
    note: answer.note,
  });
  new BothTexts(document.getElementById("both-texts"), autosave, describe).listen(root);
}

/** The buttons of a section save nothing here, since everything is saved as it is written: they go on. */
function goOn(event, root, views, standing, autosave) {
  const view = event.target.closest("[data-view]");
  const isSection = view && views.named(new URL(event.target.action)) === view.dataset.view;
  if (!isSection && !event.target.matches(".cr_notes__form")) return;
  event.preventDefault();
  autosave.flush();
  if (isSection) views.go(standing.after(view.dataset.view), { toQuestion: true });
}

/** Bring an answer that was refused into view, in whichever section it stands. */
function showRefused(root, views, key) {
  const item = root.querySelector(`[data-key="${CSS.escape(key)}"]:has([data-refused])`);
  const view = item?.closest("[data-view]");
  if (view && view.hidden) views.go(view.dataset.view);
  item?.scrollIntoView();
  (item && controlOf(item))?.focus({ preventScroll: true });
}

/** Next and back say where they lead: past the sections in which nothing is asked. */
function nameButtons(root, views, standing) {
  const name = () => {
    for (const [id, view] of views.views) {
      const [next, save] = view.querySelectorAll("button[name=go]");
      if (!next) continue;
      const title = (name) => views.views.get(name).dataset.title;
      next.textContent = `Next: ${title(standing.after(id))}`;
      save.hidden = true;
      const back = view.querySelector("a[rel=prev]");
      const before = standing.before(id);
      back.href = views.address(before);
      back.lastChild.textContent = before === "tasks" ? "Task list" : title(before);
    }
  };
  root.addEventListener("casereader:standing", name);
  name();
}

const root = document.querySelector("[data-autosave-url]");
if (root) begin(root);
