"""The workbench under load: saves over HTTP, its first page on a large study, and many requests at once; each beside its goal.

Times are printed, never asserted: ``python -m pytest bench/test_workbench.py -o addopts= -p no:cacheprovider -s``.
"""

import asyncio
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx2
import pytest

import yuhu

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browser import chromium, needs_chromium, served
from yuhu.coding.desk import Desk
from yuhu.study.store import open_study
from yuhu.verbs.coders import add_coder
from yuhu.verbs.sample import sample

RESPONSES = int(os.environ.get("YUHU_BENCH_RESPONSES", "1000000"))
SECONDS = int(os.environ.get("YUHU_BENCH_SECONDS", "60"))
CODERS, UNITS = 20, 200
AT_ONCE = 200
CODES = ("kind", "affective_empathy", "action")
ANSWERS = {"kind": "joke", "action": "none"}
WORDS = ("她说想回家", "哭了", "接你回家", "first", "signed", "这片子真好看", "什么时候更新", "my heart broke")

PAGE = """
window.seen = {};
const parts = {counts: 'dl.counts dd', platforms: '[aria-labelledby=platforms] td', missing: '[aria-labelledby=missing] :is(li, p:not([role]))',
  findings: '[aria-labelledby=findings] :is(li, p:not([role]))'};
new MutationObserver(() => {
  for (const [name, where] of Object.entries(parts)) if (!(name in window.seen) && document.querySelector(where)) window.seen[name] = performance.now();
}).observe(document, {childList: true, subtree: true});
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A measured study of many danmaku, with as many units as 20 coders can code in the time; a quarter of them coded before."""
    root = tmp_path_factory.mktemp("large")
    made = yuhu.init(root / "study")
    for video in range(10):
        table = root / f"own{video}.csv"
        with table.open("w", encoding="utf-8") as file:
            file.write("id,text,time,who,second\n")
            file.writelines(
                f"{at},{WORDS[at % 8]} {at % 9973},2023-09-{1 + at % 28:02d} 12:{at // 60 % 60:02d}:{at % 60:02d},p{at % 5000},{at % 600}\n"
                for at in range(video, RESPONSES, 10)
            )
        mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author", "second": "at_s"}
        yuhu.add(made, [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video=f"v{video}", kind="danmaku")
    study = open_study(made.path)
    names = [f"c{at:02d}" for at in range(CODERS)]
    for name in names:
        add_coder(study, name)
    sample(study, size=UNITS * CODERS, codes=CODES, coders=names, overlap=0.0)
    for name in names:
        desk = Desk(open_study(made.path), name)
        for task in desk._tasks[: UNITS // 4]:
            desk.save(task.unit_id, ANSWERS)
    yuhu.run(open_study(made.path))
    return made.path


def entered(address):
    """Where the workbench is, and the cookies and headers of someone who is in."""
    with httpx2.Client() as client:
        client.get(address, follow_redirects=False)
        return address.split("/enter")[0], dict(client.cookies), {"x-yuhu": "1"}


def told(name, times, goal_ms=None):
    times = sorted(times)
    late = times[int(len(times) * 0.95)]
    goal = "" if goal_ms is None else f" (goal p95 {goal_ms} ms: {'met' if late <= goal_ms else 'not met'})"
    print(f"\n{name}: n {len(times)}, p50 {times[len(times) // 2]:.1f} ms, p95 {late:.1f} ms, largest {times[-1]:.1f} ms{goal}", flush=True)


def memory_mb(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def test_saves_over_http(path):
    """20 clients, each with a save a second after the next unit was asked for."""
    times = {"first": [], "save": [], "next": []}
    ready = threading.Barrier(CODERS)

    def code(at, site, cookies, headers):
        with httpx2.Client(base_url=site, cookies=cookies, headers=headers, timeout=60) as client:
            ask(client, at, "first", {"do": "next"})
            ready.wait(60)
            start = time.monotonic() + 1
            for beat in range(SECONDS):
                time.sleep(max(0.0, start + at / CODERS + beat - time.monotonic()))
                key = ask(client, at, "next", {"do": "next"})["sheet"]["key"]
                ask(client, at, "save", {"do": "save", "key": key, "answers": ANSWERS, "id": f"{time.time_ns()}-{at}"})

    def ask(client, at, name, body):
        began = time.perf_counter()
        reply = client.post(f"/api/desks/c{at:02d}", params={"lang": "en"}, json=body)
        times[name].append((time.perf_counter() - began) * 1000)
        assert reply.status_code == 200, reply.text
        return reply.json()

    with served(path) as server:
        where = entered(server.address)
        clients = [threading.Thread(target=code, args=(at, *where)) for at in range(CODERS)]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
    told(f"a save over HTTP, {CODERS} clients at one a second, {RESPONSES:,} responses", times["save"], 50)
    told("the next unit over HTTP", times["next"])
    told(f"the first request of each of {CODERS} coders at once, which opens the desk", times["first"])
    assert len(times["save"]) == CODERS * SECONDS


@needs_chromium
def test_the_first_page(path):
    """From the address to the numbers of the overview, its findings and what is missing: after a start, again, and after a coding."""
    with served(path) as server, chromium() as browser:
        site, cookies, headers = entered(server.address)
        for what in ("after a start", "again", "after a coding", "after another coding"):
            if "coding" in what:
                with httpx2.Client(base_url=site, cookies=cookies, headers=headers, timeout=60) as client:
                    key = client.post("/api/desks/c00?lang=en", json={"do": "next"}).json()["sheet"]["key"]
                    assert client.post("/api/desks/c00?lang=en", json={"do": "save", "key": key, "answers": ANSWERS}).status_code == 200
            context = browser.new_context()
            page = context.new_page()
            page.add_init_script(PAGE)
            page.goto(server.address)
            page.wait_for_function("() => Object.keys(window.seen).length === 4", timeout=120_000)
            page.wait_for_load_state("networkidle")
            seen = page.evaluate("window.seen")
            asked = page.evaluate(
                "performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/')).map((one) => [one.name.replace(/.*api/, ''), one.responseEnd - one.startTime])"
            )
            context.close()
            last = max(seen.values())
            print(
                f"\nfirst page {what}, {RESPONSES:,} responses: {', '.join(f'{name} {at:.0f} ms' for name, at in seen.items())} (goal 1000 ms: {'met' if last <= 1000 else 'not met'})"
            )
            print("  " + ", ".join(f"{name} {took:.0f} ms" for name, took in asked), flush=True)


def test_many_requests_at_once(path):
    """200 clients without a pause; nothing may fail, and the memory must not grow."""
    addresses = [
        "/api/session",
        "/api/overview",
        "/api/overview/results",
        "/api/overview/findings?lang=en",
        "/api/gallery/audience",
        "/api/gallery/audience/shares?lang=zh",
        "/",
        "/code",
    ]
    answers, times, memory = Counter(), [], []

    async def ask(client, at, until):
        turn = at
        while time.monotonic() < until:
            turn += 1
            began = time.perf_counter()
            try:
                if turn % 5 == 0:
                    reply = await client.post(f"/api/desks/c{at % CODERS:02d}", params={"lang": "en"}, json={"do": "progress"})
                else:
                    reply = await client.get(addresses[turn % len(addresses)])
                answers[reply.status_code] += 1
            except httpx2.HTTPError as error:
                answers[type(error).__name__] += 1
            times.append((time.perf_counter() - began) * 1000)

    async def watch(process, until):
        while time.monotonic() < until:
            memory.append(memory_mb(process))
            await asyncio.sleep(1)

    async def load(server):
        site, cookies, headers = entered(server.address)
        limits = httpx2.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with httpx2.AsyncClient(base_url=site, cookies=cookies, headers=headers, limits=limits, timeout=120) as client:
            for address in addresses:
                await client.get(address)
            until = time.monotonic() + SECONDS
            await asyncio.gather(watch(server.process, until), *(ask(client, at, until) for at in range(AT_ONCE)))

    with served(path) as server:
        asyncio.run(load(server))
    told(f"{AT_ONCE} clients without a pause for {SECONDS} s, {len(times) / SECONDS:.0f} requests a second", times)
    print(
        f"  answers: {dict(answers)}; memory: {memory[0]:.0f} MiB at first, {memory[len(memory) // 2]:.0f} halfway, {memory[-1]:.0f} at the end, {max(memory):.0f} at most",
        flush=True,
    )
    assert set(answers) == {200}
