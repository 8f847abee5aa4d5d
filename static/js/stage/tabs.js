// Changing the tab: the old stage goes on until the new one has come, and every press counts from
// where the presses before it lead.

import { clearNotice, notice } from "../pages/announcer.js";
import { fetchPart } from "../pages/slides.js";

const deck = document.getElementById("deck");
let wanted = null; // the tab whose stage is on its way

// The tab after the last that was asked for, or before it.
export function turnTab(step) {
  const tabs = [...deck.querySelectorAll(".tabs a")];
  const at = tabs.findIndex((tab) => (wanted ? tab === wanted : tab.matches("[aria-current]")));
  if (tabs.length) choose(tabs[(at + step + tabs.length) % tabs.length]);
}

async function choose(tab) {
  wanted = tab;
  clearNotice();
  const address = tab.getAttribute("href").replace("?", "/stage?");
  const stage = await fetchPart(address, "[data-stage]");
  if (wanted !== tab) return; // pressed again, or the slide was left meanwhile
  wanted = null;
  if (stage) replace(tab.closest("[data-stage]"), stage);
  else {
    const name = tab.textContent.trim();
    notice(`“${name}” did not come: the network or the server is away.`, () => choose(tab));
  }
}

function replace(old, stage) {
  old.dispatchEvent(new CustomEvent("stage:leave", { bubbles: true }));
  const hadFocus = old.querySelector(".tabs").contains(document.activeElement);
  const [was, more] = [old, stage].map((each) => each.querySelector("[data-more]"));
  if (more) more.open = Boolean(was?.open);
  old.replaceWith(stage);
  window.htmx?.process(stage);
  if (hadFocus) stage.querySelector(".tabs [aria-current]")?.focus({ preventScroll: true });
  stage.dispatchEvent(new CustomEvent("stage:enter", { bubbles: true }));
}

export function beginTabs() {
  document.addEventListener("deck:leave", () => (wanted = null));
  document.addEventListener("click", (event) => {
    const tab = event.target.closest(".tabs a");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(tab);
  });
}
