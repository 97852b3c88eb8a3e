"""Everything the data folder holds, landed: native logs, declared mappings and ledgers."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from ingest.errors import MeterhouseError
from ingest.landing import LandingReport, land
from ingest.landing_objects import Locations
from ingest.ledgers import land_ledgers
from ingest.mapping import load_mappings
from ingest.object_location import parse_locations
from ingest.privacy import Identities, identities_of
from ingest.source import Source
from ingest.sources import SOURCES
from pipelines import prices
from pipelines.settings import Settings
from pipelines.withdraw import withdraw_what_failed

PRIVACY = "privacy"  # the table of sources.toml that is about no source
HASH_IDENTITIES = "hash_identities"
LOCATION = "location"  # where files lie besides inputs/; no option of a reader
SWITCH = {"true": True, "false": False}


def all_sources(settings: Settings) -> Mapping[str, Source]:
    """Built-in sources and the folder's declared mappings, by name.

    Raises:
        MeterhouseError: A mapping is wrong, or takes the name of a built-in source.
    """
    mappings = load_mappings(settings.mappings)
    for name in mappings.keys() & SOURCES.keys():
        raise MeterhouseError(f"mappings/{name}.toml: {name} is a built-in source; rename the file")
    return {**SOURCES, **mappings}


def source_options(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """What sources.toml states about each source, such as its time zone.

    Raises:
        MeterhouseError: The file is not TOML of the form `[source]` with text values.
    """
    return {
        name: {key: value for key, value in table.items() if isinstance(value, str)}
        for name, table in _stated(settings).items()
        if name != PRIVACY
    }


def input_locations(settings: Settings) -> Locations:
    """Where in object stores the files of sources lie, as sources.toml states it.

    Raises:
        MeterhouseError: A location is not of the form s3://bucket/prefix, or lies in another.
    """
    stated = {name: table.get(LOCATION) for name, table in _stated(settings).items()}
    return {
        name: parse_locations(name, texts)
        for name, texts in stated.items()
        if isinstance(texts, tuple)
    }


def identities(settings: Settings) -> Identities | None:
    """What hashes users, keys and sessions; None unless sources.toml turns it on.

    Raises:
        MeterhouseError: sources.toml states something else, or the key cannot be used.
    """
    stated = dict(_stated(settings).get(PRIVACY, {}))
    switch = SWITCH.get(str(stated.pop(HASH_IDENTITIES, "false")))
    if switch is None or stated:
        raise MeterhouseError(
            f'sources.toml: under [{PRIVACY}] write {HASH_IDENTITIES} = "true" or "false"'
        )
    return identities_of(settings.data / "identity.key") if switch else None


def _stated(settings: Settings) -> Mapping[str, Mapping[str, str | tuple[str, ...]]]:
    """The tables of sources.toml: texts, and under `location` one text or several as a tuple."""
    path = settings.data / "sources.toml"
    if not path.exists():
        return {}
    try:
        options = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MeterhouseError(f"sources.toml is not valid TOML: {error}") from None
    for name, table in options.items():
        if isinstance(table, dict) and LOCATION in table:
            places = table[LOCATION]
            table[LOCATION] = tuple(places) if isinstance(places, list) else (places,)
        if not isinstance(table, dict) or not all(map(_is_text, table.values())):
            raise MeterhouseError(f'sources.toml: write [{name}] with lines like time_zone = "UTC"')
    return options


def _is_text(value: object) -> bool:
    texts = value if isinstance(value, tuple) else (value,)
    return all(isinstance(text, str) for text in texts)


def take_in(settings: Settings, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land what is new: ledgers first, since a wrong ledger stops the run, then the inputs.

    Raises:
        MeterhouseError: A ledger, a mapping or sources.toml is wrong; names file, row and column.
    """
    hasher = identities(settings)
    land_ledgers(settings.ledgers, settings.landing, hasher)
    report = land(
        settings.inputs,
        settings.landing,
        all_sources(settings),
        source_options(settings),
        locations=input_locations(settings),
        identities=hasher,
        progress=progress,
    )
    report = replace(report, withdrawn=tuple(withdraw_what_failed(settings, report)))
    prices.hand_over(settings, _models_seen(settings))
    return report


def _models_seen(settings: Settings) -> list[tuple[str, str]]:
    """(provider, model) pairs in landing; the model without its route, as staging names it."""
    model = pl.coalesce("response_model", "request_model").str.replace(r"^[^/]*/", "")
    pairs = (
        pl.scan_parquet(
            settings.landing / "usage_events" / "*" / "*" / "*.parquet", hive_partitioning=False
        )
        .select("provider_name", model.alias("model_name"))
        .drop_nulls()
        .unique()
        .collect()
    )
    return [(provider, name) for provider, name in pairs.iter_rows()]
