// A swipe turns the page, if that is all it can mean: nothing was enlarged, scrolled or selected.

const FAR = 60; // px
const DRIFT = 10; // px that a page may scroll under a finger that means to turn it
const NOT_HERE = "input, select, textarea, dialog, [popover], [data-handle]";

const isZoomed = () => (window.visualViewport?.scale ?? 1) > 1.02;

function scrolls(element) {
  for (let box = element; box && box !== document.body; box = box.parentElement) {
    if (
      box.scrollWidth > box.clientWidth + 1 &&
      /auto|scroll/.test(getComputedStyle(box).overflowX)
    )
      return true;
  }
  return document.documentElement.scrollWidth > innerWidth + 1;
}

export function onSwipe(turned) {
  let start = null;
  const forget = () => (start = null);
  const options = { passive: true };
  addEventListener(
    "touchstart",
    (event) => {
      const [touch] = event.touches;
      const free =
        event.touches.length === 1 &&
        !isZoomed() &&
        !touch.target.closest(NOT_HERE) &&
        !scrolls(touch.target);
      start = free ? { x: touch.clientX, y: touch.clientY, left: scrollX, top: scrollY } : null;
    },
    options,
  );
  addEventListener("touchmove", (event) => event.touches.length > 1 && forget(), options);
  addEventListener("touchcancel", forget, options);
  addEventListener("scroll", (event) => event.target !== document && forget(), {
    capture: true,
    passive: true,
  });
  addEventListener(
    "touchend",
    (event) => {
      if (!start || isZoomed() || event.touches.length) return forget();
      const { x, y, left, top } = start;
      forget();
      if (Math.hypot(scrollX - left, scrollY - top) > DRIFT || String(getSelection())) return;
      const [touch] = event.changedTouches;
      const dx = touch.clientX - x;
      const dy = touch.clientY - y;
      if (Math.abs(dx) > FAR && Math.abs(dx) > 2 * Math.abs(dy)) turned(dx < 0 ? 1 : -1);
    },
    options,
  );
}
