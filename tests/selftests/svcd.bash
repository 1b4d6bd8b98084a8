# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A svcd on $node, for tests that need one. Sourced after node.bash.

# shellcheck disable=SC2154 # node, lib_scratch: lib.sh
svcd_dir=$lib_scratch/svcd
export SVCD_SOCKET=$svcd_dir/svcd.sock

svcd_answers() { curl -sf --unix-socket "$SVCD_SOCKET" http://svcd/livez; }
svcd_ready() { curl -sf --unix-socket "$SVCD_SOCKET" http://svcd/readyz; }

# svcd_launch UNTIL [OPTION...]: returns when UNTIL succeeds, within $svcd_patience seconds,
# 20 if not set. May run in a subshell: its number stands in a file, and none of its
# outputs is the subshell's.
svcd_launch() {
	mkdir -p "$svcd_dir"
	# Not in_ns: a function in the background has a shell's number, not svcd's.
	ip netns exec "$node" svcd "${@:2}" >>"$svcd_dir/log" 2>&1 </dev/null &
	echo $! >"$svcd_dir/pid"
	disown
	wait_for "${svcd_patience:-20}" "$1" || { cat "$svcd_dir/log"; return 1; }
}

# The options that most want; those that follow count.
svcd_usual() {
	svcd_launch "$1" --node-name node --socket "$SVCD_SOCKET" --data-dir "$svcd_dir" \
		--pod-cidr "${pod_cidr[4]}" --service-cidr 10.96.0.0/12 "${@:2}"
}

# svcd_run [OPTION...]: until it is ready; with no option but these
svcd_run() { svcd_launch svcd_ready "$@"; }
# svcd_start [OPTION...]: the same, with the usual ones
svcd_start() { svcd_usual svcd_ready "$@"; }
# svcd_spawn [OPTION...]: likewise, until it answers, ready or not
svcd_spawn() { svcd_usual svcd_answers "$@"; }

svcd_kill() { kill "-$1" "$(cat "$svcd_dir/pid" 2>/dev/null)" 2>/dev/null; }
svcd_gone() { ! svcd_kill 0; }

# svcd_stop SIGNAL: returns when it is gone
svcd_stop() {
	svcd_kill "$1" || return 0
	wait_for 10 svcd_gone
}
at_exit svcd_stop KILL

# kernel_has SERVICE ENDPOINT...: its endpoints in the kernel, sorted
kernel_has() {
	local name=$1

	shift
	[ "$(svc show "$name" -j 2>/dev/null |
		jq -r '[.[0].endpoints[] | "\(.address):\(.port)"] | sort | join(" ")')" = "$*" ]
}

kernel_has_not() { ! svc show "$1" -j 2>/dev/null | grep -q '"name"'; }

# ---- objects

service() {
	cat <<-END
	{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "$1"},
	 "spec": {"type": "${2:-ClusterIP}", "ports": [{"port": 80, "targetPort": 8080}]}}
	END
}

# endpoints SERVICE ADDRESS[@NODE]...
endpoints() {
	local ip list=

	for ip in "${@:2}"; do
		list+="${list:+, }{\"ip\": \"${ip%@*}\""
		[[ $ip != *@* ]] || list+=", \"nodeName\": \"${ip#*@}\""
		list+="}"
	done
	cat <<-END
	{"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "$1"},
	 "subsets": [{"addresses": [$list], "ports": [{"port": 8080}]}]}
	END
}

make_object() { svcctl create -f - <<<"$1"; }
replace_endpoints() {
	curl -sf --unix-socket "$SVCD_SOCKET" -X PUT -H 'Content-Type: application/json' \
		-d "$(endpoints "$@")" \
		"http://svcd/api/v1/namespaces/default/endpoints/$1"
}
# patch SERVICE[/status] JSON
patch() {
	curl -sf --unix-socket "$SVCD_SOCKET" -X PATCH \
		-H 'Content-Type: application/merge-patch+json' -d "$2" \
		"http://svcd/api/v1/namespaces/default/services/$1"
}
node_port() { svcctl get service "$1" -o json | jq -r '.spec.ports[0].nodePort'; }
# kernel_says SERVICE FILTER: the filter of jq is true of what the kernel has
kernel_says() { svc show "default/$1" -j | jq -e ".[0] | $2"; }
cluster_ip() { svcctl get service "$1" -o json | jq -r .spec.clusterIP; }
