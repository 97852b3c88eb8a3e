"""Expectations on GPU telemetry."""

from pipelines.quality.event_time import event_time_expectations
from pipelines.quality.expectations import RowExpectation, Suite

_RATIOS = (
    "gpu_utilization_ratio",
    "memory_copy_utilization_ratio",
    "graphics_engine_active_ratio",
    "sm_active_ratio",
    "sm_occupancy_ratio",
    "tensor_active_ratio",
    "dram_active_ratio",
)
# DCGM averages over its own interval and may exceed 1 by a rounding.
_RATIO_LIMIT = 1.0001

# No GPU draws more; used where the card does not report its limit.
_POWER_LIMIT_WATTS = 2000


def gpu_samples_suite() -> Suite:
    """Give the suite of gpu_samples."""
    return Suite(
        table="gpu_samples",
        derived={
            "previous_energy_joules": (
                "lag(energy_joules_total) over (partition by file_name, gpu_uuid,"
                " mig_instance_id order by sampled_at, line_number)"
            )
        },
        expectations=(*_identity(), *_ranges(), _energy()),
    )


def _identity() -> tuple[RowExpectation, ...]:
    return (
        RowExpectation(
            name="gpu_uuid_is_known",
            column="gpu_uuid",
            severity="critical",
            violation="gpu_uuid is null",
            remedy="add the UUID to the exported fields; an index can change at boot",
        ),
        *event_time_expectations("sampled_at"),
    )


def _ranges() -> tuple[RowExpectation, ...]:
    # NaN is above every number in DuckDB, so it fails these as it should.
    return (
        RowExpectation(
            name="ratios_run_from_0_to_1",
            column="utilization and activity ratios",
            severity="critical",
            violation=" or ".join(f"{name} < 0 or {name} > {_RATIO_LIMIT}" for name in _RATIOS),
            remedy="check whether the exporter writes percent where a ratio is declared",
        ),
        RowExpectation(
            name="memory_used_is_within_the_total",
            column="memory_used_bytes",
            severity="critical",
            violation="memory_used_bytes < 0 or memory_used_bytes > memory_total_bytes",
            remedy="check the unit of the memory columns: bytes, MiB or MB",
        ),
        RowExpectation(
            name="power_is_plausible",
            column="power_watts",
            severity="critical",
            violation="power_watts < 0 or power_watts >="
            f" coalesce(2 * nullif(power_limit_watts, 0), {_POWER_LIMIT_WATTS})",
            remedy="check the unit of the power column: watts or milliwatts",
        ),
        RowExpectation(
            name="utilization_is_unknown_under_mig",
            column="gpu_utilization_ratio",
            severity="critical",
            violation="mig_instance_id is not null and gpu_utilization_ratio is not null"
            " and source != 'amd_exporter'",  # AMD measures its partitions
            remedy="drop the utilization of MIG slices: NVIDIA does not measure it per slice",
        ),
    )


def _energy() -> RowExpectation:
    return RowExpectation(
        name="energy_counter_does_not_fall",
        column="energy_joules_total",
        severity="warning",
        violation="energy_joules_total < previous_energy_joules",
        remedy="none if the driver was reloaded then; else check that one file holds one host",
    )
