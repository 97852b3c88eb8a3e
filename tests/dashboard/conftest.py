from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from factory import make_warehouse

from pipelines.publish import publish
from pipelines.settings import Settings

Published = Callable[..., Settings]


@pytest.fixture
def published(tmp_path: Path) -> Published:
    """Publish a warehouse; keywords switch parts of it off."""

    def make(**parts: bool) -> Settings:
        settings = Settings(data=tmp_path / "company")
        make_warehouse(settings.warehouse, **parts)
        publish(settings, stamp=datetime(2026, 8, 28, 2))  # noqa: DTZ001 naive UTC by contract
        return settings

    return make
