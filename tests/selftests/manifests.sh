#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Manifests that are wrong: each is refused with the words of Kubernetes and the
# place in the file, and nothing of its file is created.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
ns_add node
expect "svcd starts" svcd_start
cd "$lib_scratch" || exit 1

# manifest FILE [SED...]: a good service, and what is wrong in it
manifest() {
	sed -e '' "${@:2}" >"$1" <<-'END'
	apiVersion: v1
	kind: Service
	metadata:
	  name: bad
	spec:
	  type: NodePort
	  selector:
	    app: web
	  ports:
	  - name: http
	    port: 80
	    targetPort: 8080
	    nodePort: 30500
	END
}

created() { svcctl get services,pods,endpoints -A -o json | jq '.items | length'; }

# wrong NAME PLACE TEXT: what bad.yaml must say, and that nothing came of it
wrong() {
	refuse "$1: the words" "$3" svcctl create -f bad.yaml
	refuse "$1: the place" "bad.yaml:$2" svcctl create -f bad.yaml
	same "$1: nothing created" "$baseline" "$(created)"
}

range="provided port is not in the valid range. The range of valid ports is 30000-32767"
manifest good.yaml -e s/bad/good/
expect "a good one" svcctl create -f good.yaml
baseline=$(created)

manifest bad.yaml -e 's/kind: Service/kind: Sevrice/'
wrong "unknown kind" 2 'no matches for kind "Sevrice" in version "v1"'
manifest bad.yaml -e 's/port: 80$/port: 65536/'
wrong "bad port" 11 \
	'spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive'
manifest bad.yaml -e 's/30500/29999/'
wrong "nodePort out of range" 13 \
	"spec.ports[0].nodePort: Invalid value: 29999: $range"
manifest bad.yaml
wrong "duplicate nodePort" 13 \
	'spec.ports[0].nodePort: Invalid value: 30500: provided port is already allocated'
manifest bad.yaml -e 's/app: web/app:/'
wrong "a selector without value" 8 'spec.selector.app: Required value'
manifest bad.yaml -e 's/targetPort: 8080/targetPort: -web/'
wrong "a target that is no port" 12 'spec.ports[0].targetPort: Invalid value: "-web"'
manifest bad.yaml -e 's/  selector:/  slector:/'
wrong "unknown field" 7 'unknown field "spec.slector"'
manifest bad.yaml -e 's/^spec:/spec/'
wrong "broken YAML" 6 'error'
manifest bad.yaml -e '/ports:/Q'
wrong "no ports" 5 'spec.ports: Required value'

# Several wrongs at once, and one wrong document among good ones.
manifest bad.yaml -e 's/port: 80$/port: 0/' -e 's/30500/80/'
refuse "all errors at once: the first" "* spec.ports[0].port: Invalid value: 0" \
	svcctl create -f bad.yaml
refuse "all errors at once: the second" "* spec.ports[0].nodePort: Invalid value: 80" \
	svcctl create -f bad.yaml
manifest bad.yaml -e 's/bad/fine/' -e 's/30500/30501/'
{ echo ---; cat good.yaml; echo ---; } >>bad.yaml
manifest third.yaml -e 's/30500/1/'
cat third.yaml >>bad.yaml
wrong "one bad document of three" 41 'provided port is not in the valid range'

# Good ones each by itself, that want the same.
manifest bad.yaml -e 's/bad/one/' -e 's/30500/30404/'
{ echo ---; sed s/one/two/ bad.yaml; } >two.yaml
cat two.yaml >>bad.yaml
wrong "two documents of one file that want one nodePort" 27 \
	'"two" is invalid: spec.ports[0].nodePort: Invalid value: 30404: provided port is already'
sed -i 's/two/one/' bad.yaml
wrong "two documents of one name" 18 'services "one" already exists'
sed -e '14,$s/one/two/' -e '/nodePort/d' -e 's/  type:.*/  clusterIP: 10.96.7.7/' -i bad.yaml
wrong "two documents that want one clusterIP" 19 \
	'failed to allocate IP 10.96.7.7: provided IP is already allocated'

refuse "a file that is not there" 'the path "absent.yaml" does not exist' \
	svcctl create -f absent.yaml
refuse "the same once more" 'services "good" already exists' svcctl create -f good.yaml

# And no svcd at all.
svcd_stop TERM
refuse "without svcd one line says so" "cannot reach svcd at $SVCD_SOCKET" svcctl get services
same "one line" 1 "$(svcctl get services 2>&1 | wc -l)"

finish
