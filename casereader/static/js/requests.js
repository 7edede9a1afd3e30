/* What the form asks of the server: to save, and who is signed in.
 *
 * Sent:         {"version", "idempotency_key", "answers": {KEY: {value, note, sources, ground, discuss}}}
 * Replies:      200 {"version", "saved_at", "open": [KEY…]}
 *               409 {"version", "who", "saved_at", "answers": {KEY: answer}}, or with "closed" where it takes no answers any more
 *               401 or 400 signed out · 423 locked, until the password is given · 403, 404, 413 · 422 {"reasons": {KEY: [text…]}}
 * Asked after:  {"version", "saved_at", "answers", "taken": [idempotency key…]}
 */

const REPLY_LIMIT = 30000; // milliseconds; a reply later than this counts as lost
const KEEPALIVE_LIMIT = 60000; // browsers carry 64 KiB of body past the end of a page

/** Post a save: {response, reply}; response is null where it is not known whether it was taken. */
export async function postSave(url, csrf, body) {
  let response = null;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf },
      body,
      credentials: "same-origin",
      redirect: "error",
      keepalive: new TextEncoder().encode(body).length < KEEPALIVE_LIMIT,
      signal: AbortSignal.timeout(REPLY_LIMIT),
    });
    return { response, reply: (await response.json()) ?? {} };
  } catch {
    return { response: response?.ok ? null : response, reply: {} };
  }
}

/** How the reading stands, and which of the saves under these keys were taken; null where it cannot be told now. */
export async function askTaken(url, keys) {
  try {
    const response = await fetch(`${url}?keys=${keys.join()}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(REPLY_LIMIT),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Why a save will never be taken as it is, in words; null where it may be tried again. */
export function whyStopped(status, reply) {
  if (status === 409) return [].concat(reply.says ?? "This reading takes no answers any more.").join(" ");
  if (status === 403) return "You have no role any more that opens this reading: ask the coordinator.";
  if (status === 404) return "This reading is no longer yours to change.";
  if (status === 413) return "There is more text here than can be saved at once.";
  const mayBeTried = status < 402 || status >= 500 || status === 408 || status === 429;
  return mayBeTried ? null : [].concat(reply.says ?? "The page could not be saved.").join(" ");
}

/** A key for one save, so that the same save sent twice has one effect. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Who is signed in, and a token to go on with; the session may have ended, or been begun again elsewhere:
 *  {session: {csrf_token, person, second_step, locked} or null, reached: whether the server answered at all}. */
export async function askSession(url) {
  let reached = false;
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(REPLY_LIMIT),
    });
    reached = true;
    return { session: response.ok ? await response.json() : null, reached };
  } catch {
    return { session: null, reached }; // no network, or a reply that broke off: as far as this page knows, signed out
  }
}
