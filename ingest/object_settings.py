"""How object stores are reached: from the environment and the standard files, and nowhere else.

obstore and Polars both read the environment by themselves, alike: AWS_*, GOOGLE_*, AZURE_*. What
one of them would not find, or find elsewhere, is looked up here and given to both.
"""

import os
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import Final

ENDPOINTS: Final = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
# With one of these the keys of ~/.aws do not count.
AWS_CREDENTIALS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
AWS_KEYS: Final = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def store_settings(scheme: str) -> dict[str, str]:
    """Settings of a kind of store, in the names that obstore and Polars share."""
    settings = _aws() if scheme == "s3" else {}
    endpoint = next((v for name in ENDPOINTS[scheme] if (v := os.environ.get(name))), None)
    if endpoint is not None and scheme == "s3":
        settings["aws_endpoint_url"] = endpoint
    return settings


def allows_http(scheme: str, settings: dict[str, str]) -> bool:
    """Whether the endpoint that is stated is not encrypted: then the user wants it so."""
    stated = [settings.get("aws_endpoint_url"), *map(os.environ.get, ENDPOINTS[scheme])]
    is_emulated = scheme == "az" and os.environ.get("AZURE_STORAGE_USE_EMULATOR") == "true"
    return is_emulated or any(one.startswith("http://") for one in stated if one)


def _aws() -> dict[str, str]:
    stated = _profile()
    settings = {}
    if not any(os.environ.get(name) for name in AWS_CREDENTIALS):
        settings = {name: stated[name] for name in AWS_KEYS if name in stated}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region := region or stated.get("region"):
        settings["aws_region"] = region
    if "endpoint_url" in stated:
        settings["aws_endpoint_url"] = stated["endpoint_url"]
    return settings


def _profile() -> dict[str, str]:
    """What ~/.aws/config and ~/.aws/credentials state for AWS_PROFILE."""
    profile = os.environ.get("AWS_PROFILE") or "default"
    config = os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"
    credentials = os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    sections = (config, profile), (config, f"profile {profile}"), (credentials, profile)
    stated: dict[str, str] = {}
    for name, section in sections:
        parser = ConfigParser(interpolation=None, default_section="")
        try:
            parser.read(Path(name).expanduser(), encoding="utf-8")
            stated |= parser[section] if parser.has_section(section) else {}
        except (ConfigError, UnicodeDecodeError, OSError):
            continue  # not a file of this form: the store says what is missing
    return stated
