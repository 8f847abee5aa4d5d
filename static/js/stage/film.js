// The film strip: the filmed pictures of all frames that have come, each a place to go to. There is
// one strip, which moves from frame to frame into the place that the scene has for it.

// Puts the cells of a strip, or of a copy of one, in their places; no style can travel with a copy.
export function lay(strip) {
  strip.style.setProperty("--rows", strip.dataset.rows);
  strip.style.setProperty("--aspect", strip.dataset.aspect);
  for (const cell of strip.children) cell.style.left = cell.dataset.left;
}

const aspectOf = (picture) => picture.getAttribute("width") / picture.getAttribute("height");

export class Film {
  constructor(go) {
    this.cells = new Map(); // frame → its cell
    this.strip = document.createElement("ol");
    this.strip.setAttribute("aria-label", "Film of this Play");
    this.room = new ResizeObserver(() => this.show([], this.shown));
    this.strip.addEventListener("click", (event) => {
      const cell = event.target.closest("li");
      for (const [frame, own] of this.cells) if (own === cell) go(frame);
    });
  }

  clear() {
    this.cells.clear();
    this.strip.replaceChildren();
    delete this.strip.dataset.aspect;
  }

  show(frames, shown) {
    this.shown = shown;
    const place = shown?.querySelector("[data-film]");
    if (!place) return;
    const first = Number(place.dataset.film);
    for (const frame of frames) if (!this.cells.has(frame)) this.add(frame, first);
    const every = this.spacing(place, shown, first);
    for (const [frame, cell] of this.cells) {
      const left = Number(frame.dataset.total) - Number(frame.dataset.step);
      if (cell) cell.hidden = left % every !== 0 && frame !== shown;
      cell?.classList.toggle("here", frame === shown);
      if (frame === shown) cell?.firstChild.setAttribute("aria-current", "true");
      else cell?.firstChild.removeAttribute("aria-current");
    }
    if (this.strip.parentNode !== place) {
      place.append(this.strip);
      this.room.disconnect();
      this.room.observe(place);
    }
    lay(this.strip);
  }

  // Of how many steps one has room in the strip.
  spacing(place, shown, first) {
    const rows = Math.max(1, shown.querySelectorAll("[data-filmed]").length);
    this.strip.dataset.rows = rows;
    const cell = place.clientHeight / rows;
    const step = place.clientWidth / Math.max(1, Number(shown.dataset.total) - first);
    return Math.max(1, Math.ceil(cell / Math.max(1, step)));
  }

  add(frame, first) {
    const pictures = [...frame.querySelectorAll("[data-filmed]")];
    if (!pictures.length) return this.cells.set(frame, null);
    const { step, total } = frame.dataset;
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `Step ${step} of ${total}`);
    const aspects = pictures.map(aspectOf);
    this.strip.dataset.aspect = Math.max(Number(this.strip.dataset.aspect ?? 0), ...aspects);
    for (const picture of pictures) {
      const copy = new Image(picture.width, picture.height);
      copy.src = picture.src;
      copy.alt = "";
      button.append(copy);
    }
    const cell = document.createElement("li");
    cell.dataset.left = `${(100 * (step - first)) / Math.max(1, total - first)}%`;
    cell.append(button);
    this.strip.append(cell);
    return this.cells.set(frame, cell);
  }
}
