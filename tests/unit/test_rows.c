// SPDX-License-Identifier: GPL-2.0
/* The columns of each type, as the API's Table and svcctl both have them. */
#include "json_help.h"
#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW	1767225600	/* 2026-01-01T00:00:00Z */
#define META	"\"metadata\":{\"name\":\"x\",\"creationTimestamp\":\"2025-12-31T23:59:30Z\"}"

static const struct {
	const char *name, *plural, *object, *cells;
} rows[] = {
	{ "a service without anything", "services", "{}",
	  "['','','<none>','<none>','<none>','<unknown>','<none>']" },
	{ "fields of wrong types are as good as absent", "services",
	  "{'metadata':[],'spec':{'type':1,'ports':{},'externalIPs':'x','selector':[]},'status':7}",
	  "['','','<none>','<none>','<none>','<unknown>','<none>']" },
	{ "a headless service with two ports", "services",
	  "{" META ",'spec':{'type':'ClusterIP','clusterIP':'None','ports':[{'port':80,"
	  "'protocol':'TCP'},{'port':53,'protocol':'UDP','nodePort':30053}]}}",
	  "['x','ClusterIP','None','<none>','80/TCP,53:30053/UDP','30s','<none>']" },
	{ "an event's count is a number", "events", "{'count':3,'type':'Normal',"
	  "'involvedObject':{'kind':'Service','name':'web'},'message':'m'}",
	  "['<unknown>','Normal','','service/web','','','m','<unknown>',3,'']" },
	{ "a slice whose endpoints and ports are more than three", "endpointslices",
	  "{" META ",'addressType':'IPv4','ports':[{'port':1},{'port':2},{'port':3},{'port':4}],"
	  "'endpoints':[{'addresses':['10.0.0.1','10.0.0.2']},{'addresses':['10.0.0.3']},"
	  "{'addresses':['10.0.0.4']},{'addresses':['10.0.0.5']}]}",
	  "['x','IPv4','1,2,3 + 1 more...','10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...','30s']" },
	{ "a slice with a port of any number, and one that has only a name", "endpointslices",
	  "{'addressType':'IPv6','ports':[{'protocol':'TCP'},{'name':'http'}],'endpoints':null}",
	  "['','IPv6','*,http','<unset>','<unknown>']" },
	{ "an empty slice", "endpointslices", "{}", "['','','<unset>','<unset>','<unknown>']" },
	{ "a node that is ready", "nodes",
	  "{'metadata':{'name':'n1','labels':{'node-role.kubernetes.io/worker':'',"
	  "'node-role.kubernetes.io/control-plane':'','kubernetes.io/role':'db','a':'b'}},"
	  "'status':{'conditions':[{'type':'Ready','status':'True'}],'addresses':["
	  "{'type':'Hostname','address':'h'},{'type':'InternalIP','address':'192.168.0.1'},"
	  "{'type':'InternalIP','address':'fd00::1'},{'type':'ExternalIP','address':"
	  "'203.0.113.1'}],'nodeInfo':{'kubeletVersion':'v1.36.2','osImage':'Debian',"
	  "'kernelVersion':'6.12','containerRuntimeVersion':'runc'}}}",
	  "['n1','Ready','db,control-plane,worker','<unknown>','v1.36.2','192.168.0.1',"
	  "'203.0.113.1','Debian','6.12','runc']" },
	{ "a node that is not ready and takes no pods", "nodes",
	  "{'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready','status':"
	  "'Unknown'}]}}",
	  "['','NotReady,SchedulingDisabled','<none>','<unknown>','','<none>','<none>',"
	  "'<unknown>','<unknown>','<unknown>']" },
	{ "a node that nobody has heard of", "nodes", "{}",
	  "['','Unknown','<none>','<unknown>','','<none>','<none>','<unknown>','<unknown>',"
	  "'<unknown>']" },
	{ "a type without columns of its own", "widgets", "{" META "}", "['x','30s']" },
};

static void test_cells(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct resource res = { .plural = rows[i].plural };
		json_t *object = json_help_parse(rows[i].object);
		json_t *cells = rows_cells(rows_of(&res), object, NOW);

		json_help_equal(rows[i].name, cells, rows[i].cells);
		json_decref(cells);
		json_decref(object);
	}
}

/* Every type that is served has a name column, and its cells are of the types that it says. */
static void test_columns(void **state)
{
	const struct rows_column *c;
	const struct resource *res;
	json_t *object, *cells;
	size_t i, j, names;

	(void)state;
	for (i = 0; (res = resource_at(i)); i++) {
		object = json_object();
		cells = rows_cells(rows_of(res), object, NOW);
		assert_non_null(cells);
		names = 0;
		for (j = 0; (c = &rows_of(res)->columns[j])->name; j++) {
			names += !strcmp(c->format, "name");
			assert_true(*c->description);
			assert_int_equal(json_is_integer(json_array_get(cells, j)),
					 !strcmp(c->type, "integer"));
		}
		assert_int_equal(names, 1);
		json_decref(cells);
		json_decref(object);
	}
}

/* A text that is none in JSON does not take the whole row with it. */
static void test_no_utf8(void **state)
{
	json_t *cells = json_array();

	(void)state;
	rows_put(cells, "a\303\251\303");
	rows_put(cells, "a\303\251");
	assert_string_equal(json_string_value(json_array_get(cells, 0)), "a" "?" "?" "?");
	assert_string_equal(json_string_value(json_array_get(cells, 1)), "a\303\251");
	json_decref(cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_no_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
