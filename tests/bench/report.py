#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What the benchmark measured: tables, results.json, a plot.

	report.py [--add] LINES FOLDER
		LINES: one JSON object a line, as tests/bench/run.sh writes them. Leaves
		results.json, throughput.json and plot.svg, plot.png in FOLDER, prints the
		tables. With --add, points that LINES does not have stay as they are.
	report.py --check BASELINE FOLDER
		Exit code 1 if a point of FOLDER's results.json is worse than it is in
		BASELINE by more than 5 %, or is missing there.
	report.py --markdown FOLDER
		The table of the README: UDP, IPv4, PRE_ROUTING.

All figures are instructions per packet; those of throughput.json are per KiB.
"""
import json
import os
import sys

from bars import BASE, bars
from plot import plot

POINT = ("kernel", "family", "proto", "path", "services")
KEY = ("row",) + POINT
PACKETS = ("new", "established")
THROUGHPUT = ("mib", "instructions_per_kib")
WORSE = 1.05
# Of the clock that counts instructions.
PER_SECOND = 500_000_000

ROWS = ("plain", "conntrack", "empty-nat", "svcnat", "svcnat-affinity", "svcnat-accounting",
        "svcnat-unrelated", "svcnat-fastpath", "kube-proxy-nftables", "kube-proxy-iptables",
        "kube-proxy-ipvs")


def key(result):
    return tuple(result[k] for k in KEY)


def order(result):
    version = [int(n) for n in result["kernel"].split(".") if n.isdigit()]
    return (version, result["family"], result["path"] != "pre", result["proto"] != "udp",
            ROWS.index(result["row"]), result["services"])


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def read_results(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def write_results(path, results, what=PACKETS):
    """One result a line: a difference shows which."""
    lines = (json.dumps({k: r[k] for k in KEY + what}) for r in results)
    with open(path, "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(lines) + "\n]\n")


# ---- what is printed


def title(result):
    path = "PRE_ROUTING" if result["path"] == "pre" else "LOCAL_OUT"
    return (f"kernel {result['kernel']}, IPv{result['family']}, {result['proto'].upper()}, "
            f"{path}")


def print_results(results):
    last = None
    for r in results:
        if title(r) != last:
            last = title(r)
            print(f"\n{last}\n{'':24}{'services':>10}{'new':>10}{'established':>13}")
        services = f"{r['services']:,}" if r["services"] else "-"
        print(f"  {r['row']:22}{services:>10}{r['new']:>10,}{r['established']:>13,}")


def mbit(result):
    """What goes through in a second of the guest, which has PER_SECOND instructions."""
    return PER_SECOND / result["instructions_per_kib"] * 1024 * 8 / 1e6


def print_throughput(results):
    last = None
    for r in results:
        if title(r) != last:
            last = title(r)
            print(f"\n{last}, iperf3\n{'':24}{'services':>10}{'a KiB':>10}{'Mbit/s':>13}")
        services = f"{r['services']:,}" if r["services"] else "-"
        print(f"  {r['row']:22}{services:>10}{r['instructions_per_kib']:>10,}{mbit(r):>13,.0f}")


def print_bars(results):
    print(f"\n{'bar':66}{'asked':>9}{'measured':>10}  holds")
    for text, limit, measured in bars(results):
        holds = "-" if measured is None else "yes" if measured <= limit else "NO"
        shown = "-" if measured is None else f"{measured:+,}" if isinstance(measured, int) else \
            f"{measured:.1f} %"
        asked = f"{limit:+,}" if isinstance(limit, int) else f"{limit:.0f} %"
        print(f"{text:66}{asked:>9}{shown:>10}  {holds}")


def markdown(results):
    """Lines: a row and its number of services, each kernel's two figures."""
    shown = [r for r in results if all(r[k] == v for k, v in BASE.items())]
    kernels = list(dict.fromkeys(r["kernel"] for r in shown))
    found = {(r["row"], r["services"], r["kernel"]): r for r in shown}
    yield "| row | services | " + " | ".join(f"{k} new | {k} established" for k in kernels) + " |"
    yield "|---|---:|" + "---:|---:|" * len(kernels)
    for row, services in sorted({(r["row"], r["services"]) for r in shown},
                                key=lambda p: (ROWS.index(p[0]), p[1])):
        cells = []
        for k in kernels:
            r = found.get((row, services, k))
            cells += [f"{r['new']:,}", f"{r['established']:,}"] if r else ["", ""]
        yield f"| {row} | {f'{services:,}' if services else ''} | " + " | ".join(cells) + " |"


# ---- a baseline


def check(baseline, results):
    """Lines about what is worse or missing."""
    now = {key(r): r for r in results}
    for old in baseline:
        new = now.get(key(old))
        if new is None:
            yield f"{title(old)}, {old['row']}, {old['services']} services: not measured"
            continue
        for what in PACKETS:
            if new[what] > old[what] * WORSE:
                yield (f"{title(old)}, {old['row']}, {old['services']} services: {what} "
                       f"{new[what]:,}, was {old[what]:,}")


def main(argv):
    if len(argv) == 3 and argv[0] == "--check":
        bad = list(check(read_results(argv[1]), read_results(os.path.join(argv[2],
                                                                          "results.json"))))
        print("\n".join(bad) or "nothing is worse than the baseline by more than 5 %")
        return 1 if bad else 0

    if len(argv) == 2 and argv[0] == "--markdown":
        print("\n".join(markdown(read_results(os.path.join(argv[1], "results.json")))))
        return 0

    return report(argv)


def merged(path, lines, what, add):
    """What is measured now takes the place of what was; sorted, and in the file."""
    had = read_results(path) if add and os.path.exists(path) else []
    found = {key(r): r for r in had + [line for line in lines if what[-1] in line]}
    found = sorted(found.values(), key=order)
    write_results(path, found, what)
    return found


def report(argv):
    add = argv[:1] == ["--add"]
    if len(argv) != 2 + add:
        sys.exit(__doc__)
    folder = argv[-1]
    lines = read_lines(argv[-2])
    results = merged(os.path.join(folder, "results.json"), lines, PACKETS, add)
    throughput = merged(os.path.join(folder, "throughput.json"), lines, THROUGHPUT, add)
    print_results(results)
    print_throughput(throughput)
    print_bars(results)
    plot(results, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
