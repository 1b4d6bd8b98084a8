#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
#
# The first program in the guest: makes a root file system of the host's files
# under a layer in memory, and hands over to guest.sh there. When a step fails,
# this script ends, the kernel panics, and QEMU ends with it.
PATH=/bin
/bin/busybox --install -s /bin
set -e

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev

while read -r module; do
	insmod "/modules/$module"
done </modules/order

mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host
mount -t tmpfs -o size=75% top /top
mkdir /top/upper /top/work
mount -t overlay -o lowerdir=/host,upperdir=/top/upper,workdir=/top/work root /new

# tmpfs where a test writes much, and so that nothing of the host's state is seen
for dir in run tmp; do
	mount -t tmpfs "$dir" "/new/$dir"
done
chmod 1777 /new/tmp
for dir in proc sys dev; do
	mount --move "/$dir" "/new/$dir"
done
mkdir /new/run/vm
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none vm /new/run/vm
# To open one for writing is to copy it into the upper layer.
while read -r file; do
	[ ! -f "/new$file" ] || : >>"/new$file"
done </new/run/vm/often
exec switch_root /new /bin/bash /run/vm/guest.sh
