"""Parts of scenes, and the formulas and listings beside them.

A demo composes a :class:`Scene` of parts; ``templates/kit`` has one template for each.
"""

from app.demos.kit.arrow import Arrow
from app.demos.kit.axis import Axis, Tick
from app.demos.kit.bars import Bar, Bars
from app.demos.kit.block import Block
from app.demos.kit.board import Board, Look
from app.demos.kit.choice import Answer, Choice
from app.demos.kit.clock import Clock, Runner
from app.demos.kit.cloud import Cloud, Spot, spots
from app.demos.kit.film import Film
from app.demos.kit.formula import Formula, Line, Symbol, fraction, hat, root, row, sub, sup
from app.demos.kit.lanes import Lane, Lanes
from app.demos.kit.layout import Column, Row
from app.demos.kit.lens import Detail, Lens
from app.demos.kit.listing import Listing
from app.demos.kit.loop import Loop
from app.demos.kit.machine import Machine
from app.demos.kit.part import Part
from app.demos.kit.picture import Picture
from app.demos.kit.plane import Ellipse, Path, Plane, Point, Ring
from app.demos.kit.ranking import Ranked, Ranking
from app.demos.kit.scene import Scene
from app.demos.kit.sentence import Sentence
from app.demos.kit.sign import Sign
from app.demos.kit.table import Table
from app.demos.kit.tensor import Values
from app.demos.kit.tiles import Tile, Tiles
from app.demos.kit.tree import Branch, Node, Tree
from app.demos.kit.words import Words

__all__ = [
    "Answer",
    "Arrow",
    "Axis",
    "Bar",
    "Bars",
    "Block",
    "Board",
    "Branch",
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
    "Table",
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
