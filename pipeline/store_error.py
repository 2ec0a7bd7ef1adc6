"""The error that the store and what stands on it share."""

from __future__ import annotations


class StoreError(Exception):
    """One sentence for the user: what is wrong with the store and what to do."""
