#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# svcd as systemd runs it: systemd itself is process 1 of a PID namespace here, with
# folders of its own for what it writes, on the network of the node, and has
# systemd/svcd.service, sandbox and all. Start, reload, a watchdog that bites, a crash,
# a stop; what the sandbox lets it do, and what it does not: there is a second unit like it,
# confined.service, which tries everything. Who may use its socket, and what is in its log.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

systemd=/lib/systemd/systemd
needs ip svcctl svcd jq curl nsenter unshare setpriv pgrep systemctl systemd-analyze \
	journalctl "$systemd"
[ -e /proc/sys/kernel/seccomp ] || skip_all "no seccomp in this kernel"
# A watchdog counts seconds, of which that one needs many for everything.
[ ! -e /sys/kernel/debug/kmemleak ] || skip_all "a debug kernel is too slow"
begin
depends=$(modinfo -F depends "${SVCNAT_KO:-svcnat}")
expect "the module is not there at first" unload_module
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
dir=$lib_scratch/systemd
mkdir "$dir"

# ---- systemd on the node

# So that modprobe, and the kernel itself, find a module that is not installed.
modprobe_finds() {
	local conf=/run/modprobe.d/svcnat-systemd.conf

	at_exit rm -f "$conf"
	mkdir -p "${conf%/*}"
	cat >"$conf" <<-END
	alias net-pf-16-proto-16-family-svcnat svcnat
	install svcnat /sbin/modprobe -a ${depends//,/ }; /sbin/insmod $SVCNAT_KO
	END
	cp "$conf" "$dir/modprobe.conf"
	# The selftests keep the kernel from loading the one that is installed.
	[ ! -e /run/modprobe.d/svcnat-selftests.conf ] || {
		mv /run/modprobe.d/svcnat-selftests.conf "$dir/kept.conf"
		at_exit mv "$dir/kept.conf" /run/modprobe.d/svcnat-selftests.conf
	}
}

read_by_root=(/etc/svcd/svcd.yaml /etc/shadow /root)
# What process 1 does before it is systemd. Of the units of this machine there are the
# journal and ours.
cat >"$dir/init" <<END
#!/bin/bash
set -e
mount --make-rprivate /
mount -t proc proc /proc
umount /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 var /var
mkdir -p /run/systemd/system/svcd.service.d /run/systemd/system-generators \\
	/run/modprobe.d /run/lock /var/lib /var/log /var/tmp /etc/svcd
mount -t tmpfs bin /usr/local/sbin
mount -t tmpfs etc /etc/svcd
chmod 1777 /var/tmp
install $lib_repo/build/bin/{svcd,svcctl} $lib_repo/build/tests/confined /usr/local/sbin
cp $dir/modprobe.conf /run/modprobe.d
cp $dir/svcd.yaml /etc/svcd
chmod 600 /etc/svcd/svcd.yaml
cd /run/systemd/system
sed s,@SBINDIR@,/usr/local/sbin, $lib_repo/systemd/svcd.service >svcd.service
printf '[Service]\nWatchdogSec=10\n' >svcd.service.d/watchdog.conf
sed 's,^Type=.*,Type=oneshot,; /^Watchdog/d; /^Restart/d; /^ExecStartPre/d; /^ExecReload/d
	s,/usr/local/sbin/svcd,/usr/local/sbin/confined,
	s,^ExecStart=.*,ExecStart=/usr/local/sbin/confined ${read_by_root[*]},
	s,^RuntimeDirectory=.*,&\nRuntimeDirectoryPreserve=yes,' svcd.service >confined.service
for unit in {/lib,/etc}/systemd/system/sysinit.target.wants/* \\
	/lib/systemd/system/sockets.target.wants/*udev*; do
	name=\${unit##*/}
	[ "\$name" = systemd-journald.service ] || ln -sf /dev/null "\$name"
done
for unit in /lib/systemd/system-generators/*; do
	ln -s /dev/null "/run/systemd/system-generators/\${unit##*/}"
done
printf '[Unit]\nDefaultDependencies=no\n' | tee sysinit.target >nothing.target
exec $systemd --system --unit=nothing.target --show-status=no --log-target=journal
END
chmod +x "$dir/init"

cat >"$dir/svcd.yaml" <<-END
nodeName: node
podCIDRs: [${pod_cidr[4]}]
serviceCIDRs: [10.96.0.0/12]
logLevel: debug
END

systemd_start() {
	local group=/sys/fs/cgroup/svcnat-systemd

	mkdir -p "$group"
	# shellcheck disable=SC2016 # for that shell
	env -i container=svcnat PATH="$PATH" nsenter --net="/run/netns/$node" sh -c \
		'echo $$ >"$0/cgroup.procs" && exec unshare --pid --mount --cgroup --uts --ipc \
		--fork --kill-child "$1"' "$group" "$dir/init" >"$dir/log" 2>&1 </dev/null &
	outer=$!
	disown
	at_exit systemd_stop
	wait_for 90 systemd_is_up_or_gone
	systemd_is_up || { cat "$dir/log"; return 1; }
}
enter() { nsenter -t "$init" -m -p "$@"; }
systemd_is_up() {
	init=$(pgrep -P "$outer") && enter systemctl is-active --quiet nothing.target
}
systemd_is_up_or_gone() { systemd_is_up || ! kill -0 "$outer"; }
systemd_stop() {
	kill -KILL "$outer" 2>/dev/null
	wait_for 10 rmdir /sys/fs/cgroup/svcnat-systemd/ ||
		find /sys/fs/cgroup/svcnat-systemd -depth -type d -exec rmdir {} + 2>/dev/null
}
property() { enter systemctl show -P "$1" svcd; }
property_is() { [ "$(property "$1")" = "$2" ]; }
# said TEXT [PRIORITY]: svcd or systemd of it, in the journal
# Whatever it is: an exit code of 1 says that it is not there.
said() {
	enter journalctl -u svcd -o json --no-pager |
		jq -se --arg text "$1" --arg priority "${2:-}" 'any(.[]; (.MESSAGE | tostring |
		contains($text)) and ($priority == "" or .PRIORITY == $priority))'
}

modprobe_finds
expect "systemd" systemd_start
[ "$lib_failed" -eq 0 ] || finish
export SVCD_SOCKET=/proc/$init/root/run/svcd/svcd.sock

# ---- start

expect "it starts svcd, and waits until it is ready" enter systemctl start svcd
expect "which it is" property_is ActiveState active
expect "the module was loaded before" module_loaded
expect "the kernel is written" wait_for 10 svcd_ready
expect "its folder of state is its own" [ "$(enter stat -c '%a %U' /var/lib/svcd)" = "700 root" ]
expect "with the database" enter test -s /var/lib/svcd/svcd.db
expect "its socket is for all to find" [ "$(enter stat -c '%a' /run/svcd)" = 755 ]
expect "its own settings were read" [ "$(svcctl status -j | jq -r .node)" = node ]
expect "a service" make_object "$(service web LoadBalancer |
	jq '.spec += {externalTrafficPolicy: "Local", healthCheckNodePort: 30500}')"
expect "its endpoint" make_object "$(endpoints web "${pod1_ip[4]}@node")"
web=$(cluster_ip web)
expect "answers" wait_for 5 ask "$client" tcp "$web" 80 one
asks() { in_ns "$client" curl -sf -m 5 "http://${node_ip[4]}:$1" || return 1; }
expect "/healthz is open" asks 10256/healthz
expect "and the healthCheckNodePort" wait_for 5 asks 30500/
refuse "not the metrics" "" asks 10249/metrics
expect "the journal knows how grave a line is" wait_for 5 said "serves /run/svcd/svcd.sock" 6

# ---- who may use its socket

# answered USER GROUP: the HTTP status
answered() {
	enter setpriv --reuid="$1" --regid="$2" --clear-groups curl -s -m 5 -o /dev/null \
		-w '%{http_code}' --unix-socket /run/svcd/svcd.sock http://svcd/api/v1/services
}
same "its mode" "660 root root" "$(enter stat -c '%a %U %G' /run/svcd/svcd.sock)"
same "root is answered" 200 "$(answered 0 0)"
same "nobody else reaches it" 000 "$(answered 65534 65534)"
same "who is in root's group does, and is told no" 403 "$(answered 65534 0)"
expect "somebody opens it to all" enter chmod 666 /run/svcd/svcd.sock
same "they are told no" 403 "$(answered 65534 65534)"
same "root is answered" 200 "$(answered 0 0)"

# ---- the sandbox

level=$(enter systemd-analyze security --no-pager svcd.service |
	sed -n 's/.*Overall exposure level for svcd.service: \([0-9.]*\).*/\1/p')
expect "what it may do is worth 2.1 or less: $level" \
	awk -v level="$level" 'BEGIN { exit !(level != "" && level <= 2.1) }'
main=$(enter pgrep -o -x svcd)
of_svcd() { enter sed -n "s/^$1:\t//p" "/proc/$main/status"; }
same "it has CAP_NET_ADMIN, _RAW, _BIND_SERVICE, and nothing else" \
	"0000000000003400 0000000000003400" "$(of_svcd CapBnd) $(of_svcd CapEff)"
same "gains nothing, and its system calls are filtered" "1 2" \
	"$(of_svcd NoNewPrivs) $(of_svcd Seccomp)"
# What it sees is seen from here as well.
seen=/proc/$main/root
refuse "it cannot write where programs are" "Read-only file system" \
	enter touch "$seen/usr/local/sbin/x"
expect "it can write its state" enter touch "$seen/var/lib/svcd/x"
same "it sees no homes" "" "$(enter ls -A "$seen/root")"
refuse "and no modules" "" enter ls "$seen/usr/lib/modules/$(uname -r)"
folders() { enter find "$seen/run" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | xargs; }
same "of /run its own, and what tells systemd that it lives" "svcd systemd" "$(folders)"

# Each act by itself, by a program that is there in the place of svcd.
expect "systemd has a socket for root" enter test -S /run/systemd/private
# Of its start of the number $start.
tried() {
	enter journalctl -t confined -o cat --no-pager |
		awk -v start="$start" 'n + 1 == start; /^# confined: / { n++ }'
}
tried_all() { tried | grep -q '^# confined: '; }
start=1
expect "a program in its place" enter systemctl start confined
expect "tries all" wait_for 10 tried_all
got=$(tried)
while IFS='|' read -r answer act; do
	can=can
	[ "$answer" = yes ] || can=cannot
	same "it $can $act" "$answer" \
		"$(sed -n "s,^yes $act\$,yes,p; s,^no $act: ,no ,p" <<<"$got")"
done <<-END
	yes|write its state
	yes|write its runtime folder
	yes|open a netlink socket
	yes|open a packet socket
	yes|bind a port below 1024
	yes|force a buffer
	yes|read /etc/svcd/svcd.yaml
	no EACCES|read /etc/shadow
	no EACCES|read /root
	no EROFS|write its settings
	no EROFS|write where programs are
	no EROFS|write other state
	no EROFS|write elsewhere in /run
	no EACCES|write to shared memory
	no EROFS|write a sysctl
	no EROFS|write a control group
	no ENOENT|open the memory
	no ENOENT|open the kernel's log
	no EPERM|make a set-user-id file
	no EAFNOSUPPORT|open a socket of the crypto family
	no EAFNOSUPPORT|open a vsock socket
	no ENOENT|reach systemd
	no EPERM|become another user
	no EPERM|become another group
	no EPERM|leave its groups
	no EPERM|take more rights
	no EPERM|give a file away
	no EPERM|make a user namespace
	no EPERM|make a network namespace
	no EPERM|enter a namespace
	no EPERM|load a module
	no EPERM|load a module from a file
	no EPERM|remove a module
	no EPERM|mount
	no EPERM|unmount
	no EPERM|change its root
	no EPERM|trace
	no EPERM|read a process
	no EPERM|use bpf
	no EPERM|use perf
	no EPERM|use userfaultfd
	no EPERM|use io_uring
	no EPERM|use keys
	no EPERM|set the clock
	no EPERM|set the host's name
	no EPERM|restart the machine
	no EPERM|have memory to write and execute
	no EACCES|run a shell
	no EACCES|run modprobe
END

# What another one like it may not read, no core is made of.
like_it() { enter setpriv --bounding-set=-all,+net_admin,+net_raw,+net_bind_service "$@"; }
# shellcheck disable=SC2016 # for that shell
expect "one like it reads what is like it" like_it bash -c \
	'sleep 100 & cat "/proc/$!/environ" >/dev/null; code=$?; kill $!; exit $code'
refuse "but not its memory" "Permission denied" like_it cat "/proc/$main/environ"
same "and it may not leave a core" 0 "$(property LimitCORE)"

# The kernel loads a module that a family is asked of, whatever the sandbox of who asks.
expect "the module goes" unload_module
expect "it is loaded by itself" wait_for 20 module_loaded
expect "and filled" wait_for 10 ask "$client" tcp "$web" 80 one

# ---- reload

restarts() { property NRestarts; }
before=$(restarts)
settings() { enter bash -c "cat >>/etc/svcd/svcd.yaml"; }
expect "other settings" settings <<<"metricsBindAddress: ':10249'"
expect "are read again" enter systemctl reload svcd
expect "and used" wait_for 5 asks 10249/metrics
expect "a setting that there is not" settings <<<"nonsense: 1"
expect "is read" enter systemctl reload svcd
expect "refused" wait_for 5 said "the options stay as they are" 3
expect "and it goes on" property_is ActiveState active
expect "it goes" enter sed -i /nonsense/d /etc/svcd/svcd.yaml
same "it is the same process" "$before $main" "$(restarts) $(enter pgrep -o -x svcd)"

# ---- it hangs, it is killed

restarted() { [ "$(restarts)" = "$1" ] && property_is ActiveState active; }
expect "it hangs" enter systemctl kill -s STOP --kill-whom=main svcd
expect "traffic does not notice" ask "$client" tcp "$web" 80 one
expect "the watchdog ends it, and it is started again" wait_for 40 restarted 1
expect "the journal says why" said "Watchdog timeout"
has_web() { [ "$(cluster_ip web)" = "$web" ]; }
expect "the object is still there" wait_for 5 has_web
expect "it is killed" enter systemctl kill -s KILL --kill-whom=main svcd
expect "traffic does not notice" ask "$client" tcp "$web" 80 one
expect "it is started again" wait_for 20 restarted 2
expect "the kernel is written" wait_for 10 svcd_ready
expect "no harm was done by the sandbox" eval '! said "Operation not permitted"'

# ---- what is in the log, which tells all that it can

secret=hunter2-$RANDOM
# pod NAME KEY
pod() {
	cat <<-END
	{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "$1",
	 "annotations": {"password": "$secret"}}, "spec": {"containers": [{"name": "c",
	 "image": "i", "args": ["$secret"], "env": [{"name": "$2", "value": "$secret"}]}]}}
	END
}
expect "a pod with a secret" make_object "$(pod good PASSWORD)"
refuse "one that is wrong" "$secret=" make_object "$(pod bad "$secret=")"
expect "a folder of manifests" enter mkdir /etc/svcd/manifests
expect "with one that is wrong, too" enter bash -c 'cat >/etc/svcd/manifests/bad.yaml' \
	<<<"$(pod bad "$secret=")"
expect "which is in the log" wait_for 40 said "spec.containers[0].env[0].name: Invalid value: (hid"
refused() { svcctl status -j | jq -r '.manifests.refused[].message' | grep -qF "$secret="; }
expect "with the value in the status" refused
refuse "but not in the log" "" said "$secret"
expect "it goes" enter rm /etc/svcd/manifests/bad.yaml

# ---- tighter still, for who announces nothing; and open to a group

tighter() {
	local unit

	for unit in svcd confined; do
		enter mkdir -p "/run/systemd/system/$unit.service.d"
		enter bash -c "cat >/run/systemd/system/$unit.service.d/tighter.conf" <<-END
		[Service]
		CapabilityBoundingSet=~CAP_NET_RAW
		RestrictAddressFamilies=~AF_PACKET
		Group=adm
		END
	done
	enter systemctl daemon-reload
}
expect "a tighter unit" tighter
expect "svcd is started with it" enter systemctl restart svcd
expect "and ready" wait_for 10 svcd_ready
expect "traffic does not notice" ask "$client" tcp "$web" 80 one
start=2
expect "the same program again" enter systemctl start confined
expect "tries all" wait_for 10 tried_all
same "it cannot open a packet socket any more" "no open a packet socket: EAFNOSUPPORT" \
	"$(tried | grep 'packet socket')"
same "it can bind a port below 1024" "yes bind a port below 1024" "$(tried | grep 'below 1024')"
same "the socket is its group's" "660 root adm" "$(enter stat -c '%a %U %G' /run/svcd/svcd.sock)"
same "who is answered" 200 "$(answered 65534 4)"
same "others are not" 000 "$(answered 65534 65534)"

# ---- as a follower over TLS, with all its libraries

if command -v openssl >/dev/null; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=authority -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/key" \
		-out "$dir/cert" 2>/dev/null || fail "a certificate"
	ip netns exec "$node" openssl s_server -accept 127.0.0.1:6443 -cert "$dir/cert" \
		-key "$dir/key" -quiet >"$dir/asked" 2>&1 < <(sleep 1000) &
	at_exit eval "kill $! 2>/dev/null"
	disown
	token=$(printf 'x%.0s' {1..40})
	enter bash -c "cat >/etc/svcd/kubeconfig" <<-END
	apiVersion: v1
	kind: Config
	current-context: c
	contexts: [{name: c, context: {cluster: c, user: u}}]
	clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443",
	  certificate-authority-data: $(base64 -w 0 "$dir/cert")}}]
	users: [{name: u, user: {token: $token}}]
	END
	expect "it follows somebody" settings <<<"follow: /etc/svcd/kubeconfig"
	expect "after a restart" enter systemctl restart svcd
	expect "which it asks over TLS" wait_for 20 grep -qa "Authorization: Bearer $token" \
		"$dir/asked"
	expect "traffic does not notice" ask "$client" tcp "$web" 80 one
	refuse "the token is not in the log" "" said "$token"
else
	skip "it follows somebody over TLS" "no openssl on this machine"
fi

# ---- stop, and a start that fails

expect "it is stopped" enter systemctl stop svcd
expect "cleanly" property_is Result success
expect "the kernel keeps the service" kernel_has default/web "${pod1_ip[4]}:8080"
expect "traffic does not notice" ask "$client" tcp "$web" 80 one
expect "its socket is gone" enter test ! -e /run/svcd
expect "its state is not" enter test -s /var/lib/svcd/svcd.db
expect "a setting that there is not" settings <<<"nonsense: 1"
refuse "keeps it from being started" "failed" enter systemctl start svcd
expect "and it says so" wait_for 5 said "nonsense"

finish
