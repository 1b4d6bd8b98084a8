# SPDX-License-Identifier: GPL-2.0
#
# "make help" lists the targets. Output goes to build/ only.

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
VERSION := $(shell cat VERSION)
B := build

# The running kernel, or the newest one that has headers: a machine that only
# builds may run a kernel without.
KVER ?= $(shell k=$$(uname -r); [ -e /lib/modules/$$k/build ] || \
	k=$$(ls -d /lib/modules/*/build 2>/dev/null | cut -d/ -f4 | sort -V | tail -1); echo $$k)
KBUILDDIR ?= /lib/modules/$(KVER)/build
KOUT = $(B)/kmod/$(KVER)

# KVER=debug: the one of "make debug-kernel", which is kept outside of build/.
ifeq ($(KVER),debug)
override KVER := $(shell tests/vm/run -n -k debug)
KBUILDDIR := $(shell tests/vm/debug-kernel.sh -p)/build
endif

ifneq ($(V),1)
Q := @
say = @printf '  %-8s%s\n' '$(1)' '$(2)'
MAKEFLAGS += --no-print-directory
endif
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

all: kmod daemon

help:
	@echo 'all           the module for one kernel, and the tools (default)'
	@echo 'kmod          the module: KVER=$(KVER)'
	@echo 'daemon        the tools: svcd and svcctl'
	@echo 'demo          the walkthrough in a VM: three nodes, a client, a pod'
	@echo 'check         all tests, on two kernels in a VM; KERNEL=6.1 for one only'
	@echo 'debug-kernel  build one with KASAN, lockdep, kmemleak; it is kept in'
	@echo '              $$SVCNAT_CACHE, or ~/.cache/svcnat. Once it is there, check runs'
	@echo '              the selftests on it too; check KERNEL=debug: only those'
	@echo 'unit          the unit tests only'
	@echo 'soak          1,000 requests and 100 changes a second for ten minutes, with svcd'
	@echo '              killed and the module replaced, in a VM. KERNEL=; see'
	@echo '              tests/at-length.sh'
	@echo 'soak-fake     random objects against a kernel full of trouble, in user space, for'
	@echo '              SOAK_SECONDS=600 with SOAK_SERVICES=1000; SOAK_SEED= of all that is'
	@echo '              random'
	@echo 'soak-vm       random objects against svcd and the module in a VM, for an hour'
	@echo 'faults        each allocation of the module fails in turn, on the debug kernel'
	@echo 'fuzz          nonsense against all that reads anything, for FUZZ_MINUTES=5: the'
	@echo '              API, manifests, DNS and svcd.yaml by libFuzzer, the module in a VM;'
	@echo '              FUZZ= some of yaml api http config dns dns-server module. Of 40'
	@echo '              minutes each has ten'
	@echo 'soak-store    kill -9 of svcd under load, 500 times twice: some minutes'
	@echo 'bench         what a packet costs, in instructions, beside kube-proxy, in a VM:'
	@echo '              build/bench, docs/bench.md; BENCH_ROWS= BENCH_SIZES= BENCH_KERNELS='
	@echo '              narrow it. All of it takes long'
	@echo 'bench-check   the same, held against tests/bench/baseline.json'
	@echo 'profile       which functions a packet passes, instruction by instruction'
	@echo 'bench-control what it costs to load services and to change one, in a VM'
	@echo 'contention    what two CPUs that send packets write to both'
	@echo 'install       tools, man pages, systemd unit: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'dkms-install  the module by DKMS, for every kernel of this machine'
	@echo 'package       Debian packages of both, in build/package'
	@echo 'style         the checkers: checkpatch, ynl, sparse, shellcheck, mandoc, cppcheck'
	@echo 'clean         remove build/'
	@echo
	@echo 'V=1 shows the commands. Missing Debian packages are installed; NODEPS=1: not.'

# ---- packages: installed before anything below is read that depends on them

goals := $(or $(MAKECMDGOALS),all)
groups := $(if $(filter-out help clean,$(goals)),build) \
	$(if $(filter demo check unit soak soak-fake soak-vm soak-store faults fuzz tests style \
		bench bench-check bench-control profile contention,$(goals)),test) \
	$(if $(filter dkms-install check package,$(goals)),dkms) \
	$(if $(filter package,$(goals)),package) \
	$(if $(filter bench bench-check bench-control profile contention check unit,\
		$(goals)),bench) \
	$(if $(filter style,$(goals)),style) \
	$(if $(filter fuzz fuzz-targets,$(goals)),fuzz) \
	$(if $(filter debug-kernel,$(goals) \
		$(if $(filter check,$(goals)),$(KERNEL:%=%-kernel))),debug)
ifneq ($(NODEPS),1)
empty :=
include $(if $(strip $(groups)),$(B)/.deps-$(subst $(empty) $(empty),+,$(strip $(groups))))
endif

$(B)/.deps-%: scripts/deps.sh
	@mkdir -p $(B)
	@scripts/deps.sh $(subst +, ,$*) && touch $@

# ---- the tools

LIBS := libnl-3.0 libnl-genl-3.0 libnftables yaml-0.1 jansson libevent libcurl sqlite3 \
	libsystemd libkmod ldns
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
# Without HAVE_STDBOOL_H, headers of ldns make of _Bool a signed char.
BASE := -std=gnu11 -g $(WARN) -D_GNU_SOURCE -DSVCNAT_VERSION='"$(VERSION)"' -DHAVE_STDBOOL_H \
	-Iinclude/uapi -Idaemon/lib -MMD -MP $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
CFLAGS ?= -O2
# Of what not every compiler and C library has, what these have.
knows = $(shell echo '\#include <stdio.h>' | $(CC) -O2 -Werror $(1) -E -x c -o /dev/null - \
	2>/dev/null && echo '$(1)')
HARDEN := -fstack-protector-strong -fPIE $(call knows,-fstack-clash-protection) \
	$(call knows,-fcf-protection) -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=$(if $(call knows,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),3,2)
LDHARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack
# libresolv, of the C library: base64.
LDLIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lresolv
# An API server with TLS.
TESTLIBS = $(shell pkg-config --libs libevent_openssl openssl 2>/dev/null)
SANITIZE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

lib := $(wildcard daemon/lib/*.c)
svcd := $(wildcard daemon/svcd/*.c)
svcctl := $(wildcard daemon/svcctl/*.c)
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
asan = $(patsubst %.c,$(B)/asan/%.o,$(1))

daemon: $(B)/bin/svcd $(B)/bin/svcctl

$(B)/bin/svcd: $(call obj,$(lib) $(svcd))
$(B)/bin/svcctl: $(call obj,$(lib) $(svcctl))
$(B)/bin/%:
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Another version is another program, but not another object of every file.
$(call obj,$(shell grep -l SVCNAT_VERSION $(lib) $(svcd) $(svcctl))): VERSION
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BASE) $(CFLAGS) $(HARDEN) -I$(<D) -c -o $@ $<

# ---- unit tests: every daemon object but the two main.c, sanitized

units := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
helpers := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
shared := tests/fuzz/target.c tests/fuzz/api_env.c
tested := $(filter-out %/main.c,$(lib) $(svcd) $(svcctl)) $(helpers) $(shared)
dirs := -Idaemon/svcd -Idaemon/svcctl -Itests/unit

# Some tests include files of the module, against stand-ins of kernel headers.
$(B)/asan/tests/unit/test_kmod_%.o: dirs := -Itests/unit/kshim -Ikmod
# Some read the sources themselves, or files beside them.
$(addprefix $(B)/asan/tests/unit/,ynl_%.o transcript.o test_kube_api.o test_deploy.o replay.o \
	test_compile_recorded.o test_package.o): \
	dirs += -DSVCNAT_SOURCE='"$(CURDIR)"'

$(B)/asan/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(call say,CC,$< (sanitized))
	$(Q)$(CC) $(dirs) $(BASE) $(SANITIZE) -c -o $@ $<

# Of which each test takes what it needs.
$(B)/asan/tested.a: $(call asan,$(tested))
	$(Q)rm -f $@
	$(Q)$(AR) rcsT $@ $^

$(B)/unit/%: $(B)/asan/tests/unit/%.o $(B)/asan/tested.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(LDLIBS) $(TESTLIBS) -lcmocka

# ---- fuzz targets: what svcd reads from outside. Among the unit tests each one gets its corpus
# once more; with libFuzzer, which is clang's, "make fuzz" looks for more.

targets := $(patsubst tests/fuzz/target_%.c,%,$(wildcard tests/fuzz/target_*.c))
replays := $(targets:%=$(B)/unit/replay_%)
$(B)/asan/tests/fuzz/replay.o: dirs += -DSVCNAT_SOURCE='"$(CURDIR)"'

$(replays): $(B)/unit/replay_%: $(B)/asan/tests/fuzz/target_%.o \
		$(B)/asan/tests/fuzz/replay.o $(B)/asan/tested.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(LDLIBS) -lcmocka

CLANG ?= clang
FUZZSAN := address,undefined -fno-sanitize-recover=all
fuzzed := $(filter-out %/main.c,$(lib) $(svcd)) $(shared) tests/unit/http_fixture.c \
	$(wildcard tests/unit/kernel_fake*.c)

$(B)/fuzz/obj/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(call say,CLANG,$<)
	$(Q)$(CLANG) $(dirs) $(BASE) -Wno-error -O1 -fno-omit-frame-pointer \
		-fsanitize=fuzzer-no-link,$(FUZZSAN) -c -o $@ $<

$(B)/fuzz/tested.a: $(fuzzed:%.c=$(B)/fuzz/obj/%.o)
	$(Q)rm -f $@
	$(Q)$(AR) rcsT $@ $^

$(targets:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/fuzz/obj/tests/fuzz/target_%.o $(B)/fuzz/tested.a
	$(call say,LD,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer,$(FUZZSAN) -o $@ $^ $(LDLIBS) -lcmocka

fuzz-targets: $(targets:%=$(B)/fuzz/%)

units: $(units) $(replays)

# Out of a package, its place there; empty where it cannot be had.
unpacked := $(if $(filter 1,$(NODEPS)),,$(addprefix $(B)/tools/,promtool bird birdc))
$(B)/tools/promtool: from := prometheus usr/bin/promtool
$(B)/tools/bird: from := bird2 usr/sbin/bird
$(B)/tools/birdc: from := bird2 usr/sbin/birdc
$(unpacked): scripts/unpack.sh
	$(Q)$< $(from) $@

unit: $(units) $(replays) $(B)/bin/svcd $(B)/bin/svcctl $(unpacked)
	$(Q)PATH=$(CURDIR)/$(B)/tools:$$PATH tests/unit.sh $(units) $(replays) \
		$(wildcard tests/unit/test_*.sh)

# A short one is among the unit tests. In memory: a disk would only make it slower.
soak-fake: export SOAK_SECONDS ?= 600
soak-fake: export SOAK_SERVICES ?= 1000
soak-fake: $(B)/unit/test_soak
	$(Q)d=/dev/shm; [ -w $$d ] || d=/tmp; \
		TMPDIR=$$d nice tests/unit.sh -t $$((SOAK_SECONDS + 300)) $<

# A short one is among the selftests.
soak: all tests
	$(Q)tests/at-length.sh churn $(KERNEL)

soak-vm: all tests
	$(Q)tests/at-length.sh soak $(KERNEL)

faults: all tests debug-kernel
	$(Q)tests/at-length.sh faults

# Short ones are among the unit tests and the selftests. KERNEL=debug sees more.
fuzz:
	$(Q)KERNEL='$(KERNEL)' tests/fuzz.sh $(FUZZ)

# Once with a sanitized server, once with svcd as it is installed.
soak-store: $(B)/unit/test_store_kill $(B)/bin/svcd
	$(Q)ROUNDS=500 tests/unit.sh -t 1800 $<
	$(Q)ROUNDS=500 SVCD=$(CURDIR)/$(B)/bin/svcd tests/unit.sh -t 1800 $<

# ---- what the tests in the VM run beside the tools

programs := $(filter-out nl_% profile,$(notdir $(basename $(wildcard tests/selftests/*.c \
	tests/walkthrough/*.c tests/bench/*.c))))

tests: $(programs:%=$(B)/tests/%) $(B)/tests/fuzz_netlink $(B)/tests/fuzz_packets \
	$(B)/tests/churn $(unpacked)
$(B)/tests/nlcheck: $(wildcard tests/selftests/nl_*.[ch])
$(B)/tests/in: private CFLAGS += -static
$(B)/tests/%: tests/selftests/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(filter-out -MMD -MP,$(BASE)) $(CFLAGS) -o $@ $(filter %.c,$^)
$(B)/tests/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(filter-out -MMD -MP -Idaemon/lib,$(BASE)) $(CFLAGS) -o $@ $< $(LDLIBS)
# Guided by the specification, which is read by what the unit tests read it by.
fuzz := $(addprefix tests/fuzz/,fuzz_netlink.c answers.c grammar.c message.c)
$(B)/obj/tests/unit/ynl_spec.o: private BASE += -DSVCNAT_SOURCE='"$(CURDIR)"'
$(B)/tests/fuzz_netlink: $(fuzz) $(wildcard tests/fuzz/*.h) \
		$(call obj,tests/unit/ynl_spec.c $(lib))
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(filter-out -MMD -MP -Idaemon/lib,$(BASE)) -Itests/unit $(CFLAGS) -pthread \
		-o $@ $(filter %.c %.o,$^) $(LDLIBS) -lcmocka
$(B)/tests/fuzz_packets: tests/fuzz/fuzz_packets.c tests/fuzz/packet.c $(wildcard tests/fuzz/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(filter-out -MMD -MP -Idaemon/lib,$(BASE)) $(CFLAGS) -o $@ $(filter %.c,$^)
$(B)/tests/churn: $(wildcard tests/load/*.[ch])
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(filter-out -MMD -MP -Idaemon/lib,$(BASE)) $(CFLAGS) -o $@ $(filter %.c,$^)
$(B)/tests/profile.so: tests/bench/profile.c tests/bench/mark.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) -shared -fPIC -o $@ $<
$(B)/tests/mark: tests/bench/mark.S tests/bench/mark.h
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CC) -static -nostdlib -no-pie -Wl,--build-id=none -o $@ $< \
		-Wl,-Ttext=$(shell sed -n 's/^.*MARK_TEXT[[:space:]]*//p' tests/bench/mark.h)
$(B)/tests/%: tests/walkthrough/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BASE) $(CFLAGS) -o $@ $< $(LDLIBS)

# ---- the module: built from a copy, so that the sources stay clean and two
# kernels can be built side by side. Without BTF: kbuild deletes a module whose
# BTF it cannot make.

kmod:
	@[ -e '$(KBUILDDIR)/Makefile' ] || { echo 'no headers of kernel $(or $(KVER),(none)):' \
		'install linux-headers-$(or $(KVER),amd64), or see scripts/deps.sh' >&2; exit 1; }
	@mkdir -p $(KOUT)
	@cp -auT kmod $(KOUT)/kmod && cp -auT include $(KOUT)/include && cp VERSION $(KOUT)
	$(call say,KMOD,$(KOUT)/svcnat.ko)
	$(Q)$(MAKE) -C $(KBUILDDIR) M=$(CURDIR)/$(KOUT)/kmod W=1 $(KMODFLAGS) \
		KCFLAGS=-Werror SVCNAT_VERSION=$(VERSION) CONFIG_DEBUG_INFO_BTF_MODULES= \
		$(if $(Q),-s) modules
	@cp $(KOUT)/kmod/svcnat.ko $(KOUT)/svcnat.ko

# ---- what a packet costs

bench:
	$(Q)tests/bench/run.sh

profile: $(B)/tests/profile.so $(B)/tests/mark
	$(Q)tests/bench/profile.sh

contention:
	$(Q)tests/bench/contention.sh

bench-control:
	$(Q)tests/bench/control.sh

bench-check: bench
	$(Q)tests/bench/report.py --check tests/bench/baseline.json $(B)/bench

# ---- tests

demo: all tests
	$(Q)tests/walkthrough/run.sh $(KERNEL)

check: $(if $(filter debug,$(KERNEL)),debug-kernel)
	$(Q)KERNEL='$(KERNEL)' tests/check.sh

debug-kernel:
	$(Q)tests/vm/debug-kernel.sh

style:
	$(Q)scripts/style.sh

# ---- installation

install: daemon
	$(Q)install -D -m 755 $(B)/bin/svcd $(DESTDIR)$(SBINDIR)/svcd
	$(Q)install -D -m 755 $(B)/bin/svcctl $(DESTDIR)$(BINDIR)/svcctl
	$(Q)for m in $(wildcard man/*.[1-8]); do \
		install -D -m 644 -t $(DESTDIR)$(MANDIR)/man$${m##*.} $$m || exit 1; done
	$(Q)for c in $(wildcard completion/*); do \
		install -D -m 644 -t $(DESTDIR)$(COMPLETIONDIR) $$c || exit 1; done
	$(Q)install -d $(DESTDIR)$(UNITDIR)
	$(Q)sed 's,@SBINDIR@,$(SBINDIR),' systemd/svcd.service >$(DESTDIR)$(UNITDIR)/svcd.service
	$(Q)chmod 644 $(DESTDIR)$(UNITDIR)/svcd.service

DKMSSRC = $(DESTDIR)/usr/src/svcnat-$(VERSION)

# What an earlier call built is taken away first: dkms would install it again.
dkms-install: dkms-source
ifeq ($(DESTDIR),)
	$(Q)dkms add -m svcnat -v $(VERSION)
	$(Q)for k in $$(ls -d /lib/modules/*/build | cut -d/ -f4); do \
		dkms install --force -m svcnat -v $(VERSION) -k $$k || exit 1; done
	@[ -e /lib/modules/$$(uname -r)/build ] || \
		echo "The running kernel $$(uname -r) has no headers: no module for it."
endif

dkms-source:
ifeq ($(DESTDIR),)
	$(Q)[ -z "$$(dkms status -m svcnat -v $(VERSION))" ] || \
		dkms remove -m svcnat -v $(VERSION) --all
endif
	$(Q)rm -rf $(DKMSSRC) && mkdir -p $(DKMSSRC)
	$(Q)cp -r kmod include VERSION COPYING $(DKMSSRC)
	$(Q)sed 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="$(VERSION)"/' dkms.conf \
		>$(DKMSSRC)/dkms.conf

# ---- packages

package:
	$(Q)scripts/package.sh

clean:
	$(Q)rm -rf $(B)

-include $(shell find $(B)/obj $(B)/asan $(B)/fuzz $(B)/tests -name '*.d' 2>/dev/null)

.PHONY: all help kmod daemon unit units soak soak-fake soak-vm soak-store faults fuzz
.PHONY: fuzz-targets tests demo check style install clean
.PHONY: bench bench-check bench-control profile contention
.PHONY: dkms-install dkms-source debug-kernel package
.DELETE_ON_ERROR:
.SECONDARY:
