#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What two CPUs that send packets at the same time have to wait for.

	contention.py BLOCKS SYMBOLS LINES
		BLOCKS: of profile.c, with stores. LINES: of contention_guest.sh, a window
		each. Prints a table. Exit code 1: packets of a window write to lines that both
		CPUs write to; or those of the last one, whose scheduler counts turns, do not, for
		then nothing is proven.
"""
import bisect
import sys

from profile import KERNEL, read_blocks, read_symbols

MODULE = "svcnat"
HOOKS = ("svcnat_hook_dst", "svcnat_hook_src", "svcnat_guard_hook")
OFTEN = 0.01        # of a CPU's packets; less is memory that is used again
WAITING = ("native_queued_spin_lock_slowpath", "queued_read_lock_slowpath",
           "queued_write_lock_slowpath", "mutex_spin_on_owner", "__mutex_lock.constprop.0")


class Symbols:
    def __init__(self, path):
        self.all = read_symbols(path)
        self.starts = [s[0] for s in self.all]

    def find(self, address):
        return self.all[bisect.bisect_right(self.starts, address) - 1][1:]


def read_windows(path):
    windows = []
    with open(path, encoding="ascii") as f:
        for line in f:
            if line.startswith("error"):
                sys.exit(line.strip())
            name, packets, changes = line.split()
            windows.append((name, int(packets), int(changes)))
    return windows


def read_stores(path):
    """(window, address, line, cpu, times)"""
    with open(path, encoding="ascii") as f:
        for row in f:
            if row.startswith("store"):
                _, window, address, line, cpu, times = row.split()
                yield int(window), int(address, 16), int(line, 16), int(cpu), int(times)


def shared_lines(stores, symbols, number, packets):
    """Functions of the module, by the line that both CPUs write to often."""
    lines = {}
    for window, address, line, cpu, times in stores:
        name, module = symbols.find(address)
        if window == number and module == MODULE:
            entry = lines.setdefault(line, ([0, 0], set()))
            entry[0][cpu] += times
            entry[1].add(name)
    often = max(OFTEN * packets / 2, 1)
    return [sorted(names) for times, names in lines.values() if min(times) >= often]


def instructions(blocks, symbols, number, packets):
    """For a packet: of the hooks, and of what waits for a lock anywhere."""
    own = waiting = 0
    for window, address, count, times in blocks:
        if window == number:
            name, module = symbols.find(address)
            own += count * times * (module == MODULE and name in HOOKS)
            waiting += count * times * (module == KERNEL and name in WAITING)
    return own / packets, waiting / packets


def main(argv):
    if len(argv) != 4:
        sys.exit(__doc__.strip())
    symbols, failed = Symbols(argv[2]), False
    stores, blocks = list(read_stores(argv[1])), list(read_blocks(argv[1]))
    windows = read_windows(argv[3])
    print(f"{'':16}{'packets':>8}{'changes':>9}{'hooks':>8}{'waiting':>9}  shared lines")
    for number, (name, packets, changes) in enumerate(windows, 1):
        shared = shared_lines(stores, symbols, number, packets)
        own, waiting = instructions(blocks, symbols, number, packets)
        print(f"{name:16}{packets:8,}{changes:9,}{own:8,.0f}{waiting:9.1f}  {len(shared)}"
              + "".join(f"\n{'':52}{', '.join(names)}" for names in shared))
        failed |= bool(shared) != (number == len(windows))
    print("hooks, waiting: instructions for a packet, in svcnat's hooks and for a lock of the kernel")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
