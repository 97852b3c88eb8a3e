"""Ledgers of own GPUs: what they cost, who holds them, what runs them."""

from typing import Final

from ingest.ledger_columns import Column, Ledger, money, optional, period, ratio

METHODS: Final = (
    "straight_line",
    "double_declining",
    "sum_of_years_digits",
    "units_of_gpu_hours",
    "units_of_tokens",
    "macrs_3_year_half_year",
    "macrs_5_year_half_year",
    "macrs_7_year_half_year",
    "macrs_5_year_mid_quarter_1",
    "macrs_5_year_mid_quarter_2",
    "macrs_5_year_mid_quarter_3",
    "macrs_5_year_mid_quarter_4",
)


def _method(doc: str) -> Column:
    return Column(name="amortization_method", choices=METHODS, is_required=False, doc=doc)


def _whole(name: str, doc: str) -> Column:
    return Column(name=name, kind="integer", is_required=False, doc=doc)


FLEET: Final = (
    Ledger(
        name="gpu_fleet",
        doc="One row per GPU that the company owns, leases or rents, or did.",
        columns=(
            Column(name="gpu_uuid", kind="gpu_uuid", doc="As `nvidia-smi -L` shows it"),
            Column(name="host_name", doc="As telemetry names the host"),
            Column(name="gpu_index", kind="integer", doc="Index on the host, from 0"),
            Column(name="gpu_model", doc="Such as H100-SXM5-80GB"),
            Column(name="memory_gib", kind="integer", doc="Memory, GiB"),
            Column(
                name="acquisition_kind",
                choices=("purchase", "lease", "rental"),
                is_required=False,
                doc="How the company came by it; empty: purchase",
            ),
            Column(name="purchase_date", kind="date", doc="Day of purchase or of the contract"),
            Column(name="in_service_date", kind="date", doc="Cost begins on this day"),
            Column(
                name="retired_date",
                kind="date",
                is_required=False,
                doc="First day out of service; empty: in service",
            ),
            money(
                "purchase_price_usd",
                "Price of the GPU and its share of the server, US dollars; of a purchase",
                is_required=False,
            ),
            money(
                "residual_value_usd",
                "Value after the useful life, US dollars; of a purchase",
                is_required=False,
            ),
            _whole("useful_life_months", "Months of amortization; of a purchase"),
            _method("How the price becomes cost over the useful life; empty: straight_line"),
            Column(
                name="expected_units",
                kind="decimal",
                places=2,
                is_required=False,
                doc="GPU hours or tokens that the life will produce; of the methods units_of_…",
            ),
            money(
                "hourly_price_usd",
                "US dollars for an hour in service, used or not; of a lease or rental",
                places=6,
                is_required=False,
            ),
            Column(name="rated_power_watts", kind="number", doc="Power limit, watts"),
        ),
    ),
    Ledger(
        name="gpu_asset_events",
        doc="What happens to a purchased GPU in its life. Each row holds from its day on; what "
        "was charged before stays as it was.",
        columns=(
            Column(name="event_id", doc="Your own name for it, unique"),
            Column(name="gpu_uuid", kind="gpu_uuid", doc="A GPU of gpu_fleet"),
            Column(name="event_date", kind="date", doc="From 00:00 UTC"),
            Column(
                name="event_kind",
                choices=("estimate_change", "upgrade", "disposal"),
                doc="A new estimate of what remains, money put in, or a sale or loss",
            ),
            money(
                "amount_usd",
                "Cost of an upgrade, or proceeds of a disposal, US dollars",
                is_required=False,
            ),
            ratio(
                "share_ratio",
                "Part of the asset that a disposal takes; empty: all of it",
                is_required=False,
            ),
            money(
                "residual_value_usd",
                "New residual value, US dollars; empty: as before",
                is_required=False,
            ),
            _whole("remaining_life_months", "Months from this day on; empty: as before"),
            _method("New method; empty: as before"),
            Column(
                name="expected_units",
                kind="decimal",
                places=2,
                is_required=False,
                doc="Units from this day on, of the methods units_of_…; empty: what was left",
            ),
        ),
    ),
    Ledger(
        name="deployments",
        doc="One row per model or training job and the GPUs of one host that it holds. Of a GPU "
        "no more than the whole can be held at a time.",
        columns=(
            Column(name="deployment_id", doc="Your own name for it, unique"),
            Column(name="workload", choices=("inference", "training"), doc="What the GPUs do"),
            Column(name="model_name", doc="As the inference server and the gateway name it"),
            Column(name="host_name", doc="A host of gpu_fleet"),
            Column(name="gpu_indices", kind="gpu_indices", doc="Such as `0 1 2 3`"),
            ratio(
                "gpu_share_ratio",
                "Part of each GPU that it holds, such as 0.25 for a quarter or a MIG slice; "
                "empty: all of it",
                is_required=False,
            ),
            optional(
                "pod_name_prefix",
                "Its pods as the GPU exporter names them; telemetry then says when it held a GPU",
            ),
            optional("team_id", "Who pays; required for training"),
            _whole("tensor_parallel_size", "GPUs that share a layer"),
            _whole("pipeline_parallel_size", "Stages of layers"),
            optional("quantization", "Such as none, fp8, awq"),
            Column(
                name="keep_warm",
                choices=("yes", "no"),
                is_required=False,
                doc="Whether it stays loaded without load on purpose; empty: no",
            ),
            Column(name="started_at", kind="timestamp", doc="When it took the GPUs"),
            Column(
                name="ended_at",
                kind="timestamp",
                is_required=False,
                doc="When it gave them back; empty: it still holds them",
            ),
        ),
    ),
    Ledger(
        name="gpu_job_owners",
        doc="Who pays for a scheduler's jobs and what they make. Of several rows that fit, the "
        "one with the most columns filled holds, then the first.",
        columns=(
            optional("cluster_name", "As the scheduler names it; empty: any"),
            optional("account_name", "As the scheduler names it; empty: any"),
            optional("job_name_prefix", "How the job's name begins; empty: any"),
            Column(name="team_id", doc="A team of teams"),
            Column(name="workload", choices=("training", "batch"), doc="What the jobs do"),
            optional("model_name", "The model version that the jobs make"),
        ),
    ),
    Ledger(
        name="training_amortizations",
        doc="Over how long a model's training becomes cost of its tokens, in the fully loaded "
        "view. Charges do not change: the training was paid when it ran.",
        columns=(
            Column(name="model_name", doc="As the inference server names the model that serves"),
            Column(name="trained_model_name", doc="As deployments or gpu_job_owners name it"),
            Column(name="amortization_months", kind="integer", doc="Months from valid_from on"),
            Column(
                name="valid_from",
                kind="date",
                doc="First day of serving; training before it counts",
            ),
        ),
    ),
    Ledger(
        name="opex",
        doc="Monthly costs of running the fleet, beside energy.",
        columns=(
            Column(name="opex_id", doc="Your own name for it"),
            Column(
                name="category",
                choices=("colocation", "maintenance", "staff", "software", "network", "other"),
                doc="What it pays for",
            ),
            optional("host_name", "The host it is for; empty: the whole fleet, as overhead"),
            Column(
                name="gpu_uuid",
                kind="gpu_uuid",
                is_required=False,
                doc="The GPU it is for; empty: every GPU of the host",
            ),
            money("amount_usd_per_month", "US dollars a month"),
            *period(),
        ),
    ),
    Ledger(
        name="electricity_tariffs",
        doc="Price of energy and the data center's overhead on it. A row with hours or weekdays "
        "goes before one without, a host's own row before a general one.",
        columns=(
            Column(name="tariff_id", doc="Your own name for it"),
            optional("host_name", "The host; empty: every host"),
            money("price_usd_per_kwh", "US dollars per kilowatt-hour", places=6),
            Column(
                name="power_usage_effectiveness_ratio",
                kind="decimal",
                precision=9,
                places=4,
                doc="Energy of the data center per energy of the servers, 1 or more",
            ),
            optional("weekdays", "Days it holds, 1 for Monday to 7, such as 12345; empty: all"),
            _whole("from_hour", "First hour of the day it holds, 0 to 23; empty: 0"),
            _whole("to_hour", "Hour of the day before which it ends, 1 to 24; empty: 24"),
            optional("time_zone", "Zone of weekdays and hours, such as Europe/Berlin; empty: UTC"),
            *period(),
        ),
    ),
    Ledger(
        name="energy_gap_fills",
        doc="What a GPU is taken to draw while nothing measured it. Without a row such energy is "
        "unknown and costs nothing; the coverage says how much that is.",
        columns=(
            optional("host_name", "The host; empty: every host"),
            ratio("assumed_power_ratio", "Part of rated_power_watts, such as 0.35"),
            *period(),
        ),
    ),
    Ledger(
        name="grid_carbon_intensities",
        doc="Carbon of the grid's electricity.",
        columns=(
            optional("host_name", "The host; empty: every host"),
            Column(
                name="grams_co2e_per_kwh",
                kind="decimal",
                places=4,
                doc="Grams of CO2 equivalent per kilowatt-hour",
            ),
            *period(),
        ),
    ),
)
