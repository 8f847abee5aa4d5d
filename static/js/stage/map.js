// A map of which one point is chosen: dragged by mouse, finger or pen, or moved by arrow keys. Two
// fields hold its place, from -1 to 1; whoever listens to them draws the map anew.

const REACH = 100; // from the middle of the map to its edge, in the units of its SVG
const VIEW = 216; // of the whole SVG, with a margin around the map
const STEP = 0.05;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const mapOf = (target) => target.closest?.("[data-handle]");

// Frames come and go while a point is dragged; their list stays.
export function dressMaps(form, list) {
  const fields = (map) => map.dataset.handle.split(" ").map((name) => form.elements[name]);
  let held = null; // the map that is dragged
  let keyed = false; // a map had the focus last
  const choose = (map, place) => {
    for (const [i, field] of fields(map).entries()) {
      field.value = Math.max(-1, Math.min(1, place[i]));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    show(map);
  };
  const show = (map) => {
    const [x, y] = fields(map).map((field) => REACH * field.value);
    const point = map.querySelector("[data-point]");
    point?.setAttribute("cx", x);
    point?.setAttribute("cy", -y);
  };
  list.addEventListener("pointerdown", (event) => {
    const map = mapOf(event.target);
    if (!map || event.button) return;
    list.setPointerCapture(event.pointerId);
    held = map;
    choose(map, placeOf(event, map));
  });
  // No text is selected, and the deck keeps its keys.
  list.addEventListener("mousedown", (event) => mapOf(event.target) && event.preventDefault());
  list.addEventListener("pointermove", (event) => {
    const map = held && list.querySelector(":scope > :is(.current, .past) [data-handle]");
    if (map) choose(map, placeOf(event, map));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    list.addEventListener(end, () => (held = null));
  }
  list.addEventListener("keydown", (event) => {
    const map = mapOf(event.target);
    const move = MOVES[event.key];
    if (!map || !move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // else the deck would turn
    choose(
      map,
      fields(map).map((field, i) => Number(field.value) + STEP * move[i]),
    );
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target !== list) keyed = list.contains(target) && Boolean(mapOf(target));
  });
  new MutationObserver(() => {
    const map = list.querySelector(":scope > :is(.current, .past) [data-handle]");
    if (!map) return;
    if (held) show(map);
    const isLost = [list, document.body].includes(document.activeElement);
    if (keyed && isLost) map.focus({ preventScroll: true });
  }).observe(list, { childList: true });
}

function placeOf(event, map) {
  const box = map.getBoundingClientRect();
  const across = (event.clientX - box.left) / box.width - 0.5;
  const down = (event.clientY - box.top) / box.height - 0.5;
  return [(across * VIEW) / REACH, (-down * VIEW) / REACH];
}
