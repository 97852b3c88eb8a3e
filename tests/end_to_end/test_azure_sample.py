"""The public trace that ships with the repository, through its declared mapping."""

from figures import query
from stories import Ran


def test_azure_sample_is_published_with_every_request_and_token(azure_sample: Ran) -> None:
    assert azure_sample.run.exit_code == 0, azure_sample.run.text
    totals = "sum(request_count), sum(input_tokens), sum(output_tokens)"
    for mart in ("fct_usage_events", "fct_usage_hourly", "fct_token_costs_daily"):
        found = query(azure_sample.data, f"from {mart} select {totals}")
        assert found == [(19_366, 22_361_870, 4_088_665)], mart


def test_azure_sample_without_a_known_model_has_no_cost_rather_than_none(
    azure_sample: Ran,
) -> None:
    assert query(
        azure_sample.data,
        "select count(effective_cost_usd), sum(unpriced_tokens) from fct_token_costs_daily",
    ) == [(0, 22_361_870 + 4_088_665)]
    assert query(azure_sample.data, "select sum(request_count) from fct_unpriced_usage") == [
        (19_366,)
    ]


def test_files_without_a_row_are_named_and_the_rest_is_published(azure_sample: Ran) -> None:
    assert azure_sample.run.lines_with("litellm/empty.jsonl")
    assert azure_sample.run.lines_with("litellm/broken.jsonl")


def test_unknown_source_folder_is_named_in_one_line_and_the_rest_loads(azure_sample: Ran) -> None:
    [line] = azure_sample.run.lines_with("inputs/chat_logs")
    assert "mappings/chat_logs.toml" in line
