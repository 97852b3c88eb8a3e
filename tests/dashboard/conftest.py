import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from factory import make_warehouse

from pipelines.publish import publish
from pipelines.settings import Settings

Published = Callable[..., Settings]


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Publish a warehouse once for all tests; keywords switch parts of it off."""
    known: dict[tuple[str, ...], Settings] = {}

    def make(**parts: bool) -> Settings:
        missing = tuple(sorted(part for part, is_there in parts.items() if not is_there))
        if missing not in known:
            settings = Settings(data=tmp_path_factory.mktemp("company"))
            make_warehouse(settings.warehouse, **parts)
            publish(settings, stamp=datetime(2026, 8, 28, 2))  # noqa: DTZ001 naive UTC by contract
            known[missing] = settings
        return known[missing]

    return make


@pytest.fixture
def published(tmp_path: Path, company: Published) -> Published:
    """Give a test a company of its own."""

    def make(**parts: bool) -> Settings:
        settings = Settings(data=tmp_path / "company")
        shutil.copytree(company(**parts).published, settings.published, symlinks=True)
        return settings

    return make
