"""From the key that ends a unit to the next unit on the screen, in a real Chromium with one browser; beside the goal of 50 ms.

Times are printed, never asserted: ``python -m pytest bench/test_code_page.py -o addopts= -p no:cacheprovider -s``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import chromium, needs_chromium, opened, served, site
from workbench import small_study

pytestmark = needs_chromium
UNITS = 150
GOAL_MS = 50

TIMER = """() => {
  window.painted = [];
  const unit = () => document.querySelector('[data-key]')?.dataset.key;
  addEventListener('keydown', () => {
    const [began, before] = [performance.now(), unit()];
    window.latest = began;
    const look = () => {
      if (window.latest !== began) return;
      if (unit() !== before) {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.painted.push(performance.now() - began);
        channel.port2.postMessage(null);
      } else if (performance.now() - began < 1000) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
}"""


def test_key_to_next_unit(tmp_path):
    """A unit of the small study takes two keys; the second is timed."""
    study = small_study(tmp_path, size=UNITS + 10)
    with chromium() as browser, served(study.path) as server, opened(browser, server) as page:
        page.goto(site(server) + "/code")
        page.get_by_label("You code as").select_option("anna")
        page.wait_for_selector("[data-key]:not([data-key=''])")
        page.evaluate(TIMER)
        for _ in range(UNITS):
            before = page.locator("[data-key]").get_attribute("data-key")
            for key in ("2", "Enter"):
                page.keyboard.press(key)
            page.wait_for_function("(before) => document.querySelector('[data-key]').dataset.key !== before", arg=before)
        times = sorted(page.evaluate("window.painted"))
    assert len(times) == UNITS
    middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"\nkey to next unit, {UNITS} units: p50 {middle:.1f} ms, p95 {late:.1f} ms, largest {times[-1]:.1f} ms (goal {GOAL_MS} ms)")
