// A drawing of 64×64 places, by mouse, finger, pen or the keyboard; a hidden field spells it out.

const SIZE = 64;
const MARK = "~";
const BRUSH = 1.6;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function dressPads(form) {
  for (const element of form.querySelectorAll("[data-pad]")) dress(element);
}

// What a field holds may have changed without the pad: a link, a step back, a form kept.
export function showPads(form) {
  for (const element of form.querySelectorAll("[data-pad]")) show(read(element), element);
}

function dress(element) {
  const canvas = element.querySelector("canvas");
  const cursor = { at: [SIZE / 2, SIZE / 2], down: false, shown: false };
  let last = null;
  const draw = (from, to) => {
    const bits = read(element);
    line(bits, from, to);
    write(element, bits);
    show(bits, element, cursor);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = placeOf(event, canvas);
    draw(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const to = placeOf(event, canvas);
    draw(last, to);
    last = to;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => (last = null));
  }
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation(); // else the deck would turn or play
    const from = cursor.at;
    if (move) cursor.at = from.map((v, i) => Math.min(SIZE - 1, Math.max(0, v + 2 * move[i])));
    else cursor.down = !cursor.down;
    if (cursor.down) draw(from, cursor.at);
    else show(read(element), element, cursor);
  });
  canvas.addEventListener("focus", () => (cursor.shown = canvas.matches(":focus-visible")));
  canvas.addEventListener("blur", () => {
    Object.assign(cursor, { shown: false, down: false });
    show(read(element), element, cursor);
  });
  element.querySelector("[data-clear]").addEventListener("click", () => {
    write(element, new Uint8Array(SIZE * SIZE));
    show(read(element), element, cursor);
  });
  show(read(element), element, cursor);
}

function placeOf(event, canvas) {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) / box.width) * SIZE,
    ((event.clientY - box.top) / box.height) * SIZE,
  ];
}

function line(bits, from, to) {
  const steps = Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])) || 1;
  for (let i = 0; i <= steps; i += 1) {
    dot(bits, from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps);
  }
}

function dot(bits, x, y) {
  for (let row = Math.floor(y - BRUSH); row <= y + BRUSH; row += 1) {
    for (let column = Math.floor(x - BRUSH); column <= x + BRUSH; column += 1) {
      const inside = Math.min(row, column) >= 0 && Math.max(row, column) < SIZE;
      const near = Math.hypot(column + 0.5 - x, row + 0.5 - y) <= BRUSH;
      if (inside && near) bits[row * SIZE + column] = 1;
    }
  }
}

// One byte a place; 512 bytes of bits, most significant first, in base64url without padding.
function read(element) {
  const text = element.querySelector("input").value;
  const bits = new Uint8Array(SIZE * SIZE);
  if (!text.startsWith(MARK)) return bits;
  const packed = atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
  for (let i = 0; i < bits.length; i += 1) {
    bits[i] = (packed.charCodeAt(i >> 3) >> (7 - (i & 7))) & 1;
  }
  return bits;
}

function write(element, bits) {
  const field = element.querySelector("input");
  field.value = bits.includes(1) ? MARK + spelled(bits) : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function spelled(bits) {
  let packed = "";
  for (let i = 0; i < bits.length; i += 8) {
    packed += String.fromCharCode(bits.subarray(i, i + 8).reduce((all, bit) => all * 2 + bit, 0));
  }
  return btoa(packed).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function show(bits, element, cursor) {
  const canvas = element.querySelector("canvas");
  const paper = canvas.getContext("2d");
  paper.fillStyle = "white";
  paper.fillRect(0, 0, SIZE, SIZE);
  paper.fillStyle = "black";
  bits.forEach((bit, i) => bit && paper.fillRect(i % SIZE, Math.floor(i / SIZE), 1, 1));
  if (!bits.includes(1)) invite(paper);
  if (cursor?.shown) {
    paper.strokeStyle = cursor.down ? "red" : "gray";
    paper.strokeRect(cursor.at[0] - 2.5, cursor.at[1] - 2.5, 5, 5);
  }
  const drawn = bits.reduce((sum, bit) => sum + bit, 0);
  canvas.setAttribute("aria-label", `${element.dataset.pad}: ${said(drawn)}`);
}

function invite(paper) {
  paper.fillStyle = "gray";
  paper.font = "9px sans-serif";
  paper.textAlign = "center";
  paper.fillText("draw here", SIZE / 2, SIZE / 2 + 3);
}

const said = (drawn) =>
  drawn
    ? `${Math.round((100 * drawn) / SIZE ** 2)} percent drawn. Arrow keys move, Enter lowers or lifts the pen.`
    : "empty. Arrow keys move, Enter lowers the pen.";
