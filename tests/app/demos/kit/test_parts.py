"""Parts of scenes: what they are as HTML, and what every scene of the deck keeps to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import torch

from app.deck.templates import templates
from app.demos.demo import Frame
from app.demos.kit import (
    Answer,
    Arrow,
    Axis,
    Bar,
    Bars,
    Block,
    Board,
    Cells,
    Choice,
    Column,
    Detail,
    Ellipse,
    Film,
    Lane,
    Lanes,
    Lens,
    Look,
    Loop,
    Machine,
    Part,
    Path,
    Picture,
    Plane,
    Point,
    Ranked,
    Ranking,
    Ring,
    Row,
    Scene,
    Sentence,
    Sign,
    Tick,
    Tile,
    Tiles,
    Values,
    Words,
)
from app.demos.prompts.reading import Reading, Word
from tests.support.demos import SCENES, outline

if TYPE_CHECKING:
    from app.demos.demo import Demo


def drawn(*parts: Part, text: str = "") -> str:
    """A scene of parts as HTML."""
    scene = Scene(Row(parts), text)
    frame = Frame("", 1, 1, done=True, scene=scene)
    return templates.get_template("kit/scene.html").render(scene=scene, frame=frame)


def test_a_picture_keeps_its_place_before_it_is_there() -> None:
    images = torch.zeros(6, 3, 8, 8)
    empty = Picture(None, "Six", "six", columns=3, count=6, side=8)
    full = Picture(images, "Six", "six", columns=3)
    assert (empty.width, empty.height) == (full.width, full.height) == (28, 18)
    assert '<svg class="blank" viewBox="0 0 28 18"' in drawn(empty)
    assert drawn(empty).count("<rect") == 6
    assert '<img src="data:image/webp;base64,' in drawn(full)
    assert "data-filmed" in drawn(Picture(images, "Six", filmed=True))


def test_cells_have_texts_frames_and_strengths() -> None:
    numbers = Cells(
        "Numbers", "four", 4, 2, torch.zeros(3, 8, 8), ["7", "8", "7", "9"], here=1, alike=[3],
        sets="place", also={"look": "ema"},
    )  # fmt: skip
    html = drawn(numbers)
    assert re.findall(r'<text x="(\d+)" y="(\d+)">(\d)</text>', html) == [
        ("16", "16", "7"), ("48", "16", "8"), ("16", "48", "7"), ("48", "48", "9"),
    ]  # fmt: skip
    assert '<rect class="cells-here" x="32" y="0"' in html
    assert '<rect class="cells-alike" x="32" y="32"' in html
    assert 'data-cells="place" data-now="1" data-count="4" data-columns="2"' in html
    assert 'data-also=\'{"look": "ema"}\' data-said="8, in row 1 and column 2"' in html
    used = Cells("Used", count=5, columns=3, levels=[0, 1, 3, 1, 0], here=2, other=3)
    assert list(used.fillings) == [(1, "M32 16h32M0 48h32"), (2, ""), (3, "M64 16h32")]
    assert used.grid == "M0 0H96M0 32H96M0 64H64M0 0V64M32 0V64M64 0V64M96 0V32"
    assert "data-cells" not in drawn(used)
    assert (used.chosen, used.said) == (3, "3, in row 2 and column 1")
    assert 'class="cells-box clear"' in drawn(Cells("Face", image=torch.zeros(3, 8, 8), other=3))


def test_a_part_says_its_name_whether_it_works_and_what_it_is_for() -> None:
    html = drawn(Machine("encoder", "Encoder", name="mu sigma", lit=True, result=True, grow=3))
    assert 'class="part machine machine-encoder grow-3 lit result" data-part="mu sigma"' in html
    assert "Encoder</span>" in html


@pytest.mark.parametrize("shape", ["encoder", "decoder", "network", "sampler", "text"])
def test_every_shape_lies_and_stands(shape: Any) -> None:
    html = drawn(Machine(shape, "It"))
    assert all(f'<polygon class="{way}" points=' in html for way in ("across", "down"))


def test_a_plane_scales_what_lies_in_it_and_keeps_it_inside() -> None:
    plane = Plane(
        (
            Ring(1, "one"),
            Ellipse((1, 0), (0.5, 0.25), "A", "mu"),
            Point((9, -9), "B", second=True),
            Path([(0, 0), (2, 2)]),
        ),
        limit=2,
        alt="A plane",
        x="x axis",
        y="y axis",
    )
    html = drawn(plane)
    assert 'aria-label="A plane"' in html
    assert 'r="50.00"' in html
    assert 'cx="50.00" cy="0.00" rx="50.00" ry="25.00"' in html  # two deviations
    assert 'cx="100.00" cy="100.00"' in html
    assert 'points="0.00,0.00 100.00,-100.00"' in html
    assert [word.text for word in plane.words] == ["one", "A", "B", "x axis", "y axis"]
    assert all(word.text in html for word in plane.words)


def test_an_axis_has_ticks_a_curve_and_a_way_on_it() -> None:
    axis = Axis((Tick(0, "0"), Tick(1, "1")), "t", at=0.75, tail=0.5, curve=(0, 1))
    html = drawn(axis)
    assert axis.points == "0.0,100.0 100.0,0.0"
    assert '<line class="axis-way" x1="50.00%" x2="75.00%"' in html
    assert "axis-way" not in drawn(Axis((), at=0.5))
    assert "axis-dot" not in drawn(Axis(()))


def test_bars_have_lengths_once_there_are_values() -> None:
    bars = Bars("Loss", (Bar("A"), Bar("B", 0.25, "3"), Bar("C", 7.0, second=True)), mark=0.5)
    html = drawn(bars)
    assert re.findall(r'bar-fill" width="(\d+)"', html) == ["0", "25", "100"]
    assert 'x1="50.0"' in html
    assert 'class="bar second"' in html


def test_a_block_fills_up_from_below() -> None:
    html = drawn(Block("block 1", "+0.50", 0.25, second=True, lit=True))
    assert 'class="part block second grow-2 lit"' in html
    assert '<rect class="block-fill" y="75%" width="100%" height="25%"' in html
    assert "+0.50" in html
    assert "block-value" not in drawn(Block("block 1"))


def test_a_board_shows_its_last_cell_and_lines_from_there() -> None:
    html = drawn(Board(torch.zeros(3, 8, 8), "It", "it", 8, 10, [Look(3, 1.0), Look(0, 0.5)]))
    assert '<rect class="board-here" x="2" y="1"' in html
    assert html.count('class="board-look"') == 2
    assert 'x1="2.5" y1="1.5" x2="3.5" y2="0.5"' in html
    assert "board-here" not in drawn(Board(None, "It"))
    assert "<img" not in drawn(Board(None, "It"))


def test_tiles_mark_the_one_that_was_taken() -> None:
    tiles = [Tile(torch.zeros(3, 8, 8), "90%", taken=True), Tile(text="10%")]
    html = drawn(Tiles(tiles, "Two", "next", "another"))
    assert html.count('<li class="picture taken"><img') == 1
    assert html.count('<li class="picture"><svg') == 1
    assert "<small>another</small>" in html


def test_lanes_join_pictures_to_their_places() -> None:
    images = torch.zeros(2, 3, 8, 8)
    above, below = Lane(images, (0.1, 0.9), "Above", "made"), Lane(None, (), "Below")
    html = drawn(Lanes(above, below, "drawn", "real", [Tick(0.5, "0")], 2))
    assert '<line x1="25.0%" x2="10.0%" y1="0%" y2="100%"/>' in html
    assert '<line x1="75.0%" x2="90.0%"' in html
    assert html.count("<line") == 2
    assert html.count("<img") == html.count('class="blank"') == 2
    assert 'data-part="made"' in html


def test_values_are_an_outline_until_they_are_there() -> None:
    assert 'class="blank" viewBox="0 0 16 8"' in drawn(Values(None, "z"))
    assert 'width="4" height="2"' in drawn(Values(torch.zeros(8), "z", columns=4))


def test_the_smaller_parts() -> None:
    html = drawn(
        Sign("−"),
        Arrow("× 2"),
        Sentence("Nothing.", "bad"),
        Words(Reading((Word("red"), Word("dragon", "unknown")))),
        Film(torch.zeros(3, 8, 8)),
        Column((Film(),), turns=True),
        text="It is <empty>.",
    )
    assert "<span>−</span>" in html
    assert "<span>× 2</span>" in html
    assert "tone-bad" in html
    assert '<s title="not understood">dragon' in html
    assert html.count("data-filmed hidden") == 1
    assert "column turns" in html
    assert "It is &lt;empty&gt;." in html


def test_a_lens_has_a_view_for_every_word() -> None:
    heat = torch.zeros(4, 4)
    heat[0, 0] = 1
    details = [Detail("sun", heat), Detail("sea")]
    html = drawn(Lens(torch.ones(3, 8, 8), "The sea", details, filmed=True))
    assert html.count("data-filmed") == 1
    assert html.count('class="lens-mask"') == 1  # of the word that is known
    assert html.count('class="blank"') == 1
    assert details[0].light.flatten()[:2].tolist() == pytest.approx([1, 0.15])
    shapes = [Lens(None, "", [Detail("x")] * n).columns for n in (0, 2, 3, 4, 5, 9)]
    assert shapes == [1, 1, 2, 2, 3, 3]
    assert 'class="blank lens-base"' in drawn(Lens(None, "Empty", details))


def test_answers_can_be_chosen_while_they_have_an_address() -> None:
    answers = (Answer("vae", "VAE", "good"), Answer("gan", "GAN"))
    html = drawn(Choice("guess", answers, "demo=quiz"))
    assert 'href="?demo=quiz&amp;guess=vae" data-set="guess" data-value="vae"' in html
    html = drawn(Choice("guess", answers))
    assert "<a " not in html
    assert '<span class="verdict verdict-good">VAE</span>' in html


def test_a_loop_counts_and_a_ranking_keeps_its_places() -> None:
    html = drawn(
        Loop((Sign("x"),), "step 1"), Ranking("best", (Ranked("a.png", "A", "0.9"), Ranked()))
    )
    assert '<span class="loop-label">step 1</span>' in html
    assert '<img src="a.png" width="64" height="64" alt="A"><span class="chip">0.9</span>' in html
    assert html.count('class="blank"') == 1


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_an_outline_says_what_it_is_and_holds_no_number_of_a_run(demo: Demo[Any]) -> None:
    scene = outline(demo)
    assert scene is not None
    assert len(scene.text.split()) > 3
    assert scene.at == ""


@pytest.mark.parametrize("demo", SCENES, ids=lambda d: d.name)
def test_every_symbol_of_a_formula_has_a_part_or_words(demo: Demo[Any]) -> None:
    formula = demo.formula(demo.parameters())
    assert formula is not None
    assert formula.symbols
    assert all(symbol.words for symbol in formula.symbols)
    assert demo.listings(demo.parameters())


def test_no_part_has_a_style_or_a_script() -> None:
    for demo in SCENES:
        scene = outline(demo)
        assert scene is not None
        html = drawn(scene.root)
        assert not re.search(r"\sstyle=|<script|\son\w+=", html), demo.name
