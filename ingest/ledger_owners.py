"""Ledgers of who uses, who pays and how it is booked."""

from typing import Final

from ingest.ledger_columns import Column, Ledger, optional, period, ratio

CHARGES: Final = (
    "cloud_tokens",
    "cloud_idle",
    "own_gpu_allocated",
    "own_gpu_idle",
    "own_gpu_overhead",
)

OWNERS: Final = (
    Ledger(
        name="teams",
        doc="One row per team that costs are attributed to.",
        columns=(
            Column(name="team_id", doc="As the logs name it, unique"),
            Column(name="team_name", doc="For people"),
            optional("cost_center", "As accounting names it"),
        ),
    ),
    Ledger(
        name="api_keys",
        doc="Which team a key belongs to, where the log itself names no team.",
        columns=(
            Column(name="api_key_id", doc="The key's hash as logged, never the key itself"),
            Column(name="team_id", doc="A team of teams"),
            *period(is_open_start=True),
        ),
    ),
    Ledger(
        name="provider_accounts",
        doc="What is reconciled as one account, where that is not simply the provider. "
        "Of several rows that fit, the one with the most columns filled holds, then the first.",
        columns=(
            Column(name="account_id", doc="Your own name for it; several rows may share it"),
            Column(name="provider_name", doc="Such as openai; unknown where the log names none"),
            optional("source", "Such as claude_code; empty: any"),
            optional(
                "source_instance", "The folder below the source's folder in inputs; empty: any"
            ),
            optional("project_id", "As the log names it; empty: any"),
        ),
    ),
    Ledger(
        name="volume_sources",
        doc="Which source counts for an account, where the usual precedence is not right. "
        "On a day without rows of it the usual precedence holds.",
        columns=(
            Column(name="account_id", doc="A provider, or an account of provider_accounts"),
            Column(name="source", doc="Such as litellm, or the name of a declared mapping"),
            *period(),
        ),
    ),
    Ledger(
        name="shared_cost_rules",
        doc="Who carries a cost that belongs to no team, in showback. Without a rule it stays "
        "unattributed. A rule of method fixed has a row for each team.",
        columns=(
            Column(name="rule_id", doc="Your own name for it"),
            Column(
                name="charge_kind",
                choices=CHARGES,
                doc="The shared cost",
            ),
            Column(
                name="method",
                choices=("even", "proportional", "fixed"),
                doc="The same for each team, by what each team is charged itself, or as stated",
            ),
            optional("team_id", "Of the method fixed: a team of teams"),
            ratio(
                "share_ratio",
                "Of the method fixed: the team's part; what is missing to 1 stays unattributed",
                is_required=False,
            ),
            *period(),
        ),
    ),
    Ledger(
        name="journal_accounts",
        doc="Accounts of the journal export, one row per kind of cost.",
        columns=(
            Column(
                name="entry_kind",
                choices=("cloud_tokens", "amortization", "lease", "energy", "opex"),
                doc="The kind of cost",
            ),
            Column(name="debit_account", doc="The expense, booked per cost center"),
            Column(name="credit_account", doc="What it is owed to or taken from"),
        ),
    ),
)
