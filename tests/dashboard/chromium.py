"""A headless Chromium, told what to do over its DevTools protocol."""

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect


class Browser:
    """One page of a browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and give its result."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=60))
            if answer.get("id") == number:
                return dict(answer["result"])

    def evaluate(self, script: str) -> Any:
        """Give the value of an expression on the page, waiting for a promise."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        return answer["result"].get("value")

    def open(self, url: str, *, width: int, height: int, dark: bool = False) -> None:
        """Show a page in a window of that size until its charts are drawn."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=url)
        self.evaluate(_DRAWN)

    def save(self, file: Path, *, clip: str | None = None) -> None:
        """Save what the window shows, or the element that a selector finds, with some margin."""
        area = {}
        if clip is not None:
            x, y, width, height = self.evaluate(
                f"(({{x, y, width, height}}) => [x, y, width, height])"
                f"(document.querySelector({json.dumps(clip)}).getBoundingClientRect())"
            )
            place = {"x": x - 12, "y": y - 8, "width": width + 24, "height": height + 16}
            area = {"clip": place | {"scale": 1}}
        image = self.ask("Page.captureScreenshot", format="png", **area)["data"]
        file.write_bytes(base64.b64decode(image))

    def shoot(self, url: str, file: Path, *, width: int, height: int, dark: bool = False) -> None:
        """Save what a window of that size shows once its charts are drawn."""
        self.open(url, width=width, height=height, dark=dark)
        self.save(file)


# Charts in sight are drawn when each of them holds a picture.
_DRAWN = """
new Promise((resolve) => {
  const look = () => {
    const charts = [...document.querySelectorAll(".chart")].filter((chart) => {
      const place = chart.getBoundingClientRect();
      return place.width > 0 && place.top < innerHeight;
    });
    const done = document.readyState === "complete" && location.href !== "about:blank";
    if (done && charts.every((chart) => chart.querySelector("svg"))) setTimeout(resolve, 200);
    else setTimeout(look, 50);
  };
  setTimeout(look, 300);
})
"""


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser without network and with a home of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(
            [
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--remote-debugging-port=0",
                f"--user-data-dir={home}",
                "about:blank",
            ],
            env={"HOME": home, "PATH": "/usr/bin:/bin"},
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_page_address(Path(home)), max_size=None) as connection:
                yield Browser(connection)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _page_address(home: Path) -> str:
    told = home / "DevToolsActivePort"
    for _ in range(200):
        if told.is_file() and told.read_text().count("\n"):
            break
        time.sleep(0.05)
    port = told.read_text().splitlines()[0]
    with urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
        pages = json.load(answer)
    return str(next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"])
