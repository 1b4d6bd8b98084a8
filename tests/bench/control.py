#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What control.sh measured: control.json and tables.

	control.py [--add] LINES FOLDER
		LINES: one JSON object a line. Leaves control.json in FOLDER, prints the tables.
		With --add, what LINES does not have stays in control.json as it is.
	control.py --markdown FOLDER
		The tables again, for the README.

Of a way to load, "cpu_us" is what the program used that loads (svcctl, svcd, kube-proxy's
tool), in the kernel and outside, and "wall_us" what went by on the clock. An instruction
is 2 ns of both.
"""
import json
import os
import sys

from report import read_lines, read_results

KEY = ("kernel", "way", "services", "endpoints")
WAYS = ("restore", "manifests", "api", "change", "kube-proxy-nftables", "kube-proxy-iptables",
        "kube-proxy-iptables-nft", "kube-proxy-ipvs")
NAMES = {"restore": "svcctl restore", "manifests": "svcd, manifests", "api": "svcd, its API",
         "change": "svcd, started again", "kube-proxy-nftables": "nft -f",
         "kube-proxy-iptables": "iptables-legacy-restore",
         "kube-proxy-iptables-nft": "iptables-nft-restore", "kube-proxy-ipvs": "ipvsadm -R"}


def key(result):
    return tuple(result[k] for k in KEY)


def order(result):
    return (result["kernel"], WAYS.index(result["way"]), result["endpoints"] > 1000,
            result["services"], result["endpoints"])


def write_results(path, results):
    with open(path, "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(r) for r in results) + "\n]\n")


# ---- tables: rows of words, the first one is the head


def seconds(microseconds):
    return f"{microseconds / 1e6:,.3f}"


def loads(results):
    yield ("kernel", "load", "services", "endpoints each", "CPU, s", "clock, s", "peak, MiB",
           "kernel, KiB")
    for r in results:
        peak = f"{r['peak_kib'] / 1024:,.0f}" if "peak_kib" in r else "-"
        kernel = f"{r['kernel_kib']:,}" if "kernel_kib" in r else "-"
        yield (r["kernel"], NAMES[r["way"]], f"{r['services']:,}", f"{r['endpoints']:,}",
               seconds(r["cpu_us"]), seconds(r["wall_us"]), peak, kernel)


def changes(results):
    yield ("kernel", "services", "endpoints each", "in the kernel, ms: p50", "p99",
           "answered: p50", "p99", "svcd's CPU, ms")
    for r in results:
        if "change_ns" not in r:
            continue
        ns = r["change_ns"]
        yield (r["kernel"], f"{r['services']:,}", f"{r['endpoints']:,}",
               *(f"{ns[k] / 1e6:.2f}" for k in ("kernel_p50", "kernel_p99", "answer_p50",
                                                "answer_p99")),
               f"{r['change_cpu_us'] / 1e3:.2f}")


def memory(results):
    """By two loads: so many services and endpoints have so much."""
    yield ("kernel", "bytes of a service", "bytes of an endpoint")
    have = {key(r): r for r in results if r["way"] == "restore"}
    for kernel in sorted({r["kernel"] for r in results}):
        try:
            a = have[kernel, "restore", 10000, 2]["kernel_kib"] * 1024 / 10000
            b = have[kernel, "restore", 5000, 50]["kernel_kib"] * 1024 / 5000
        except KeyError:
            continue
        endpoint = (b - a) / 48
        yield (kernel, f"{a - 2 * endpoint:,.0f}", f"{endpoint:,.0f}")


TABLES = (loads, changes, memory)


def print_table(rows):
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    for r in rows:
        print("  ".join(w.ljust(n) if i < 2 else w.rjust(n)
                        for i, (w, n) in enumerate(zip(r, widths))).rstrip())


def print_markdown(rows):
    print("| " + " | ".join(rows[0]) + " |")
    print("|---|---" + "|---:" * (len(rows[0]) - 2) + "|")
    for r in rows[1:]:
        print("| " + " | ".join(r) + " |")


def print_all(results, out):
    for table in TABLES:
        rows = list(table(results))
        if len(rows) > 1:
            print()
            out(rows)


def main():
    args = [a for a in sys.argv[1:] if a != "--add"]
    if len(args) == 2 and args[0] == "--markdown":
        print_all(read_results(os.path.join(args[1], "control.json")), print_markdown)
        return
    if len(args) != 2:
        sys.exit(__doc__)
    path = os.path.join(args[1], "control.json")
    results = {key(r): r for r in read_lines(args[0])}
    if "--add" in sys.argv and os.path.exists(path):
        results = {key(r): r for r in read_results(path)} | results
    results = sorted(results.values(), key=order)
    write_results(path, results)
    print_all(results, print_table)


if __name__ == "__main__":
    main()
