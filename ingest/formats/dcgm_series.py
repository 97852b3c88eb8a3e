"""The labels of dcgm-exporter's series: which GPU, which MIG instance, who used it."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from ingest.formats.gpu import canonical_uuid
from ingest.formats.prometheus_samples import Series
from ingest.source import InputFile

TEXT_COLUMNS: Final = ("gpu_uuid", "mig_instance_id", "mig_profile", "labelled_mig_instance_id")
DEVICE_COLUMNS: Final = ("host_name", "gpu_model", "driver_version")
ATTRIBUTION_COLUMNS: Final = ("namespace_name", "pod_name", "container_name", "job_id")
# Prometheus renames a scraped label that the target has too. Where it did so for one series, a
# plain `pod` is the exporter's own pod for all of them: an idle GPU has no pod to rename.
RENAMED: Final = ("exported_pod", "exported_namespace", "exported_container")


def series_frame(
    file: InputFile, found: Sequence[Series], columns: Mapping[str, str], per_instance: set[str]
) -> pl.DataFrame:
    """One row for each series that names its GPU.

    Args:
        file: For the host name, where no label tells it.
        found: By series_id.
        columns: Sample name -> column.
        per_instance: Columns that a MIG instance has for itself; the others are the whole GPU's,
            even where the exporter repeats them for each instance.

    Returns:
        series_id, column, entity_id (of GPU or MIG instance), gpu_index, and text columns for
        identity, device and attribution.
    """
    is_renamed = any(one.label(*RENAMED) is not None for one in found)
    rows = [
        {
            "series_id": number,
            "column": columns[one.name],
            **_identity(one, columns[one.name] in per_instance),
            **_device(file, one),
            **_attribution(one, is_renamed),
        }
        for number, one in enumerate(found)
        if one.label("UUID", "uuid", "gpu_uuid") is not None
    ]
    texts = ("column", *TEXT_COLUMNS, *DEVICE_COLUMNS, *ATTRIBUTION_COLUMNS)
    schema = {"series_id": pl.Int32, "gpu_index": pl.Int64, **dict.fromkeys(texts, pl.String)}
    return pl.DataFrame(rows, schema=schema).with_columns(
        pl.struct("gpu_uuid", "mig_instance_id").rank("dense").cast(pl.Int32).alias("entity_id")
    )


def _identity(series: Series, is_per_instance: bool) -> dict[str, str | int | None]:
    instance = series.label("GPU_I_ID")
    return {
        "gpu_uuid": canonical_uuid(series.label("UUID", "uuid", "gpu_uuid") or ""),
        "labelled_mig_instance_id": instance,
        "mig_instance_id": instance if is_per_instance else None,
        "mig_profile": series.label("GPU_I_PROFILE") if is_per_instance else None,
    }


def _device(file: InputFile, series: Series) -> dict[str, str | int | None]:
    index = series.label("gpu") or ""
    target = series.label("instance")
    return {
        "host_name": series.label("Hostname", "hostname")
        or file.options.get("host_name")
        or (target and target.rsplit(":", 1)[0])
        or file.instance,
        "gpu_index": int(index) if index.isdecimal() else None,
        "gpu_model": series.label("modelName", "model_name"),
        "driver_version": series.label("DCGM_FI_DRIVER_VERSION"),
    }


def _attribution(series: Series, is_renamed: bool) -> dict[str, str | None]:
    job = {"job_id": series.label("hpc_job")}
    if is_renamed or "dcgm-exporter" in (series.label("pod") or ""):
        pod, namespace, container = (series.label(name) for name in RENAMED)
    else:
        pod = series.label("pod", "pod_name")
        namespace = series.label("namespace", "pod_namespace")
        container = series.label("container", "container_name")
    return job | {"namespace_name": namespace, "pod_name": pod, "container_name": container}
