"""What failed the gate and was then taken away or corrected by the user leaves landing again.

Landing keeps everything that was ever published, whatever happens to the input files. But rows
that were stopped at the gate would stop every later run too, so they can be withdrawn.
"""

from ingest.landing import withdraw
from ingest.landing_report import LandingReport
from ingest.manifests import read_manifests
from pipelines.plan import published_manifests
from pipelines.quality import read_results
from pipelines.settings import Settings


def withdraw_what_failed(settings: Settings, report: LandingReport) -> list[str]:
    """Withdraw files that the last audit named, were never published and are gone or changed.

    Returns:
        Their names below the inputs folder.
    """
    failed = _files_that_failed(settings)
    if not failed:
        return []
    published = published_manifests(settings)
    gone = [
        manifest
        for manifest in read_manifests(settings.landing)
        if manifest.file_name in failed
        and manifest.file_sha256 not in report.present
        and manifest.key not in published
    ]
    withdraw(settings.landing, gone)
    return sorted(manifest.file_name for manifest in gone)


def _files_that_failed(settings: Settings) -> set[str]:
    """Files with rows that broke a critical expectation in the newest audit."""
    audits = sorted(settings.quality_results.glob("*.parquet"), key=lambda p: p.stat().st_mtime)
    return {
        place.rpartition(":")[0]
        for result in (read_results(audits[-1]) if audits else ())
        if result.severity == "critical" and not result.is_success
        for place in result.failing_rows.splitlines()
    }
