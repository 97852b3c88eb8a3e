-- One row per kind of cost that the journal books.
with source as (select * from {{ source("ledger", "journal_accounts") }})

select entry_kind, debit_account, credit_account
from source
