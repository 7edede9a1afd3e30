/* Asks the browser for a passkey, and sends what it answers as a form.
 *
 * The form: [data-passkey] "make" or "use", hidden until this script runs; data-options says where the options are asked
 *           for; its field `answer` is filled in with the credential as JSON; [data-passkey-fault] says what went wrong.
 */
const GONE = "The page is too old, or you are signed out. Load it again.";
const NONE = "No passkey was used. Try again, or take another of your methods.";
const LOST = "The server cannot be reached. Try again when the network is back.";

function bytes(text) {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}

function letters(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function ask(act, options) {
  const challenge = bytes(options.challenge);
  if (act === "use") {
    return navigator.credentials.get({ publicKey: { ...options, challenge, allowCredentials: known(options.allowCredentials) } });
  }
  const user = { ...options.user, id: bytes(options.user.id) };
  return navigator.credentials.create({ publicKey: { ...options, challenge, user, excludeCredentials: known(options.excludeCredentials) } });
}

function written(made) {
  const response = { clientDataJSON: letters(made.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature"]) {
    if (made.response[part]) response[part] = letters(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: letters(made.rawId), type: made.type, response });
}

class Passkey {
  constructor(form) {
    this.form = form;
    this.fault = form.querySelector("[data-passkey-fault]");
    this.button = form.querySelector("button[type=submit]");
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.form.hidden = false;
  }

  async send() {
    this.fault.hidden = true;
    this.button.disabled = true;
    const answer = await this.answer();
    this.button.disabled = false;
    if (answer === null) return;
    this.form.elements.namedItem("answer").value = answer;
    this.form.submit();
  }

  async answer() {
    let options;
    try {
      const reply = await fetch(this.form.dataset.options, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRFToken": this.form.elements.namedItem("csrf_token").value },
        credentials: "same-origin",
      });
      if (!reply.ok) return this.say(GONE);
      options = await reply.json();
    } catch {
      return this.say(LOST);
    }
    try {
      return written(await ask(this.form.dataset.passkey, options));
    } catch {
      return this.say(NONE); // refused, given up, or too late: browsers do not tell which
    }
  }

  say(words) {
    this.fault.textContent = words;
    this.fault.hidden = false;
    this.button.disabled = false;
    this.button.focus();
    return null;
  }
}

const off = document.querySelector("[data-passkey-off]");
if (off && window.PublicKeyCredential) {
  off.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) new Passkey(form).listen();
}
