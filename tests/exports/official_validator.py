"""Run the official focus-validator on a file of FOCUS 1.2; any failure but the explained one fails.

    python tests/exports/official_validator.py VALIDATOR_PYTHON FILE

VALIDATOR_PYTHON is the Python of an environment that has focus-validator 2.2.1.
"""

import re
import subprocess
import sys
from pathlib import Path

# What the export claims to support. Two more that it does support cannot be declared: the model
# writes their conditions so that the validator drops or inverts them. CAPACITY_RESERVATION then
# wants CapacityReservationStatus both null and not null in every row; COMMITMENT_DISCOUNT wants a
# status where there is no commitment.
CRITERIA = (
    "ACCOUNT_NAMING",
    "AVAILABILITY_ZONE",
    "BILLING_BASED_ON_PROVISIONED_RESOURCES",
    "MULTIPLE_BILLING_ACCOUNT_TYPES",
    "MULTIPLE_PRICING_CATEGORIES",
    "MULTIPLE_SUB_ACCOUNT_TYPES",
    "NEGOTIATED_PRICING",
    "PRICING_BILLING_CURRENCY_DIFFERENCES",
    "PUBLIC_PRICE_LIST",
    "REGION",
    "RESOURCE_TYPE_ASSIGNMENT",
    "SUB_ACCOUNT",
    "TAGGING",
    "UNIT_PRICING",
    "USAGE_MEASUREMENT",
    "VIRTUAL_CURRENCY",
)
# One of two alternatives, "null" and "not null", of which every row can satisfy one: the rule that
# joins them, InvoiceId-C-003-C, passes.
ALTERNATIVES = {"InvoiceId-C-004-C": "InvoiceId-C-003-C"}


def main() -> None:
    """Print the totals and every failure; exit 1 where one is not explained."""
    python, file = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).resolve()
    # It opens its list of currencies by a path relative to where it is installed.
    installed = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    said = subprocess.run(
        [
            *(python, "-m", "focus_validator.main", "--data-file", file),
            *("--validate-version", "1.2", "--block-download", "--output-type", "console"),
            *("--applicability-criteria", ",".join(f"{name}_SUPPORTED" for name in CRITERIA)),
        ],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    totals = re.search(r"^Total: .*", said.stdout, re.M)
    if not totals:
        sys.exit(f"The validator did not finish:\n{said.stdout[-2000:]}{said.stderr[-2000:]}")
    outcomes = dict(re.findall(r"^\S+ (\S+): (PASS|FAIL|SKIPPED)", said.stdout, re.M))
    failed = {rule for rule, outcome in outcomes.items() if outcome == "FAIL"}
    unexplained = sorted(
        rule for rule in failed if outcomes.get(ALTERNATIVES.get(rule, "")) != "PASS"
    )
    sys.stdout.write(
        f"{totals.group()} | Criteria: {len(CRITERIA)} | Unexplained: {len(unexplained)}\n"
    )
    if unexplained or "PASS" not in outcomes.values():
        sys.exit("\n".join(re.findall(r"^\S+ \S+: FAIL.*", said.stdout, re.M)))


if __name__ == "__main__":
    main()
