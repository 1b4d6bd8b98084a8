// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of one set of objects, by the sections of the Kubernetes DNS-based service
 * discovery 1.1.0, and beyond.
 */
#include "dns_zone_help.h"
#include "err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define META(ns, name)	"'metadata': {'namespace': '" ns "', 'name': '" name "'}"
#define SERVICE(ns, name, spec)	"{" META(ns, name) ", 'spec': {" spec "}}"
#define SLICE(ns, name, service, type, ports, endpoints) \
	"{'metadata': {'namespace': '" ns "', 'name': '" name "', 'labels': {" \
	"'kubernetes.io/service-name': '" service "'}}, 'addressType': '" type "'," \
	" 'ports': [" ports "], 'endpoints': [" endpoints "]}"
#define PORT(name, n)	"{'name': '" name "', 'protocol': 'TCP', 'port': " #n "}"
#define UDP(name, n)	"{'name': '" name "', 'protocol': 'UDP', 'port': " #n "}"
#define EP(ip)		"{'addresses': ['" ip "']}"
#define NAMED(ip, host)	"{'addresses': ['" ip "'], 'hostname': '" host "'}"
#define UNREADY(ip)	"{'addresses': ['" ip "'], 'conditions': {'ready': false}}"

static const char *const objects[] = {
	SERVICE("ns", "web", "'clusterIP': '10.96.0.1', 'clusterIPs': ['10.96.0.1', 'fd00:96::1'],"
		"'ports': [" PORT("http", 80) "," PORT("https", 443) "," UDP("http", 80) "]"),
	SLICE("ns", "web-1", "web", "IPv4", PORT("http", 8080),
	      NAMED("10.244.1.1", "a") "," EP("10.244.1.2") "," UNREADY("10.244.1.3")),

	/* One port, without a name; of one family; type and protocol left out. */
	SERVICE("ns", "plain", "'type': 'NodePort', 'clusterIP': '10.96.0.2',"
		"'ports': [{'port': 70, 'nodePort': 30070}]"),
	SERVICE("ns", "six", "'clusterIPs': ['fd00:96::6'], 'ports': ["
		"{'name': 'sctp', 'protocol': 'SCTP', 'port': 9}]"),

	SERVICE("ns", "db", "'clusterIP': 'None', 'clusterIPs': ['None'], 'ports': ["
		PORT("sql", 5432) "]"),
	SLICE("ns", "db-1", "db", "IPv4", PORT("sql", 5432) "," UDP("gossip", 7000),
	      NAMED("10.244.2.1", "db-0") "," NAMED("10.244.2.2", "db-1") "," UNREADY("10.244.2.9")),
	SLICE("ns", "db-2", "db", "IPv6", PORT("sql", 5432) "," UDP("gossip", 7000),
	      NAMED("fd00:244::21", "db-0")),

	/* The same hostname twice; addresses for hostnames; two slices with one endpoint. */
	SERVICE("ns", "peers", "'clusterIP': 'None'"),
	SLICE("ns", "peers-1", "peers", "IPv4", PORT("p", 1),
	      NAMED("10.244.3.1", "dup") "," NAMED("10.244.3.2", "dup") "," EP("10.244.3.3")),
	SLICE("ns", "peers-2", "peers", "IPv4", PORT("p", 2), EP("10.244.3.3")),
	SLICE("ns", "peers-3", "peers", "IPv6", PORT("p", 1), EP("fd00:244::3")),

	/* No ports at all; a port without a name; no ready endpoint; none; published anyway. */
	SERVICE("ns", "portless", "'clusterIP': 'None'"),
	SLICE("ns", "portless-1", "portless", "IPv4", "", EP("10.244.4.1")),
	SERVICE("ns", "unnamed", "'clusterIP': 'None', 'ports': [" PORT("", 80) "]"),
	SLICE("ns", "unnamed-1", "unnamed", "IPv4", PORT("", 8080), EP("10.244.4.2")),
	SERVICE("ns", "dead", "'clusterIP': 'None', 'ports': [" PORT("http", 80) "]"),
	SLICE("ns", "dead-1", "dead", "IPv4", PORT("http", 80), UNREADY("10.244.5.1")),
	SERVICE("quiet", "none", "'clusterIP': 'None'"),
	SERVICE("ns", "eager", "'clusterIP': 'None', 'publishNotReadyAddresses': true"),
	SLICE("ns", "eager-1", "eager", "IPv4", PORT("p", 1), UNREADY("10.244.6.1")),
	"{'metadata': {'namespace': 'ns', 'name': 'tolerant', 'annotations': {"
	"'service.alpha.kubernetes.io/tolerate-unready-endpoints': 'true'}},"
	" 'spec': {'clusterIP': 'None'}}",
	SLICE("ns", "tolerant-1", "tolerant", "IPv4", "", UNREADY("10.244.6.2")),

	/* A pod behind two headless Services and one with a ClusterIP. */
	SERVICE("other", "one", "'clusterIP': 'None'"),
	SLICE("other", "one-1", "one", "IPv4", "", NAMED("10.244.7.1", "pod")),
	SERVICE("other", "two", "'clusterIP': 'None'"),
	SLICE("other", "two-1", "two", "IPv4", "", EP("10.244.7.1")),
	SERVICE("other", "front", "'clusterIP': '10.96.7.7', 'ports': [" PORT("http", 80) "]"),
	SLICE("other", "front-1", "front", "IPv4", PORT("http", 80), EP("10.244.7.1")),

	SERVICE("ext", "away", "'type': 'ExternalName', 'externalName': 'www.example.com'"),
	SERVICE("ext", "dot", "'type': 'ExternalName', 'externalName': 'example.org.'"),
	SERVICE("ext", "in", "'type': 'ExternalName',"
		"'externalName': 'web.ns.svc.cluster.local', 'ports': [" PORT("http", 80) "]"),
	SERVICE("ext", "twice", "'type': 'ExternalName',"
		"'externalName': 'away.ext.svc.cluster.local.'"),
	SERVICE("ext", "lost", "'type': 'ExternalName',"
		"'externalName': 'gone.ns.svc.cluster.local'"),
	SERVICE("ext", "ring-a", "'type': 'ExternalName',"
		"'externalName': 'ring-b.ext.svc.cluster.local'"),
	SERVICE("ext", "ring-b", "'type': 'ExternalName',"
		"'externalName': 'ring-a.ext.svc.cluster.local'"),
	SERVICE("ext", "self", "'type': 'ExternalName',"
		"'externalName': 'self.ext.svc.cluster.local'"),
	SERVICE("ext", "number", "'type': 'ExternalName', 'externalName': '192.0.2.1'"),
	SERVICE("ext", "bad", "'type': 'ExternalName', 'externalName': 'a..b'"),
	SLICE("ext", "away-1", "away", "IPv4", "", EP("10.244.8.1")),

	/* Not to be used: an API server would refuse them, or they are for nobody. */
	SERVICE("ns", "pending", "'clusterIP': '', 'ports': [" PORT("http", 80) "]"),
	SLICE("ns", "db-3", "db", "FQDN", PORT("sql", 5432), EP("example.com")),
	SLICE("ns", "db-4", "db", "IPv4", PORT("sql", 5432), EP("fd00::1") "," EP("127.0.0.1")
	      "," EP("nonsense") ", {'addresses': []}, {}"),
	SLICE("ns", "db-5", "db", "IPv6", PORT("sql", 0) ", {'name': 'x', 'protocol': 'X',"
	      "'port': 5}", EP("fd00:244::25")),
	SLICE("ns", "orphan-1", "orphan", "IPv4", PORT("sql", 1), NAMED("10.244.9.1", "o")),
	"{'metadata': {'name': 'stray'}, 'addressType': 'IPv4', 'endpoints': []}",
	SERVICE("ns", "Bad.Name", "'clusterIP': '10.96.9.9'"),
	"{}",
};

struct example {
	const char *what, *name, *type, *expected;
};

#define SVC(name)	name ".svc.cluster.local."
#define NODATA		"nodata\n! cluster.local."
#define NXDOMAIN	"nxdomain\n! cluster.local."

static const struct example examples[] = {
	/* 2.2 */
	{ "the version of the schema", "dns-version.cluster.local", "TXT",
	  "answer\ndns-version.cluster.local. TXT \"1.1.0\"" },
	{ "the version has no address", "dns-version.cluster.local", "A", NODATA },
	{ "nothing below the version", "a.dns-version.cluster.local", "TXT", NXDOMAIN },

	/* 2.3.1 */
	{ "a ClusterIP", SVC("web.ns"), "A", "answer\n" SVC("web.ns") " A 10.96.0.1" },
	{ "of both families", SVC("web.ns"), "AAAA", "answer\n" SVC("web.ns") " AAAA fd00:96::1" },
	{ "one family only", SVC("plain.ns"), "A", "answer\n" SVC("plain.ns") " A 10.96.0.2" },
	{ "not of the other one", SVC("plain.ns"), "AAAA", NODATA },
	{ "IPv6 only", SVC("six.ns"), "AAAA", "answer\n" SVC("six.ns") " AAAA fd00:96::6" },
	{ "no IPv4", SVC("six.ns"), "A", NODATA },
	{ "no alias", SVC("web.ns"), "CNAME", NODATA },
	{ "other types", SVC("web.ns"), "MX", NODATA },
	{ "other types", SVC("web.ns"), "HTTPS", NODATA },
	{ "no start of a zone", SVC("web.ns"), "SOA", NODATA },
	{ "no Service", SVC("gone.ns"), "A", NXDOMAIN },
	{ "no Service, another type", SVC("gone.ns"), "SRV", NXDOMAIN },
	{ "no namespace", SVC("web.gone"), "A", NXDOMAIN },
	{ "without an address yet", SVC("pending.ns"), "A", NXDOMAIN },
	{ "case", "WEB.Ns.sVc.CLUSTER.local", "A", "answer\nWEB.Ns.sVc.CLUSTER.local. A 10.96.0.1" },

	/* 2.3.2 */
	{ "a named port", SVC("_http._tcp.web.ns"), "SRV",
	  "answer\n" SVC("_http._tcp.web.ns") " SRV 0 100 80 " SVC("web.ns") "\n"
	  "+ " SVC("web.ns") " A 10.96.0.1\n+ " SVC("web.ns") " AAAA fd00:96::1" },
	{ "case of ports", "_HTTPS._Tcp.web.ns.svc.cluster.local", "SRV",
	  "answer\n_HTTPS._Tcp.web.ns.svc.cluster.local. SRV 0 100 443 " SVC("web.ns") "\n"
	  "+ " SVC("web.ns") " A 10.96.0.1\n+ " SVC("web.ns") " AAAA fd00:96::1" },
	{ "of another protocol", SVC("_http._udp.web.ns"), "SRV",
	  "answer\n" SVC("_http._udp.web.ns") " SRV 0 100 80 " SVC("web.ns") "\n"
	  "+ " SVC("web.ns") " A 10.96.0.1\n+ " SVC("web.ns") " AAAA fd00:96::1" },
	{ "SCTP", SVC("_sctp._sctp.six.ns"), "SRV",
	  "answer\n" SVC("_sctp._sctp.six.ns") " SRV 0 100 9 " SVC("six.ns") "\n"
	  "+ " SVC("six.ns") " AAAA fd00:96::6" },
	{ "a port has no address", SVC("_http._tcp.web.ns"), "A", NODATA },
	{ "no such port", SVC("_smtp._tcp.web.ns"), "SRV", NXDOMAIN },
	{ "not of this protocol", SVC("_https._udp.web.ns"), "SRV", NXDOMAIN },
	{ "no such protocol", SVC("_http._ip.web.ns"), "SRV", NXDOMAIN },
	{ "without underscores", SVC("http.tcp.web.ns"), "SRV", NXDOMAIN },
	{ "a protocol that ports have", SVC("_udp.web.ns"), "SRV", NODATA },
	{ "a protocol that none has", SVC("_sctp.web.ns"), "SRV", NXDOMAIN },
	{ "a port without a name", SVC("_tcp.plain.ns"), "SRV", NXDOMAIN },
	{ "a port without a name, asked", SVC("_._tcp.plain.ns"), "SRV", NXDOMAIN },
	{ "below a port", SVC("a._http._tcp.web.ns"), "SRV", NXDOMAIN },

	/* Beyond: all ports, as of CoreDNS. */
	{ "all ports; equal ones once", SVC("web.ns"), "SRV",
	  "answer\n" SVC("web.ns") " SRV 0 100 443 " SVC("web.ns") "\n"
	  SVC("web.ns") " SRV 0 100 80 " SVC("web.ns") "\n"
	  "+ " SVC("web.ns") " A 10.96.0.1\n+ " SVC("web.ns") " AAAA fd00:96::1" },
	{ "all ports, without a name, too", SVC("plain.ns"), "SRV",
	  "answer\n" SVC("plain.ns") " SRV 0 100 70 " SVC("plain.ns") "\n"
	  "+ " SVC("plain.ns") " A 10.96.0.2" },

	/* 2.3.3 */
	{ "reverse", "1.0.96.10.in-addr.arpa", "PTR",
	  "answer\n1.0.96.10.in-addr.arpa. PTR " SVC("web.ns") },
	{ "reverse, IPv6",
	  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa", "PTR",
	  "answer\n1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa. PTR "
	  SVC("web.ns") },
	{ "reverse, case", "1.0.96.10.IN-ADDR.Arpa", "PTR",
	  "answer\n1.0.96.10.IN-ADDR.Arpa. PTR " SVC("web.ns") },
	{ "reverse, another type", "1.0.96.10.in-addr.arpa", "A", "nodata\n! 96.10.in-addr.arpa." },
	{ "reverse, of nobody", "3.0.96.10.in-addr.arpa", "PTR", "nxdomain\n! 96.10.in-addr.arpa." },
	{ "reverse, of nobody, IPv6",
	  "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa", "PTR",
	  "nxdomain\n! 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa." },
	{ "reverse, part of an address", "0.96.10.in-addr.arpa", "PTR",
	  "nodata\n! 96.10.in-addr.arpa." },
	{ "reverse, no address", "x.0.96.10.in-addr.arpa", "PTR", "nxdomain\n! 96.10.in-addr.arpa." },
	{ "reverse, no number", "256.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
	{ "reverse, not as it is written", "01.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
	{ "reverse, below an address", "1.1.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
	{ "reverse, the zone's server", "96.10.in-addr.arpa", "NS",
	  "answer\n96.10.in-addr.arpa. NS ns.dns.cluster.local.\n"
	  "+ ns.dns.cluster.local. A 10.96.0.10\n+ ns.dns.cluster.local. AAAA fd00:96::a" },
	{ "reverse, the zone, no address", "96.10.in-addr.arpa", "PTR",
	  "nodata\n! 96.10.in-addr.arpa." },
	{ "reverse, above the zone", "10.in-addr.arpa", "SOA", "not ours" },
	{ "reverse, elsewhere", "1.0.97.10.in-addr.arpa", "PTR", "not ours" },
	{ "reverse, all of it", "in-addr.arpa", "NS", "not ours" },
	{ "another domain of arpa", "1.0.96.10.e164.arpa", "PTR", "not ours" },

	/* 2.4.1 */
	{ "headless: ready endpoints", SVC("db.ns"), "A",
	  "answer\n" SVC("db.ns") " A 10.244.2.1\n" SVC("db.ns") " A 10.244.2.2" },
	{ "headless: IPv6", SVC("db.ns"), "AAAA",
	  "answer\n" SVC("db.ns") " AAAA fd00:244::21\n" SVC("db.ns") " AAAA fd00:244::25" },
	{ "a hostname", SVC("db-0.db.ns"), "A", "answer\n" SVC("db-0.db.ns") " A 10.244.2.1" },
	{ "a hostname, IPv6", SVC("db-0.db.ns"), "AAAA",
	  "answer\n" SVC("db-0.db.ns") " AAAA fd00:244::21" },
	{ "a hostname of one family", SVC("db-1.db.ns"), "AAAA", NODATA },
	{ "a hostname's case", "DB-0.db.ns.svc.cluster.local", "A",
	  "answer\nDB-0.db.ns.svc.cluster.local. A 10.244.2.1" },
	{ "who has a hostname is not called by the address", SVC("10-244-2-1.db.ns"), "A",
	  NXDOMAIN },
	{ "no such endpoint", SVC("db-2.db.ns"), "A", NXDOMAIN },
	{ "not a ready one", SVC("10-244-2-9.db.ns"), "A", NXDOMAIN },
	{ "below an endpoint", SVC("a.db-0.db.ns"), "A", NXDOMAIN },
	{ "one hostname, several addresses", SVC("dup.peers.ns"), "A",
	  "answer\n" SVC("dup.peers.ns") " A 10.244.3.1\n" SVC("dup.peers.ns") " A 10.244.3.2" },
	{ "an address for a name", SVC("10-244-3-3.peers.ns"), "A",
	  "answer\n" SVC("10-244-3-3.peers.ns") " A 10.244.3.3" },
	{ "an address for a name, IPv6", SVC("fd00-244--3.peers.ns"), "AAAA",
	  "answer\n" SVC("fd00-244--3.peers.ns") " AAAA fd00:244::3" },
	{ "in two slices once", SVC("peers.ns"), "A",
	  "answer\n" SVC("peers.ns") " A 10.244.3.1\n" SVC("peers.ns") " A 10.244.3.2\n"
	  SVC("peers.ns") " A 10.244.3.3" },
	{ "no ports, and yet an address", SVC("portless.ns"), "A",
	  "answer\n" SVC("portless.ns") " A 10.244.4.1" },
	{ "headless with IPv4 only", SVC("portless.ns"), "AAAA", NODATA },
	{ "nobody ready", SVC("dead.ns"), "A", NXDOMAIN },
	{ "nobody ready, IPv6", SVC("dead.ns"), "AAAA", NXDOMAIN },
	{ "nobody ready, an endpoint", SVC("10-244-5-1.dead.ns"), "A", NXDOMAIN },
	{ "nobody at all", SVC("none.quiet"), "A", NXDOMAIN },
	{ "nobody, and yet its namespace", "quiet.svc.cluster.local", "A", NODATA },
	{ "who is not ready is published", SVC("eager.ns"), "A",
	  "answer\n" SVC("eager.ns") " A 10.244.6.1" },
	{ "who is not ready is tolerated", SVC("tolerant.ns"), "A",
	  "answer\n" SVC("tolerant.ns") " A 10.244.6.2" },
	{ "slices of no Service", SVC("orphan.ns"), "A", NXDOMAIN },
	{ "endpoints of no Service", SVC("o.orphan.ns"), "A", NXDOMAIN },

	/* 2.4.2 */
	{ "headless: each endpoint; of both families once", SVC("_sql._tcp.db.ns"), "SRV",
	  "answer\n" SVC("_sql._tcp.db.ns") " SRV 0 100 5432 " SVC("db-0.db.ns") "\n"
	  SVC("_sql._tcp.db.ns") " SRV 0 100 5432 " SVC("db-1.db.ns") "\n"
	  "+ " SVC("db-0.db.ns") " A 10.244.2.1\n+ " SVC("db-0.db.ns") " AAAA fd00:244::21\n"
	  "+ " SVC("db-1.db.ns") " A 10.244.2.2" },
	{ "headless: a port of the slices", SVC("_gossip._udp.db.ns"), "SRV",
	  "answer\n" SVC("_gossip._udp.db.ns") " SRV 0 100 7000 " SVC("db-0.db.ns") "\n"
	  SVC("_gossip._udp.db.ns") " SRV 0 100 7000 " SVC("db-1.db.ns") "\n"
	  "+ " SVC("db-0.db.ns") " A 10.244.2.1\n+ " SVC("db-0.db.ns") " AAAA fd00:244::21\n"
	  "+ " SVC("db-1.db.ns") " A 10.244.2.2" },
	{ "headless: a port of several numbers", SVC("_p._tcp.peers.ns"), "SRV",
	  "answer\n" SVC("_p._tcp.peers.ns") " SRV 0 100 1 " SVC("10-244-3-3.peers.ns") "\n"
	  SVC("_p._tcp.peers.ns") " SRV 0 100 1 " SVC("dup.peers.ns") "\n"
	  SVC("_p._tcp.peers.ns") " SRV 0 100 1 " SVC("fd00-244--3.peers.ns") "\n"
	  SVC("_p._tcp.peers.ns") " SRV 0 100 2 " SVC("10-244-3-3.peers.ns") "\n"
	  "+ " SVC("10-244-3-3.peers.ns") " A 10.244.3.3\n"
	  "+ " SVC("dup.peers.ns") " A 10.244.3.1\n+ " SVC("dup.peers.ns") " A 10.244.3.2\n"
	  "+ " SVC("fd00-244--3.peers.ns") " AAAA fd00:244::3" },
	{ "headless: no such port", SVC("_http._tcp.db.ns"), "SRV", NXDOMAIN },
	{ "headless: a port has no address", SVC("_sql._tcp.db.ns"), "A", NODATA },
	{ "headless: a protocol", SVC("_udp.db.ns"), "SRV", NODATA },
	{ "headless: a protocol that none has", SVC("_udp.peers.ns"), "SRV", NXDOMAIN },
	{ "headless: without a name", SVC("_tcp.unnamed.ns"), "SRV", NXDOMAIN },
	{ "headless: all ports", SVC("unnamed.ns"), "SRV",
	  "answer\n" SVC("unnamed.ns") " SRV 0 100 8080 " SVC("10-244-4-2.unnamed.ns") "\n"
	  "+ " SVC("10-244-4-2.unnamed.ns") " A 10.244.4.2" },
	{ "headless: all of no ports", SVC("portless.ns"), "SRV", NODATA },
	{ "headless: nobody ready", SVC("_http._tcp.dead.ns"), "SRV", NXDOMAIN },
	{ "headless: nobody ready, a protocol", SVC("_tcp.dead.ns"), "SRV", NXDOMAIN },
	{ "an endpoint's ports", SVC("db-1.db.ns"), "SRV",
	  "answer\n" SVC("db-1.db.ns") " SRV 0 100 5432 " SVC("db-1.db.ns") "\n"
	  SVC("db-1.db.ns") " SRV 0 100 7000 " SVC("db-1.db.ns") "\n"
	  "+ " SVC("db-1.db.ns") " A 10.244.2.2" },

	/* 2.4.3 */
	{ "headless: reverse", "1.2.244.10.in-addr.arpa", "PTR",
	  "answer\n1.2.244.10.in-addr.arpa. PTR " SVC("db-0.db.ns") },
	{ "headless: reverse, IPv6",
	  "1.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa", "PTR",
	  "answer\n1.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa. PTR "
	  SVC("db-0.db.ns") },
	{ "reverse of who is in two slices", "3.3.244.10.in-addr.arpa", "PTR",
	  "answer\n3.3.244.10.in-addr.arpa. PTR " SVC("10-244-3-3.peers.ns") },
	{ "reverse of several headless Services", "1.7.244.10.in-addr.arpa", "PTR",
	  "answer\n1.7.244.10.in-addr.arpa. PTR " SVC("10-244-7-1.two.other") "\n"
	  "1.7.244.10.in-addr.arpa. PTR " SVC("pod.one.other") },
	{ "reverse of an endpoint, another type", "1.7.244.10.in-addr.arpa", "TXT",
	  "nodata\n! 1.7.244.10.in-addr.arpa." },
	{ "reverse of who is not ready", "9.2.244.10.in-addr.arpa", "PTR", "not ours" },
	{ "reverse of no Service's endpoint", "1.9.244.10.in-addr.arpa", "PTR", "not ours" },
	{ "reverse of an alias' endpoint", "1.8.244.10.in-addr.arpa", "PTR", "not ours" },

	/* Beyond: endpoints of Services with a ClusterIP, as of CoreDNS. */
	{ "an endpoint of a ClusterIP", SVC("a.web.ns"), "A", "answer\n" SVC("a.web.ns")
	  " A 10.244.1.1" },
	{ "an endpoint of a ClusterIP, by address", SVC("10-244-1-2.web.ns"), "A",
	  "answer\n" SVC("10-244-1-2.web.ns") " A 10.244.1.2" },
	{ "an endpoint of a ClusterIP, its own port", SVC("a.web.ns"), "SRV",
	  "answer\n" SVC("a.web.ns") " SRV 0 100 8080 " SVC("a.web.ns") "\n"
	  "+ " SVC("a.web.ns") " A 10.244.1.1" },
	{ "an endpoint of a ClusterIP, not ready", SVC("10-244-1-3.web.ns"), "A", NXDOMAIN },
	{ "an endpoint of a ClusterIP, reverse", "2.1.244.10.in-addr.arpa", "PTR",
	  "answer\n2.1.244.10.in-addr.arpa. PTR " SVC("10-244-1-2.web.ns") },

	/* 2.5 */
	{ "an alias", SVC("away.ext"), "A",
	  "answer\n" SVC("away.ext") " CNAME www.example.com.\n> www.example.com." },
	{ "an alias of any type", SVC("away.ext"), "TXT",
	  "answer\n" SVC("away.ext") " CNAME www.example.com.\n> www.example.com." },
	{ "an alias itself", SVC("away.ext"), "CNAME",
	  "answer\n" SVC("away.ext") " CNAME www.example.com." },
	{ "an alias with a dot", SVC("dot.ext"), "AAAA",
	  "answer\n" SVC("dot.ext") " CNAME example.org.\n> example.org." },
	{ "an alias of a Service", SVC("in.ext"), "A",
	  "answer\n" SVC("in.ext") " CNAME " SVC("web.ns") "\n" SVC("web.ns") " A 10.96.0.1" },
	{ "an alias of a Service, not of this type", SVC("in.ext"), "MX",
	  "nodata\n" SVC("in.ext") " CNAME " SVC("web.ns") "\n! cluster.local." },
	{ "an alias of an alias", SVC("twice.ext"), "A",
	  "answer\n" SVC("away.ext") " CNAME www.example.com.\n" SVC("twice.ext") " CNAME "
	  SVC("away.ext") "\n> www.example.com." },
	{ "an alias of nothing", SVC("lost.ext"), "A",
	  "nxdomain\n" SVC("lost.ext") " CNAME " SVC("gone.ns") "\n! cluster.local." },
	{ "aliases in a circle", SVC("ring-a.ext"), "A",
	  "answer\n" SVC("ring-a.ext") " CNAME " SVC("ring-b.ext") "\n" SVC("ring-b.ext")
	  " CNAME " SVC("ring-a.ext") },
	{ "an alias of itself", SVC("self.ext"), "A",
	  "answer\n" SVC("self.ext") " CNAME " SVC("self.ext") },
	{ "an alias' case", "AWAY.ext.svc.cluster.local", "CNAME",
	  "answer\nAWAY.ext.svc.cluster.local. CNAME www.example.com." },
	{ "an alias has no ports", SVC("_http._tcp.in.ext"), "SRV", NXDOMAIN },
	{ "an alias has no endpoints", SVC("10-244-8-1.away.ext"), "A", NXDOMAIN },
	{ "an address is no name", SVC("number.ext"), "A", NXDOMAIN },
	{ "nonsense is no name", SVC("bad.ext"), "CNAME", NXDOMAIN },

	/* 2.6 */
	{ "a pod", "10-244-1-10.ns.pod.cluster.local", "A",
	  "answer\n10-244-1-10.ns.pod.cluster.local. A 10.244.1.10" },
	{ "a pod of one family", "10-244-1-10.ns.pod.cluster.local", "AAAA", NODATA },
	{ "a pod, IPv6", "fd00-244--10.ns.pod.cluster.local", "AAAA",
	  "answer\nfd00-244--10.ns.pod.cluster.local. AAAA fd00:244::10" },
	{ "a pod, any namespace", "0-0-0-0.any.pod.cluster.local", "A",
	  "answer\n0-0-0-0.any.pod.cluster.local. A 0.0.0.0" },
	{ "no pod", "web.ns.pod.cluster.local", "A", NXDOMAIN },
	{ "no address", "10-244-1-256.ns.pod.cluster.local", "A", NXDOMAIN },
	{ "too much of an address", "1-10-244-1-10.ns.pod.cluster.local", "A", NXDOMAIN },
	{ "below a pod", "a.10-244-1-10.ns.pod.cluster.local", "A", NXDOMAIN },
	{ "a namespace of pods", "ns.pod.cluster.local", "A", NODATA },
	{ "no namespace of pods", "_ns.pod.cluster.local", "A", NXDOMAIN },
	{ "in no namespace", "10-244-1-10._ns.pod.cluster.local", "A", NXDOMAIN },
	{ "pods", "pod.cluster.local", "A", NODATA },

	/* What is above them all. */
	{ "a namespace", "ns.svc.cluster.local", "A", NODATA },
	{ "no namespace", "gone.svc.cluster.local", "A", NXDOMAIN },
	{ "Services", "svc.cluster.local", "A", NODATA },
	{ "no zone", "svc.cluster.local", "SOA", NODATA },
	{ "no server", "svc.cluster.local", "NS", NODATA },
	{ "a name of nothing", "foo.cluster.local", "A", NXDOMAIN },
	{ "the zone's server", "cluster.local", "NS",
	  "answer\ncluster.local. NS ns.dns.cluster.local.\n"
	  "+ ns.dns.cluster.local. A 10.96.0.10\n+ ns.dns.cluster.local. AAAA fd00:96::a" },
	{ "the zone has no address", "cluster.local", "A", NODATA },
	{ "the server", "ns.dns.cluster.local", "A", "answer\nns.dns.cluster.local. A 10.96.0.10" },
	{ "the server, IPv6", "ns.dns.cluster.local", "AAAA",
	  "answer\nns.dns.cluster.local. AAAA fd00:96::a" },
	{ "the server, another type", "ns.dns.cluster.local", "TXT", NODATA },
	{ "above the server", "dns.cluster.local", "A", NODATA },
	{ "beside the server", "mx.dns.cluster.local", "A", NXDOMAIN },
	{ "below the server", "a.ns.dns.cluster.local", "A", NXDOMAIN },

	/* What others know. */
	{ "another domain", "example.com", "A", "not ours" },
	{ "above the zone", "local", "A", "not ours" },
	{ "a domain that ends like it", "mycluster.local", "A", "not ours" },
	{ "the zone's name elsewhere", "web.ns.svc.cluster.local.example.com", "A", "not ours" },
	{ "the root", ".", "NS", "not ours" },

	/* Search names that are tried on the way: ndots:5. */
	{ "web.ns in ns", SVC("web.ns.ns"), "A", NXDOMAIN },
	{ "web.ns in svc", SVC("web.ns"), "A", "answer\n" SVC("web.ns") " A 10.96.0.1" },
	{ "web.ns in the domain", "web.ns.cluster.local", "A", NXDOMAIN },
	{ "example.com in ns", "example.com.ns.svc.cluster.local", "A", NXDOMAIN },
	{ "example.com in svc", "example.com.svc.cluster.local", "A", NXDOMAIN },
	{ "example.com in the domain", "example.com.cluster.local", "AAAA", NXDOMAIN },
	{ "web.ns.svc in the domain", SVC("web.ns"), "AAAA",
	  "answer\n" SVC("web.ns") " AAAA fd00:96::1" },

	/* Labels that no object has. */
	{ "a wildcard", SVC("*.ns"), "A", NXDOMAIN },
	{ "a wildcard for a namespace", SVC("web.*"), "A", NXDOMAIN },
	{ "a wildcard for a port", SVC("*._tcp.web.ns"), "SRV", NXDOMAIN },
	{ "a wildcard of CoreDNS", SVC("any.ns"), "A", NXDOMAIN },
	{ "a NUL behind a name", SVC("web\\000.ns"), "A", NXDOMAIN },
	{ "a NUL alone", SVC("\\000.ns"), "A", NXDOMAIN },
	{ "a dot in a label", "web\\.ns.svc.cluster.local", "A", NXDOMAIN },
	{ "a slash in a label", SVC("web/x.ns"), "A", NXDOMAIN },
	{ "a slash in a namespace", "ns/web.svc.cluster.local", "A", NXDOMAIN },
	{ "a name of an object that is none", "bad\\.name.ns.svc.cluster.local", "A", NXDOMAIN },
};

static void test_examples(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	const struct example *x;
	size_t i;

	(void)state;
	dns_zone_help_tell_all(z, objects, sizeof(objects) / sizeof(objects[0]));
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		x = &examples[i];
		dns_zone_help_expect(z, x->what, x->name, x->type, x->expected);
	}
	dns_zone_free(z);
}

/* --- the zone itself --- */

static void test_soa(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	static const char *const zones[] = {
		"cluster.local", "96.10.in-addr.arpa",
		"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa",
	};
	char expected[256];
	size_t i, serial;

	(void)state;
	for (serial = 7; serial < 9; serial++) {
		for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
			snprintf(expected, sizeof(expected), "answer\n%s. SOA ns.dns.cluster.local. "
				 "hostmaster.cluster.local. %zu 7200 1800 86400 5", zones[i],
				 serial);
			dns_zone_help_expect(z, "a zone", zones[i], "SOA", expected);
		}
		/* Each change is another one. */
		dns_zone_help_tell(z, objects[0]);
	}
	dns_zone_free(z);
}

static struct dns_reply ask(struct dns_zone *z, const char *name, ldns_rr_type type, size_t room)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	struct dns_reply r;

	assert_int_equal(dns_zone_answer(z, rdf, type, room, &r), 0);
	ldns_rdf_deep_free(rdf);
	return r;
}

static uint32_t ttl_of(const ldns_rr_list *list)
{
	assert_true(ldns_rr_list_rr_count(list) > 0);
	return ldns_rr_ttl(ldns_rr_list_rr(list, 0));
}

/* Of what is there the zone's; of what is not 5 at most. */
static void test_ttl(void **state)
{
	static const uint32_t ttls[][2] = { { 0, 0 }, { 3, 3 }, { 5, 5 }, { 3600, 5 } };
	struct dns_zone_config c = { .domain = "cluster.local" };
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	size_t i;

	(void)state;
	dns_zone_help_tell(z, objects[0]);
	for (i = 0; i < sizeof(ttls) / sizeof(ttls[0]); i++) {
		c.ttl = ttls[i][0];
		assert_int_equal(dns_zone_configure(z, &c, NULL), 0);
		r = ask(z, SVC("_http._tcp.web.ns"), LDNS_RR_TYPE_SRV, 512);
		assert_int_equal(ttl_of(r.answer), ttls[i][0]);
		assert_int_equal(ttl_of(r.additional), ttls[i][0]);
		dns_reply_clear(&r);
		r = ask(z, SVC("gone.ns"), LDNS_RR_TYPE_A, 512);
		assert_int_equal(ttl_of(r.authority), ttls[i][1]);
		assert_int_equal(ldns_rdf2native_int32(ldns_rr_rdf(ldns_rr_list_rr(r.authority, 0),
								   6)), ttls[i][1]);
		dns_reply_clear(&r);
		r = ask(z, "cluster.local", LDNS_RR_TYPE_SOA, 512);
		assert_int_equal(ttl_of(r.answer), ttls[i][0]);
		dns_reply_clear(&r);
	}
	dns_zone_free(z);
}

/* An answer is a message of its own, byte by byte. */
static void test_wire(void **state)
{
	static const uint8_t expected[] = {
		3, 'w', 'e', 'b', 2, 'n', 's', 3, 's', 'v', 'c', 7, 'c', 'l', 'u', 's', 't', 'e',
		'r', 5, 'l', 'o', 'c', 'a', 'l', 0,	/* owner */
		0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 96, 0, 1,
	};
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	uint8_t *wire;
	size_t size;

	(void)state;
	dns_zone_help_tell(z, objects[0]);
	r = ask(z, SVC("web.ns"), LDNS_RR_TYPE_A, 512);
	assert_int_equal(ldns_rr2wire(&wire, ldns_rr_list_rr(r.answer, 0), LDNS_SECTION_ANSWER,
				      &size), LDNS_STATUS_OK);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(wire, expected, size);
	free(wire);
	dns_reply_clear(&r);
	dns_zone_free(z);
}

/* What is no name on the wire is nobody's. */
static void test_no_name(void **state)
{
	static const struct {
		size_t size;
		uint8_t data[12];
	} names[] = {
		{ 0, "" }, { 3, "\3ab" }, { 4, "\3abc" }, { 2, "\300\0" }, { 3, "\100a" },
		{ 7, "\1a\0\1b\0" }, { 4, "\1a\1b" },
	};
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	ldns_rdf *rdf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, names[i].size, names[i].data);
		assert_int_equal(dns_zone_answer(z, rdf, LDNS_RR_TYPE_A, 512, &r), 0);
		assert_int_equal(r.verdict, DNS_NOT_OURS);
		dns_reply_clear(&r);
		ldns_rdf_deep_free(rdf);
	}
	dns_zone_free(z);
}

/* --- the configuration --- */

#define LONG_LABEL	"a23456789012345678901234567890123456789012345678901234567890123"
#define LONGEST		LONG_LABEL ".b234567890123456789012345678901234567890123456789012345.c"

static void test_domains(void **state)
{
	static const struct {
		const char *domain, *error;
	} domains[] = {
		{ "cluster.local", NULL }, { "Cluster.Local.", NULL }, { "k8s", NULL },
		{ LONGEST, NULL },
		{ LONGEST "d", "is longer than 121 characters" },
		{ "", "is not one" }, { ".", "is not one" }, { "a..b", "is not one" },
		{ "cluster.local..", "is not one" }, { "-a", "is not one" },
		{ "a_b", "is not one" }, { "a b", "is not one" },
	};
	struct dns_zone_config c = { .ttl = 5 };
	struct dns_zone *z;
	struct err e;
	size_t i;
	int ret;

	(void)state;
	assert_int_equal(strlen(LONGEST), DNS_DOMAIN_MAX);
	for (i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		c.domain = domains[i].domain;
		e.text[0] = '\0';
		ret = dns_zone_alloc(&z, &c, &e);
		assert_int_equal(ret, domains[i].error ? -EINVAL : 0);
		if (ret)
			assert_non_null(strstr(e.text, domains[i].error));
		else
			dns_zone_free(z);
	}
}

static void test_configure(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	struct ip_cidr cidr = { .prefix = 0 };
	struct dns_zone_config c = { .domain = "K8s.", .ttl = 9 };
	struct err e;

	(void)state;
	dns_zone_help_tell_all(z, objects, sizeof(objects) / sizeof(objects[0]));
	c.domain = "no domain";
	assert_int_equal(dns_zone_configure(z, &c, &e), -EINVAL);
	dns_zone_help_expect(z, "as before", SVC("plain.ns"), "A",
			     "answer\n" SVC("plain.ns") " A 10.96.0.2");
	dns_zone_help_expect(z, "as before", "1.1.96.10.in-addr.arpa", "PTR",
			     "nxdomain\n! 96.10.in-addr.arpa.");
	c.domain = "K8s.";
	assert_int_equal(dns_zone_configure(z, &c, &e), 0);
	dns_zone_help_expect(z, "another domain", "plain.ns.svc.k8s", "A",
			     "answer\nplain.ns.svc.k8s. A 10.96.0.2");
	dns_zone_help_expect(z, "another domain", SVC("plain.ns"), "A", "not ours");
	dns_zone_help_expect(z, "another domain", "2.0.96.10.in-addr.arpa", "PTR",
			     "answer\n2.0.96.10.in-addr.arpa. PTR plain.ns.svc.k8s.");
	dns_zone_help_expect(z, "no range", "1.1.96.10.in-addr.arpa", "PTR", "not ours");
	dns_zone_help_expect(z, "no server", "ns.dns.k8s", "A", "nodata\n! k8s.");
	dns_zone_help_expect(z, "no server", "k8s", "NS", "answer\nk8s. NS ns.dns.k8s.");
	/* An alias of what is not ours any more. */
	dns_zone_help_expect(z, "alias", "in.ext.svc.k8s", "A",
			     "answer\nin.ext.svc.k8s. CNAME " SVC("web.ns") "\n> " SVC("web.ns"));

	/* Ranges that end within a label begin with the next one. */
	assert_int_equal(ip_cidr_parse("10.96.0.0/12", &cidr, &e), 0);
	c.service_cidrs = (struct kcidrs){ &cidr, 1 };
	assert_int_equal(dns_zone_configure(z, &c, &e), 0);
	dns_zone_help_expect(z, "/12", "1.1.111.10.in-addr.arpa", "PTR",
			     "nxdomain\n! 111.10.in-addr.arpa.");
	dns_zone_help_expect(z, "/12", "1.1.112.10.in-addr.arpa", "PTR", "not ours");
	dns_zone_help_expect(z, "/12", "10.in-addr.arpa", "PTR", "not ours");
	assert_int_equal(ip_cidr_parse("0.0.0.0/0", &cidr, &e), 0);
	assert_int_equal(dns_zone_configure(z, &c, &e), 0);
	dns_zone_help_expect(z, "/0", "in-addr.arpa", "PTR", "nodata\n! in-addr.arpa.");
	dns_zone_help_expect(z, "/0", "7.in-addr.arpa", "PTR", "nodata\n! in-addr.arpa.");
	dns_zone_free(z);
}

/* In the longest domain there is room for all Services, and not for all of their endpoints. */
static void test_long_names(void **state)
{
#define LONG_SVC	"{'metadata': {'namespace': '" LONG_LABEL "', 'name': '" LONG_LABEL "'}"
	struct dns_zone *z = dns_zone_help_new();
	const struct dns_zone_config c = { .domain = LONGEST, .ttl = 9 };
	static const char name[] = LONG_LABEL "." LONG_LABEL ".svc." LONGEST;

	(void)state;
	assert_int_equal(dns_zone_configure(z, &c, NULL), 0);
	dns_zone_help_tell(z, LONG_SVC ", 'spec': {'clusterIP': 'None'}}");
	dns_zone_help_tell(z, SLICE(LONG_LABEL, "s", LONG_LABEL, "IPv4", PORT("p", 1),
				    EP("10.244.1.1")));
	dns_zone_help_expect(z, "an address", name, "A",
			     "answer\n" LONG_LABEL "." LONG_LABEL ".svc." LONGEST
			     ". A 10.244.1.1");
	dns_zone_help_expect(z, "no name to lead to", name, "SRV", "nodata\n! " LONGEST ".");
	dns_zone_help_expect(z, "no name to lead to", "1.1.244.10.in-addr.arpa", "PTR",
			     "nodata\n! 1.1.244.10.in-addr.arpa.");
	dns_zone_help_tell(z, LONG_SVC ", 'spec': {'clusterIP': '10.96.0.1'}}");
	dns_zone_help_expect(z, "a name to lead to", "1.0.96.10.in-addr.arpa", "PTR",
			     "answer\n1.0.96.10.in-addr.arpa. PTR " LONG_LABEL "." LONG_LABEL
			     ".svc." LONGEST ".");
	dns_zone_free(z);
}

/* --- room --- */

static void tell_endpoints(struct dns_zone *z, const char *slice, const char *service, int from,
			   int n)
{
	json_t *endpoints = json_array(), *object;
	int i;

	for (i = from; i < from + n; i++)
		json_array_append_new(endpoints, json_pack("{s:[o]}", "addresses",
			json_sprintf("10.%d.%d.%d", 200 + (i >> 16), (i >> 8) & 255, i & 255)));
	object = json_pack("{s:{s:s, s:s, s:{s:s}}, s:s, s:[{s:s, s:i}], s:o}", "metadata",
			   "namespace", "ns", "name", slice, "labels", "kubernetes.io/service-name",
			   service, "addressType", "IPv4", "ports", "name", "p", "port", 1,
			   "endpoints", endpoints);
	assert_int_equal(dns_zone_object(z, PROXY_SLICE, object, false), 0);
	json_decref(object);
}

static void test_room(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	size_t n;

	(void)state;
	dns_zone_help_tell(z, SERVICE("ns", "big", "'clusterIP': 'None'"));
	tell_endpoints(z, "s", "big", 0, 5000);

	/* 16 bytes for each, after the header and the question. */
	r = ask(z, SVC("big.ns"), LDNS_RR_TYPE_A, 1232);
	assert_int_equal(r.verdict, DNS_ANSWERED);
	assert_true(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), (1232 - 16 - 26) / 16);
	dns_reply_clear(&r);
	r = ask(z, SVC("big.ns"), LDNS_RR_TYPE_A, 1000000);
	assert_true(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), (65535 - 16 - 26) / 16);
	dns_reply_clear(&r);
	r = ask(z, SVC("big.ns"), LDNS_RR_TYPE_A, 0);
	assert_int_equal(r.verdict, DNS_ANSWERED);
	assert_true(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), 0);
	dns_reply_clear(&r);

	/* Answers come first; what goes with them gets what is left. */
	r = ask(z, SVC("_p._tcp.big.ns"), LDNS_RR_TYPE_SRV, 512);
	assert_true(r.cut);
	assert_in_range(ldns_rr_list_rr_count(r.answer), 10, 512 / 20);
	assert_int_equal(ldns_rr_list_rr_count(r.additional), 0);
	dns_reply_clear(&r);
	tell_endpoints(z, "s", "big", 0, 20);
	r = ask(z, SVC("_p._tcp.big.ns"), LDNS_RR_TYPE_SRV, 512);
	assert_false(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), 20);
	n = ldns_rr_list_rr_count(r.additional);
	assert_in_range(n, 1, 6);
	dns_reply_clear(&r);
	r = ask(z, SVC("_p._tcp.big.ns"), LDNS_RR_TYPE_SRV, 4096);
	assert_int_equal(ldns_rr_list_rr_count(r.additional), 20);
	dns_reply_clear(&r);
	dns_zone_free(z);
}

/* --- turns --- */

/* Each endpoint is the first of an answer as often, whoever else asks for what. */
static void test_turns(void **state)
{
	static const char *const slices[] = {
		SLICE("ns", "db-1", "db", "IPv4", "", EP("10.244.2.1") "," EP("10.244.2.2")
		      "," EP("10.244.2.3")),
		SLICE("ns", "db-2", "db", "IPv6", "", EP("fd00:244::1") "," EP("fd00:244::2")),
	};
	struct dns_zone *z = dns_zone_help_new();
	size_t v4[3] = { 0 }, v6[2] = { 0 };
	char *first;
	int i;

	(void)state;
	dns_zone_help_tell(z, SERVICE("ns", "db", "'clusterIP': 'None'"));
	dns_zone_help_tell_all(z, slices, 2);
	for (i = 0; i < 6; i++) {
		first = dns_zone_help_first(z, SVC("db.ns"), "A");
		v4[first[strlen(first) - 1] - '1']++;
		free(first);
		first = dns_zone_help_first(z, SVC("db.ns"), "AAAA");
		v6[first[strlen(first) - 1] - '1']++;
		free(first);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(v4[i], 2);
	for (i = 0; i < 2; i++)
		assert_int_equal(v6[i], 3);
	dns_zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples), cmocka_unit_test(test_soa),
		cmocka_unit_test(test_ttl), cmocka_unit_test(test_wire),
		cmocka_unit_test(test_no_name), cmocka_unit_test(test_domains),
		cmocka_unit_test(test_configure), cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_room), cmocka_unit_test(test_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
