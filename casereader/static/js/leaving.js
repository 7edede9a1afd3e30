/* A page that is left, or loaded again, while answers wait: they are sent at once and the browser asks first. The page
 * that comes after looks what became of them before it says that anything is saved.
 *
 * What it looks for stands at this place of the tab's history (history.state, under "left"): the keys of the saves and
 * of the questions, never a word of an answer.
 */
import { askTaken } from "./requests.js";

const PATIENCE = 15000; // milliseconds; a save that is not taken by then will not be
const PAUSE = 200;

export class Leaving {
  constructor(autosave) {
    this.autosave = autosave;
    this.left = history.state?.left ?? null;
    this.isLooking = false;
  }

  listen() {
    window.addEventListener("beforeunload", (event) => this.leave(event));
    if (this.left) this.look();
  }

  leave(event) {
    const { autosave } = this;
    if (!autosave.keys.size || autosave.submission.leaving) return;
    autosave.flush();
    const { attempt, waiting, refused } = autosave;
    const mayGo = ["ready", "retrying"].includes(autosave.state);
    const saves = [];
    if (mayGo && attempt) saves.push({ key: attempt.key, of: attempt.keys });
    if (mayGo && waiting.size) saves.push({ key: autosave.nextKey, of: [...waiting] });
    const lost = mayGo ? [...refused] : [...autosave.keys];
    history.replaceState({ ...history.state, left: { saves, lost } }, "");
    event.preventDefault();
  }

  /** Everything was saved after all: there is nothing to look for. */
  forget() {
    if (this.isLooking || !history.state?.left || this.autosave.keys.size) return;
    history.replaceState({ ...history.state, left: undefined }, "");
  }

  /** Nothing can be written until it is known what is stored: it would be written into the old words. */
  async look() {
    const { autosave } = this;
    const { saves, lost } = this.left;
    this.isLooking = autosave.busy = autosave.root.inert = true;
    autosave.state = "looking";
    autosave.show();
    const url = `${autosave.root.dataset.base}/saves`;
    const keys = saves.map((save) => save.key);
    const until = performance.now() + PATIENCE;
    let reply = null;
    let missed = saves;
    while (missed.length && performance.now() < until) {
      if (reply) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      reply = (await askTaken(url, keys)) ?? reply ?? { taken: [] };
      missed = saves.filter((save) => !reply.taken.includes(save.key));
    }
    this.isLooking = autosave.busy = autosave.root.inert = false;
    autosave.state = "ready";
    const gone = [...new Set([...lost, ...missed.flatMap((save) => save.of)])];
    if (reply?.answers) autosave.meeting.meet(reply, new Set(saves.flatMap((save) => save.of)));
    else autosave.send();
    const says = `Not saved: what you wrote last at ${gone.map(placeOf).join(", ")}. Look there again.`;
    if (gone.length) autosave.news = { isLoss: true, says };
    autosave.show();
  }
}

function placeOf(key) {
  return { _notes: "the running notes", _story: "the child’s story" }[key] ?? key;
}
