#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands that take a device, without one; and list, on any machine.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

# One of every form, which no machine has.
MISSING=(fffe:ff:1f.7 pci/fffe:ff:1f.7 00000000-0000-0000-0000-000000000000 group:999999999
	/dev/vfio/999999999 /dev/vfio/noiommu-999999999 vfio999999999
	/dev/vfio/devices/vfio999999999 nosuchnic/vf2 "nosuchnic vf 2" nosuchdevice
	an-alternative-name-of-no-nic/vf2 mac:0e:ff:ff:ff:ff:fe)

# Before the device, for a command takes states after it.
with_states() {
	case $1 in
	set) expect "$3" "$1" "$2" stop running "${@:4}" ;;
	set-migratable) expect "$3" "$1" "$2" on "${@:4}" ;;
	*) expect "$3" "$1" "$2" "${@:4}" ;;
	esac
}

@test "a missing device, in every form, exits 3 with one error and a hint" {
	local command word

	for command in get show set reset set-migratable; do
		for word in "${MISSING[@]}"; do
			with_states $command "$word" 3
			one_error no-device
			[[ $err == *"hint: "* ]] || blame "$command $word: no hint"
		done
	done
}

@test "--netns: a namespace that is none exits 2, our own by its PID and path is as none given" {
	local word

	for word in nosuchnamespace "" .. 4294967296 /dev/null /nosuch/net; do
		expect 2 get --netns "$word" nosuchnic/vf2
		one_error usage
		[[ $err == *"network namespace"* ]] || blame "$word: not named"
	done
	[[ $EUID -eq 0 ]] || skip "another namespace is root's to enter"
	for word in $$ /proc/$$/ns/net; do
		expect 3 get --netns "$word" nosuchnic/vf2
		one_error no-device
		[[ $err == *"no network device nosuchnic in the network namespace '$word'"* ]] || blame "$word"
	done
	# What is no NIC's word is the same in every namespace.
	expect 3 get --netns $$ group:999999999
}

@test "a missing device as JSON" {
	local command word

	for command in get show set reset; do
		for word in "${MISSING[@]}"; do
			with_states $command "$word" 3 --json
			assert_equal "$err" ""
			cat "$BATS_TEST_TMPDIR/out" >>"$BATS_TEST_TMPDIR/all"
		done
	done
	mv "$BATS_TEST_TMPDIR/all" "$BATS_TEST_TMPDIR/out"
	run gojq -es 'length == 52 and all(.[]; .schema == 1 and .error.kind == "no-device" and .error.errno == "ENODEV"
		and .device == null and .state == null and (.error.hint | length > 5)
		and (.command | IN("get", "show", "set", "reset")))' "$BATS_TEST_TMPDIR/out"
	assert_success
}

@test "JSON: the stable keys of get, show, set and reset, also when they fail" {
	expect 3 get nosuchdevice --json
	json 'keys == ["command", "device", "error", "protocol", "raw", "schema", "state"]'
	expect 3 show nosuchdevice --json
	json 'keys - ["command", "device", "error", "protocol", "raw", "schema", "state"] ==
		["capabilities", "data_size", "devlink", "dma_logging", "next", "nic", "precopy", "regions", "reset_supported"]'
	expect 3 set nosuchdevice stop --json
	json 'keys - ["command", "device", "error", "protocol", "raw", "schema", "state"] ==
		["capabilities", "fallout", "outcome", "steps", "table"]'
	json '.steps == [] and .outcome == null and .fallout == null'
	expect 3 reset nosuchdevice --json
	json 'keys - ["command", "device", "error", "protocol", "raw", "schema", "state"] ==
		["outcome", "usec"]'
}

@test "a bad state is found before the device is looked for" {
	expect 2 set nosuchdevice stop sideways
	expect 2 set nosuchdevice sideways --json
	json '.command == "set" and .error.kind == "usage" and .outcome == null'
}

@test "a number alone is not a group; the hint says how one is written" {
	expect 3 get 999999999
	[[ $err == *"group:999999999"* ]]
}

@test "the options of a set are read before the device is" {
	expect 3 set nosuchdevice --table open --direct --dry-run --force --reset-on-error \
		--vf-token 14d63f20-8445-11ea-8900-1f9ce7d5650d stop
	expect 2 set nosuchdevice --table closed stop
}

@test "list: exit 0 on any machine, every device with the stable keys" {
	local args

	# --all, for there a machine without VFIO has devices, too.
	for args in "" --all; do
		# shellcheck disable=SC2086 # no word
		expect 0 list $args --json
		json '.schema == 1 and .command == "list" and keys == ["command", "devices", "schema"]'
		json 'all(.devices[]; keys == ["bus", "cdev", "driver", "group", "holder", "migration",
			"model", "name", "netdev", "vendor"]
			and (.migration | IN("v1", "v2", "none", "unknown")))'
		assert_equal "$err" ""
	done
}

@test "list: text is a table with a title, or a note that there is nothing" {
	local count

	expect 0 list --json
	count=$(gojq '.devices | length' "$BATS_TEST_TMPDIR/out")
	expect 0 list
	if ((count)); then
		[[ $out == DEVICE* && $(wc -l <<<"$out") -eq $((count + 1)) ]]
	else
		[[ -z $out && $err == "vfio-migctl: no device is bound to a VFIO driver"*--all* ]]
	fi
	expect 0 list --quiet
	assert_equal "$err" ""
}

@test "list --all has every PCI device that list has" {
	expect 0 list --json
	gojq -r '.devices[].name' "$BATS_TEST_TMPDIR/out" | sort >"$BATS_TEST_TMPDIR/bound"
	expect 0 list --all -jp
	gojq -r '.devices[].name' "$BATS_TEST_TMPDIR/out" | sort >"$BATS_TEST_TMPDIR/every"
	run comm -23 "$BATS_TEST_TMPDIR/bound" "$BATS_TEST_TMPDIR/every"
	assert_output ""
}

@test "list needs no root" {
	command -v setpriv >/dev/null || skip "setpriv(1) is not installed"
	[[ $EUID -eq 0 ]] || skip "we are not root anyway"
	cp "$(command -v "$MIGCTL")" "$BATS_TEST_TMPDIR/program"
	chmod 755 "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/program" list --json
	assert_success
	assert_output --partial '"devices":['
}
