"""Fixtures that several test files use."""

from tests.stores import store

__all__ = ["store"]
