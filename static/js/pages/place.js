// Addresses: where the deck is mounted, where a slide is, and what stands in the address bar.

const page = document.documentElement.dataset;
export const ROOT = page.root ?? ""; // a reverse proxy may show the deck under a path
export const LAST = Number(page.last);
export const path = (n) => (n === 0 ? `${ROOT}/` : `${ROOT}/slides/${n}`);

// The slide at a path of this site; NaN if there is none.
export function numberAt(pathname) {
  if (pathname === path(0)) return 0;
  const slide =
    pathname.startsWith(ROOT) && pathname.slice(ROOT.length).match(/^\/slides\/(\d+)(\/play)?$/);
  return slide ? Number(slide[1]) : NaN;
}

const addresses = new WeakMap();
export const addressOf = (slide) => addresses.get(slide) ?? path(Number(slide.dataset.number));

// The address under which a slide is to be found again; it stands in the bar while the slide is shown.
export function keepAddress(slide, address) {
  addresses.set(slide, address);
  if (slide.isConnected) history.replaceState(history.state, "", address);
}

// Addresses of this computer itself, which lead nowhere on another one.
export const isLoopback = (host) => /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
