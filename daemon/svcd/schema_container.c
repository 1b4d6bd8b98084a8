// SPDX-License-Identifier: GPL-2.0
/* The fields of containers. */
#include "schema_pod.h"
#include "schema_table.h"

const struct schema schema_local_reference[] = { STRING("name", 0), END };
const struct schema schema_field_ref[] = {
	STRING("apiVersion", 0), STRING("fieldPath", KEEP), END
};
const struct schema schema_resource_field_ref[] = {
	STRING("containerName", 0), STRING("resource", KEEP), QUANTITY("divisor"), END
};

static const struct schema claim[] = { STRING("name", KEEP), STRING("request", 0), END };
const struct schema schema_resources[] = {
	QUANTITIES("limits"), QUANTITIES("requests"), LIST_OF("claims", claim, "ResourceClaim"), END
};

static const struct schema port[] = {
	STRING("name", 0), INT("hostPort", 0), INT("containerPort", KEEP), STRING("protocol", 0),
	STRING("hostIP", 0), END
};

static const struct schema key_ref[] = {
	STRING("name", 0), STRING("key", KEEP), BOOL("optional", KEEP), END
};
static const struct schema file_key_ref[] = {
	STRING("volumeName", KEEP), STRING("path", KEEP), STRING("key", KEEP),
	BOOL("optional", KEEP), END
};
static const struct schema env_source[] = {
	OBJECT("fieldRef", schema_field_ref, "ObjectFieldSelector"),
	OBJECT("resourceFieldRef", schema_resource_field_ref, "ResourceFieldSelector"),
	OBJECT("configMapKeyRef", key_ref, "ConfigMapKeySelector"),
	OBJECT("secretKeyRef", key_ref, "SecretKeySelector"),
	OBJECT("fileKeyRef", file_key_ref, "FileKeySelector"), END
};
static const struct schema env[] = {
	STRING("name", KEEP), STRING("value", 0), OBJECT("valueFrom", env_source, "EnvVarSource"),
	END
};
static const struct schema env_object[] = { STRING("name", 0), BOOL("optional", KEEP), END };
static const struct schema env_from[] = {
	STRING("prefix", 0), OBJECT("configMapRef", env_object, "ConfigMapEnvSource"),
	OBJECT("secretRef", env_object, "SecretEnvSource"), END
};

static const struct schema resize[] = {
	STRING("resourceName", KEEP), STRING("restartPolicy", KEEP), END
};
static const struct schema exit_code = INT(NULL, KEEP);
static const struct schema exit_codes[] = {
	STRING("operator", KEEP), LIST("values", &exit_code), END
};
static const struct schema restart_rule[] = {
	STRING("action", KEEP), OBJECT("exitCodes", exit_codes, "ContainerRestartRuleOnExitCodes"),
	END
};

static const struct schema mount[] = {
	STRING("name", KEEP), BOOL("readOnly", 0), STRING("recursiveReadOnly", KEEP),
	STRING("mountPath", KEEP), STRING("subPath", 0), STRING("mountPropagation", KEEP),
	STRING("subPathExpr", 0), END
};
static const struct schema device[] = { STRING("name", KEEP), STRING("devicePath", KEEP), END };

/* What is done to ask a container, or to tell it something. */
static const struct schema exec[] = { STRINGS("command"), END };
static const struct schema header[] = { STRING("name", KEEP), STRING("value", KEEP), END };
static const struct schema http_get[] = {
	STRING("path", 0), INT_OR_STRING("port", KEEP), STRING("host", 0), STRING("scheme", 0),
	LIST_OF("httpHeaders", header, "HTTPHeader"), END
};
static const struct schema tcp_socket[] = { INT_OR_STRING("port", KEEP), STRING("host", 0), END };
static const struct schema grpc[] = { INT("port", KEEP), STRING("service", KEEP), END };
static const struct schema sleep[] = { LONG("seconds", KEEP), END };

#define ACTIONS \
	OBJECT("exec", exec, "ExecAction"), \
	OBJECT("httpGet", http_get, "HTTPGetAction"), \
	OBJECT("tcpSocket", tcp_socket, "TCPSocketAction")

static const struct schema probe[] = {
	ACTIONS, OBJECT("grpc", grpc, "GRPCAction"),
	INT("initialDelaySeconds", 0), INT("timeoutSeconds", 0), INT("periodSeconds", 0),
	INT("successThreshold", 0), INT("failureThreshold", 0),
	LONG("terminationGracePeriodSeconds", KEEP), END
};
static const struct schema handler[] = { ACTIONS, OBJECT("sleep", sleep, "SleepAction"), END };
static const struct schema lifecycle[] = {
	OBJECT("postStart", handler, "LifecycleHandler"),
	OBJECT("preStop", handler, "LifecycleHandler"), STRING("stopSignal", KEEP), END
};

#define CONTAINER \
	STRING("name", KEEP), \
	STRING("image", 0), \
	STRINGS("command"), \
	STRINGS("args"), \
	STRING("workingDir", 0), \
	LIST_OF("ports", port, "ContainerPort"), \
	LIST_OF("envFrom", env_from, "EnvFromSource"), \
	LIST_OF("env", env, "EnvVar"), \
	OBJECT("resources", schema_resources, "ResourceRequirements"), \
	LIST_OF("resizePolicy", resize, "ContainerResizePolicy"), \
	STRING("restartPolicy", KEEP), \
	LIST_OF("restartPolicyRules", restart_rule, "ContainerRestartRule"), \
	LIST_OF("volumeMounts", mount, "VolumeMount"), \
	LIST_OF("volumeDevices", device, "VolumeDevice"), \
	OBJECT("livenessProbe", probe, "Probe"), \
	OBJECT("readinessProbe", probe, "Probe"), \
	OBJECT("startupProbe", probe, "Probe"), \
	OBJECT("lifecycle", lifecycle, "Lifecycle"), \
	STRING("terminationMessagePath", 0), \
	STRING("terminationMessagePolicy", 0), \
	STRING("imagePullPolicy", 0), \
	OBJECT("securityContext", schema_security, "SecurityContext"), \
	BOOL("stdin", 0), \
	BOOL("stdinOnce", 0), \
	BOOL("tty", 0)

const struct schema schema_container[] = { CONTAINER, END };
const struct schema schema_ephemeral_container[] = {
	CONTAINER, STRING("targetContainerName", 0), END
};
