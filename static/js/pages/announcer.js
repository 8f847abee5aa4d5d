// What a screen reader says, and what stands at the foot of the page when something is missing.

const find = (id) => document.getElementById(id);

export function announce(text) {
  const box = find("announcer");
  if (box) box.textContent = text;
}

let again = null;

export function notice(text, retry) {
  const box = find("notice");
  box.querySelector("[data-text]").textContent = text;
  box.hidden = false;
  again = retry;
  announce(text);
}

export function clearNotice() {
  const box = find("notice");
  if (box) box.hidden = true;
}

find("notice")
  ?.querySelector("[data-retry]")
  .addEventListener("click", () => {
    clearNotice();
    again();
  });
