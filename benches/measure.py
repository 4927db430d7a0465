"""What ./bench measures, one function per subject, and the page it writes. Standard library only.

    measure.py save|serve|refresh|paper|history|idle|start|demo|years|report RESULTS.json [...]

Every subject adds its rows to RESULTS.json; `report` turns them into docs/benchmarks.md and fails when a goal is missed.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import time
import urllib.parse
import urllib.request

CONNECTIONS = 32
LATENCY_MS = 300
SIX = ["instagram", "tiktok", "youtube", "twitch", "x", "discord"]
START_RUNS = 20
IDLE_SECS = 5
IDLE_RUNS = 3
SETTLED_SECS = 5
DEMO_RUNS = 3

# row -> (what it is, unit, goal, whether the figure has to stay below it). The goals are ours to keep.
ROWS = {
    "page_br": ("media kit page, brotli, beside nginx", "× nginx", 1.35, False),
    "page_identity": ("media kit page, uncompressed, beside nginx", "× nginx", 0.85, False),
    "summary": ("follower summary (JSON), beside nginx", "× nginx", 1.35, False),
    "analytics": ("one platform's numbers (JSON), beside nginx", "× nginx", 1.35, False),
    "refresh": (f"refresh of six platforms at {LATENCY_MS} ms latency: longer than the slowest alone by", "ms", 50, True),
    "history_10k": ("one year of one account, 10 thousand rows stored", "µs", 1000, True),
    "history_10m": ("one year of one account, 10 million rows stored", "µs", 1000, True),
    "pdf": ("media kit as a PDF, made anew after a change", "ms", 50, True),
    "card": ("picture for previews of links, made anew after a change", "ms", 50, True),
    "idle": (f"memory (RSS) {IDLE_SECS} s after start on an existing database", "MB", 15, True),
    "start": ("exec to first answer on an existing database", "ms", 50, True),
    "demo": ("demo: 400 days lived through, exec to its address", "s", 10, True),
    "years": ("ten simulated years of credentials, each of several seeds", "s", 10, True),
}


class Failed(Exception):
    """A measurement that would say nothing; the text says why."""


class Missed(Exception):
    """Goals that were not reached, or not measured."""


def get(origin: str, path: str, headers: dict[str, str], method: str = "GET", body: bytes | None = None):
    """One plain request: status, headers, body as sent."""
    url = urllib.parse.urlsplit(origin)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


# --- Serving ------------------------------------------------------------------------------------

CASES = {
    "page_br": ("/mediakit", "br"),
    "page_identity": ("/mediakit", "identity"),
    "summary": ("/api/mediakit/follower-summary", "identity"),
    "analytics": ("/api/mediakit/analytics/instagram", "identity"),
}


# What nginx sends by itself or must not copy.
OWN_HEADERS = {
    "connection", "content-encoding", "content-length", "content-type", "date", "etag", "last-modified", "server",
    "transfer-encoding",
}


def save(results: dict, args) -> None:
    """Saves what mediakit serves as the files and headers that nginx serves."""
    for path, encoding in CASES.values():
        get(args.mediakit, path, {"Accept-Encoding": encoding})
    # What was asked for is compressed as small as it gets a moment later.
    time.sleep(SETTLED_SECS)
    for path, encoding in CASES.values():
        status, headers, body = get(args.mediakit, path, {"Accept-Encoding": encoding})
        got = headers.get("content-encoding", "identity")
        if status != 200 or got != encoding:
            raise Failed(f"{path}: status {status}, encoding {got} instead of 200, {encoding}")
        file = pathlib.Path(args.folder, path.lstrip("/") + (".br" if encoding == "br" else ""))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        same = [(name, value) for name, value in headers.items() if name not in OWN_HEADERS]
        lines = [f"add_header {name} {json.dumps(value)};" for name, value in same]
        # One per location: nginx takes them as they stand.
        conf = pathlib.Path(args.folder, path.strip("/").split("/")[0] + ".headers")
        text = "\n".join(lines).replace("$", "")
        if conf.is_file() and conf.read_text() != text:
            raise Failed(f"{path} has other headers than what is served beside it")
        conf.write_text(text)


def wrk(origin: str, path: str, encoding: str, secs: int) -> dict:
    """One round of load from core 1."""
    lua = pathlib.Path(__file__).with_name("serve.lua")
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{secs}s", "-s", str(lua), origin + path, "--", encoding]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(out.strip().splitlines()[-1])
    if result["failed"] or not result["requests"]:
        raise Failed(f"{origin}{path} ({encoding}): {result}")
    return result


def cpu_secs(server: int) -> float:
    """Processor time of a server and its workers so far."""
    total = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold anything; the state follows it, then the parent.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if server in (int(stat.parent.name), int(fields[1])):
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def loaded(server: tuple[str, int], path: str, encoding: str, secs: int) -> tuple[float, float]:
    """A round of load on a server: requests a second, and requests a second of its processor time."""
    origin, pid = server
    before = cpu_secs(pid)
    result = wrk(origin, path, encoding, secs)
    return result["requests"] / result["micros"] * 1e6, result["requests"] / (cpu_secs(pid) - before)


def serve(results: dict, args) -> None:
    """Requests a second of the servers in interleaved rounds; the figure is the median of the rounds' ratios."""
    servers = [
        (args.mediakit, int(args.mediakit_pid)),
        (args.nginx, int(args.nginx_pid)),
        (args.sendfile, int(args.sendfile_pid)),
    ]
    for path, encoding in CASES.values():
        bodies = {get(origin, path, {"Accept-Encoding": encoding})[2] for origin, _ in servers}
        if len(bodies) != 1:
            raise Failed(f"{path} ({encoding}): nginx serves other bytes than mediakit ({[len(body) for body in bodies]})")
    rounds: dict[str, list] = {row: [] for row in CASES}
    for number in range(args.rounds):
        for row, (path, encoding) in CASES.items():
            measured = [loaded(server, path, encoding, args.secs) for server in servers]
            rounds[row].append(measured)
            ours, *theirs = (f"{rate:8.0f} /s {per_cpu:8.0f} /CPU s" for rate, per_cpu in measured)
            print(f"round {number + 1}  {row:14} mediakit {ours}   nginx {'   with sendfile '.join(theirs)}", flush=True)
    for row, measured in rounds.items():
        path, encoding = CASES[row]
        size = len(get(args.mediakit, path, {"Accept-Encoding": encoding})[2])
        # Of every round, how many times the other server's figure ours is; by time, and by the server's processor time.
        times, per_cpu = (
            [statistics.median(servers[0][kind] / servers[other][kind] for servers in measured) for other in (1, 2)]
            for kind in (0, 1)
        )
        rate = [statistics.median(servers[server][0] for servers in measured) for server in (0, 1, 2)]
        note = (
            f"{size:,} bytes; {rate[0]:,.0f} requests a second against {rate[2]:,.0f}, without sendfile {rate[1]:,.0f} "
            f"({times[0]:.2f} ×); per second of the server's processor {per_cpu[1]:.2f} ×, without sendfile {per_cpu[0]:.2f} ×"
        )
        keep(results, row, times[1], note)


# --- Refresh ------------------------------------------------------------------------------------


def order(origin: str, path: str, body: dict) -> None:
    """Tells the simulator what to do."""
    request = urllib.request.Request(origin + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()


def timed_post(origin: str, path: str, token: str) -> tuple[float, dict]:
    """Seconds until the whole answer, and the answer."""
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {token}", "Content-Length": "0"}
    status, _, body = get(origin, path, headers, "POST")
    took = time.perf_counter() - began
    if status != 200:
        raise Failed(f"POST {path}: status {status}: {body[:300]!r}")
    return took, json.loads(body)


def refresh(results: dict, args) -> None:
    """All six at once against the slowest of them alone, every upstream answering after the same latency."""
    order(args.simulator, "/latency", {"millis": LATENCY_MS})
    try:
        alone: dict[str, list[float]] = {platform: [] for platform in SIX}
        together = []
        for _ in range(args.rounds):
            for platform in SIX:
                alone[platform].append(timed_post(args.mediakit, f"/api/mediakit/refresh-{platform}-api", args.token)[0])
            took, answer = timed_post(args.mediakit, "/api/mediakit/refresh-social-stats", args.token)
            missing = set(SIX) - set(answer.get("platforms_updated", []))
            if missing:
                raise Failed(f"not refreshed: {', '.join(sorted(missing))}; errors: {answer.get('data', {}).get('errors')}")
            together.append(took)
    finally:
        order(args.simulator, "/latency", {"millis": 0})
    slowest = max(alone, key=lambda platform: statistics.median(alone[platform]))
    limit, took = statistics.median(alone[slowest]), statistics.median(together)
    one_by_one = sum(statistics.median(times) for times in alone.values())
    note = f"{took * 1000:,.0f} ms; {slowest} alone {limit * 1000:,.0f} ms; one after the other {one_by_one * 1000:,.0f} ms"
    keep(results, "refresh", (took - limit) * 1000, note)


# --- Paper --------------------------------------------------------------------------------------


def paper(results: dict, args) -> None:
    """Each is asked for right after a change of the profile, so that it has to be made; the median of the changes."""
    paths = {"pdf": "/mediakit.pdf?lang=de", "card": "/card.png?lang=de"}
    times: dict[str, list[float]] = {row: [] for row in paths}
    headers = {"Authorization": f"Bearer {args.token}", "Content-Type": "application/json"}
    sizes = {}
    for number in range(args.runs):
        for row, path in paths.items():
            change = json.dumps({"location": f"{row} {number}"}).encode()
            status, _, body = get(args.mediakit, "/api/profile", headers, "PUT", change)
            if status != 200:
                raise Failed(f"PUT /api/profile: status {status}: {body[:300]!r}")
            began = time.perf_counter()
            status, _, body = get(args.mediakit, path, {})
            times[row].append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise Failed(f"{path}: status {status}")
            sizes[row] = len(body)
    for row, taken in times.items():
        note = f"{min(taken):.0f} to {max(taken):.0f} ms over {len(taken)} changes, the way there and back included; {sizes[row]:,} bytes"
        keep(results, row, statistics.median(taken), note)


# --- History, memory, start ---------------------------------------------------------------------


def history(results: dict, args) -> None:
    """Reads what `cargo bench --bench history` printed: one line of JSON a size."""
    printed = pathlib.Path(args.printed).read_text().splitlines()
    lines = [json.loads(line) for line in printed if line.startswith('{"bench":"history"')]
    for row, rows in (("history_10k", 10_000), ("history_10m", 10_000_000)):
        found = next((line for line in lines if line.get("rows") == rows), None)
        if found is None:
            raise Failed(f"the bench printed no line for {rows} rows")
        note = f"SQLite, {found['bytes'] / 1e6:,.0f} MB; 99 of 100 reads within {found['year_read_p99_us']:,.0f} µs"
        keep(results, row, found["year_read_us"], note)


def years(results: dict, args) -> None:
    """Reads what the simulated years printed about all their seeds."""
    printed = pathlib.Path(args.printed).read_text()
    told = re.search(r"^ten years of (\d+) seeds: ([\d.]+) s a seed on (\d+) cores", printed, re.MULTILINE)
    if told is None:
        raise Failed("the simulated years did not come to their end")
    seeds, secs, cores = told.groups()
    keep(results, "years", float(secs), f"{seeds} seeds on {cores} cores, all cores at work")


def environment(args) -> dict[str, str]:
    """The server's environment with an address of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {**os.environ, "MEDIAKIT_LISTEN": f"127.0.0.1:{port}"}


def start_server(args) -> tuple[subprocess.Popen, float, str]:
    """Starts `mediakit serve` and returns it with the seconds until its first answer, and its address."""
    env = environment(args)
    host, port = env["MEDIAKIT_LISTEN"].split(":")
    began = time.perf_counter()
    server = subprocess.Popen(
        ["taskset", "-c", "0", args.binary, "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while time.perf_counter() - began < 30:
        if server.poll() is not None:
            raise Failed(f"mediakit serve ended with code {server.returncode}")
        try:
            with socket.create_connection((host, int(port)), timeout=5) as stream:
                stream.sendall(f"GET /mediakit HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                if stream.recv(12).startswith(b"HTTP/1.1 200"):
                    return server, time.perf_counter() - began, f"http://{host}:{port}"
        except OSError:
            pass
        time.sleep(0.0005)
    server.kill()
    raise Failed("mediakit serve did not answer /mediakit with 200 within 30 s")


def stop_server(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        raise Failed("mediakit serve did not end within 15 s of SIGTERM") from None


def idle(results: dict, args) -> None:
    """Resident memory after a start on an existing database and one request, the median of a few starts."""
    found = []
    for _ in range(IDLE_RUNS):
        server, _, origin = start_server(args)
        try:
            time.sleep(IDLE_SECS)
            idle = megabytes(server)
            get(origin, "/mediakit", {"Accept-Encoding": "br"})
            time.sleep(SETTLED_SECS)
            found.append([*idle, megabytes(server)[0]])
        finally:
            stop_server(server)
    total, own, files, visited = (statistics.median(values) for values in zip(*found))
    note = f"{own:.1f} MB its own, {files:.1f} MB of program files; {visited:.1f} MB once a page was compressed for a browser"
    keep(results, "idle", total, note)


def megabytes(server: subprocess.Popen) -> list[float]:
    """A process's resident memory: all, its own, files'."""
    of = dict(re.findall(r"^(\w+):\s+(\d+) kB", pathlib.Path(f"/proc/{server.pid}/status").read_text(), re.M))
    return [int(of[name]) * 1024 / 1e6 for name in ("VmRSS", "RssAnon", "RssFile")]


def start(results: dict, args) -> None:
    """Time from exec to the first byte of the media kit, the median of many starts."""
    times = []
    for _ in range(args.runs):
        server, took, _ = start_server(args)
        stop_server(server)
        times.append(took * 1000)
    keep(results, "start", statistics.median(times), f"{min(times):.0f} to {max(times):.0f} ms over {len(times)} starts, taskset included")


def demo(results: dict, args) -> None:
    """Time from exec until the demo has lived through its days and says where it answers, the median of a few."""
    times = []
    for _ in range(DEMO_RUNS):
        began = time.perf_counter()
        command = [args.binary, "demo", "--listen", "127.0.0.1:0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            answers = any(line.startswith("Media kit") for line in server.stdout)
            times.append(time.perf_counter() - began)
            stop_server(server)
        if not answers:
            raise Failed("mediakit demo did not say where it answers")
    keep(results, "demo", statistics.median(times), f"{min(times):.1f} to {max(times):.1f} s over {len(times)} runs")


# --- Report -------------------------------------------------------------------------------------


def keep(results: dict, row: str, figure: float, note: str) -> None:
    """Adds a row and shows it."""
    results[row] = {"figure": figure, "note": note}
    what, unit, *_ = ROWS[row]
    print(f"{what}: {shown(figure)} {unit} ({note})", flush=True)


def shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def met(results: dict, row: str) -> bool:
    """Whether a row's figure keeps the goal; one that was not measured does not."""
    _, _, goal, below = ROWS[row]
    figure = results.get(row, {}).get("figure")
    return figure is not None and (figure <= goal if below else figure >= goal)


def version(*command: str) -> str:
    """The first line that names a version, wherever the program prints it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return next((line.strip() for line in (done.stdout + done.stderr).splitlines() if any(c.isdigit() for c in line)), "?")


def machine() -> list[str]:
    """What the figures hold for."""
    cpu = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    return [
        f"{os.cpu_count()} cores of {cpu[1] if cpu else 'an unnamed processor'}, {memory / 2**20:.0f} GiB, Linux {os.uname().release}",
        f"mediakit at commit {version('git', 'rev-parse', '--short', 'HEAD')}, built by `./dist`, {version('rustc', '--version')}",
        f"{version('nginx', '-v')}; {version('wrk', '--version').split(' Copyright')[0]}",
    ]


def report(results: dict, args) -> None:
    """Writes the page."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `./bench` on {time.strftime('%Y-%m-%d', time.gmtime())}. Ratios hold on other machines, absolute times are this machine's.",
        "",
        *(f"- {line}" for line in machine()),
        "",
        "| what | goal | figure | verdict | |",
        "|---|---|---|---|---|",
    ]
    for row, (what, unit, goal, below) in ROWS.items():
        goal_text = f"{'at most' if below else 'at least'} {goal:,} {unit}"
        if row in results:
            figure, verdict = results[row]["figure"], "met" if met(results, row) else "missed"
            lines.append(f"| {what} | {goal_text} | **{shown(figure)} {unit}** | {verdict} | {results[row]['note']} |")
        else:
            lines.append(f"| {what} | {goal_text} | | not measured | |")
    lines += [
        "",
        "## How it is measured",
        "",
        f"- **Beside nginx**: one server on core 0, `wrk` on core 1, {CONNECTIONS} connections, many short rounds in turn, for a machine is not equally fast for long; the figure is the median of the rounds' ratios. "
        "Requests per second of the server's processor time say the same and suffer less from what else the machine does. "
        "nginx serves the same bytes from files with one worker, an open file cache and precompressed brotli, and logs nothing. The goal is held against nginx with `sendfile`, as it is shipped and run; switched off, which suits answers this small and not larger ones, it is measured as well.",
        f"- **Refresh**: every upstream of the simulator answers after {LATENCY_MS} ms. A platform that needs several calls in turn is slower than one; the slowest, refreshed alone through its own address, is the least that all six together can take. "
        "How many calls of each wait for one another is counted by `tests/it/rounds.rs`.",
        "- **PDF and picture**: asked for once after each of many changes of the profile; both are kept until the next one.",
        "- **History**: `cargo bench --bench history`, reading through the store as the page does.",
        "- **Demo**: each day a refresh of eight platforms, renewals and looks at the credentials, through HTTP and the database, with outages and three days off.",
        "- **Ten years**: `./test years` for some of its seeds; the time for all of them, divided by how many they are.",
        "- **Memory and start**: `mediakit serve` on a database that a refresh has filled. Start is from exec to the first byte of `/mediakit`.",
        "",
    ]
    pathlib.Path(args.page).write_text("\n".join(lines))
    print(f"wrote {args.page}")
    missed = [ROWS[row][0] for row in ROWS if not met(results, row)]
    if missed:
        raise Missed("\n  ".join(missed))


def main() -> int:
    """Runs one subject; a measurement that failed leaves its rows out and says why."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subject", choices=["save", "serve", "refresh", "paper", "history", "idle", "start", "demo", "years", "report"])
    parser.add_argument("results", type=pathlib.Path)
    for option in ("mediakit", "nginx", "simulator", "token", "binary", "printed", "folder", "page", "mediakit-pid", "nginx-pid", "sendfile", "sendfile-pid"):
        parser.add_argument(f"--{option}", default=os.environ.get(f"BENCH_{option.upper().replace('-', '_')}"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--secs", type=int, default=2)
    parser.add_argument("--runs", type=int, default=START_RUNS)
    args = parser.parse_args()
    results = json.loads(args.results.read_text()) if args.results.is_file() else {}
    try:
        globals()[args.subject](results, args)
    except (Failed, OSError, subprocess.CalledProcessError, http.client.HTTPException) as error:
        print(f"{args.subject}: not measured: {error}")
        return 1
    except Missed as goals:
        print(f"goals not met:\n  {goals}")
        return 1
    args.results.write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
