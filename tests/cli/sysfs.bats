#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The passive commands on a machine of our own: a /sys in a mount namespace.
# What its drivers do is for tests/lab; nothing here can be opened.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
bats_require_minimum_version 1.5.0
load helper

# device BUS NAME DRIVER GROUP [VFIO]: the links that the kernel makes for it,
# as they are seen from inside.
device() {
	local bus=/sys/bus/$1 name=$2 driver=$3 group=/sys/kernel/iommu_groups/$4
	local at=/sys/devices/$1/$2 root=${SYS%/sys}

	mkdir -p "$root$at" "$root$bus/devices" "$root$group/devices"
	ln -s "$bus" "$root$at/subsystem"
	ln -s "$at" "$root$bus/devices/$name"
	ln -s "$bus/drivers/$driver" "$root$at/driver"
	ln -s "$group" "$root$at/iommu_group"
	ln -s "$at" "$root$group/devices/$name"
	[[ ${5-} ]] || return 0
	mkdir -p "$root$at/vfio-dev/$5" "$SYS/class/vfio-dev"
	ln -s "$at" "$root$at/vfio-dev/$5/device"
	ln -s "$at/vfio-dev/$5" "$SYS/class/vfio-dev/$5"
}

setup() {
	[[ $EUID -eq 0 ]] || skip "mount namespaces need root"
	unshare -m true 2>/dev/null || skip "mount namespaces are not allowed here"
	SYS=$BATS_TEST_TMPDIR/sys
	device pci 0000:06:00.1 vfio-pci 26 vfio0
	device pci 0000:06:00.2 mlx5_vfio_pci 27 vfio1
	device pci 0000:07:00.0 e1000e 28
	device platform $'odd\e[31mname' vfio-platform 29 vfio2
	mkdir -p "$SYS/kernel/debug/vfio/0000:06:00.2/migration" "$SYS/module/vfio"
	echo PRE_COPY >"$SYS/kernel/debug/vfio/0000:06:00.2/migration/state"
	# The program, with that /sys: completion and the helper run it in its place.
	mkdir "$BATS_TEST_TMPDIR/bin"
	{
		echo '#!/bin/sh'
		printf 'exec unshare -m sh -c '\''mount --rbind "$0" /sys && exec "$@"'\'' %q %q "$@"\n' \
			"$SYS" "$(realpath "$(command -v "$MIGCTL")")"
	} >"$BATS_TEST_TMPDIR/bin/vfio-migctl"
	chmod +x "$BATS_TEST_TMPDIR/bin/vfio-migctl"
	MIGCTL=$BATS_TEST_TMPDIR/bin/vfio-migctl
}

@test "list: the devices with the stable keys, and what is known without opening" {
	expect 0 list --json
	json '[.devices[].name] == ["0000:06:00.1", "0000:06:00.2", "odd\\x1b[31mname"]'
	json 'all(.devices[]; keys == ["bus", "cdev", "driver", "group", "holder", "migration",
		"model", "name", "netdev", "vendor"])'
	json '.devices[0] | .bus == "pci" and .driver == "vfio-pci" and .group == 26 and
		.migration == "none" and .holder == null and .netdev == null'
	json '.devices[1] | .driver == "mlx5_vfio_pci" and .migration == "v2"'
	json '.devices[2] | .bus == "platform" and .migration == "unknown"'
}

@test "list: text has a title and a line for each, with nothing raw" {
	expect 0 list
	assert_equal "$(wc -l <<<"$out")" 4
	[[ $out == DEVICE*DRIVER*GROUP*$'\n'"0000:06:00.1 "* && $out != *$'\e'* ]]
	[[ $out == *'odd\x1b[31mname'* && -z $err ]]
}

@test "list --all adds what VFIO could have" {
	expect 0 list --all --json
	json '.devices[] | select(.name == "0000:07:00.0") |
		.driver == "e1000e" and .group == 28 and .migration == "unknown"'
}

@test "a device that is not bound to VFIO: exit 3, its driver, and how to bind it" {
	local command

	for command in "get 07:00.0" "show 07:00.0" "reset 07:00.0" "set 07:00.0 stop --json"; do
		# shellcheck disable=SC2086 # words
		expect 3 $command
		[[ $out$err == *"0000:07:00.0 is not bound to a VFIO driver (its driver is e1000e)"* ]]
		[[ $out$err == *driver_override* ]] || blame "$command: no remedy"
	done
	json '.device.name == "0000:07:00.0" and .device.driver == "e1000e" and .state == null'
}

# suggests WORD NAME: NAME is what was meant. Without NAME none is near.
suggests() {
	expect 3 get "$1"
	one_error no-device
	if [[ ${2-} ]]; then
		[[ $err == *$'\n  hint: did you mean "'"$2"'"?' ]] || blame "$1 is near $2"
	else
		[[ $err == *$'\n  hint: vfio-migctl list --all' ]] || blame "$1 is near nothing"
	fi
}

@test "did you mean: a device of a near name, if VFIO has it and a shell would read it" {
	device mdev 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 vfio_mdev 30 vfio3
	device platform nicename vfio-platform 31 vfio4
	suggests 0000:06:00.3 0000:06:00.1
	suggests 60:00.2 0000:06:00.2
	suggests 0001:06:00.2 0000:06:00.2
	suggests 0000:06:00,2 0000:06:00.2
	suggests 83b8f4f2-509f-382f-3c1e-e6bfe0fa1010 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
	suggests nicenmae nicename
	# That one is on e1000e, and the other has an escape in it.
	suggests 0000:17:00.0
	suggests odd31mname
	suggests something
	expect 3 set nicenam stop --json
	json '.error.hint == "did you mean \"nicename\"?"'
}

@test "completion: devices by their names, but for what a shell would take apart" {
	run -0 "$MIGCTL" --list-words get
	assert_output $'0000:06:00.1\n0000:06:00.2'
}

@test "completion: the next states from VFIO's debugfs, without opening" {
	run -0 "$MIGCTL" --list-words set 0000:06:00.2
	assert_output $'stop\nrunning\nstop-copy\nresuming\nrunning-p2p\npre-copy-p2p'
	echo STOP_COPY >"$SYS/kernel/debug/vfio/0000:06:00.2/migration/state"
	run -0 "$MIGCTL" --list-words set 0000:06:00.2
	assert_output $'stop\nrunning\nresuming\nrunning-p2p'
	run -0 "$MIGCTL" --list-words set 0000:06:00.1
	assert_output --partial pre-copy
}
