#!/bin/bash
# A systemd of its own in fresh namespaces, started by unshare: nothing that it or its services write reaches the machine.
# It knows no unit but those that a test adds. $1: an empty folder; $2: the package, seen as /opt/accessors.
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/changed" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changed,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
for folder in run tmp usr/lib/systemd/system usr/lib/systemd/system-generators; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
chmod 1777 tmp
mount -t tmpfs tmpfs sys/fs/cgroup
umount sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
for target in basic sysinit multi-user shutdown network-online; do
  printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" > "usr/lib/systemd/system/$target.target"
done
rm -rf etc/systemd/system etc/swarmbox var/lib/swarmbox etc/init.d
mkdir -p etc/systemd/system opt/accessors before
mount --bind "$2" opt/accessors
ip link set lo up
pivot_root . before
umount -l /before
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin container=test \
  /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=no
