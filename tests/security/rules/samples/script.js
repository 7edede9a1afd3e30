// Bad and good lines for the rules about scripts; scanned, never run.
async function bad(words, box, kept, reply) {
  // ruleid: kept-in-the-browser
  localStorage.setItem("draft", words);
  // ruleid: kept-in-the-browser
  window.sessionStorage.setItem("draft", words);
  // ruleid: kept-in-the-browser
  indexedDB.open("drafts");
  // ruleid: kept-in-the-browser
  document.cookie = words;
  // ruleid: page-from-words
  box.innerHTML = words;
  // ruleid: page-from-words
  box.insertAdjacentHTML("beforeend", words);
  // ruleid: page-from-words
  document.write(words);
  // ruleid: page-from-words
  eval(words);
  // ruleid: prototype-reached
  Object.assign(kept, JSON.parse(words));
  // ruleid: prototype-reached
  Object.assign(kept, await reply.json());
  // ruleid: prototype-reached
  kept.__proto__.isAdministrator = true;
}

function good(words, box, kept) {
  // ok: kept-in-the-browser
  kept.set("draft", words);
  // ok: page-from-words
  box.textContent = words;
  // ok: prototype-reached
  kept.set(words.key, words.value);
}
