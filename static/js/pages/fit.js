// Words that do not fit into their column become a little smaller, down to what can still be read
// from the back; what does not fit then can be scrolled to.

const LEAST = 0.75;
const STEP = 0.05;

export function fit(box) {
  const adapt = () => {
    let scale = 1;
    do box.style.setProperty("--fit", scale);
    while (box.scrollHeight > box.clientHeight + 1 && (scale -= STEP) >= LEAST);
  };
  new ResizeObserver(adapt).observe(box);
  box.addEventListener("facts:shown", adapt);
}
