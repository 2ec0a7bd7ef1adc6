"""Lumbung from Python: `import lumbung`. See docs/python.md."""

from pipeline.api import Store, facts_of, harvest, open_store
from pipeline.compare import Unclear
from pipeline.store import StoreError

__all__ = ["Store", "StoreError", "Unclear", "facts_of", "harvest", "open_store"]
