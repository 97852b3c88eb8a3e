from collections.abc import Iterator

import pytest
import stories
from product import Outcome


@pytest.fixture(scope="session")
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[stories.Stories]:
    """The stories; those of the chosen tests begin at once."""
    wanted = {name for item in request.session.items for name in item.fixturenames}
    told = stories.Stories(tmp_path_factory.mktemp("companies"), wanted)
    yield told
    told.close()


@pytest.fixture(scope="session")
def undisturbed(told: stories.Stories) -> stories.Undisturbed:
    return told.of(stories.undisturbed)


@pytest.fixture(scope="session")
def begun(told: stories.Stories) -> stories.Begun:
    return told.of(stories.begun)


@pytest.fixture(scope="session")
def stopped(told: stories.Stories) -> stories.Stopped:
    return told.of(stories.stopped)


@pytest.fixture(scope="session")
def killed(told: stories.Stories) -> stories.Killed:
    return told.of(stories.killed)


@pytest.fixture(scope="session")
def sensed(told: stories.Stories) -> stories.Sensed:
    return told.of(stories.sensed)


@pytest.fixture(scope="session")
def validated(told: stories.Stories) -> Outcome:
    return told.of(stories.validated)


@pytest.fixture(scope="session")
def azure_sample(told: stories.Stories) -> stories.Ran:
    return told.of(stories.azure_sample)
