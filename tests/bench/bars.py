# SPDX-License-Identifier: GPL-2.0
"""
The bars that svcnat has to reach, each a difference between two rows of one run.

Measured is what svcnat has more than what it is held against (negative: less), or how far
apart figures are, in percent; it holds when it is not above the limit.
"""

BASE = {"family": 4, "proto": "udp", "path": "pre"}


def find(results, row, kernel, services):
    for r in results:
        if (r["row"], r["kernel"], r["services"]) == (row, kernel, services) and \
                all(r[k] == v for k, v in BASE.items()):
            return r
    return None


def difference(results, kernel, what, row, other):
    """row, other: a name and a number of services"""
    a, b = (find(results, name, kernel, services) for name, services in (row, other))
    return a[what] - b[what] if a and b else None


def spread(results, kernel, what, row, sizes):
    found = [r[what] for s in sizes if (r := find(results, row, kernel, s))]
    return 100.0 * (max(found) - min(found)) / min(found) if len(found) == len(sizes) else None


ONE = ("svcnat", 1000)
NAT = ("empty-nat", 0)
NFTABLES = ("kube-proxy-nftables", 1000)

DIFFERENCES = (
    ("first packet of a service, over empty NAT", 400, "new", ONE, NAT),
    ("the same with affinity", 600, "new", ("svcnat-affinity", 1000), NAT),
    ("first packet of a service, over kube-proxy nftables", -4000, "new", ONE, NFTABLES),
    ("first packet of no service's, over empty NAT", 120, "new", ("svcnat-unrelated", 1000), NAT),
    ("established, fast path, over plain forwarding", -1500, "established",
     ("svcnat-fastpath", 1000), ("plain", 0)),
    ("established, over empty NAT", 300, "established", ONE, NAT),
    ("established, over kube-proxy nftables", -2000, "established", ONE, NFTABLES),
)


def bars(results):
    """(text, limit, measured or None)"""
    for kernel in sorted({r["kernel"] for r in results},
                         key=lambda k: [int(n) for n in k.split(".") if n.isdigit()]):
        for text, limit, what, row, other in DIFFERENCES:
            yield f"{kernel}: {text}", limit, difference(results, kernel, what, row, other)
        yield (f"{kernel}: first packet at 1, 1,000, 100,000 services, apart by", 3.0,
               spread(results, kernel, "new", "svcnat", (1, 1000, 100000)))
