// Applied before the first paint, so that a dark hall never sees a white flash.
(() => {
  const apply = () => {
    const stored = localStorage.getItem("theme");
    if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
  };
  apply();
  addEventListener("storage", apply); // the deck's switch changes the presenter view too
})();
