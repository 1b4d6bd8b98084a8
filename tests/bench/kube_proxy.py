#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
kube-proxy's own rules for the benchmark: the recordings in tests/fixtures/kube-proxy, cut
to so many services, for a protocol and a family.

	kube_proxy.py MODE SERVICES PROTO FAMILY FOLDER

MODE: nftables, iptables or ipvs. FOLDER gets what the guest loads: rules.nft; or
rules.iptables; or these and ipvs.services, ipvs.sets, ipvs.addresses; and target, the
frontend to send to, which is the middle one of the rules. Exit code 3: there is no
recording of so many.

A recording is of TCP and IPv4. PROTO udp puts the one word in the place of the other.
FAMILY 6 puts IPv6 addresses in the place of the others, in the form that kube-proxy gives
to services of IPv6.
"""
import glob
import os
import re
import subprocess
import sys

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fixtures/kube-proxy")
ADDR = re.compile(r"\b(\d+)\.(\d+)\.(\d+)\.(\d+)(?:/(\d+))?(?::(\d+))?")
VIP = re.compile(r"\b10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+\b(?!/1[0-9])")
KEEP = "10.96.0.1"  # kubernetes, which is always there


def recordings(mode):
    """{services: file}"""
    found = {}
    for path in glob.glob(os.path.join(FIXTURES, mode + "-*.txt*")):
        number = re.search(r"-(\d+)\.txt", path)
        if number:
            found[int(number.group(1))] = path
    return found


def read_recording(mode, services):
    have = recordings(mode)
    big_enough = [n for n in have if n >= services]
    if not big_enough:
        sys.stderr.write(f"kube-proxy {mode} was recorded with up to {max(have)} services\n")
        sys.exit(3)
    path = have[min(big_enough)]
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True,
                              text=True).stdout
    with open(path, encoding="ascii") as f:
        return f.read()


# ---- so many services


def vips(text, pattern):
    """The services' addresses in the order of the rules, without kubernetes'."""
    return [a for a in re.findall(pattern, text, re.M) if a != KEEP]


def cut_nftables(text, keep):
    def elements(match):
        kept = [e for e in re.split(r",\s*", match.group(2).strip())
                if VIP.search(e) is None or VIP.search(e).group() in keep]
        return match.group(1) + ", ".join(kept) + " }"

    chains = set(re.findall(r"goto (service-\S+/svc-\S+?)[, ]", text))
    text = re.sub(r"(elements = \{ )([^}]*?) \}", elements, text)
    gone = chains - set(re.findall(r"goto (service-\S+/svc-\S+?)[, ]", text))
    return re.sub(r"\tchain (\S+) \{\n(?:\t\t.*\n)*\t\}\n\n?",
                  lambda m: "" if m.group(1) in gone else m.group(), text)


def cut_iptables(text, keep):
    services = {m.group(2): m.group(1) for m in re.finditer(
        r"-A KUBE-SERVICES -d (\S+)/32 .*--comment \"(\S+) cluster IP\"", text)}
    gone = {name for name, vip in services.items() if vip not in keep | {KEEP}}
    lines = [l for l in text.splitlines()
             if not (m := re.search(r'--comment "([^ "]+)', l)) or m.group(1) not in gone]
    used = {c for l in lines if l.startswith("-A") for c in re.findall(r"KUBE-S\w\w-\w+", l)}
    return "\n".join(l for l in lines if not l.startswith(":KUBE-S") or
                     not (m := re.match(r":(KUBE-S(?:EP|VC)-\S+)", l)) or
                     m.group(1) in used) + "\n"


def cut_ipvs(text, keep):
    return "\n".join(l for l in text.splitlines()
                     if not (m := VIP.search(l)) or m.group() in keep | {KEEP}) + "\n"


# ---- protocol and family


def to_udp(text):
    text = re.sub(r"(\. )tcp( \.)|(meta l4proto )tcp( dnat)",
                  lambda m: (m.group(1) or m.group(3)) + "udp" + (m.group(2) or m.group(4)), text)
    text = re.sub(r"(-[pm]) tcp\b", r"\1 udp", text)
    text = re.sub(r"^(-[Aa]) -t ", r"\1 -u ", text, flags=re.M)
    return re.sub(r"^(add \S+ \S+),tcp:", r"\1,udp:", text, flags=re.M)


class SixthFamily:
    """IPv6 for IPv4: networks as kube-proxy had them, addresses numbered."""

    NETWORKS = {"10.244.0.0/16": "fd00:10:244::/48", "10.96.0.0/12": "fd00:10:96::/112"}

    def __init__(self):
        self.services = {}

    def address(self, text):
        a, b, c, d = (int(n) for n in text.split("."))
        if (a, b) in ((10, 244), (10, 245)):
            return f"fd00:10:{b}::{c << 8 | d:x}"
        if a == 10:
            return f"fd00:10:96::{self.services.setdefault(text, len(self.services) + 1):x}"
        return "fd00:56::150"

    def put(self, match):
        text = match.group()
        if text in self.NETWORKS:
            return self.NETWORKS[text]
        a = self.address(".".join(match.groups()[:4]))
        if match.group(5):
            return a + "/128"
        return f"[{a}]:{match.group(6)}" if match.group(6) else a

    def turn(self, text):
        return ADDR.sub(self.put, text)


def nftables_six(text, six):
    """The table of IPv4 becomes the one of IPv6, in whose place nothing is lost."""
    text = six.turn(text[:text.index("\ntable ip6 ") + 1])
    for old, new in (("table ip ", "table ip6 "), ("ipv4_addr", "ipv6_addr"),
                     ("ip daddr", "ip6 daddr"), ("ip saddr", "ip6 saddr"),
                     ("dnat ip to", "dnat ip6 to")):
        text = text.replace(old, new)
    return text


def iptables_six(text, six):
    """The rule against martians of 127.0.0.0/8 is of IPv4 alone."""
    return "\n".join(six.turn(l) for l in text.splitlines() if "127.0.0.0/8" not in l) + "\n"


# ---- IPVS: sections


def sections(text):
    parts = re.split(r"^# (ipvsadm -Sn|ipset save|ip -4 -o addr show kube-ipvs0|iptables-save"
                     r"|ip6tables-save)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def ipvs_files(text, proto, family):
    six = SixthFamily() if family == 6 else None
    part = sections(to_udp(text) if proto == "udp" else text)
    services, sets = part["ipvsadm -Sn"], part["ipset save"]
    addresses = re.findall(r"inet (\S+)/32", part["ip -4 -o addr show kube-ipvs0"])
    rules = part["iptables-save"]
    if six:
        services = six.turn(services)
        sets = re.sub(r"^add KUBE-(\S+) (\S+)", lambda m: f"add KUBE-6-{m[1]} {six.turn(m[2])}",
                      sets, flags=re.M)
        # those of IPv6 are made last
        sets = "".join(sorted(sets.splitlines(True), key=lambda l: l.startswith("add")))
        addresses = [six.turn(a) for a in addresses]
        rules = ipvs_rules_six(part, six)
    add = "".join(f"addr add {a}/{128 if six else 32} dev kube-ipvs0{' nodad' if six else ''}\n"
                  for a in addresses)
    return {"ipvs.services": services, "ipvs.sets": sets, "ipvs.addresses": add,
            "rules.iptables": rules}


def ipvs_rules_six(part, six):
    """The recorded ones are of no service. With some there are two more, those of IPv4."""
    masquerade, accept = (six.turn(l).replace("KUBE-CLUSTER", "KUBE-6-CLUSTER") for l in re.findall(
        r"^-A KUBE-SERVICES .*KUBE-CLUSTER-IP dst,dst -j .*\n", part["iptables-save"], re.M))
    before = r"^-A KUBE-SERVICES -m addrtype --dst-type LOCAL .*\n"
    return re.sub(before, lambda m: masquerade + m.group() + accept, part["ip6tables-save"],
                  flags=re.M)


# ---- all of it

ORDER = {
    "nftables": r"^\s+(?:elements = \{ )?(\S+) \. tcp \. \d+ : goto service-",
    "iptables": r"^-A KUBE-SERVICES -d (\S+)/32 ",
    "ipvs": r"^-A -t (\S+):\d+",
}
CUT = {"nftables": cut_nftables, "iptables": cut_iptables, "ipvs": cut_ipvs}


def make(mode, services, proto, family):
    """{name: content}"""
    text = read_recording(mode, services)
    every = vips(text, ORDER[mode])
    keep = every[:services]
    if services < len(every):
        text = CUT[mode](text, set(keep) | {KEEP})
    if mode == "ipvs":
        files = ipvs_files(text, proto, family)
    else:
        text = to_udp(text) if proto == "udp" else text
        name = "rules.nft" if mode == "nftables" else "rules.iptables"
        six = {"nftables": nftables_six, "iptables": iptables_six}[mode]
        files = {name: six(text, SixthFamily()) if family == 6 else text}
    # where IPv6 has the service: numbered in the order of the text
    middle = keep[len(keep) // 2]
    files["target"] = (target_six(text, middle) if family == 6 else middle) + "\n"
    return files


def target_six(text, vip):
    six = SixthFamily()
    six.turn(text)
    return six.address(vip)


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    mode, services, proto, family, folder = sys.argv[1:]
    files = make(mode, int(services), proto, int(family))
    os.makedirs(folder, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as f:
            f.write(content)


if __name__ == "__main__":
    main()
