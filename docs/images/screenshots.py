"""Take the pictures of README and docs from a published company: `make screenshots`."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from pipelines.serve.app import make_app
from pipelines.serve.guard import LOOPBACK
from pipelines.settings import REPOSITORY, Settings

sys.path.insert(0, str(REPOSITORY / "tests" / "dashboard"))
from chromium import browser

IMAGES = Path(__file__).parent
MOST_BYTES = 200_000

# file, page, width, height, dark
WINDOWS = (
    ("../dashboard.png", "overview", 1280, 1080, False),
    ("explorer.png", "costs?metric=spend_usd&by=model_name", 1280, 900, False),
    ("own-gpus.png", "own-gpus", 1280, 940, True),
    ("phone.png", "overview", 390, 844, False),
)
# file, page, chart
CHARTS = (
    ("quota-fan.png", "quota", "quota-2"),
    ("quota-exhaustion.png", "quota", "exhaustion"),
    ("demand-forecast.png", "forecast", "demand-total_tokens"),
    ("cost-causes.png", "inflation", "why-causes"),
    ("price-index.png", "inflation", "why-prices"),
)
CHART_WIDTH = 860


def take_pictures(settings: Settings) -> None:
    """Write every picture; one that is too large for a document is an error."""
    with served(settings) as site, browser() as page:
        for file, path, width, height, dark in WINDOWS:
            target = IMAGES / file
            page.shoot(f"{site}/{path}", target, width=width, height=height, dark=dark)
            tell(target)
        for file, path, name in CHARTS:
            target = IMAGES / file
            page.open(f"{site}/{path}", width=CHART_WIDTH, height=3000)
            page.save(target, clip=f'figure:has([data-plot="{name}"])')
            tell(target)


def tell(target: Path) -> None:
    """Name a picture and its size."""
    size = target.stat().st_size
    sys.stdout.write(f"{target.resolve().relative_to(Path.cwd())} {size // 1000} kB\n")
    if size > MOST_BYTES:
        sys.exit(f"{target} is larger than {MOST_BYTES} bytes")


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve the company on a free port while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(make_app(settings, LOOPBACK), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


if __name__ == "__main__":
    take_pictures(Settings.from_environment(Path(sys.argv[1])))
