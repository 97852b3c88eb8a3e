import pytest
from simulated_company import DAYS, Simulated

from data.simulator import simulate


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    data = tmp_path_factory.mktemp("company")
    return Simulated(data=data, report=simulate(data, days=DAYS))
