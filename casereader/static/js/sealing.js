/* Seals words to the server's public key, so that only the server can open them: HPKE (RFC 9180), base mode, one message,
 * DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Its other end is casereader/sealing.py.
 */

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const KEM = bytesOf("KEM", [0x00, 0x10]);
const SUITE = bytesOf("HPKE", [0x00, 0x10, 0x00, 0x01, 0x00, 0x02]);
const NOTHING = new Uint8Array();

/** Whether this page may seal: browsers keep their cryptography for secure connections. */
export function canSeal() {
  return Boolean(globalThis.crypto?.subtle);
}

/** `words` as bytes that only the holder of the key opens; publicPoint: 65 bytes; boundTo: text that must not change. */
export async function seal(words, publicPoint, boundTo) {
  const theirs = await crypto.subtle.importKey("raw", publicPoint, CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));

  const agreed = await extract(KEM, NOTHING, "eae_prk", new Uint8Array(shared));
  const secret = await expand(KEM, agreed, "shared_secret", bytesOf(point, publicPoint), 32);

  const about = bytesOf(
    [0x00], // base mode
    await extract(SUITE, NOTHING, "psk_id_hash", NOTHING),
    await extract(SUITE, NOTHING, "info_hash", bytesOf(boundTo)),
  );
  const scheduled = await extract(SUITE, secret, "secret", NOTHING);
  const key = await expand(SUITE, scheduled, "key", about, 32);
  const nonce = await expand(SUITE, scheduled, "base_nonce", about, 12);

  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const closed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, cipher, bytesOf(words));
  return bytesOf(point, new Uint8Array(closed));
}

function extract(suite, salt, label, material) {
  return hmac(salt.length ? salt : new Uint8Array(32), bytesOf("HPKE-v1", suite, label, material));
}

/** At most the 32 bytes of one round, which is all that is asked for here. */
async function expand(suite, key, label, about, length) {
  const text = bytesOf([0x00, length], "HPKE-v1", suite, label, about, [0x01]);
  return (await hmac(key, text)).slice(0, length);
}

async function hmac(key, text) {
  const ready = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", ready, text));
}

function bytesOf(...parts) {
  const pieces = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part));
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  pieces.reduce((at, piece) => (joined.set(piece, at), at + piece.length), 0);
  return joined;
}
