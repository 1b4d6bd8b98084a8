// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of one set of objects, by the sections of the Kubernetes DNS-based service
 * discovery 1.1.0, and beyond.
 */
#include "dns_zone_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

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
	      NAMED("10.244.2.1", "db-0") "," NAMED("10.244.2.2", "db-1") ","
	      UNREADY("10.244.2.9")),
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

	/* For another proxy: names it has all the same. */
	"{'metadata': {'namespace': 'ns', 'name': 'foreign', 'labels': {"
	"'service.kubernetes.io/service-proxy-name': 'x'}}, 'spec': {'clusterIP': '10.96.0.5'}}",
	"{'metadata': {'namespace': 'ns', 'name': 'foreign-1', 'labels': {"
	"'kubernetes.io/service-name': 'foreign', 'service.kubernetes.io/headless': ''}},"
	" 'addressType': 'IPv4', 'endpoints': [" EP("10.244.5.5") "]}",

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
	{ "for another proxy", SVC("foreign.ns"), "A",
	  "answer\n" SVC("foreign.ns") " A 10.96.0.5" },
	{ "for another proxy, an endpoint", SVC("10-244-5-5.foreign.ns"), "A",
	  "answer\n" SVC("10-244-5-5.foreign.ns") " A 10.244.5.5" },
	{ "case", "WEB.Ns.sVc.CLUSTER.local", "A",
	  "answer\nWEB.Ns.sVc.CLUSTER.local. A 10.96.0.1" },

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
	{ "reverse, of nobody", "3.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
	{ "reverse, of nobody, IPv6",
	  "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa", "PTR",
	  "nxdomain\n! 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa." },
	{ "reverse, part of an address", "0.96.10.in-addr.arpa", "PTR",
	  "nodata\n! 96.10.in-addr.arpa." },
	{ "reverse, no address", "x.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
