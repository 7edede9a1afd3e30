/* What this page holds meets what is stored, where the reading was changed elsewhere: in another tab, by another person,
 * or by this page before it was loaded again.
 *
 * Nothing is asked where no answer that waits was changed elsewhere to something else: the page goes on with what was
 * typed, and shows what else is stored. Otherwise nothing is sent until somebody chose, answer by answer.
 */
import { answerOf, isSame, putBack } from "./answers.js";

export class Meeting {
  constructor(autosave) {
    this.autosave = autosave;
    this.theirs = null; // {version, answers, who, saved_at} as stored now, while somebody has to choose
    this.sent = Object.create(null); // the answers sent from here that this reply is about
  }

  get who() {
    return this.theirs.who;
  }

  /** `reply`: how the reading stands; `own`: the keys that this page itself changed before it was loaded again. */
  meet(reply, own = new Set()) {
    const { autosave } = this;
    this.sent = autosave.attempt?.answers ?? Object.create(null);
    for (const key of autosave.attempt?.keys ?? []) autosave.waiting.add(key);
    autosave.attempt = null;
    this.theirs = reply;
    const { rows } = this;
    if (rows.every((row) => row.isUntouched)) {
      const by = reply.who ? ` by ${reply.who}` : "";
      const shown = this.take(new Set(rows.map((row) => row.key)));
      if (shown.some((key) => !own.has(key))) autosave.news = { says: `What was changed elsewhere${by} is shown here now` };
      return autosave.show();
    }
    autosave.state = "differs";
    autosave.submission.drop();
    clearTimeout(autosave.timer);
    autosave.show();
    this.tell();
  }

  tell() {
    this.autosave.tell("differs");
  }

  /** Every answer that waits and is not what is stored: as it stands in the page, as it is stored, and whether nobody
   *  changed it there. */
  get rows() {
    const { root, held, waiting, refused } = this.autosave;
    return [...waiting, ...refused]
      .map((key) => ({ key, mine: answerOf(root, key), theirs: this.theirs.answers[key] ?? {} }))
      .filter(({ mine, theirs }) => !isSame(mine, theirs))
      .map((row) => ({ ...row, isUntouched: isSame(row.theirs, held[row.key]) || this.isOwn(row) }));
  }

  /** What is stored is what this page sent itself, by a save whose reply never came. */
  isOwn({ key, theirs }) {
    return Object.hasOwn(this.sent, key) && isSame(theirs, this.sent[key]);
  }

  /** Go on: the answers under `keys` as they were typed, every other as it is stored; the keys of those that changed
   *  in the page by it. */
  take(keys) {
    const { autosave, theirs } = this;
    const { root, held } = autosave;
    this.theirs = null;
    autosave.waiting = new Set([...autosave.waiting, ...autosave.refused].filter((key) => keys.has(key)));
    autosave.refused.clear();
    const shown = [];
    for (const key of Object.keys(held)) {
      const stored = theirs.answers[key] ?? {};
      if (!autosave.waiting.has(key) && !isSame(stored, answerOf(root, key))) {
        putBack(root, key, stored);
        shown.push(key);
      }
      held[key] = stored;
    }
    autosave.moveTo(theirs.version);
    if (theirs.saved_at) autosave.savedAt = new Date(theirs.saved_at);
    autosave.state = "ready";
    autosave.tell("open", {});
    autosave.show();
    autosave.send();
    return shown;
  }
}
