"""Scenes: formula, code, pin, film, whole screen, and a stage that keeps its size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.demos import SCENES
from tests.support.look import OUTSIDE

if TYPE_CHECKING:
    from app.demos.demo import Demo

SIZES = [
    (1920, 1080), (1280, 720), (1024, 768), (960, 540), (1024, 640), (1280, 560), (1366, 625),
    (844, 390), (390, 844), (320, 256),
]  # fmt: skip
SHOWN = ".frame.current[data-done]"


def play(page: Page) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector(SHOWN, timeout=60_000)


@pytest.fixture
def vae(open_page) -> Page:
    page: Page = open_page("/slides/1?demo=reconstruct")
    play(page)
    return page


def test_the_formula_has_the_numbers_of_the_shown_frame(vae: Page) -> None:
    vae.keyboard.press("m")
    expect(vae.locator("[data-page='formula']")).to_be_visible()
    last = vae.locator(".symbols [data-number='kl']").inner_text()
    assert re.fullmatch(r"[\d,]+", last)
    assert vae.locator("math [data-number='kl']").first.text_content() == last
    expect(vae.locator(".formula-line.now")).to_have_count(2)
    vae.keyboard.press("j")
    vae.keyboard.press("j")
    expect(vae.locator(".formula-line.now")).to_have_count(1)
    assert not vae.locator(".symbols [data-number='z']").inner_text().strip()
    vae.keyboard.press("m")
    expect(vae.locator("[data-page='formula']")).to_be_hidden()


def test_pointing_at_a_symbol_lights_its_part_and_the_other_way_round(vae: Page) -> None:
    vae.keyboard.press("m")
    vae.locator(".symbols [data-symbol='kl']").hover()
    expect(vae.locator(".frame.current .bars.pointed")).to_have_count(1)
    vae.locator(".frame.current .machine-decoder").hover()
    expect(vae.locator(".symbols .pointed")).to_have_attribute("data-symbol", "rebuilt")
    vae.locator(".symbols [data-symbol='sigma']").focus()
    expect(vae.locator(".frame.current g.pointed")).to_have_count(2)


def test_the_code_is_that_of_the_step(vae: Page) -> None:
    vae.keyboard.press("c")
    expect(vae.locator(".listing h2").first).to_have_text("VAE.encode")
    lit = vae.locator(".code-line.now .code-text")
    assert any("self.decoder" in text for text in lit.all_inner_texts())
    expect(lit.first).to_be_in_viewport()
    expect(vae.locator("[data-page='code'] .models")).to_contain_text("vae, 6.1 M")
    vae.keyboard.press("j")
    assert any("epsilon" in text for text in lit.all_inner_texts())
    vae.keyboard.press("Escape")
    expect(vae.locator("[data-page='code']")).to_be_hidden()


def test_the_drawer_stays_open_from_play_to_play_and_leaves_the_picture_its_room(
    vae: Page,
) -> None:
    before = vae.locator(".room").bounding_box()
    vae.keyboard.press("m")
    assert vae.locator(".room").bounding_box() == before
    vae.locator(".tabs a", has_text="Interpolate").click()
    expect(vae.locator("[data-stage]")).to_have_attribute("data-demo", "interpolate")
    expect(vae.locator("[data-page='formula']")).to_be_visible()
    assert vae.locator(".room").bounding_box() == before


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
@pytest.mark.parametrize("page_of", ["formula", "code"])
def test_formula_and_code_fit_their_drawer(open_page, demo: Demo[Any], page_of: str) -> None:
    page = open_page(f"/slides/{demo.slide}?demo={demo.name}", color_scheme="dark")
    play(page)
    page.keyboard.press("m" if page_of == "formula" else "c")
    for width, height in SIZES[:-1]:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.locator(".formula-line, .listing pre").evaluate_all(
            "all => all.filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1)"
            ".map(e => e.textContent)"
        )
        assert wide == [], (width, height)
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []


def test_a_pinned_pair_has_one_address(open_page) -> None:
    page = open_page("/slides/1?demo=reconstruct&seed=4")
    page.wait_for_selector(SHOWN)
    page.keyboard.press("i")
    first = page.locator(".pinned img").first.get_attribute("src")
    page.locator("input[name='first']").fill("30")
    page.locator("#deck").focus()
    play(page)
    expect(page.locator("[data-pinned-label]")).to_have_text("Pinned: first of two faces 0")
    second = page.locator(".frame.current .result img").first.get_attribute("src")
    assert second != first
    other = open_page(page.url)
    other.wait_for_selector(SHOWN)
    expect(other.locator(".pinned img").first).to_have_attribute("src", first or "")
    assert other.locator(".frame.current .result img").first.get_attribute("src") == second
    left, right = (
        other.locator(f"{place} .result img").first.evaluate("e => e.clientWidth")
        for place in (".pinned", ".frame.current")
    )
    assert left == pytest.approx(right, abs=2)
    assert left > 200
    other.keyboard.press("i")
    expect(other.locator(".pinned")).to_be_hidden()
    assert "pin=" not in other.url


def test_the_scene_takes_the_whole_screen_and_gives_it_back(vae: Page) -> None:
    size = "e => [e.clientWidth, e.clientHeight]"
    before = vae.locator(".room").evaluate(size)
    vae.keyboard.press("z")
    whole = vae.locator(".room").evaluate(size)
    assert whole[0] > 1220
    assert whole[1] > before[1]
    expect(vae.locator("[data-play]")).to_be_in_viewport()
    expect(vae.locator(".facts")).to_be_hidden()
    vae.keyboard.press("PageDown")
    expect(vae.locator(".slide")).to_have_attribute("data-number", "2")
    expect(vae.locator(".facts")).to_be_hidden()
    vae.keyboard.press("Escape")
    expect(vae.locator(".facts")).to_be_visible()


def test_a_short_play_takes_the_time_that_it_needs_to_be_seen(open_page) -> None:
    page = open_page("/slides/1?demo=interpolate")
    page.evaluate(
        """() => { window.seen = new Set(); const look = () => {
          const shown = document.querySelector(".frame.current");
          if (shown) window.seen.add(shown.dataset.step);
          if (shown) window.began ??= performance.now();
          if (shown && "done" in shown.dataset) window.took = performance.now() - window.began;
          else requestAnimationFrame(look); }; look(); }"""
    )
    play(page)
    page.wait_for_function("() => window.took")
    assert page.evaluate("window.took") > 500
    assert page.evaluate("window.seen.size") >= 14


def test_the_film_leads_to_every_frame_and_stays(open_page) -> None:
    page = open_page("/slides/1?demo=interpolate")
    play(page)
    cells = page.locator(".frame.current .film li:not([hidden])")
    assert cells.count() >= 8
    cells.nth(2).locator("button").click()
    shown = page.locator(".frame.current")
    assert shown.get_attribute("data-done") is None
    label = page.locator(".frame.current .film .here button").get_attribute("aria-label")
    assert label == f"Step {shown.get_attribute('data-step')} of 16"
    expect(page.locator("[data-counter]")).to_have_text(f"{shown.get_attribute('data-step')} / 16")


def test_keys_walk_through_frames_plays_and_sections(vae: Page) -> None:
    step = vae.locator(".frame.current")
    vae.keyboard.press("j")
    expect(step).to_have_attribute("data-step", "2")
    vae.keyboard.press("l")
    expect(step).to_have_attribute("data-step", "3")
    vae.keyboard.press("r")
    vae.keyboard.press("k")
    expect(vae.locator("[data-pause]")).to_contain_text("Go on")
    vae.keyboard.press("k")
    expect(step).to_have_attribute("data-done", "")
    vae.keyboard.press("t")
    expect(vae.locator(".fact-tabs button").nth(1)).to_have_attribute("aria-selected", "true")
    vae.keyboard.press("Shift+T")
    expect(vae.locator(".fact-tabs button").nth(0)).to_have_attribute("aria-selected", "true")
    vae.keyboard.press("d")
    expect(vae.locator("[data-stage]")).to_have_attribute("data-demo", "prior")
    vae.keyboard.press("Shift+D")
    expect(vae.locator("[data-stage]")).to_have_attribute("data-demo", "reconstruct")


def test_a_changed_control_marks_the_picture_as_stale(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=2")
    play(page)
    page.locator("input[name='prompt']").fill("a sad person")
    expect(page.locator(".stage.stale .stale-note")).to_be_visible()
    page.locator("[data-another]").click()
    assert "person" not in page.locator("input[name='prompt']").input_value()[:8]
    page.locator("#deck").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".stage.stale")).to_have_count(0)


def test_a_quick_play_follows_its_control(vae: Page) -> None:
    old = vae.locator(".frame.current .result img").first.get_attribute("src")
    vae.locator("input[name='first']").fill("60")
    expect(vae.locator(".frame.current .result img").first).not_to_have_attribute("src", old or "")
    expect(vae).to_have_url(re.compile("first=60"))


def test_an_emptied_number_is_its_default(vae: Page) -> None:
    vae.locator("input[name='seed']").fill("")
    vae.locator("#deck").focus()
    expect(vae.locator("input[name='seed']")).to_have_value("0")


def test_more_controls_stay_open_on_their_slide(open_page) -> None:
    page = open_page("/slides/1?demo=interpolate")
    page.locator("[data-more] summary").click()
    page.locator(".tabs a", has_text="Reconstruct").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "reconstruct")
    page.goto("/slides/4?demo=denoise")
    expect(page.locator("input[name='num_steps']")).to_be_hidden()
    page.locator("[data-more] summary").click()
    expect(page.locator("input[name='num_steps']")).to_be_visible()
    page.locator("#deck").focus()
    play(page)
    expect(page.locator("input[name='num_steps']")).to_be_visible()


MOVES = """() => { window.moves = new Set(); const look = () => {
  const at = (name) => document.querySelector(name).getBoundingClientRect();
  const [room, button] = [at(".room"), at("[data-play]")];
  const places = [room.top + scrollY, room.height, button.top + scrollY];
  window.moves.add(places.map(Math.round).join(" "));
  if (!document.querySelector(".frame.current[data-done]")) requestAnimationFrame(look); };
  look(); new PerformanceObserver((list) => { for (const e of list.getEntries())
    window.shift = (window.shift ?? 0) + e.value; }).observe({ type: "layout-shift" }); }"""


@pytest.mark.parametrize("size", [(1280, 720), (1280, 560), (390, 844)])
@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_nothing_moves_when_a_play_begins_goes_on_and_ends(
    open_page, demo: Demo[Any], size: tuple[int, int]
) -> None:
    address = f"/slides/{demo.slide}?demo={demo.name}"
    page = open_page(address, viewport={"width": size[0], "height": size[1]})
    page.wait_for_load_state("networkidle")
    page.evaluate(MOVES)
    play(page)
    assert len(page.evaluate("[...window.moves]")) == 1
    assert page.evaluate("window.shift ?? 0") <= 0.02


SHIFTS = """window.shift = 0; new PerformanceObserver((list) => {
  for (const e of list.getEntries()) window.shift += e.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("size", [(1350, 940), (1280, 720), (390, 844)])
@pytest.mark.parametrize("address", ["/", "/presenter", *(f"/{n}" for n in range(1, 9))])
def test_nothing_moves_while_a_page_loads_on_a_slow_computer(
    open_page, address: str, size: tuple[int, int]
) -> None:
    page = open_page("/about", viewport={"width": size[0], "height": size[1]})
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(SHIFTS)
    page.goto(address)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.shift") <= 0.02


LARGE = """() => {
  const box = document.querySelector(".room").getBoundingClientRect();
  const all = [...document.querySelectorAll(
    ".frame.current :is(.picture img, .tensor img, .film img, .tree img, .plane-box, .cloud-box,"
      + " .graph-room, .ranking img, .lens img:not(.lens-mask))")];
  const area = all.filter(e => e.checkVisibility()).map(e => {
    const r = e.getBoundingClientRect();
    const ratio = (e.naturalWidth ?? r.width) / (e.naturalHeight ?? r.height);
    return Math.min(r.width, r.height * ratio) * Math.min(r.height, r.width / ratio); });
  return area.reduce((a, b) => a + b, 0) / (box.width * box.height); }"""


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_pictures_fill_the_stage(open_page, demo: Demo[Any]) -> None:
    page = open_page(f"/slides/{demo.slide}?demo={demo.name}")
    play(page)
    assert page.evaluate(LARGE) >= 0.45


SMALL = """() => [...document.querySelectorAll(".slide *")].filter(e =>
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.checkVisibility()
    && !e.closest(".visually-hidden, .frame-note, noscript, math, option"))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 15.99)
  .map(e => e.className + ": " + e.textContent.trim().slice(0, 40))"""


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_all_words_can_be_read_from_the_back(open_page, demo: Demo[Any]) -> None:
    page = open_page(f"/slides/{demo.slide}?demo={demo.name}")
    play(page)
    assert page.evaluate(SMALL) == []
    page.set_viewport_size({"width": 1920, "height": 1080})
    sizes = page.locator(".facts li").evaluate_all(
        "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 22


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_nothing_of_a_scene_is_cut_in_any_window(open_page, demo: Demo[Any]) -> None:
    page = open_page(f"/slides/{demo.slide}?demo={demo.name}", reduced_motion="reduce")
    play(page)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, height)
        out = page.evaluate(OUTSIDE)
        assert out == [], (width, height)
        page.locator("[data-play]").scroll_into_view_if_needed()
        expect(page.locator("[data-play]")).to_be_in_viewport()


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_without_scripts_a_scene_is_its_last_frame(open_page, demo: Demo[Any]) -> None:
    page = open_page(f"/slides/{demo.slide}?demo={demo.name}", java_script_enabled=False)
    page.locator("[data-play]").click()
    pictures = ":is(.matrix, :is(.picture, .tree, .ranking, .lens-box) img)"
    shown = page.locator(f".frame[data-done] {pictures}").first
    assert shown.bounding_box()["width"] > 90
    expect(page.locator(".formula").first).to_be_visible()
    expect(page.locator(".listing").first).to_be_visible()
    dead = "[data-pause], [data-reroll], [data-copy], [data-another], [data-pin], [data-whole]"
    assert not any(button.is_visible() for button in page.locator(dead).all())


def test_the_presenter_view_plays_pauses_and_opens_the_formula(open_page) -> None:
    page = open_page("/slides/1")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    desk = popup.value
    expect(desk.locator("[data-where]")).to_have_text("Slide 1 of 8")
    page.bring_to_front()
    desk.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(SHOWN)
    desk.get_by_role("button", name="Frame back").click()
    expect(page.locator(".frame.current")).to_have_attribute("data-step", "2")
    desk.get_by_role("button", name="Formula").click()
    expect(page.locator("[data-page='formula']")).to_be_visible()
    desk.locator("[data-fields] [name='first']").fill("9")
    expect(page.locator("input[name='first']")).to_have_value("9")
    desk.get_by_role("button", name="Next Play").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "prior")
