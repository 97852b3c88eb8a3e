"""The labels of AMD's exporter: which GPU, which partition, who used it."""

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from ingest.formats.amd_metrics import PER_PARTITION, column_of
from ingest.formats.gpu import canonical_uuid
from ingest.formats.prometheus_samples import Series
from ingest.source import InputFile

ATTRIBUTION_COLUMNS: Final = ("namespace_name", "pod_name", "container_name", "job_id")
DEVICE_COLUMNS: Final = ("host_name", "gpu_model", "driver_version")
NONE: Final = ("", "N/A", "0")
WHOLE: Final = (None, "", "spx")  # one partition is no partition
# Prometheus renames a scraped label that the target has too, and then for every series.
RENAMED: Final = ("exported_pod", "exported_namespace", "exported_container")


def series_frame(
    file: InputFile, found: Sequence[Series], name_of: Callable[[str], str | None]
) -> pl.DataFrame:
    """One row for each series that names its GPU and has a column.

    Args:
        file: For the host's name, where no label tells it.
        found: By series_id.
        name_of: The metric of a sample's name.

    Returns:
        series_id, column, gpu_uuid, gpu_index, mig_instance_id (the partition, where the GPU has
        several and the column is a partition's own), labelled_instance_id, mig_profile, device and
        attribution columns.
    """
    hosts = [_host(file, one) for one in found]
    identities = [_identity(one, host) for one, host in zip(found, hosts, strict=True)]
    partitioned = {
        identity
        for one, identity in zip(found, identities, strict=True)
        if one.label("gpu_compute_partition_type") not in WHOLE
        or one.label("gpu_partition_id") not in (None, "0")
    }
    is_renamed = any(one.label(*RENAMED) is not None for one in found)
    rows = []
    for number, one in enumerate(found):
        metric = name_of(one.name)
        column = None if metric is None else column_of(metric, one)
        identity = identities[number]
        if column is None or identity is None:
            continue
        instance = one.label("gpu_partition_id") or "0" if identity in partitioned else None
        index = one.label("gpu_id") or ""
        rows.append(
            {
                "series_id": number,
                "column": column,
                "gpu_uuid": identity,
                "gpu_index": int(index) if index.isdecimal() else None,
                "mig_instance_id": instance if column in PER_PARTITION else None,
                "labelled_instance_id": instance,
                "mig_profile": (
                    one.label("gpu_compute_partition_type")
                    if instance is not None and column in PER_PARTITION
                    else None
                ),
                "host_name": hosts[number],
                "gpu_model": one.label("card_model", "card_series"),
                "driver_version": one.label("driver_version"),
                **_attribution(one, is_renamed=is_renamed),
            }
        )
    texts = ("column", "gpu_uuid", "mig_instance_id", "labelled_instance_id", "mig_profile")
    schema = {
        "series_id": pl.Int32,
        "gpu_index": pl.Int64,
        **dict.fromkeys((*texts, *DEVICE_COLUMNS, *ATTRIBUTION_COLUMNS), pl.String),
    }
    return pl.DataFrame(rows, schema=schema)


def _host(file: InputFile, series: Series) -> str:
    target = series.label("instance")
    return (
        series.label("hostname", "Hostname")
        or file.options.get("host_name")
        or (target and target.rsplit(":", 1)[0])
        or file.instance
    )


def _identity(series: Series, host: str) -> str | None:
    """The serial number, or the host and its GPU's number; a UUID is a late addition."""
    uuid, serial, index = (series.label(name) for name in ("gpu_uuid", "serial_number", "gpu_id"))
    if uuid is not None and uuid not in NONE:
        return canonical_uuid(uuid)
    if serial is not None and serial not in NONE:
        return f"AMD-{serial}"
    return None if index is None else f"AMD-{host}-{index}"


def _attribution(series: Series, *, is_renamed: bool) -> dict[str, str | None]:
    if is_renamed:
        pod, namespace, container = (series.label(name) for name in RENAMED)
    else:
        pod, namespace, container = (
            series.label(name) for name in ("pod", "namespace", "container")
        )
    return {
        "namespace_name": namespace,
        "pod_name": pod,
        "container_name": container,
        "job_id": series.label("job_id"),
    }
