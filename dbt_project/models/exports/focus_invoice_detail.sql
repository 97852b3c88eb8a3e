-- One row per issuer, month and charge category: FOCUS 1.4 Invoice Detail. These are statements of
-- what was metered; the provider's own invoices are in fct_bill_lines and reconcile with them.
with
    charges as (select * from {{ ref("focus_cost_and_usage_1_4") }}),

    periods as (select * from {{ ref("focus_billing_period") }})

select
    cast(sum(charges."BilledCost") as decimal(38, 12)) as "BilledCost",
    charges."BillingAccountId",
    charges."BillingCurrency",
    charges."BillingPeriodEnd",
    charges."BillingPeriodStart",
    charges."ChargeCategory",
    any_value(periods."BillingPeriodCreated") as "InvoiceDetailCreated",
    charges."ChargeCategory" || ' of ' || charges."InvoiceId" as "InvoiceDetailDescription",
    {{
        focus_object(
            {
                "x_BillingAccountId": 'charges."BillingAccountId"',
                "x_ChargeCategory": 'charges."ChargeCategory"',
            }
        )
    }} as "InvoiceDetailGrain",
    charges."InvoiceDetailId",
    any_value(periods."BillingPeriodLastUpdated") as "InvoiceDetailLastUpdated",
    charges."InvoiceId",
    cast(null as timestamp) as "InvoiceIssueDate",
    'Open' as "InvoiceIssueStatus",
    charges."InvoiceIssuerName",
    cast(null as timestamp) as "PaymentDueDate",
    'Not stated' as "PaymentTerms",
    charges."InvoiceId" as "ReferenceInvoiceId"
from charges
inner join
    periods
    on charges."InvoiceIssuerName" = periods."InvoiceIssuerName"
    and charges."BillingPeriodStart" = periods."BillingPeriodStart"
group by
    charges."BillingAccountId",
    charges."BillingCurrency",
    charges."BillingPeriodEnd",
    charges."BillingPeriodStart",
    charges."ChargeCategory",
    charges."InvoiceDetailId",
    charges."InvoiceId",
    charges."InvoiceIssuerName"
