#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Install the Debian 12 packages that a part of the work needs, if they are missing.
#
#	scripts/deps.sh [build] [test] [bench] [dkms] [package] [style] [debug] [fuzz]
#
# Says nothing, and uses no network, when all are there. Needs root otherwise.
set -u

# One line each: group, package, what for. A|B: A, unless B is there.
packages() {
	cat <<-'END'
	build gcc                      compiler
	build libc6-dev                C library headers
	build make                     make
	build pkg-config               flags of the libraries
	build libnl-3-dev              netlink
	build libnl-genl-3-dev         generic netlink, the way to the module
	build libnftables-dev          NAT hooks that stay when the module goes
	build libyaml-dev              manifests
	build libjansson-dev           JSON
	build libevent-dev             event loop and HTTP server
	build libcurl4-openssl-dev     HTTP client
	build libsqlite3-dev           the store
	build libsystemd-dev           start-up notification
	build libkmod-dev              replacing the module
	build libldns-dev              DNS names and messages
	build linux-headers-amd64      the module for Debian's kernel 6.1
	build linux-headers-6.12-amd64 the module for Debian's kernel 6.12
	build dwarves                  type information of modules (pahole)
	build kmod                     module tools
	test linux-image-amd64         kernel 6.1 to boot in the VM
	test linux-image-6.12-amd64    kernel 6.12 to boot in the VM
	test qemu-system-x86           the VM
	test busybox-static            the VM's first program
	test xz-utils                  compressed modules
	test libcmocka-dev             unit tests
	test libssl-dev                an API server with TLS, for unit tests
	test iproute2                  network namespaces
	test procps                    sysctl
	test curl                      HTTP requests of the demo
	test nftables                  to live beside its NAT
	test iptables                  to live beside its NAT
	test conntrack                 a look at connections
	test jq                        JSON in the selftests
	test bind9-dnsutils            questions to DNS
	test iputils-ping              pings to service addresses
	test socat                     kubectl's way to svcd's socket
	test kubernetes-client|kubectl a real kubectl
	test libreadline8              bird, a routing daemon, which is not installed itself
	test libssh-gcrypt-4           the same
	bench gnuplot-nox              the plot
	bench iperf3                   throughput
	bench ipset                    kube-proxy's rules
	bench ipvsadm                  kube-proxy's rules
	bench nfacct                   kube-proxy's rules
	bench python3                  kube-proxy's rules, the report
	bench zstd                     kube-proxy's rules
	dkms dkms                      the module's build for each kernel
	package dpkg-dev               Debian packages
	package debhelper              their rules
	package dh-dkms                their part for the module
	package lintian                their checker
	style linux-source-6.12        checkpatch.pl, schemas of netlink
	style perl                     checkpatch.pl
	style sparse                   type checks of the module
	style shellcheck               shell scripts
	style mandoc                   man pages
	style cppcheck                 static checks of the tools
	style systemd                  checks of the unit
	fuzz clang                     libFuzzer
	fuzz libclang-rt-14-dev        libFuzzer, its library and the sanitizers'
	debug linux-source-6.12        source of the debug kernel
	debug gcc                      compiler of the debug kernel
	debug libc6-dev                tools that its build makes for itself
	debug make                     make
	debug xz-utils                 unpacking the source
	debug bc                       constants of the clock
	debug bison                    kconfig
	debug flex                     kconfig
	debug libelf-dev               objtool
	debug perl                     headers of the build
	debug kmod                     depmod
	style python3-yaml             the netlink specification
	style python3-jsonschema       the netlink specification
	END
}

installed() {
	local one

	for one in ${1//|/ }; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$one" 2>/dev/null)" != installed ] ||
			return 0
	done
	return 1
}

main() {
	local group package why missing=()

	while read -r group package why; do
		[[ " $* " == *" $group "* ]] || continue
		installed "$package" && continue
		package=${package%%|*}
		[ ${#missing[@]} -gt 0 ] || echo "Packages to install:"
		printf '  %-26s %s\n' "$package" "$why"
		missing+=("$package")
	done < <(packages)
	[ ${#missing[@]} -gt 0 ] || return 0

	if [ "$(id -u)" -ne 0 ]; then
		echo "deps.sh: not root; run: apt-get install ${missing[*]}" >&2
		return 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q -o DPkg::Lock::Timeout=300 update &&
		apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
			--no-install-recommends install "${missing[@]}" </dev/null && return 0
	echo "deps.sh: apt-get failed; is this Debian 12 with bookworm-security, and is its" \
		"mirror in reach?" >&2
	return 1
}

if ! command -v dpkg-query >/dev/null; then
	echo "deps.sh: no dpkg here: install by hand what this lists, or set NODEPS=1" >&2
	packages >&2
	exit 1
fi
main "${@:-build}"
