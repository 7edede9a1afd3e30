"""Every answer and note of an inspection as flat files that statistics programs read. Pure: rows come from outside."""

from casereader.exports.flat.bundle import About, pack
from casereader.exports.flat.tables import Beside, Layer, ReadingFacts, Tables, build
from casereader.exports.flat.variables import Level, Variable, variables

__all__ = [
    "About",
    "Beside",
    "Layer",
    "Level",
    "ReadingFacts",
    "Tables",
    "Variable",
    "build",
    "pack",
    "variables",
]
