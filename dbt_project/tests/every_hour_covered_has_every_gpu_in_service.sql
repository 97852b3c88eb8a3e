with
    expected as (select hour_start_at, gpu_uuid from {{ ref("int_gpu_hours_spined") }}),

    built as (select hour_start_at, gpu_uuid from {{ ref("fct_gpu_hours") }})

    (
        select *
        from expected
        except
        select *
        from built
    )
union all
(
    select *
    from built
    except
    select *
    from expected
)
