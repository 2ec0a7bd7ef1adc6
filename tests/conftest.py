"""Fixtures that several test files use."""

from pathlib import Path

import pytest

from tests.stores import store

__all__ = ["store"]


@pytest.fixture(scope="session")
def reports_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two sample reports and a hostile one, for those who only read it: `tests.explorer.fill_store` once."""
    from tests.explorer import fill_store

    return fill_store(tmp_path_factory.mktemp("reports"))
