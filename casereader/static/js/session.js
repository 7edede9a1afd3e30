/* Asking who is signed in, and for a token to go on with: the session may have ended, or been begun again elsewhere. */

const REPLY_LIMIT = 30000; // milliseconds; a reply later than this counts as lost

/** {session: {csrf_token, person} or null, reached: whether the server answered at all}. */
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
