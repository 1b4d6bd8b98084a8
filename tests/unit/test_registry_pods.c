// SPDX-License-Identifier: GPL-2.0
/* Pods: what is refused, in Kubernetes' words, what is taken, and what may change. */
#include "registry_help.h"
#include "txn.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PORT_WORDS "must be between 1 and 65535, inclusive"
#define LABEL "a lowercase RFC 1123 label must consist of lower case alphanumeric characters " \
	"or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or " \
	"'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " \
	"characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"
#define PROTOCOLS "supported values: \"SCTP\", \"TCP\", \"UDP\""
#define NO_HOOKS "Forbidden: may not be set for init containers without restartPolicy=Always"
#define C "{'name':'c','image':'i'}"
/* A container with more, or a Pod with one container and more. */
#define WITH(more) "'containers':[{'name':'c','image':'i'," more "}]"
#define AND(more) "'containers':[" C "]," more

struct row {
	const char *name, *spec;
	const char *causes[REGISTRY_HELP_CAUSES];	/* none: it is taken */
};

static int create(struct registry_help *h, const char *spec)
{
	char *body = NULL;
	int code;

	assert_true(asprintf(&body, "{'metadata':{'name':'x'},'spec':{%s}}", spec) > 0);
	code = registry_help_create(h, "pods", body);
	free(body);
	return code;
}

static void run(struct registry_help *h, const struct row *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		create(h, v[i].spec);
		if (v[i].causes[0]) {
			registry_help_causes(h, v[i].name, v[i].causes);
			continue;
		}
		if (h->reply.code != 201)
			fail_msg("%s: %s", v[i].name, registry_help_message(h));
		assert_int_equal(registry_help_delete(h, "pods", "x"), 200);
	}
}

#define RUN(table) run(*state, table, sizeof(table) / sizeof(table[0]))

static void test_containers(void **state)
{
	static const struct row rows[] = {
		{ "the least", "'containers':[" C "]", { NULL } },
		{ "all that Services look at", "'nodeName':'n.example','hostNetwork':true,"
		  "'hostname':'web-0','subdomain':'web','initContainers':[{'name':'i','image':'i',"
		  "'ports':[{'containerPort':1}]}],'containers':[{'name':'c','image':'i','ports':"
		  "[{'name':'http','containerPort':65535,'hostPort':65535},{'containerPort':53,"
		  "'protocol':'UDP'},{'containerPort':9,'protocol':'SCTP'}]}]", { NULL } },
		{ "no containers", "'containers':[]", { "spec.containers: Required value" } },
		{ "no containers but the first ones", "'initContainers':[" C "]",
		  { "spec.containers: Required value" } },
		{ "names and images", "'containers':[{},{'name':'A','image':'i'},{'name':'b'},"
		  "{'name':'b','image':'i'}]",
		  { "spec.containers[0].name: Required value",
		    "spec.containers[0].image: Required value",
		    "spec.containers[1].name: Invalid value: \"A\": " LABEL,
		    "spec.containers[2].image: Required value",
		    "spec.containers[3].name: Duplicate value: \"b\"" } },
		{ "a name in two lists", AND("'initContainers':[" C "]"),
		  { "spec.initContainers[0].name: Duplicate value: \"c\"" } },
		{ "policies", WITH("'imagePullPolicy':'always','terminationMessagePolicy':'No'"),
		  { "spec.containers[0].terminationMessagePolicy: Unsupported value: \"No\": "
		    "supported values: \"File\", \"FallbackToLogsOnError\"",
		    "spec.containers[0].imagePullPolicy: Unsupported value: \"always\": supported "
		    "values: \"Always\", \"IfNotPresent\", \"Never\"" } },
		{ "ports", WITH("'ports':[{'name':'Http'},{'name':'a','containerPort':65536,"
				"'hostPort':-1},{'name':'a','containerPort':1,'protocol':'tcp'}]"),
		  { "spec.containers[0].ports[0].name: Invalid value: \"Http\": must contain only "
		    "alpha-numeric characters (a-z, 0-9), and hyphens (-)",
		    "spec.containers[0].ports[0].containerPort: Required value",
		    "spec.containers[0].ports[1].containerPort: Invalid value: 65536: " PORT_WORDS,
		    "spec.containers[0].ports[1].hostPort: Invalid value: -1: " PORT_WORDS,
		    "spec.containers[0].ports[2].name: Duplicate value: \"a\"",
		    "spec.containers[0].ports[2].protocol: Unsupported value: \"tcp\": "
		    PROTOCOLS } },
		{ "a port of the node, twice", WITH("'ports':[{'containerPort':1,'hostPort':80},"
		  "{'containerPort':2,'hostPort':80},{'containerPort':2,'hostPort':80,'protocol':"
		  "'UDP'},{'containerPort':2,'hostPort':80,'hostIP':'10.0.0.1'}]"),
		  { "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"" } },
		{ "the node's network, with another port", WITH("'ports':[{'containerPort':1,"
		  "'hostPort':80}]") ",'hostNetwork':true",
		  { "spec.containers[0].ports[0].hostPort: Invalid value: 80: must match "
		    "`containerPort` when `hostNetwork` is true" } },
	};

	RUN(rows);
}

static void test_parts_of_containers(void **state)
{
	static const struct row rows[] = {
		{ "environment", WITH("'env':[{'name':'A','value':'1'},{'name':'a.b-c','valueFrom':"
		  "{'secretKeyRef':{'name':'s','key':'k'}}}],'envFrom':[{'secretRef':{'name':'s'}"
		  "}]"), { NULL } },
		{ "no environment", WITH("'env':[{},{'name':'a=b'},{'name':'a','valueFrom':{}},"
		  "{'name':'a','value':'b','valueFrom':{'fieldRef':{}}},{'name':'b','valueFrom':"
		  "{'fieldRef':{'fieldPath':'x'},'configMapKeyRef':{}}}],'envFrom':[{},"
		  "{'configMapRef':{}}]"),
		  { "spec.containers[0].env[0].name: Required value",
		    "spec.containers[0].env[1].name: Invalid value: \"a=b\": a valid environment "
		    "variable name must consist only of printable ASCII characters other than '='",
		    "spec.containers[0].env[2].valueFrom: Invalid value: \"\": must specify one "
		    "of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
		    "`fileKeyRef`",
		    "spec.containers[0].env[3].valueFrom: Invalid value: \"\": may not be "
		    "specified when `value` is not empty",
		    "spec.containers[0].env[3].valueFrom.fieldRef.fieldPath: Required value",
		    "spec.containers[0].env[4].valueFrom: Invalid value: \"\": may not have more "
		    "than one field specified at a time",
		    "spec.containers[0].envFrom[0]: Invalid value: \"\": must specify one of: "
		    "`configMapRef` or `secretRef`",
		    "spec.containers[0].envFrom[1].configMapRef.name: Required value" } },
		{ "mounts", WITH("'volumeMounts':[{'name':'v','mountPath':'/a'},{'name':'v',"
		  "'mountPath':'/b'}]") ",'volumes':[{'name':'v'}]", { NULL } },
		{ "mounts of nothing", WITH("'volumeMounts':[{},{'name':'v','mountPath':'/a'},"
		  "{'name':'x','mountPath':'/a'}]") ",'volumes':[{'name':'v'}]",
		  { "spec.containers[0].volumeMounts[0].name: Required value",
		    "spec.containers[0].volumeMounts[0].mountPath: Required value",
		    "spec.containers[0].volumeMounts[2].name: Not found: \"x\"",
		    "spec.containers[0].volumeMounts[2].mountPath: Invalid value: \"/a\": must be "
		    "unique" } },
		{ "probes", WITH("'livenessProbe':{'exec':{'command':['a']}},'readinessProbe':"
		  "{'httpGet':{'port':'http'},'successThreshold':3},'startupProbe':{'grpc':"
		  "{'port':1}},'lifecycle':{'preStop':{'sleep':{'seconds':1}}}"), { NULL } },
		{ "no probes", WITH("'livenessProbe':{'exec':{},'successThreshold':2},"
		  "'readinessProbe':{'periodSeconds':-1,'httpGet':{'port':0,'scheme':'http'},"
		  "'tcpSocket':{'port':1}},'startupProbe':{},'lifecycle':{'postStart':{}}"),
		  { "spec.containers[0].lifecycle.postStart: Required value: must specify a "
		    "handler type",
		    "spec.containers[0].livenessProbe.exec.command: Required value",
		    "spec.containers[0].livenessProbe.successThreshold: Invalid value: "
		    "2: must be 1",
		    "spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: " PORT_WORDS,
		    "spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "
		    "\"http\": supported values: \"HTTP\", \"HTTPS\"",
		    "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more "
		    "than 1 handler type",
		    "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be "
		    "greater than or equal to 0",
		    "spec.containers[0].startupProbe: Required value: must specify a handler "
		    "type" } },
		{ "a sidecar", AND("'initContainers':[{'name':'s','image':'i','restartPolicy':"
		  "'Always','startupProbe':{'tcpSocket':{'port':1}}}]"), { NULL } },
		{ "hooks of one that is over", AND("'initContainers':[{'name':'s','image':'i',"
		  "'lifecycle':{},'livenessProbe':{}}]"),
		  { "spec.initContainers[0].lifecycle: " NO_HOOKS,
		    "spec.initContainers[0].livenessProbe: " NO_HOOKS } },
	};

	RUN(rows);
}

static void test_spec(void **state)
{
	static const struct row rows[] = {
		{ "names", AND("'nodeName':'N','hostname':'a.b','subdomain':'-',"
			       "'serviceAccountName':'A'"),
		  { "spec.serviceAccountName: Invalid value: \"A\": " SUBDOMAIN,
		    "spec.nodeName: Invalid value: \"N\": " SUBDOMAIN,
		    "spec.hostname: Invalid value: \"a.b\": must not contain dots",
		    "spec.subdomain: Invalid value: \"-\": " LABEL } },
		{ "policies", AND("'restartPolicy':'Sometimes','dnsPolicy':'Cluster',"
				  "'preemptionPolicy':'x'"),
		  { "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: "
		    "\"Always\", \"OnFailure\", \"Never\"",
		    "spec.dnsPolicy: Unsupported value: \"Cluster\": supported values: "
		    "\"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\"",
		    "spec.preemptionPolicy: Unsupported value: \"x\": supported values: \"Never\", "
		    "\"PreemptLowerPriority\"" } },
		{ "names of nobody's", AND("'dnsPolicy':'None'"),
		  { "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is "
		    "None" } },
		{ "names of no server", AND("'dnsPolicy':'None','dnsConfig':{'searches':['a']}"),
		  { "spec.dnsConfig.nameservers: Required value: must provide at least one DNS "
		    "nameserver when `dnsPolicy` is None" } },
		{ "a deadline", AND("'activeDeadlineSeconds':0"),
		  { "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and "
		    "2147483647, inclusive" } },
		{ "tolerations", AND("'tolerations':[{'operator':'Exists'},{'key':'a','operator':"
		  "'Equal','value':'b','effect':'NoSchedule'},{'key':'a','operator':'Exists',"
		  "'effect':'NoExecute','tolerationSeconds':300}]"), { NULL } },
		{ "no tolerations", AND("'tolerations':[{},{'key':'a','operator':'Is'},{'key':'a',"
		  "'tolerationSeconds':1},{'key':'a','operator':'Exists','value':'b','effect':"
		  "'x'}]"),
		  { "spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists "
		    "when `key` is empty, which means \"match all values and all keys\"",
		    "spec.tolerations[1].operator: Unsupported value: \"Is\": supported values: "
		    "\"Equal\", \"Exists\", \"Gt\", \"Lt\"",
		    "spec.tolerations[2].effect: Invalid value: \"\": effect must be 'NoExecute' "
		    "when `tolerationSeconds` is set",
		    "spec.tolerations[3].operator: Invalid value: {\"key\":\"a\",\"operator\":"
		    "\"Exists\",\"value\":\"b\",\"effect\":\"x\"}: value must be empty when "
		    "`operator` is 'Exists'",
		    "spec.tolerations[3].effect: Unsupported value: \"x\": supported values: "
		    "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"" } },
		{ "hosts", AND("'hostAliases':[{'ip':'10.0.0.1','hostnames':['a.b']},{'ip':'x',"
			       "'hostnames':['A']}]"),
		  { "spec.hostAliases[1].ip: Invalid value: \"x\": must be a valid IP address, "
		    "(e.g. 10.9.8.7 or 2001:db8::ffff)",
		    "spec.hostAliases[1].hostnames: Invalid value: \"A\": " SUBDOMAIN } },
		{ "not when it is made", AND("'nodeName':'n','schedulingGates':[{'name':'a.b/c'}],"
					     "'ephemeralContainers':[{'name':'e','image':'i'}]"),
		  { "spec.ephemeralContainers: Forbidden: cannot be set on create",
		    "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been "
		    "cleared" } },
		{ "volumes", AND("'volumes':[{},{'name':'A','hostPath':{}},{'name':'b','secret':{},"
				 "'emptyDir':{}},{'name':'b'}]"),
		  { "spec.volumes[0].name: Required value",
		    "spec.volumes[1].hostPath.path: Required value",
		    "spec.volumes[1].name: Invalid value: \"A\": " LABEL,
		    "spec.volumes[2].secret: Forbidden: may not specify more than 1 volume type",
		    "spec.volumes[3].name: Duplicate value: \"b\"" } },
	};

	RUN(rows);
}

/* What people have in their files. */
static void test_taken(void **state)
{
	static const struct row rows[] = {
		{ "a web server", "'restartPolicy':'OnFailure','containers':["
		  "{'name':'nginx','image':"
		  "'nginx:1.27','ports':[{'containerPort':80,'name':'http'}],"
		  "'resources':{'requests':"
		  "{'cpu':'100m','memory':'64Mi'},'limits':{'cpu':1,'memory':'128Mi',"
		  "'nvidia.com/gpu':1}},'livenessProbe':{'httpGet':{'path':'/healthz','port':"
		  "'http','httpHeaders':[{'name':'X','value':'y'}]},'initialDelaySeconds':3,"
		  "'periodSeconds':3},'readinessProbe':{'tcpSocket':{'port':80}},'volumeMounts':"
		  "[{'name':'conf','mountPath':'/etc/nginx/conf.d','readOnly':true,'subPath':'x'}],"
		  "'securityContext':{'runAsNonRoot':true,'runAsUser':101,"
		  "'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL'],'add':"
		  "['NET_BIND_SERVICE']},'seccompProfile':{'type':'RuntimeDefault'}},'command':"
		  "['nginx'],'args':['-g','daemon off;'],'workingDir':'/',"
		  "'stdin':true,'tty':true}],"
		  "'volumes':[{'name':'conf','configMap':{'name':'conf','items':[{'key':'a','path':"
		  "'b','mode':256}],'optional':false}}],'imagePullSecrets':[{'name':'reg'}],"
		  "'nodeSelector':{'disktype':'ssd'},'securityContext':{'fsGroup':2000,'sysctls':"
		  "[{'name':'net.core.somaxconn','value':'1024'}],'supplementalGroups':[1,2]}",
		  { NULL } },
		{ "a part of a control plane", "'hostNetwork':true,'hostPID':true,"
		  "'priorityClassName':'system-node-critical','priority':2000001000,"
		  "'preemptionPolicy':'PreemptLowerPriority','tolerations':[{'operator':'Exists'}],"
		  "'dnsPolicy':'ClusterFirstWithHostNet','containers':[{'name':'kube-proxy',"
		  "'image':'registry.k8s.io/kube-proxy:v1.36.0','command':['kube-proxy'],'env':"
		  "[{'name':'NODE_NAME','valueFrom':{'fieldRef':{'apiVersion':'v1','fieldPath':"
		  "'spec.nodeName'}}},{'name':'CPU','valueFrom':{'resourceFieldRef':{'resource':"
		  "'limits.cpu'}}}],'securityContext':{'privileged':true},'volumeMounts':[{'name':"
		  "'lib','mountPath':'/lib/modules','readOnly':true,'mountPropagation':"
		  "'HostToContainer'}],'ports':[{'containerPort':10256}]}],'volumes':[{'name':"
		  "'lib','hostPath':{'path':'/lib/modules','type':'DirectoryOrCreate'}}],"
		  "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
		  "{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.name','operator':'In',"
		  "'values':['n1']}],'matchExpressions':[{'key':'a','operator':'Exists'}]}]}}}",
		  { NULL } },
		{ "one that came back from a server", "'volumes':[{'name':'kube-api-access-x',"
		  "'projected':{'sources':[{'serviceAccountToken':{'expirationSeconds':3607,'path':"
		  "'token'}},{'configMap':{'name':'kube-root-ca.crt','items':[{'key':'ca.crt',"
		  "'path':'ca.crt'}]}},{'downwardAPI':{'items':[{'path':'namespace','fieldRef':"
		  "{'apiVersion':'v1','fieldPath':'metadata.namespace'}}]}}],'defaultMode':420}}],"
		  "'containers':[{'name':'c','image':'i','resources':{},'volumeMounts':[{'name':"
		  "'kube-api-access-x','readOnly':true,'mountPath':'/var/run/secrets'}],"
		  "'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':"
		  "'File','imagePullPolicy':'Always'}],'restartPolicy':'Always',"
		  "'terminationGracePeriodSeconds':0,'dnsPolicy':'ClusterFirst',"
		  "'serviceAccountName':'default','serviceAccount':'default','nodeName':'n1',"
		  "'securityContext':{},'schedulerName':'default-scheduler','tolerations':[{'key':"
		  "'node.kubernetes.io/not-ready','operator':'Exists','effect':'NoExecute',"
		  "'tolerationSeconds':300}],'priority':0,'enableServiceLinks':true,"
		  "'preemptionPolicy':'PreemptLowerPriority'", { NULL } },
		{ "spread, with a claim", "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':"
		  "'zone','whenUnsatisfiable':'DoNotSchedule','labelSelector':{'matchLabels':{'a':"
		  "'b'}},'matchLabelKeys':['h']}],'affinity':{'podAntiAffinity':"
		  "{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':100,"
		  "'podAffinityTerm':{'labelSelector':{'matchExpressions':[{'key':'a','operator':"
		  "'In','values':['b']}]},'topologyKey':'kubernetes.io/hostname'}}]}},'containers':"
		  "[{'name':'c','image':'i','volumeDevices':[{'name':'d','devicePath':'/dev/x'}],"
		  "'resizePolicy':[{'resourceName':'cpu','restartPolicy':'NotRequired'}]}],"
		  "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'d'}},{'name':'e',"
		  "'ephemeral':{'volumeClaimTemplate':{'metadata':{'labels':{'a':'b'}},'spec':"
		  "{'accessModes':['ReadWriteOnce'],'storageClassName':'s','resources':{'requests':"
		  "{'storage':'1Gi'}}}}}},{'name':'f','csi':{'driver':'d','volumeAttributes':{'a':"
		  "'b'}}},{'name':'g','nfs':{'server':'s','path':'/'}},{'name':'h','emptyDir':"
		  "{'medium':'Memory','sizeLimit':'64Mi'}},{'name':'i','image':{'reference':'r'}}],"
		  "'readinessGates':[{'conditionType':'a.b/c'}],'runtimeClassName':'gvisor',"
		  "'shareProcessNamespace':true,'hostUsers':false,'os':{'name':'linux'},"
		  "'setHostnameAsFQDN':false,'overhead':{'cpu':'250m'},'resources':{'limits':"
		  "{'cpu':'1'}},'resourceClaims':[{'name':'r','resourceClaimName':'x'}],"
		  "'automountServiceAccountToken':false", { NULL } },
	};

	RUN(rows);
}

/* Each with what is said of it. */
static void test_unknown(void **state)
{
	static const char *const rows[][2] = {
		{ "'containers':[{'name':'c','image':'i','foo':1}]",
		  "strict decoding error: unknown field \"spec.containers[0].foo\"" },
		{ AND("'node':'n'"), "unknown field \"spec.node\"" },
		{ WITH("'env':[{'name':'a','val':'b'}]"), "\"spec.containers[0].env[0].val\"" },
		{ WITH("'resources':{'limit':{}}"), "\"spec.containers[0].resources.limit\"" },
		{ AND("'volumes':[{'name':'v','configmap':{}}]"), "\"spec.volumes[0].configmap\"" },
		{ AND("'affinity':{'nodeaffinity':{}}"), "\"spec.affinity.nodeaffinity\"" },
		{ AND("'securityContext':{'runAsuser':1}"), "\"spec.securityContext.runAsuser\"" },
		{ WITH("'command':'sh'"), "cannot unmarshal string into Go struct field Container."
		  "spec.containers.command of type []string" },
		{ WITH("'env':[{'name':'a','value':8080}]"), "cannot unmarshal number into Go "
		  "struct field EnvVar.spec.containers.env.value of type string" },
		{ WITH("'resources':{'limits':{'cpu':'1 core'}}"), "quantities must match the "
		  "regular expression" },
		{ AND("'securityContext':{'supplementalGroups':['a']}"), "of type int64" },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(create(h, rows[i][0]), 400);
		if (!strstr(registry_help_message(h), rows[i][1]))
			fail_msg("%s: %s", rows[i][0], registry_help_message(h));
	}
}

#define FILLED "'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File'"

/* The whole spec, in the order of its fields. No grace period: there is no kubelet. */
static void test_defaults(void **state)
{
	static const char *const rows[][2] = {
		{ "'containers':[" C "]",
		  "{'containers':[{'name':'c','image':'i','resources':{}," FILLED ","
		  "'imagePullPolicy':'Always'}],'restartPolicy':'Always',"
		  "'dnsPolicy':'ClusterFirst',"
		  "'securityContext':{},'schedulerName':'default-scheduler','enableServiceLinks':"
		  "true}" },
		{ "'schedulerName':'s','dnsPolicy':'Default','restartPolicy':'Never',"
		  "'enableServiceLinks':false,'serviceAccount':'a','hostNetwork':true,'containers':"
		  "[{'name':'c','image':'i:1','ports':[{'containerPort':80}],'resources':{'limits':"
		  "{'cpu':0.5,'memory':'1024Mi'},'requests':{'cpu':'100m'}},'livenessProbe':"
		  "{'httpGet':{'port':1}},'env':[{'name':'e','valueFrom':{'fieldRef':{'fieldPath':"
		  "'p'}}}]}],'volumes':[{'name':'v'},{'name':'s','secret':{'secretName':'s'}}]",
		  "{'volumes':[{'name':'v','emptyDir':{}},{'name':'s','secret':{'secretName':'s',"
		  "'defaultMode':420}}],'containers':[{'name':'c','image':'i:1',"
		  "'ports':[{'hostPort':"
		  "80,'containerPort':80,'protocol':'TCP'}],'env':[{'name':'e','valueFrom':"
		  "{'fieldRef':{'apiVersion':'v1','fieldPath':'p'}}}],'resources':{'limits':{'cpu':"
		  "'500m','memory':'1Gi'},'requests':{'cpu':'100m','memory':'1Gi'}},"
		  "'livenessProbe':{'httpGet':{'path':'/','port':1,'scheme':'HTTP'},"
		  "'timeoutSeconds':1,'periodSeconds':10,'successThreshold':1,"
		  "'failureThreshold':3},"
		  FILLED ",'imagePullPolicy':'IfNotPresent'}],'restartPolicy':'Never','dnsPolicy':"
		  "'Default','serviceAccountName':'a','serviceAccount':'a','hostNetwork':true,"
		  "'securityContext':{},'schedulerName':'s','enableServiceLinks':false}" },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *want = registry_help_json("%s", rows[i][1]);
		char *is, *must = json_dumps(want, JSON_COMPACT);

		assert_int_equal(create(h, rows[i][0]), 201);
		is = json_dumps(json_object_get(h->reply.body, "spec"), JSON_COMPACT);
		assert_string_equal(is, must);
		assert_int_equal(registry_help_delete(h, "pods", "x"), 200);
		free(is);
		free(must);
		json_decref(want);
	}
}

static void test_pull_policy(void **state)
{
	static const char *const rows[][2] = {
		{ "nginx", "Always" }, { "nginx:latest", "Always" },
		{ "nginx:1.27", "IfNotPresent" },
		{ "localhost:5000/a", "Always" }, { "Host.example:5000/a/b:2", "IfNotPresent" },
		{ "a.b/c", "Always" }, { "a@sha256:0123", "IfNotPresent" },
		{ "a:latest@sha256:0123", "Always" }, { "Nginx", "IfNotPresent" },
		{ "a:latest2", "IfNotPresent" },
	};
	struct registry_help *h = *state;
	char spec[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(spec, sizeof(spec), "'containers':[{'name':'c','image':'%s'}]",
			 rows[i][0]);
		assert_int_equal(create(h, spec), 201);
		if (strcmp(registry_help_value(h, "spec.containers.0.imagePullPolicy"), rows[i][1]))
			fail_msg("%s is not %s", rows[i][0], rows[i][1]);
		assert_int_equal(registry_help_delete(h, "pods", "x"), 200);
	}
}

#define UNCHANGED "spec: Forbidden: pod updates may not change fields other than " \
	"`spec.containers[*].image`,`spec.initContainers[*].image`," \
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing " \
	"tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was " \
	"previously negative)"
#define DEADLINE "spec.activeDeadlineSeconds: Invalid value: "

/* Patches of one Pod, each on top of those before that were taken. */
static void test_update(void **state)
{
	static const char first[] = "{'key':'a','operator':'Exists','effect':'NoExecute'";
	static const struct {
		const char *name, *patch, *cause;	/* NULL: it is taken */
	} rows[] = {
		{ "nothing", "{}", NULL },
		{ "its image", "{'containers':[{'name':'c','image':'new:2','imagePullPolicy':"
		  "'Always'}]}", NULL },
		{ "no image", "{'containers':[{'name':'c'}]}",
		  "spec.containers[0].image: Required value" },
		{ "its command", "{'containers':[{'name':'c','image':'new:2','imagePullPolicy':"
		  "'Always','command':['a']}]}", UNCHANGED },
		{ "another container", "{'containers':[" C ",{'name':'d','image':'i'}]}",
		  "spec.containers: Forbidden: pod updates may not add or remove containers" },
		{ "a first container", "{'initContainers':[{'name':'d','image':'i'}]}",
		  "spec.initContainers: Forbidden: pod updates may not add or remove containers" },
		{ "its node", "{'nodeName':'n2'}", UNCHANGED },
		{ "its grace", "{'terminationGracePeriodSeconds':5}", UNCHANGED },
		{ "its negative grace", "{'terminationGracePeriodSeconds':1}", NULL },
		{ "its grace again", "{'terminationGracePeriodSeconds':2}", UNCHANGED },
		{ "a longer life", "{'activeDeadlineSeconds':101}", DEADLINE "101: must be less "
		  "than or equal to previous value" },
		{ "a shorter life", "{'activeDeadlineSeconds':50}", NULL },
		{ "eternal life", "{'activeDeadlineSeconds':null}", DEADLINE "\"null\": must not "
		  "update from a positive integer to nil value" },
		{ "no life", "{'activeDeadlineSeconds':0}", DEADLINE "0: must be between 1 and "
		  "2147483647, inclusive" },
		{ "another time", "{'tolerations':[%s,'tolerationSeconds':9}]}", NULL },
		{ "one more", "{'tolerations':[{'operator':'Exists'},%s}]}", NULL },
		{ "none", "{'tolerations':[{'operator':'Exists'}]}", "spec.tolerations: Forbidden: "
		  "existing toleration can not be modified except its tolerationSeconds" },
		{ "another gate", "{'schedulingGates':[{'name':'a'},{'name':'b'}]}",
		  "spec.schedulingGates[1].name: Forbidden: only deletion is "
		  "allowed, but found new "
		  "scheduling gate 'b'" },
		{ "no gate", "{'schedulingGates':[]}", NULL },
	};
	struct registry_help *h = *state;

	assert_int_equal(create(h, AND("'activeDeadlineSeconds':100,'schedulingGates':[{'name':"
				       "'a'}],'terminationGracePeriodSeconds':-7,'tolerations':"
				       "[{'key':'a','operator':'Exists','effect':'NoExecute',"
				       "'tolerationSeconds':5}]")), 201);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const causes[REGISTRY_HELP_CAUSES] = { rows[i].cause };
		const char *at = strstr(rows[i].patch, "%s");
		char patch[512];

		snprintf(patch, sizeof(patch), "{'spec':%.*s%s%s}",
			 at ? (int)(at - rows[i].patch) : (int)strlen(rows[i].patch), rows[i].patch,
			 at ? first : "", at ? at + 2 : "");
		registry_help_patch(h, "pods", "x", NULL, patch);
		if (rows[i].cause)
			registry_help_causes(h, rows[i].name, causes);
		else if (h->reply.code != 200)
			fail_msg("%s: %s", rows[i].name, registry_help_message(h));
	}
}

static json_t *many(const char *item, int n)
{
	json_t *list = json_array();

	while (n--)
		json_array_append_new(list, registry_help_json("%s", item));
	return list;
}

/* null in a list is 0, as a client in Go would read it, and no value of a wrong type. */
static void test_null_in_list(void **state)
{
	struct registry_help *h = *state;

	create(h, AND("'securityContext':{'supplementalGroups':[7,null]}"));
	assert_int_equal(h->reply.code, 201);
	assert_string_equal(registry_help_value(h, "spec.securityContext.supplementalGroups.0"),
			    "7");
	assert_string_equal(registry_help_value(h, "spec.securityContext.supplementalGroups.1"),
			    "0");
	create(h, AND("'securityContext':{'supplementalGroups':[7,true]}"));
	assert_int_equal(h->reply.code, 400);
}

#define TOLERATION "{'key':'k','operator':'Exists'}"

static json_t *pod_with(const char *list, const char *item, int n)
{
	json_t *pod = registry_help_json("{'kind':'Pod','apiVersion':'v1','metadata':{'name':'x',"
					 "'namespace':'default','creationTimestamp':"
					 "'2026-01-01T00:00:00Z'},'spec':{'containers':[" C "]},"
					 "'status':{'phase':'Pending'}}");

	json_object_set_new(json_object_get(pod, "spec"), list, many(item, n));
	return pod;
}

static void patch_list(struct registry_help *h, const char *list, const char *item, int n)
{
	json_t *patch = json_pack("{s:{s:o}}", "spec", list, many(item, n));

	json_decref(h->reply.body);
	registry_patch(h->r, registry_help_type("pods"), "default", "x", NULL, patch, 0,
		       &h->reply);
	json_decref(patch);
}

static void test_bounds(void **state)
{
	static const struct {
		const char *list, *item, *causes[REGISTRY_HELP_CAUSES];
	} rows[] = {
		{ "tolerations", TOLERATION,
		  { "spec.tolerations: Too many: 1001: must have at most 1000 items" } },
		{ "schedulingGates", "{'name':'g'}",
		  { "spec.schedulingGates: Too many: 1001: must have at most 1000 items" } },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int n = 1001; n >= 1000; n--) {
			json_t *pod = pod_with(rows[i].list, rows[i].item, n);

			json_decref(h->reply.body);
			registry_create(h->r, registry_help_type("pods"), "default", pod, 0,
					&h->reply);
			json_decref(pod);
			if (n > 1000)
				registry_help_causes(h, rows[i].list, rows[i].causes);
		}
		assert_int_equal(h->reply.code, 201);
		patch_list(h, rows[i].list, rows[i].item, 1001);
		registry_help_causes(h, rows[i].list, rows[i].causes);
		assert_int_equal(registry_help_delete(h, "pods", "x"), 200);
	}
}

/* More than may be today: the Pod can be changed, the list can become shorter, not longer. */
static void test_bounds_of_old(void **state)
{
	struct registry_help *h = *state;
	struct txn t;

	txn_begin(&t, h->r);
	txn_put(&t, registry_help_type("pods"), pod_with("schedulingGates", "{'name':'g'}", 1002),
		NULL);
	assert_int_equal(txn_commit(&t, NULL), 0);
	assert_int_equal(registry_help_patch(h, "pods", "x", NULL,
					     "{'spec':{'activeDeadlineSeconds':5}}"), 200);
	patch_list(h, "schedulingGates", "{'name':'g'}", 1003);
	assert_int_equal(h->reply.code, 422);
	patch_list(h, "schedulingGates", "{'name':'g'}", 1001);
	assert_int_equal(h->reply.code, 200);
	assert_int_equal(registry_help_delete(h, "pods", "x"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_containers), T(test_parts_of_containers), T(test_spec), T(test_taken),
		T(test_unknown), T(test_defaults), T(test_pull_policy), T(test_update),
		T(test_bounds), T(test_bounds_of_old), T(test_null_in_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
