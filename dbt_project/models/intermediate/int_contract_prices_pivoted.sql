-- One row per contract model and period, the token classes side by side; NULL means the contract
-- says nothing. A period ends where any class changes. Of two contracts the later one holds.
with
    contract_prices as (select * from {{ ref("stg_ledger__contract_prices") }}),

    changes as (
        select distinct provider_name, model_name, unnest([valid_from, valid_to]) as changed_date
        from contract_prices
    ),

    periods as (
        select
            provider_name,
            model_name,
            changed_date as valid_from,
            lead(changed_date) over (
                partition by provider_name, model_name order by changed_date
            ) as valid_to
        from changes
        where changed_date is not null
    ),

    latest_price_of_each_class as (
        select
            periods.provider_name,
            periods.model_name,
            periods.valid_from,
            periods.valid_to,
            contract_prices.token_class,
            contract_prices.unit_price_usd
        from periods
        inner join
            contract_prices
            on periods.provider_name = contract_prices.provider_name
            and periods.model_name = contract_prices.model_name
            and {{ is_valid_at("periods.valid_from", "contract_prices") }}
        qualify
            row_number() over (
                partition by
                    periods.provider_name,
                    periods.model_name,
                    periods.valid_from,
                    contract_prices.token_class
                order by contract_prices.valid_from desc, contract_prices.contract_id desc
            )
            = 1
    ),

    pivoted as (
        select
            provider_name,
            model_name,
            valid_from,
            valid_to,
            {% for token_class in [
                "uncached_input",
                "cache_read_input",
                "cache_write_input",
                "output",
            ] %}
                max(unit_price_usd) filter (
                    token_class = '{{ token_class }}'
                ) as {{ token_class }}_unit_price_usd,
            {% endfor %}
            -- contracts know one price of a cache write, however long it is kept
            cache_write_input_unit_price_usd as cache_write_1h_input_unit_price_usd
        from latest_price_of_each_class
        group by provider_name, model_name, valid_from, valid_to
    )

select *
from pivoted
