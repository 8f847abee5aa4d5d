// Cells of a scene that choose what a control says: by mouse and finger, or by keys as on a slider.

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Cells {
  // `choose` is told the fields of the form that are to change, with their values.
  constructor(list, choose) {
    this.list = list;
    this.choose = choose;
    list.addEventListener("click", (event) => this.pointed(event));
    list.addEventListener("keydown", (event) => this.pressed(event));
  }

  // The field whose cells have the focus, if any.
  get held() {
    return document.activeElement?.closest("[data-cells]")?.dataset.cells;
  }

  // Without scripts cells are a picture; here they are a control.
  dress(frame) {
    for (const box of frame.querySelectorAll("[data-cells]")) {
      const { now, count, said } = box.dataset;
      box.tabIndex = 0;
      box.role = "slider";
      box.ariaValueMin = 0;
      box.ariaValueMax = count - 1;
      box.ariaValueNow = now;
      box.ariaValueText = said;
    }
  }

  // A frame has come in the place of another: the same cells keep the focus.
  hold(field, frame) {
    if (field) frame?.querySelector(`[data-cells="${field}"]`)?.focus({ preventScroll: true });
  }

  pointed(event) {
    const box = event.target.closest("[data-cells]");
    if (!box) return;
    const { left, top, width, height } = box.getBoundingClientRect();
    const columns = Number(box.dataset.columns);
    const rows = Math.ceil(box.dataset.count / columns);
    const column = Math.floor(((event.clientX - left) / width) * columns);
    const row = Math.floor(((event.clientY - top) / height) * rows);
    this.take(box, column, row);
  }

  pressed(event) {
    const box = event.target.closest("[data-cells]");
    const move = MOVES[event.key];
    if (!box || !move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // else the deck would turn
    const columns = Number(box.dataset.columns);
    const now = Number(box.dataset.now);
    this.take(box, (now % columns) + move[0], Math.floor(now / columns) + move[1]);
  }

  take(box, column, row) {
    const columns = Number(box.dataset.columns);
    const cell = row * columns + column;
    if (column < 0 || column >= columns || cell < 0 || cell >= Number(box.dataset.count)) return;
    box.dataset.now = cell; // for a further key before the next frame
    this.choose({ ...JSON.parse(box.dataset.also), [box.dataset.cells]: cell });
  }
}
