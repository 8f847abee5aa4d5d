// Applied before the first paint, so that a dark hall never sees a white flash.
{
  // oxlint-disable-next-line consistent-function-scoping -- a classic script's names are everybody's
  const apply = () => {
    try {
      const stored = localStorage.getItem("theme");
      if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
    } catch {
      // The browser keeps nothing: the system's choice stands.
    }
  };
  apply();
  addEventListener("storage", apply); // the deck's switch changes the presenter view too
}
