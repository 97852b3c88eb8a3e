-- By day, kind, model and team: what FOCUS calls effective cost, and tokens with a known price.
with
    exported as (
        select
            cast("ChargePeriodStart" as date) as usage_date,
            "x_ChargeKind" as charge_kind,
            coalesce("SkuPriceDetails" ->> 'x_ModelId', '') as model_name,
            "SubAccountId" as team_id,
            sum("EffectiveCost") as effective_cost_usd,
            sum(if("ConsumedUnit" = 'Tokens', "ConsumedQuantity", 0)) as total_tokens
        from {{ ref("focus_cost_and_usage_1_4") }}
        group by all
    ),

    charged as (
        select
            usage_date,
            charge_kind,
            model_name,
            team_id,
            sum(effective_cost_usd) as effective_cost_usd,
            coalesce(sum(total_tokens), 0) as total_tokens
        from {{ ref("fct_charges_hourly") }}
        where pricing_status != 'unpriced'
        group by all
    )

select
    usage_date,
    charge_kind,
    model_name,
    team_id,
    exported.effective_cost_usd as exported_cost_usd,
    charged.effective_cost_usd as charged_cost_usd,
    exported.total_tokens as exported_tokens,
    charged.total_tokens as charged_tokens
from exported
full join charged using (usage_date, charge_kind, model_name, team_id)
where
    charge_kind in ({{ "'" ~ focus_hourly_kinds() | join("', '") ~ "'" }})
    and (
        coalesce(exported.effective_cost_usd, 0) != coalesce(charged.effective_cost_usd, 0)
        or coalesce(exported.total_tokens, 0) != coalesce(charged.total_tokens, 0)
    )
