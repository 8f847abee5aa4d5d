"""The cover's tree: every model is asked once, one after the other, and none in vain."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from app.deck.gallery import faces
from app.deck.images import png
from app.demos.families.timeline import NODES

DRAWN = [node.model for node in NODES if node.model]
SAMPLE = "**/cover/*.png?*"
PATIENCE = 20_000


def test_each_node_draws_once(open_page) -> None:
    page: Page = open_page("/about")
    asked: list[str] = []
    picture = png(faces([3])[0])

    def answer(route: Route) -> None:
        asked.append(route.request.url.split("/")[-1].split(".")[0])
        route.fulfill(body=picture, content_type="image/png")

    page.route(SAMPLE, answer)
    page.goto("/")
    expect(page.locator(".cover .node img")).to_have_count(len(DRAWN), timeout=PATIENCE)
    assert asked == DRAWN
    page.keyboard.press("PageDown")
    expect(page.locator(".slide")).to_have_attribute("data-number", "1")
    page.keyboard.press("PageUp")
    expect(page.locator(".cover .node img")).to_have_count(len(DRAWN))
    page.wait_for_timeout(600)
    assert asked == DRAWN


def test_a_busy_server_is_asked_for_one_at_a_time(open_page) -> None:
    page: Page = open_page("/about")
    asked: list[Route] = []

    def wait(route: Route) -> None:
        asked.append(route)  # and never answer

    page.route(SAMPLE, wait)
    page.goto("/")
    expect(page.locator(".cover .node .blank")).to_have_count(len(DRAWN))
    page.wait_for_timeout(1000)
    assert len(asked) == 1


def test_a_full_server_leaves_outlines_and_no_complaint(open_page) -> None:
    page: Page = open_page("/about")
    page.route(SAMPLE, lambda route: route.fulfill(status=204))
    with page.expect_response(SAMPLE):
        page.goto("/")
    page.wait_for_timeout(300)
    expect(page.locator(".cover .node .blank")).to_have_count(len(DRAWN))


def test_the_tree_of_a_slide_is_left_to_its_play(open_page) -> None:
    page: Page = open_page("/about")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/slides/6")
    page.wait_for_timeout(1000)
    assert not [url for url in asked if "/cover/" in url]


def test_without_scripts_the_nodes_are_outlines(open_page) -> None:
    page = open_page("/", java_script_enabled=False)
    expect(page.locator(".cover .node .blank")).to_have_count(len(DRAWN))
