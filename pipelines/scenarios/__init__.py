"""What if: shocks on the drivers of demand, and what they do to quotas and cost."""

from pipelines.scenarios.drivers import Drivers
from pipelines.scenarios.limits import Limit, Outlook, outlook_of
from pipelines.scenarios.shocks import Scenario, apply, read_scenario

__all__ = ["Drivers", "Limit", "Outlook", "Scenario", "apply", "outlook_of", "read_scenario"]
