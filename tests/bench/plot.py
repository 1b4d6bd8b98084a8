# SPDX-License-Identifier: GPL-2.0
"""
The plot, by gnuplot: what the first packet of a connection costs with how many services,
and what every later one costs, for one kernel.
"""
import os
import subprocess

from bars import BASE

SERVICES = 1000

# row, its name, its colour
LINES = (
    ("kube-proxy-iptables", "kube-proxy iptables", "#999999"),
    ("kube-proxy-ipvs", "kube-proxy IPVS", "#cc79a7"),
    ("kube-proxy-nftables", "kube-proxy nftables", "#e69f00"),
    ("svcnat", "svcnat", "#0072b2"),
)
BARS = (
    ("kube-proxy-ipvs", "kube-proxy IPVS", "#cc79a7"),
    ("kube-proxy-iptables", "kube-proxy iptables", "#999999"),
    ("kube-proxy-nftables", "kube-proxy nftables", "#e69f00"),
    ("svcnat", "svcnat", "#0072b2"),
    ("empty-nat", "NAT without a rule", "#d9d9d9"),
    ("plain", "forwarding, no NAT", "#d9d9d9"),
    ("svcnat-fastpath", "svcnat, fast path", "#56b4e9"),
)

HEAD = """\
set terminal {terminal}
set output '{output}'
set multiplot layout 1,2 title "Instructions per packet (UDP, IPv4, forwarded, kernel {kernel})" \\
	font ",14"
set tics nomirror
set border 3
"""

NEW = """\
set title "First packet of a connection"
set xlabel "services"
set logscale xy
set xrange [0.8:130000]
set yrange [8000:300000]
set xtics ("1" 1, "10" 10, "100" 100, "1,000" 1000, "10,000" 10000, "100,000" 100000)
set ytics ("10,000" 10000, "20,000" 20000, "50,000" 50000, "100,000" 100000, "200,000" 200000)
set grid y lc rgb "#e5e5e5"
set key top left reverse Left samplen 2
plot {curves}
"""

ESTABLISHED = """\
unset logscale
unset key
set title "Every later packet, {services} services"
unset xlabel
set border 2
set xrange [0:{most}]
set yrange [-0.6:{rows}]
unset grid
unset xtics
set ytics scale 0 ({ticks})
set style fill solid
plot $established using (0):1:(0):2:($1-0.35):($1+0.35):3 with boxxyerror lc rgb variable, \\
	'' using 2:1:4 with labels left offset 0.5,0
unset multiplot
"""

TERMINALS = (("svg", "svg size 1000,440 enhanced background rgb 'white' font 'sans,12'"),
             ("png", "pngcairo size 1500,660 font 'sans,17'"))


def chosen(results, kernel, row):
    return [r for r in results if r["row"] == row and r["kernel"] == kernel and
            all(r[k] == v for k, v in BASE.items())]


def curves(results, kernel):
    """Data blocks, and the plot command's words."""
    blocks, words = [], []
    for i, (row, name, colour) in enumerate(LINES):
        points = chosen(results, kernel, row)
        if not points:
            continue
        blocks.append(f"$new{i} << END\n" + "".join(
            f"{r['services']} {r['new']}\n" for r in points) + "END\n")
        words.append(f"$new{i} using 1:2 with linespoints lw 3 pt 7 ps 0.6 lc rgb '{colour}' "
                     f"title '{name}'")
    return blocks, words


def columns(results, kernel):
    """The costs, from the top of the picture down: name, colour, instructions."""
    rows = []
    for row, name, colour in BARS:
        found = [r for r in chosen(results, kernel, row) if r["services"] in (0, SERVICES)]
        if found:
            rows.append((name, colour, found[0]["established"]))
    return rows[::-1]


def established(rows):
    block = "".join(f"{i} {value} {int(colour[1:], 16)} {value:,}\n"
                    for i, (_, colour, value) in enumerate(rows))
    ticks = ", ".join(f"'{name}' {i}" for i, (name, _, _) in enumerate(rows))
    most = 1.2 * max(value for _, _, value in rows)
    return "$established << END\n" + block + "END\n" + ESTABLISHED.format(
        services=f"{SERVICES:,}", ticks=ticks, most=most, rows=len(rows) - 0.4)


def script(results, kernel, terminal, output):
    blocks, words = curves(results, kernel)
    return ("".join(blocks) + HEAD.format(terminal=terminal, output=output, kernel=kernel) +
            NEW.format(curves=", ".join(words)) + established(columns(results, kernel)))


def plot(results, folder):
    """The newest kernel that has enough to show; without one, no plot."""
    kernels = sorted({r["kernel"] for r in results},
                     key=lambda k: [int(n) for n in k.split(".") if n.isdigit()])
    kernels = [k for k in kernels if curves(results, k)[1] and columns(results, k)]
    if not kernels:
        return
    for kind, terminal in TERMINALS:
        output = os.path.join(folder, "plot." + kind)
        subprocess.run(["gnuplot"], input=script(results, kernels[-1], terminal, output),
                       text=True, check=True)
