"""Any count split by one dimension into parts that sum to it exactly, and the pictures of documents and tasks made of such parts.

dimensions.py declares what can be split by, split.py counts and puts the parts together, documents.py and tasks.py draw the screens W3
and W6 from them. Called by ioc/server and by whoever asks why a number moved. A rate has no parts that add up; its two sides have.
"""

from __future__ import annotations

from ioc.breakdown.dimensions import DIMENSIONS, Dimension, DimensionError, dimension
from ioc.breakdown.documents import documents
from ioc.breakdown.split import Part, Parts, listed, split, told
from ioc.breakdown.tasks import tasks

__all__ = ["DIMENSIONS", "Dimension", "DimensionError", "Part", "Parts", "dimension", "documents", "listed", "split", "tasks", "told"]
