-- One row per row of FOCUS 1.4 Cost and Usage, in the columns of FOCUS 1.2, which most tools read
-- today.
select
    * exclude (
        "AllocatedMethodDetails",
        "AllocatedMethodId",
        "AllocatedResourceId",
        "AllocatedResourceName",
        "AllocatedTags",
        "CommitmentProgramEligibilityDetails",
        "ContractApplied",
        "HostProviderName",
        "InvoiceDetailId",
        "ServiceProviderName",
        "x_SplitOriginId",
        "x_SplitOriginCost"
    ),
    "ServiceProviderName" as "ProviderName",
    "ServiceProviderName" as "PublisherName"
from {{ ref("focus_cost_and_usage_1_4") }}
