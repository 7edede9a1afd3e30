/* Saves the answers that wait to a file that only the server can open, while the server cannot be reached.
 *
 * The box:  #rescue, hidden until answers wait (#save-status in the state waiting or stopped), with
 *           data-key          the server's public key: the point, base64url
 *           data-key-id       its id
 *           data-reading, data-account, data-instrument, data-instrument-version   whose answers these are
 *           data-largest      the most bytes a file may have
 *           a button, and an element with role="status" for what became of it
 * The file: {"casereader", "format", "key", "says", "sealed"}; read back by casereader/web/readings/rescue_file.py
 */
import { waitingQueue } from "./autosave.js";
import { canSeal, seal } from "./sealing.js";

const WHAT = "rescue file";
const FORMAT = 1;
const SAYS =
  "Answers that were not saved yet, sealed. Only the casereader they were written on can open this file: " +
  "sign in there, open Readings, and choose Bring in a rescue file.";
const WAITS = ["waiting", "stopped"];

class Rescue {
  constructor(box, line) {
    this.box = box;
    this.line = line;
    this.button = box.querySelector("button");
    this.said = box.querySelector("[role=status]");
    this.kept = null; // the answers of the file saved last, as text
  }

  listen() {
    this.button.addEventListener("click", () => this.save());
    const watch = new MutationObserver(() => this.show());
    watch.observe(this.line, { attributes: true, attributeFilter: ["data-state"], childList: true });
    document.addEventListener("input", () => {
      if (this.kept !== null) this.show();
    });
    this.show();
  }

  show() {
    const waits = WAITS.includes(this.line.dataset.state) && waitingQueue() !== null;
    this.box.hidden = !waits;
    if (!waits) {
      this.kept = null;
      this.say("");
    } else if (!canSeal()) {
      this.button.hidden = true;
      this.say("No rescue file can be sealed here: this page did not come by https. Copy what you need.");
    } else if (this.kept !== null && this.kept !== JSON.stringify(waitingQueue().answers)) {
      this.kept = null;
      this.say("You have written more since: save another rescue file.");
    }
  }

  async save() {
    const waiting = waitingQueue();
    if (waiting === null) return;
    const { key, keyId, reading, account, instrument, instrumentVersion, largest } = this.box.dataset;
    const at = new Date();
    const words = JSON.stringify({
      reading,
      account,
      instrument,
      instrument_version: instrumentVersion,
      saved_at: at.toISOString(),
      version: waiting.version,
      answers: waiting.answers,
    });
    try {
      const sealed = await seal(words, fromText(key), [`casereader ${WHAT}`, FORMAT, keyId, SAYS].join("\n"));
      const file = { casereader: WHAT, format: FORMAT, key: keyId, says: SAYS, sealed: toText(sealed) };
      const text = JSON.stringify(file, null, 1) + "\n";
      if (text.length > Number(largest)) {
        return this.say("There is more text here than one rescue file takes. Copy what you need.");
      }
      const name = `casereader-rescue-${reading.slice(0, 8)}-${stamp(at)}.json`;
      handOver(text, name);
      this.kept = JSON.stringify(waiting.answers);
      const count = Object.keys(waiting.answers).length;
      this.say(`${count === 1 ? "1 answer" : `${count} answers`} in ${name}, among your downloads.`);
    } catch {
      this.say("The rescue file could not be made. Copy what you need.");
    }
  }

  say(words) {
    if (this.said.textContent !== words) this.said.textContent = words;
  }
}

function handOver(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** The moment in a file's name, by the clock of this computer: 20260601-1402. */
function stamp(at) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}`;
}

function toText(bytes) {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromText(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

const box = document.getElementById("rescue");
if (box) new Rescue(box, document.getElementById("save-status")).listen();
