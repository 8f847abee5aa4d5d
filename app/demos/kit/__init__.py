"""Parts of scenes, and the formulas and listings beside them.

A demo composes a :class:`Scene` of parts; ``templates/kit`` has one template for each.
"""

from app.demos.kit.charts.axis import Axis, Tick
from app.demos.kit.charts.bars import Bar, Bars
from app.demos.kit.charts.clock import Clock, Runner
from app.demos.kit.charts.cloud import Cloud, Spot, spots
from app.demos.kit.charts.plane import Ellipse, Path, Plane, Point, Ring
from app.demos.kit.charts.tree import Branch, Node, Tree
from app.demos.kit.part import Part
from app.demos.kit.pictures.board import Board, Look
from app.demos.kit.pictures.cells import Cells
from app.demos.kit.pictures.film import Film
from app.demos.kit.pictures.lanes import Lane, Lanes
from app.demos.kit.pictures.lens import Detail, Lens
from app.demos.kit.pictures.picture import Picture
from app.demos.kit.pictures.ranking import Ranked, Ranking
from app.demos.kit.pictures.tensor import Values
from app.demos.kit.pictures.tiles import Tile, Tiles
from app.demos.kit.scene import Scene
from app.demos.kit.shapes.arrow import Arrow
from app.demos.kit.shapes.block import Block
from app.demos.kit.shapes.layout import Column, Row
from app.demos.kit.shapes.loop import Loop
from app.demos.kit.shapes.machine import Machine
from app.demos.kit.shapes.sign import Sign
from app.demos.kit.texts.choice import Answer, Choice
from app.demos.kit.texts.formula import Formula, Line, Symbol, fraction, hat, root, row, sub, sup
from app.demos.kit.texts.listing import Listing
from app.demos.kit.texts.sentence import Sentence
from app.demos.kit.texts.words import Words

__all__ = [
    "Answer",
    "Arrow",
    "Axis",
    "Bar",
    "Bars",
    "Block",
    "Board",
    "Branch",
    "Cells",
    "Choice",
    "Clock",
    "Cloud",
    "Column",
    "Detail",
    "Ellipse",
    "Film",
    "Formula",
    "Lane",
    "Lanes",
    "Lens",
    "Line",
    "Listing",
    "Look",
    "Loop",
    "Machine",
    "Node",
    "Part",
    "Path",
    "Picture",
    "Plane",
    "Point",
    "Ranked",
    "Ranking",
    "Ring",
    "Row",
    "Runner",
    "Scene",
    "Sentence",
    "Sign",
    "Spot",
    "Symbol",
    "Tick",
    "Tile",
    "Tiles",
    "Tree",
    "Values",
    "Words",
    "fraction",
    "hat",
    "root",
    "row",
    "spots",
    "sub",
    "sup",
]
