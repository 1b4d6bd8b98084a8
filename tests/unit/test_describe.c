// SPDX-License-Identifier: GPL-2.0
#include "describe.h"
#include "epformat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW	1767225600	/* 2026-01-01T00:00:00Z */

static json_t *parse(const char *json)
{
	json_error_t e;
	json_t *value;

	if (!json)
		return NULL;
	value = json_loads(json, 0, &e);
	if (!value)
		fail_msg("%s: %s", json, e.text);
	return value;
}

static void assert_describes(const char *word, const char *object, const char *endpoints,
			     const char *events, const char *expected)
{
	struct describe_about a = { .object = parse(object), .endpoints = parse(endpoints),
				    .events = parse(events), .now = NOW };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(describe_print(f, resource_by_word(word), &a), 0);
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
	json_decref((json_t *)a.object);
	json_decref((json_t *)a.endpoints);
	json_decref((json_t *)a.events);
}

static void test_service(void **state)
{
	(void)state;
	assert_describes("svc",
		"{\"metadata\":{\"name\":\"web\",\"namespace\":\"default\",\"labels\":{\"b\":"
		"\"2\",\"a\":\"1\"}},"
		"\"spec\":{\"type\":\"NodePort\",\"selector\":{\"app\":\"web\"},\"ipFamilyPolicy\":"
		"\"SingleStack\",\"ipFamilies\":[\"IPv4\"],\"clusterIP\":\"10.96.1.2\","
		"\"clusterIPs\":"
		"[\"10.96.1.2\"],\"externalIPs\":[\"192.0.2.1\",\"192.0.2.2\"],"
		"\"sessionAffinity\":\"None\","
		"\"externalTrafficPolicy\":\"Cluster\",\"internalTrafficPolicy\":\"Cluster\","
		"\"ports\":["
		"{\"name\":\"http\",\"port\":80,\"targetPort\":8080,\"nodePort\":30080,"
		"\"protocol\":\"TCP\"},"
		"{\"name\":\"dns\",\"port\":53,\"targetPort\":\"dns\",\"protocol\":\"UDP\"}]}}",
		"{\"subsets\":[{\"addresses\":[{\"ip\":\"10.0.0.1\"},{\"ip\":\"10.0.0.2\"}],"
		"\"ports\":["
		"{\"name\":\"http\",\"port\":8080},{\"name\":\"dns\",\"port\":5353}]},{"
		"\"addresses\":["
		"{\"ip\":\"10.0.0.3\"},{\"ip\":\"10.0.0.4\"}],\"ports\":[{\"name\":\"http\","
		"\"port\":8081}]}]}",
		"[]",
		"Name:                     web\n"
		"Namespace:                default\n"
		"Labels:                   a=1\n"
		"                          b=2\n"
		"Annotations:              <none>\n"
		"Selector:                 app=web\n"
		"Type:                     NodePort\n"
		"IP Family Policy:         SingleStack\n"
		"IP Families:              IPv4\n"
		"IP:                       10.96.1.2\n"
		"IPs:                      10.96.1.2\n"
		"External IPs:             192.0.2.1,192.0.2.2\n"
		"Port:                     http  80/TCP\n"
		"TargetPort:               8080/TCP\n"
		"NodePort:                 http  30080/TCP\n"
		"Endpoints:                10.0.0.1:8080,10.0.0.2:8080,10.0.0.3:8081 + 1 more...\n"
		"Port:                     dns  53/UDP\n"
		"TargetPort:               dns/UDP\n"
		"Endpoints:                10.0.0.1:5353,10.0.0.2:5353\n"
		"Session Affinity:         None\n"
		"External Traffic Policy:  Cluster\n"
		"Internal Traffic Policy:  Cluster\n"
		"Events:                   <none>\n");
}

/* Of slices: those that are ready, or do not say; the first address; three of them. */
static void test_slices(void **state)
{
#define EP(address, ready) "{\"addresses\":[\"" address "\",\"192.0.2.99\"]," \
	"\"conditions\":{" ready "}}"
	static const struct {
		const char *port, *slices, *expected;
	} rows[] = {
		{ "", "[]", "" },
		{ "", "[{\"ports\":[{\"port\":80}],\"endpoints\":["
		  EP("192.0.2.1", "") "," EP("192.0.2.2", "\"ready\":false") ","
		  EP("192.0.2.3", "\"ready\":true") "]}]", "192.0.2.1:80,192.0.2.3:80" },
		{ "a", "[{\"ports\":[{\"name\":\"a\",\"port\":80},{\"name\":\"b\","
		  "\"port\":81}],\"endpoints\":[" EP("fd00::1", "") "]},"
		  "{\"ports\":[{\"name\":\"a\",\"port\":82}],\"endpoints\":["
		  EP("192.0.2.1", "") "," EP("192.0.2.2", "") "," EP("192.0.2.3", "") "]}]",
		  "[fd00::1]:80,192.0.2.1:82,192.0.2.2:82 + 1 more..." },
		{ "a", "[{\"ports\":[{\"name\":\"b\",\"port\":80}],\"endpoints\":["
		  EP("192.0.2.1", "") "]}]", "" },
		/* A headless service may have no port; endpoints may be null. */
		{ "", "[{\"ports\":[],\"endpoints\":[" EP("192.0.2.1", "") "]},"
		  "{\"ports\":[],\"endpoints\":null}]", "192.0.2.1" },
	};
	json_t *slices;
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		slices = json_loads(rows[i].slices, 0, NULL);
		assert_non_null(slices);
		got = epformat_slices(slices, rows[i].port);
		assert_string_equal(got, rows[i].expected);
		free(got);
		json_decref(slices);
	}
#undef EP
}

static void test_load_balancer(void **state)
{
	(void)state;
	assert_describes("svc",
		"{\"metadata\":{\"name\":\"lb\",\"namespace\":\"d\"},\"spec\":{\"type\":"
		"\"LoadBalancer\","
		"\"clusterIP\":\"10.96.1.2\",\"loadBalancerIP\":\"203.0.113.9\","
		"\"sessionAffinity\":\"None\","
		"\"healthCheckNodePort\":32000,\"loadBalancerSourceRanges\":[\"192.0.2.0/24\","
		"\"198.51.100.0/24\"],\"ports\":[{\"port\":80,\"targetPort\":80,\"protocol\":"
		"\"TCP\"}]},"
		"\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.9\",\"ipMode"
		"\":\"VIP\"},"
		"{\"hostname\":\"lb.example.com\"}]}}}", NULL, "[]",
		"Name:                        lb\n"
		"Namespace:                   d\n"
		"Labels:                      <none>\n"
		"Annotations:                 <none>\n"
		"Selector:                    <none>\n"
		"Type:                        LoadBalancer\n"
		"IP Families:                 <none>\n"
		"IP:                          10.96.1.2\n"
		"IPs:                         <none>\n"
		"Desired LoadBalancer IP:     203.0.113.9\n"
		"LoadBalancer Ingress:        203.0.113.9 (VIP), lb.example.com\n"
		"Port:                        <unset>  80/TCP\n"
		"TargetPort:                  80/TCP\n"
		"Endpoints:                   \n"
		"Session Affinity:            None\n"
		"HealthCheck NodePort:        32000\n"
		"LoadBalancer Source Ranges:  192.0.2.0/24,198.51.100.0/24\n"
		"Events:                      <none>\n");
}

static void test_events(void **state)
{
	(void)state;
	assert_describes("svc",
		"{\"metadata\":{\"name\":\"ext\",\"namespace\":\"d\",\"annotations\":{\"note"
		"\":\"a\\nb\","
		"\"kubectl.kubernetes.io/last-applied-configuration\":\"{}\"}},\"spec\":{\"type\":"
		"\"ExternalName\",\"externalName\":\"db.example.com\",\"sessionAffinity\":"
		"\"None\"}}", NULL,
		"[{\"type\":\"Normal\",\"reason\":\"Last\",\"message\":\"z\",\"source\":{"
		"\"component\":\"svcd\"},\"lastTimestamp\":\"2026-01-01T00:00:00Z\"},"
		"{\"type\":\"Warning\",\"reason\":\"AddressConflict\",\"message\":\"taken by "
		"\\u001bd/o\","
		"\"source\":{\"component\":\"svcd\"},\"lastTimestamp\":\"2025-12-31T23:59:50Z"
		"\",\"count\":1},"
		"{\"type\":\"Normal\",\"reason\":\"Free\",\"message\":\"m\",\"source\":{"
		"\"component\":\"svcd\"},"
		"\"firstTimestamp\":\"2025-12-31T23:50:00Z\",\"lastTimestamp\":"
		"\"2025-12-31T23:59:59Z\","
		"\"count\":4}]",
		"Name:              ext\n"
		"Namespace:         d\n"
		"Labels:            <none>\n"
		"Annotations:       note: a b\n"
		"Selector:          <none>\n"
		"Type:              ExternalName\n"
		"IP Families:       <none>\n"
		"IP:                \n"
		"IPs:               <none>\n"
		"External Name:     db.example.com\n"
		"Session Affinity:  None\n"
		"Events:\n"
		"  Type     Reason           Age               From  Message\n"
		"  ----     ------           ----              ----  -------\n"
		"  Warning  AddressConflict  10s               svcd  taken by  d/o\n"
		"  Normal   Free             1s (x4 over 10m)  svcd  m\n"
		"  Normal   Last             0s                svcd  z\n");
}

static void test_pod(void **state)
{
	(void)state;
	assert_describes("pod",
		"{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"labels\":{\"app\":\"web"
		"\"}},\"spec\":{"
		"\"nodeName\":\"k8node1.net\",\"containers\":[{\"name\":\"c\",\"image\":\"i:1"
		"\",\"ports\":["
		"{\"containerPort\":8080}],\"env\":[{\"name\":\"SERVER_PORT\",\"value\":\"8080\"},"
		"{\"name\":\"SECRET\",\"valueFrom\":{\"secretKeyRef\":{}}}]},{\"name\":\"d\","
		"\"image\":\"j\"}]},"
		"\"status\":{\"phase\":\"Running\",\"podIP\":\"10.244.1.10\",\"hostIP\":"
		"\"192.168.56.151\","
		"\"podIPs\":[{\"ip\":\"10.244.1.10\"}],\"conditions\":[{\"type\":\"Ready\","
		"\"status\":\"True\"},"
		"{\"type\":\"PodScheduled\",\"status\":\"True\"}],\"containerStatuses\":[{"
		"\"name\":\"c\","
		"\"ready\":true,\"restartCount\":0}]}}", NULL, "[]",
		"Name:         p\n"
		"Namespace:    d\n"
		"Node:         k8node1.net/192.168.56.151\n"
		"Labels:       app=web\n"
		"Annotations:  <none>\n"
		"Status:       Running\n"
		"IP:           10.244.1.10\n"
		"IPs:\n"
		"  IP:  10.244.1.10\n"
		"Containers:\n"
		"  c:\n"
		"    Container ID:   \n"
		"    Image:          i:1\n"
		"    Image ID:       \n"
		"    Port:           8080/TCP\n"
		"    Host Port:      0/TCP\n"
		"    State:          Waiting\n"
		"    Ready:          True\n"
		"    Restart Count:  0\n"
		"    Environment:\n"
		"      SERVER_PORT:  8080\n"
		"      SECRET:       <set to the key '' in secret ''>  Optional: false\n"
		"    Mounts:         <none>\n"
		"  d:\n"
		"    Image:        j\n"
		"    Port:         <none>\n"
		"    Host Port:    <none>\n"
		"    Environment:  <none>\n"
		"    Mounts:       <none>\n"
		"Conditions:\n"
		"  Type           Status\n"
		"  Ready          True \n"
		"  PodScheduled   True \n"
		"Volumes:         <none>\n"
		"QoS Class:       BestEffort\n"
		"Node-Selectors:  <none>\n"
		"Tolerations:     <none>\n"
		"Events:          <none>\n");
}

/* As it is right after its creation: nothing is known yet. */
static void test_new_pod(void **state)
{
	(void)state;
	assert_describes("pod",
		"{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\"},\"spec\":{\"containers\":[]},"
		"\"status\":{\"phase\":\"Pending\"}}", NULL, "[]",
		"Name:         p\n"
		"Namespace:    d\n"
		"Node:         <none>\n"
		"Labels:       <none>\n"
		"Annotations:  <none>\n"
		"Status:       Pending\n"
		"IP:           \n"
		"IPs:          <none>\n"
		"Containers: <none>\n"
		"Volumes:         <none>\n"
		"QoS Class:       BestEffort\n"
		"Node-Selectors:  <none>\n"
		"Tolerations:     <none>\n"
		"Events:          <none>\n");
}

static void test_endpoints(void **state)
{
	(void)state;
	assert_describes("ep",
		"{\"metadata\":{\"name\":\"e\",\"namespace\":\"d\"},\"subsets\":[{\"addresses\":["
		"{\"ip\":\"10.0.0.1\"}],\"notReadyAddresses\":[{\"ip\":\"10.0.0.2\"},{\"ip\":"
		"\"10.0.0.3\"}],"
		"\"ports\":[{\"name\":\"http\",\"port\":8080,\"protocol\":\"TCP\"}]},{}]"
		"}", NULL, "[]",
		"Name:         e\n"
		"Namespace:    d\n"
		"Labels:       <none>\n"
		"Annotations:  <none>\n"
		"Subsets:\n"
		"  Addresses:          10.0.0.1\n"
		"  NotReadyAddresses:  10.0.0.2,10.0.0.3\n"
		"  Ports:\n"
		"    Name  Port  Protocol\n"
		"    ----  ----  --------\n"
		"    http  8080  TCP\n"
		"\n"
		"  Addresses:          <none>\n"
		"  NotReadyAddresses:  <none>\n"
		"  Ports:              <none>\n"
		"\n"
		"Events:  <none>\n");
}

static void test_others(void **state)
{
	(void)state;
	assert_describes("ns", "{\"metadata\":{\"name\":\"n\"},\"status\":{\"phase\":\"Active"
		"\"}}", NULL,
			 NULL,
			 "Name:         n\n"
			 "Labels:       <none>\n"
			 "Annotations:  <none>\n"
			 "Status:       Active\n");
	/* Nothing but what every object has, and less. */
	assert_describes("svc", "{}", NULL, NULL,
			 "Name:              \n"
			 "Labels:            <none>\n"
			 "Annotations:       <none>\n"
			 "Selector:          <none>\n"
			 "Type:              \n"
			 "IP Families:       <none>\n"
			 "IP:                \n"
			 "IPs:               <none>\n"
			 "Session Affinity:  \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_load_balancer),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_pod),
		cmocka_unit_test(test_new_pod),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
