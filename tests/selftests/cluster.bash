# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Three nodes, each with a pod, on one LAN with a client. Sourced after svcd.bash:
#
#	lan 192.168.70.254 (br0)
#	  node 192.168.70.1		other 192.168.70.2	third 192.168.70.3
#	  pod  10.244.1.10		     10.244.2.10	      10.244.3.10
#
# Another link is only between node and other, 192.168.71.1 and .2 (mgmt): the
# follower's way to the authority.
#
# cluster_up makes them: ${cluster[1..3]} are the nodes' namespaces, $lan the
# client's, and ${cluster_name[1..3]} what svcd calls the nodes.
#
# What is asked all the time, on each node by its pod and by itself: the Service
# "stable", whose pods are on node and third; and "near", which has a pod on each node,
# for that node only. The client asks each node for the node port of "stable".

# shellcheck disable=SC2034,SC2154 # used by the test; set by ns_add
cluster_name=([1]=node [2]=other [3]=third)
cluster=()
pod=()

cluster_node() {
	local k=$1 n p

	ns_add n net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
	ns_add p
	cluster[k]=$n pod[k]=$p
	link "$lan" "l$k" "" "$n" eth0 "192.168.70.$k/24"
	ip -n "$lan" link set "l$k" master br0
	link "$n" pod "10.244.$k.1/24" "$p" eth0 "10.244.$k.10/24"
	default_route "$p" "10.244.$k.1"
	default_route "$n" 192.168.70.254
	server "$p" tcp "10.244.$k.10" 8080 stable && server "$p" tcp "10.244.$k.10" 8081 "near$k"
}

cluster_up() {
	local j k

	ns_add lan net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
	ip -n "$lan" link add br0 type bridge
	ip -n "$lan" addr add 192.168.70.254/24 dev br0
	ip -n "$lan" link set br0 up
	# What no node has translated is not answered.
	in_ns "$lan" sysctl -qw net.ipv4.ip_forward=0
	for k in 1 2 3; do
		cluster_node "$k" || return 1
	done
	for k in 1 2 3; do
		for j in 1 2 3; do
			[ "$j" -eq "$k" ] || ip -n "${cluster[k]}" route add "10.244.$j.0/24" \
				via "192.168.70.$j" || return 1
		done
	done
	link "${cluster[1]}" mgmt 192.168.71.1/24 "${cluster[2]}" mgmt 192.168.71.2/24
}

# ---- one svcd for each node

# on NODE COMMAND...: with the svcd of that node
on() {
	local node=$1 name

	name=$(basename "$1")
	svcd_dir=$lib_scratch/$name SVCD_SOCKET=$lib_scratch/$name/svcd.sock node=$node "${@:2}"
}
socket() { echo "$lib_scratch/$(basename "$1")/svcd.sock"; }

followed() { svcctl status -j | jq -e '.source.kinds | all(.connected)'; }
not_followed() { svcctl status -j | jq -e '.source.kinds | any(.connected) | not'; }
# What changes when a watch was lost and made again.
since() { svcctl status -j | jq -c '[.source.kinds[] | .since, .lastError]'; }

# ---- the follower's way: TLS on the link, and a kubeconfig

# Everybody trusts the authority's CA, and it lets in whoever has a certificate of its own.
certificates() {
	local dir=$lib_scratch/tls

	mkdir -p "$dir"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=ca -keyout "$dir/ca.key" -out "$dir/ca.pem" &&
		certificate server "subjectAltName=IP:192.168.71.1" && certificate client \
		"extendedKeyUsage=clientAuth"
}
certificate() {
	local dir=$lib_scratch/tls

	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$dir/$1.key" -out "$dir/$1.csr" &&
		openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
			-CAcreateserial -days 2 -extfile <(echo "$2") -out "$dir/$1.pem"
}
kubeconfig() {
	local dir=$lib_scratch/tls

	cat <<-END
	apiVersion: v1
	kind: Config
	current-context: it
	contexts: [{name: it, context: {cluster: it, user: me}}]
	clusters:
	- {name: it, cluster: {server: "https://192.168.71.1:6443",
	   certificate-authority: $dir/ca.pem}}
	users:
	- {name: me, user: {client-certificate: $dir/client.pem, client-key: $dir/client.key}}
	END
}
listens() { [ -n "$(in_ns "$1" ss -Hltn "sport = :$2")" ]; }
carry_start() {
	local dir=$lib_scratch/tls

	ip netns exec "${cluster[1]}" socat "OPENSSL-LISTEN:6443,bind=192.168.71.1,fork,reuseaddr,$(
		)cert=$dir/server.pem,key=$dir/server.key,cafile=$dir/ca.pem,verify=1" \
		"UNIX-CONNECT:$(socket "${cluster[1]}")" >"$lib_scratch/carry" 2>&1 &
	disown
	wait_for 60 listens "${cluster[1]}" 6443
}

# Nothing passes, and nobody is told.
cut_off() {
	local k

	for k in 1 2; do
		in_ns "${cluster[k]}" nft -f - <<-RULES || return 1
			table netdev cut {
				chain in {
					type filter hook ingress device mgmt priority 0;
					policy drop;
				}
			}
		RULES
	done
}
cut_ends() {
	in_ns "${cluster[1]}" nft delete table netdev cut &&
		in_ns "${cluster[2]}" nft delete table netdev cut
}

# ---- what is asked all the time

send() {
	curl -sf -o "$lib_scratch/sent" --unix-socket "$SVCD_SOCKET" -X "$1" \
		-H "Content-Type: application/$4" -d "$3" \
		"http://svcd/api/v1/namespaces/default/$2"
}
# asked_pod K APP: the pod of node K, with the labels app=APP and set=near
asked_pod() {
	send POST pods "$(cat <<-END
	{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "asked$1", "labels":
		{"app": "$2", "set": "near"}}, "spec": {"nodeName": "${cluster_name[$1]}",
		"containers": [{"name": "c", "image": "i"}]}}
	END
	)" json && send PATCH "pods/asked$1/status" "$(cat <<-END
	{"status": {"phase": "Running", "podIP": "10.244.$1.10", "podIPs":
		[{"ip": "10.244.$1.10"}], "conditions": [{"type": "Ready", "status": "True"}]}}
	END
	)" merge-patch+json
}
# asked_service NAME TARGET SPEC
asked_service() {
	make_object "$(cat <<-END
	{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "$1"}, "spec":
		{"ports": [{"port": 80, "targetPort": $2}], $3}}
	END
	)"
}
asked_objects() {
	asked_service stable 8080 '"type": "NodePort", "selector": {"app": "stable"}' &&
		asked_service near 8081 '"internalTrafficPolicy": "Local", "selector":
			{"set": "near"}' &&
		asked_pod 1 stable && asked_pod 2 idle && asked_pod 3 stable
}

has_near() { svc show default/near | grep -q "10.244.$1.10:8081"; }
comes_to() {
	local node=${cluster[$1]}

	wait_for 20 kernel_has default/stable 10.244.1.10:8080 10.244.3.10:8080 &&
		wait_for 20 has_near "$1"
}

# Each of them several times. What goes wrong is said.
asked_once() {
	local k=$1 how=(--count 3 --timeout "$patience")

	ask "${pod[k]}" tcp "$stable" 80 stable "${how[@]}" &&
		ask "${pod[k]}" tcp "$near" 80 "near$k" "${how[@]}" &&
		ask "${cluster[k]}" tcp "$stable" 80 stable "${how[@]}" &&
		ask "${cluster[k]}" tcp "$near" 80 "near$k" "${how[@]}" &&
		ask "$lan" tcp "192.168.70.$k" "$stable_port" stable "${how[@]}"
}
asking() {
	local pause=0.1 patience=5

	# On a kernel that checks itself they would leave no time for anything else, and
	# everything takes its time.
	if [ -e /proc/lockdep_stats ]; then
		pause=3
		patience=60
	fi
	while [ -e "$lib_scratch/asking" ]; do
		if asked_once "$1" >"$lib_scratch/asked-$1"; then
			echo >>"$lib_scratch/answered-$1"
		else
			echo "$SECONDS s: $(<"$lib_scratch/asked-$1")" >>"$lib_scratch/unanswered-$1"
		fi
		sleep "$pause"
	done
}
asking_start() {
	local k

	stable=$(cluster_ip stable)
	near=$(cluster_ip near)
	stable_port=$(node_port stable)
	touch "$lib_scratch"/{asking,{,un}answered-{1,2,3}}
	askers=()
	for k in 1 2 3; do
		asking "$k" &
		askers+=($!)
	done
}
asking_stop() {
	rm "$lib_scratch/asking"
	wait "${askers[@]}"
}

# In rounds, on the node where there were fewest.
answers() { wc -l "$lib_scratch"/answered-{1,2,3} | sort -n | awk 'NR == 1 { print $1 }'; }
more_than() { [ "$(answers)" -gt "$1" ]; }
# goes_on N: everywhere N more rounds from now on, and never any without an answer
goes_on() {
	wait_for 400 more_than $(($(answers) + $1)) && never_unanswered
}
never_unanswered() {
	local k

	for k in 1 2 3; do
		sed "s/^/${cluster_name[k]}: /" "$lib_scratch/unanswered-$k"
	done
	[ ! -s "$lib_scratch/unanswered-1" ] && [ ! -s "$lib_scratch/unanswered-2" ] &&
		[ ! -s "$lib_scratch/unanswered-3" ]
}
# The first packet of a connection that is lost is sent again after a second: an answer may hide it.
never_lost() {
	local n lost

	for n in "$lan" "${pod[@]}"; do
		lost=$(in_ns "$n" nstat -asz TcpExtTCPSynRetrans | awk '/SynRetrans/ { print $2 }')
		echo "$n: $lost"
		[ "$lost" = 0 ] || return 1
	done
}
