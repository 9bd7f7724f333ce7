"""Debian's Chromium without a window, and what can be asked of a page that it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PACKAGES = {
    "chromium": Path("/usr/bin/chromium"),
    "chromium-driver": Path("/usr/bin/chromedriver"),
}
"""The Debian packages that are needed, and the program that each brings."""

PATIENCE = 20
"""Seconds that a page may take."""

ENOUGH = 4.5
"""Contrast of text that WCAG 2.2 (1.4.3, level AA) asks for."""

_FAINT = """
const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => {
  const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const faint = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
  if (!text || !element.checkVisibility() || element.closest("[disabled]")) continue;
  const pair = [light(parse(getComputedStyle(element).color)), light(ground(element))];
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < arguments[0]) faint.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
}
return faint;
"""


class Browser:
    """A browser.

    Attributes:
        driver: selenium's, for whatever is not here.
    """

    def __init__(self) -> None:
        options = ChromeOptions()
        options.binary_location = str(PACKAGES["chromium"])
        # root may not use its sandbox, and containers often have a small /dev/shm.
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = Chrome(options, ChromeService(str(PACKAGES["chromium-driver"])))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.quit()

    def forget(self) -> None:
        """Start anew."""
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.complaints()
        self.requests()
        self.look_like(1280, 900)

    def look_like(self, width: int, height: int, *, dark: bool = False) -> None:
        """Be a screen of a size in CSS pixels, that prefers light or dark pages."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, url: str) -> None:
        """Open a page."""
        self.driver.get(url)

    def find(self, selector: str) -> WebElement:
        """The first element that a CSS selector names."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        """All elements that a CSS selector names."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def press(self, selector: str) -> None:
        """Click what leads to another page, and wait for that."""
        self._go(self.find(selector).click)

    def enter(self, selector: str, *keys: str) -> None:
        """Type into what a CSS selector names, then Enter, and wait for the page it leads to."""
        self._go(lambda: self.find(selector).send_keys(*keys, Keys.ENTER))

    def _go(self, act: Callable[[], None]) -> None:
        self.run("window.isOld = true")
        act()
        # Between two pages there is nobody to answer.
        wait = WebDriverWait(self.driver, PATIENCE, 0.02, [WebDriverException])
        is_there = "return !window.isOld && document.readyState === 'complete'"
        wait.until(lambda _: self.run(is_there))

    def run(self, script: str, *arguments: Any) -> Any:
        """What a piece of JavaScript returns; the page's own policy does not hold for it."""
        return self.driver.execute_script(script, *arguments)

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return self.find("body").text

    @property
    def excess(self) -> int:
        """CSS pixels by which the page is wider than the screen."""
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.run(f"return {width}"))

    def faint(self) -> list[str]:
        """Texts whose contrast to their ground is below ENOUGH, each with that."""
        found: list[str] = self.run(_FAINT, ENOUGH)
        return found

    def complaints(self) -> list[str]:
        """What the browser has complained of since it was asked last."""
        return self._log("browser")

    def requests(self) -> list[str]:
        """What the browser has asked for, of whomever, since it was asked last."""
        messages = [json.loads(entry)["message"] for entry in self._log("performance")]
        sent = [each for each in messages if each["method"] == "Network.requestWillBeSent"]
        return [str(each["params"]["request"]["url"]) for each in sent]

    def _log(self, name: str) -> list[str]:
        # Selenium has no types for this.
        entries: list[dict[str, str]] = self.driver.get_log(name)  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries]
