// The drawer beside the picture: the formula with the numbers of the shown frame, and the code with
// the lines of its step. Pointing at a symbol lights its part of the scene, and the other way round.

const ROOM = "\u2007"; // stands for a number that is not known yet
let open = ""; // the page that is open, on whichever slide

const namesOf = (element) => {
  const owner = element.closest?.("[data-symbol], [data-part]");
  return (owner?.dataset.symbol ?? owner?.dataset.part ?? "").split(" ").filter(Boolean);
};

export const isOpen = () => open !== "";

export class Drawer {
  constructor(stage) {
    this.stage = stage;
    this.box = stage.querySelector("[data-drawer]");
    this.openers = [...stage.querySelectorAll("[data-drawer-opens]")];
    this.box.querySelector("[data-shows='formula']").hidden = !this.has("formula");
    for (const opener of this.openers)
      opener.addEventListener("click", () => this.toggle(opener.dataset.drawerOpens));
    this.box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-shows]");
      if (button) this.choose(button.dataset.shows);
    });
    for (const kind of ["pointerover", "focusin"])
      stage.addEventListener(kind, (event) => this.point(namesOf(event.target)));
    stage.addEventListener("pointerleave", () => this.point([]));
    this.show(null);
  }

  has(page) {
    return this.openers.some((opener) => opener.dataset.drawerOpens === page);
  }

  toggle(page) {
    if (this.has(page)) this.choose(open === page ? "" : page);
  }

  choose(page) {
    open = page;
    this.apply();
    this.show(this.frame);
    if (!page) this.point([]);
  }

  // A stage that comes has the page that the one before had, if it has such a page.
  apply() {
    const page = this.has(open) ? open : "";
    if (page) this.box.dataset.open = page;
    else delete this.box.dataset.open;
    for (const opener of this.openers)
      opener.setAttribute("aria-pressed", String(opener.dataset.drawerOpens === page));
    for (const button of this.box.querySelectorAll("[data-shows][aria-pressed]"))
      button.setAttribute("aria-pressed", String(button.dataset.shows === page));
  }

  show(frame) {
    this.apply();
    this.frame = frame;
    const numbers = JSON.parse(frame?.dataset.numbers ?? "{}");
    for (const place of this.box.querySelectorAll("[data-number]"))
      place.textContent = numbers[place.dataset.number] ?? ROOM;
    const at = frame?.dataset.at ?? "";
    for (const line of this.box.querySelectorAll("[data-at]"))
      line.classList.toggle("now", at !== "" && line.dataset.at.split(" ").includes(at));
    this.reveal();
    const reached = this.box.dataset.open === "formula";
    for (const part of this.stage.querySelectorAll("[data-room] [data-part]"))
      if (reached) part.tabIndex = 0;
      else part.removeAttribute("tabindex");
  }

  // The first line of the step, where one can see it.
  reveal() {
    const page = this.box.querySelector(`[data-page="${open}"]`);
    const line = page?.querySelector(".code-line.now");
    if (!line) return;
    const [seen, wanted] = [page.getBoundingClientRect(), line.getBoundingClientRect()];
    if (wanted.top < seen.top || wanted.bottom > seen.bottom)
      page.scrollTop += wanted.top - seen.top - seen.height / 3;
  }

  point(names) {
    const known = this.box.dataset.open === "formula" ? names : [];
    for (const element of this.stage.querySelectorAll("[data-symbol], [data-part]"))
      element.classList.toggle(
        "pointed",
        namesOf(element).some((name) => known.includes(name)),
      );
  }
}
