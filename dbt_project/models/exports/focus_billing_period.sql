-- One row per issuer and month: FOCUS 1.4 Billing Period. A month is closed when a later day has
-- data.
with
    charges as (select * from {{ ref("focus_cost_and_usage_1_4") }}),

    days as (
        select max("ChargePeriodEnd") as known_until_at
        from charges
        where "ChargePeriodEnd" - "ChargePeriodStart" = interval 1 day
    )

select
    charges."BillingPeriodStart" as "BillingPeriodCreated",
    charges."BillingPeriodEnd",
    greatest(
        charges."BillingPeriodStart", least(charges."BillingPeriodEnd", max(days.known_until_at))
    ) as "BillingPeriodLastUpdated",
    charges."BillingPeriodStart",
    if(
        max(days.known_until_at) > charges."BillingPeriodEnd", 'Closed', 'Open'
    ) as "BillingPeriodStatus",
    charges."InvoiceIssuerName"
from charges
cross join days
group by charges."BillingPeriodStart", charges."BillingPeriodEnd", charges."InvoiceIssuerName"
