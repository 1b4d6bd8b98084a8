#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What profile.c counted, by function.

	profile.py --packets N BLOCKS SYMBOLS
		Prints "FUNCTION MODULE NEW ESTABLISHED", the most first: instructions of the
		function itself for one of N packets. BLOCKS: of the plugin; its second window
		is the established connection's, its fourth the new ones'. SYMBOLS: the guest's
		/proc/kallsyms. A block that jumps out early is counted whole.
	profile.py --compare BASE PROFILE
		Prints what differs between two such tables.
	profile.py --inlined N BLOCKS SYMBOLS OBJECT FUNCTION
		Prints for one of N new packets how many instructions of FUNCTION are of which
		function that the compiler has put into it. OBJECT: the module's object file
		that has it, with debug information.
"""
import bisect
import re
import subprocess
import sys

ESTABLISHED, NEW = 2, 4
KERNEL = "kernel"
LEAST = 0.5     # of an instruction: less is the clock's and other things' that come by


def read_symbols(path):
    symbols = []
    with open(path, encoding="ascii") as f:
        for line in f:
            address, kind, name, *module = line.split()
            if kind in "tTwW":
                symbols.append((int(address, 16), name, module[0][1:-1] if module else KERNEL))
    symbols.sort()
    if not symbols or not symbols[-1][0]:
        sys.exit(f"profile: {path}: no addresses; kernel.kptr_restrict hides them")
    return symbols


def read_blocks(path):
    """(window, address, instructions, times)"""
    with open(path, encoding="ascii") as f:
        for line in f:
            if line.startswith("store"):
                continue
            window, address, instructions, times = line.split()
            yield int(window), int(address, 16), int(instructions), int(times)


def by_function(blocks, symbols, packets):
    starts = [s[0] for s in symbols]
    counts = {}
    for window, address, instructions, times in read_blocks(blocks):
        if window in (ESTABLISHED, NEW):
            i = bisect.bisect_right(starts, address) - 1
            pair = counts.setdefault(symbols[i][1:], [0.0, 0.0])
            pair[window == ESTABLISHED] += instructions * times / packets
    return counts


def disassemble(objfile, function):
    """(offset in the function, whose line it is) of each instruction"""
    text = subprocess.run(["objdump", "-dl", "--no-show-raw-insn", f"--disassemble={function}",
                           objfile], check=True, capture_output=True, text=True).stdout
    start, whose, found = None, function, []
    for line in text.splitlines():
        if m := re.match(r"([0-9a-f]+) <", line):
            start = int(m[1], 16)
        elif m := re.match(r"(\w+)\(\):$", line):
            whose = m[1]
        elif (m := re.match(r"\s*([0-9a-f]+):\t", line)) and start is not None:
            found.append((int(m[1], 16) - start, whose))
    return found


def print_inlined(packets, blocks, symbols, objfile, function):
    base = next(a for a, name, _ in symbols if name == function)
    code = disassemble(objfile, function)
    place = {offset: i for i, (offset, _) in enumerate(code)}
    counts = {}
    for window, address, instructions, times in read_blocks(blocks):
        i = place.get(address - base)
        if window == NEW and i is not None:
            for _, whose in code[i:i + instructions]:
                counts[whose] = counts.get(whose, 0) + times / packets
    for whose, count in sorted(counts.items(), key=lambda c: -c[1]):
        if count >= LEAST:
            print(f"{count:8.0f}  {whose}")


def write_table(counts):
    for (name, module), (new, established) in sorted(counts.items(), key=lambda c: -sum(c[1])):
        if max(new, established) >= LEAST:
            print(f"{name} {module} {new:.1f} {established:.1f}")


def read_table(path):
    with open(path, encoding="ascii") as f:
        rows = (line.split() for line in f)
        return {(r[0], r[1]): (float(r[2]), float(r[3])) for r in rows}


def compare(base, other):
    none = (0.0, 0.0)
    rows = []
    for function in base.keys() | other.keys():
        a, b = base.get(function, none), other.get(function, none)
        if max(abs(b[0] - a[0]), abs(b[1] - a[1])) >= 1:
            rows.append((b[0] - a[0], b[1] - a[1], *function))
    rows.sort(key=lambda r: (-r[0], r[2]))
    print(f"{'new':>8} {'established':>12}  function")
    for new, established, name, module in rows:
        print(f"{new:+8.0f} {established:+12.0f}  {name}" + (f" [{module}]" * (module != KERNEL)))
    print(f"{sum(r[0] for r in rows):+8.0f} {sum(r[1] for r in rows):+12.0f}  all")


def main(argv):
    if len(argv) == 5 and argv[1] == "--packets":
        write_table(by_function(argv[3], read_symbols(argv[4]), int(argv[2])))
    elif len(argv) == 4 and argv[1] == "--compare":
        compare(read_table(argv[2]), read_table(argv[3]))
    elif len(argv) == 7 and argv[1] == "--inlined":
        print_inlined(int(argv[2]), argv[3], read_symbols(argv[4]), *argv[5:])
    else:
        sys.exit(__doc__.strip())


if __name__ == "__main__":
    main(sys.argv)
