"""Helicone's costs and cache."""

import json
from decimal import Decimal
from pathlib import Path

from reader_trials import rows_of
from translated import GOLDEN

from ingest.sources.helicone import SOURCE

ROW = json.loads((GOLDEN / "helicone" / "input.ndjson").read_text().splitlines()[0])


def test_a_cost_in_billionths_and_one_in_dollars_are_the_same_money(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    costs = ["0.028986", "28986000", "2.8986e-2", "0", '"0.028986"']
    texts = [
        json.dumps(ROW | {"request_id": str(number), "cost": "COST"}).replace('"COST"', cost)
        for number, cost in enumerate(costs)
    ]
    path.write_text("\n".join(texts) + "\n")
    found = [row["reported_cost_usd"] for row in rows_of(SOURCE, path)]
    wanted = Decimal("0.028986")
    assert found == [wanted, wanted, wanted, Decimal(0), wanted]


def test_an_answer_from_helicones_cache_is_marked_as_no_consumption(tmp_path: Path) -> None:
    path = tmp_path / "requests.json"
    hit = ROW | {"request_id": "hit", "cache_reference_id": "11111111-0000-4000-8000-000000000000"}
    path.write_text(json.dumps({"data": [ROW, hit], "error": None}))
    assert [row["is_gateway_cache_hit"] for row in rows_of(SOURCE, path)] == [False, True]


def test_a_csv_export_gives_the_row_of_the_json(tmp_path: Path) -> None:
    plain = {name: value for name, value in ROW.items() if not isinstance(value, dict)}
    (tmp_path / "r.json").write_text(json.dumps(plain))
    table = ",".join(plain) + "\n" + ",".join(map(str, plain.values())) + "\n"
    (tmp_path / "r.csv").write_text(table)
    (found,), (wanted,) = rows_of(SOURCE, tmp_path / "r.csv"), rows_of(SOURCE, tmp_path / "r.json")
    assert found | {"line_number": 1} == wanted
