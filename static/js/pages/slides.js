// Slides: how they are fetched, some of them ahead, and dressed.

import { fit } from "./fit.js";
import { path } from "./place.js";

const PATIENCE = 10_000; // ms
const ahead = new Map(); // number → a slide on its way or here, not yet shown

// For the server's own pages and copies of them only. Nothing in a template loads or runs.
export function parse(html, part = ".slide") {
  const box = document.createElement("template");
  box.innerHTML = html;
  return box.content.querySelector(part);
}

// A part of a page, or nothing where none came: no network, an error, a page of somebody else.
export async function fetchPart(address, part, priority = "auto") {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    const headers = { "HX-Request-Type": "partial" };
    const response = await fetch(address, { headers, priority, signal: late.signal });
    return response.ok ? parse(await response.text(), part) : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

// A slide of that number, dressed, or nothing where none came.
export async function load(n, priority, search = "") {
  const slide = await fetchPart(path(n) + search, ".slide", priority);
  if (slide?.dataset.number !== String(n)) return null;
  dress(slide);
  return slide;
}

// The slide of a number, on its way or here; one that did not come is asked for anew the next time.
export function fetchSlide(n, priority) {
  if (!ahead.has(n)) {
    const coming = load(n, priority);
    ahead.set(n, coming);
    coming.then((slide) => slide ?? ahead.delete(n));
  }
  return ahead.get(n);
}

// Said when it is shown: from then on it belongs to the deck.
export const taken = (n) => ahead.delete(n);

// What works better with a script than without.
export function dress(slide) {
  dressFacts(slide);
  for (const table of slide.querySelectorAll("[data-sortable]")) dressTable(table);
}

// The headings of measured columns sort the rows, best first, then worst first.
function dressTable(table) {
  const body = table.tBodies[0];
  for (const heading of table.querySelectorAll("th[data-best]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.title = "Sort by what was measured";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const best = heading.dataset.best === "low" ? "ascending" : "descending";
      const worst = best === "ascending" ? "descending" : "ascending";
      const order = heading.getAttribute("aria-sort") === best ? worst : best;
      for (const other of table.querySelectorAll("th[aria-sort]"))
        other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      const value = (row) => Number(row.cells[heading.cellIndex].dataset.value ?? NaN);
      // oxlint-disable-next-line no-array-sort -- older browsers have no toSorted, and this is a copy
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return order === "ascending" ? x - y : y - x;
      });
      body.append(...rows);
    });
  }
}

// Sections of facts are tabs, so that one idea is on the slide at a time.
function dressFacts(slide) {
  const facts = slide.querySelector("[data-facts]");
  if (!facts) return;
  fit(facts);
  const tabs = [...facts.querySelectorAll(":scope > .fact-tabs > button")];
  const sections = [...facts.querySelectorAll(":scope > section")];
  const select = (chosen) => {
    sections.forEach((section, i) => section.classList.toggle("chosen", i === chosen));
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
    });
    facts.dispatchEvent(new CustomEvent("facts:shown"));
  };
  tabs.forEach((tab, i) => {
    sections[i].setAttribute("role", "tabpanel");
    sections[i].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => select(i));
    tab.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!move) return;
      const to = (i + move + tabs.length) % tabs.length;
      select(to);
      tabs[to].focus();
    });
  });
  if (tabs.length) select(tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true"));
}
