#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# A service that comes from a file of the folder of manifests, under traffic: it is
# made, changed, broken, put right, and removed, also while svcd is not running.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod1" tcp "${pod1_ip[4]}" 8081 two || fail "server two"
folder=$lib_scratch/manifests
web=10.96.7.7

# web_yaml TARGET [PORT]
web_yaml() {
	cat <<-END
	apiVersion: v1
	kind: Service
	metadata:
	  name: web
	spec:
	  clusterIP: $web
	  ports:
	  - port: ${2:-80}
	    targetPort: $1
	---
	apiVersion: v1
	kind: Endpoints
	metadata:
	  name: web
	subsets:
	- addresses:
	  - ip: ${pod1_ip[4]}
	  ports:
	  - port: $1
	END
}
# put TARGET [PORT]: as an editor does it
put() { web_yaml "$@" >"$folder/.web.yaml" && mv "$folder/.web.yaml" "$folder/web.yaml"; }
refused() { svcctl status | grep -q "$1"; }
all_taken() { svcctl status -j | jq -e '.manifests.refused == []' >/dev/null; }
no_service() { ! svcctl get service web >/dev/null 2>&1; }

expect "svcd starts without the folder" svcd_start --manifests "$folder"
mkdir "$folder"
put 8080
expect "the folder is made, with a file in it" wait_for 5 ask "$client" tcp "$web" 80 one
held conn "$client" tcp "$web" 80 || fail "a connection to hold"
expect "whose it is" test "$(svcctl get service web -o json |
	jq -r '.metadata.annotations["svcnat/manifest"]')" = web.yaml

refuse "the API does not change it" 'is managed by the file web.yaml: change it there' \
	svcctl label service web a=b
refuse "the API does not delete it" 'is managed by the file web.yaml: change it there' \
	svcctl delete service web
expect "its status is anybody's" patch web/status '{"status": {"conditions": [
	{"type": "x", "status": "True", "reason": "y", "message": "",
	 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}'

put 8081
expect "another file: another endpoint" wait_for 5 ask "$client" tcp "$web" 80 two
expect "the old connection stays" held_ask "$conn" "still there"

put 8080 0
expect "a file that is wrong is refused" wait_for 5 refused \
	'web.yaml:8:11: Service "web" is invalid'
expect "an Event says so" test "$(svcctl get events -o json | jq '[.items[] |
	select(.reason == "InvalidManifest" and .involvedObject.name == "node")] | length')" = 1
expect "traffic goes on" ask "$client" tcp "$web" 80 two
expect "the old connection, too" held_ask "$conn" "in spite of it"
put 8080
expect "it is put right" wait_for 5 ask "$client" tcp "$web" 80 one
expect "and nothing is refused" wait_for 5 all_taken

expect "svcd stops" svcd_stop TERM
put 8081
expect "svcd starts" svcd_start --manifests "$folder"
expect "what was changed meanwhile is there" ask "$client" tcp "$web" 80 two
expect "svcd is killed" svcd_stop KILL
rm "$folder/web.yaml"
expect "svcd starts again" svcd_start --manifests "$folder"
expect "what was removed meanwhile is gone" no_service
expect "from the kernel as well" wait_for 5 kernel_has_not default/web

put 8080
expect "the file is back" wait_for 5 ask "$client" tcp "$web" 80 one
rm "$folder/web.yaml"
expect "the file is removed" wait_for 5 no_service
finish
