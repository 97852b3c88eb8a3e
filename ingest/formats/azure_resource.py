"""Azure's resource ids, the same in metrics and logs whatever their case."""

import re
from typing import Any, Final

PROVIDER: Final = "azure.ai.openai"
SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)")
ACCOUNT: Final = re.compile(r"/accounts/([^/]+)")


def resource_columns(resource: str) -> dict[str, Any]:
    """Provider, organization (the subscription) and project (the account), in lower case."""
    lower = resource.casefold()
    subscription, account = SUBSCRIPTION.search(lower), ACCOUNT.search(lower)
    return {
        "provider_name": PROVIDER,
        "organization_id": subscription[1] if subscription else None,
        "project_id": account[1] if account else None,
    }
