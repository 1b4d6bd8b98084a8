# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the node does with the packets: one function a row. Each sets up $node for
# $family, $proto and $services, reads what the host made for it from $load, and sets
# $target and $target_port, where the packets go.
# shellcheck disable=SC2154,SC2034 # set by guest.sh and topology.bash; for them

# No connection tracking, no NAT.
row_plain() { row_direct; }

# Connection tracking, and not one rule that a packet meets.
row_conntrack() {
	row_direct
	row_nft <<-'END'
	table inet bench {
		chain unused { ct state new; }
	}
	END
}

# The least that NAT costs: hooks without a rule, and a masquerade that never is.
row_empty_nat() {
	row_direct
	row_nft <<-'END'
	table inet bench {
		chain prerouting { type nat hook prerouting priority dstnat; }
		chain output { type nat hook output priority -100; }
		chain postrouting {
			type nat hook postrouting priority srcnat
			meta mark & 0x4000 != 0 masquerade
		}
	}
	END
}

row_svcnat() {
	load_module && in_ns "$node" svcctl restore "$load/services" || return 1
	row_middle_service
}

row_svcnat_affinity() { row_svcnat; }
row_svcnat_accounting() { row_svcnat; }

# A connection that is no service's.
row_svcnat_unrelated() { row_svcnat && row_direct; }

# With a flowtable of nft beside it, for the connections that it translates.
row_svcnat_fastpath() {
	row_svcnat && row_nft <<-'END'
	table inet bench {
		flowtable fast {
			hook ingress priority filter
			devices = { client, pod }
		}
		chain forward {
			type filter hook forward priority filter
			ct status dnat ct state established flow add @fast
		}
	}
	END
}

row_kube_proxy_nftables() { row_nft <"$load/rules.nft" && row_recorded_service; }

# The older of the two backends, which is the faster one.
row_kube_proxy_iptables() {
	in_ns "$node" nfacct add ct_state_invalid_dropped_pkts &&
		row_iptables && row_recorded_service
}

# With the sysctls that kube-proxy sets.
row_kube_proxy_ipvs() {
	modprobe ip_vs && modprobe ip_vs_rr || return 1
	in_ns "$node" sysctl -qw net.ipv4.vs.conntrack=1 net.ipv4.vs.conn_reuse_mode=0 \
		net.ipv4.vs.expire_nodest_conn=1 net.ipv4.vs.expire_quiescent_template=1 &&
		ip -n "$node" link add kube-ipvs0 type dummy &&
		ip -n "$node" -batch "$load/ipvs.addresses" &&
		in_ns "$node" ipset restore <"$load/ipvs.sets" &&
		in_ns "$node" ipvsadm -R <"$load/ipvs.services" &&
		row_iptables && row_recorded_service
}

# ---- what they share

row_nft() { in_ns "$node" nft -f -; }

row_iptables() {
	local name=iptables

	[ "$family" = 4 ] || name=ip6tables
	in_ns "$node" "$name-legacy-restore" <"$load/rules.iptables"
}

row_direct() {
	target=${endpoint[family]}
	target_port=$endpoint_port
}

# tests/bench/services.sh has the addresses.
row_middle_service() {
	local i=$((services / 2))

	case $family in
	4) target=10.$((97 + i / 65536)).$((i / 256 % 256)).$((i % 256)) ;;
	6) printf -v target 'fd00:10:97::%x' "$i" ;;
	esac
	target_port=80
}

row_recorded_service() {
	target=$(<"$load/target")
	target_port=80
}
