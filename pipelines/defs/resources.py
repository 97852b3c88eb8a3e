"""The dbt command line and the data folder, as resources."""

import os
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from dagster_dbt.compat import DBT_PYTHON_VERSION

from pipelines.settings import DBT_PROJECT, Settings


class DataFolder(dg.ConfigurableResource[None]):
    """The company's data folder; METERHOUSE_DATA says which."""

    @property
    def settings(self) -> Settings:
        """Paths below the folder."""
        return Settings.from_environment()


class QuietDbt(DbtCliResource):
    """Dbt whose version is known: `dbt --version` takes three seconds and asks PyPI for newer."""

    @cached_property
    def _cli_version(self) -> Any:
        return DBT_PYTHON_VERSION


@dg.definitions
def resources() -> dg.Definitions:
    """Shared by every asset; one process, since each step's own would cost four seconds."""
    # What a run writes belongs to its owner alone, also when the web page started it.
    os.umask(0o077)
    # dbt's subprocess reads the folder from the environment, wherever Dagster got it from.
    os.environ["METERHOUSE_DATA"] = str(Settings.from_environment().data)
    return dg.Definitions(
        resources={
            "folder": DataFolder(),
            "dbt": QuietDbt(
                project_dir=str(DBT_PROJECT),
                profiles_dir=str(DBT_PROJECT),
                # The one beside this Python, whether or not its environment is activated.
                dbt_executable=str(Path(sys.executable).with_name("dbt")),
            ),
        },
        executor=dg.in_process_executor,
    )
