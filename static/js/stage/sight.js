// On a narrow window the result of a Play may lie below what is seen: it is brought into view once,
// when the Play begins, unless one has scrolled since then.

const narrow = matchMedia("(max-width: 899px)");
let due = false;

for (const kind of ["wheel", "touchmove"])
  addEventListener(kind, () => (due = false), { passive: true });

export const awaitResult = () => (due = narrow.matches);

// The innermost of the parts that are the result.
export function bringResult(frame, behavior) {
  const result = frame?.querySelector(".result:not(:has(.result))");
  if (!due || !result) return;
  due = false;
  result.scrollIntoView({ block: "nearest", behavior });
}
