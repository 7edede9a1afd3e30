/* Holds a submission back until the server has every word in the page, and then lets it go.
 *
 * It does not go while an answer is refused: those words would be gone. What is to be put right is shown instead.
 */

export class Submission {
  constructor(autosave) {
    this.autosave = autosave;
    this.submitter = undefined; // the button of a submission that waits for the last save; null where none was pressed
    this.form = null;
    this.leaving = false; // the page is being left with everything saved
  }

  listen() {
    this.autosave.root.addEventListener("submit", (event) => this.submitting(event));
  }

  drop() {
    this.submitter = undefined;
  }

  submitting(event) {
    if (this.leaving || event.defaultPrevented) return;
    const { autosave } = this;
    if (autosave.isSettled && !autosave.refused.size) {
      this.leaving = true;
      return;
    }
    event.preventDefault();
    [this.submitter, this.form] = [event.submitter, event.target];
    if (autosave.isSettled) this.settled();
    else if (autosave.state === "ready") autosave.flush();
    else if (autosave.state === "stopped") this.showLine();
    else if (autosave.state === "differs") autosave.meeting.tell();
    else autosave.comeBack();
  }

  /** Nothing waits any more: a submission held back may go, unless an answer is to be put right first. */
  settled() {
    if (this.submitter === undefined || !this.autosave.isSettled) return;
    const { submitter } = this;
    this.drop();
    const [refused] = this.autosave.refused;
    if (refused !== undefined) {
      this.autosave.tell("refused", { key: refused });
      this.showLine();
      return;
    }
    this.leaving = true;
    (submitter?.form ?? this.form).requestSubmit(submitter);
  }

  showLine() {
    this.autosave.status.line.scrollIntoView({ block: "nearest" });
  }
}
