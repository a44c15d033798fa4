#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# check, as far as it goes without a device.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

@test "check: a missing device exits 3, with one error and a hint; among others, too" {
	expect 3 check nosuchdevice
	one_error no-device
	expect 3 check fffe:ff:1f.7 --json
	json '.schema == 1 and .command == "check" and .devices == [] and .error.kind == "no-device"
		and (.error.hint | length > 5)'
	expect 2 check group:x
}

@test "check: without a word, what is bound to VFIO; nothing bound is no failure" {
	expect 0 list --json
	count=$(gojq '.devices | length' "$BATS_TEST_TMPDIR/out")
	[[ $count -eq 0 ]] || skip "devices are bound to VFIO here"
	expect 0 check
	[[ -z $out && $err == "vfio-migctl: no device is bound to a VFIO driver; name one"* ]]
	expect 0 check --json
	json '.devices == [] and (.kernel | length > 3) and (.checked_at | endswith("Z")) and .error == null'
}

@test "check: a PCI device that no VFIO driver has: a list, text and JSON, exit 12" {
	local device

	expect 0 list --all --json
	device=$(gojq -r '[.devices[] | select(.bus == "pci" and .group == null)][0].name // empty' "$BATS_TEST_TMPDIR/out")
	for path in /sys/bus/pci/devices/*; do [[ ! -e $path || $device ]] || device=${path##*/}; done
	[[ $device ]] || skip "there is no PCI device"
	[[ ! -e /sys/bus/pci/devices/$device/vfio-dev ]] || skip "it is bound to VFIO here"
	expect 12 check "$device"
	[[ $out == "$device: FAIL ("*$'\n  '*"driver "*"not bound to a VFIO driver"*"remedy: modprobe "* ]] || blame "no list"
	[[ $err == "vfio-migctl: check-failed: $device: "*driver* ]] || blame "no verdict"
	expect 12 check "$device" "$device" --json
	json '.error.kind == "check-failed" and (.devices | length) == 1'
	json '.devices[0] | .name == "'"$device"'" and .bus == "pci" and .verdict == "fail" and (.checks | length) >= 20
		and .protocol == null and .capabilities == null and .firmware == null and (.ids.vendor | length) == 4'
	json 'all(.devices[0].checks[]; keys == ["found", "name", "remedy", "verdict"]
		and (.verdict | IN("pass", "warn", "fail", "skip")) and (.found | length) > 2)'
	json '[.devices[0].checks[] | select(.verdict == "pass" or .verdict == "skip") | .remedy] | all(. == null)'
	json '[.devices[0].checks[].name] | length == (unique | length)'
	# Not bound, so there is nothing that --open could open.
	expect 12 check --open "$device" --json
	json '[.devices[0].checks[] | select(.name == "open" or .name == "p2p") | .verdict] == ["skip", "skip"]'
}

@test "check: every check has an entry in the manual, in order" {
	local device

	for device in /sys/bus/pci/devices/*; do [[ ! -e $device ]] || break; done
	[[ -e $device ]] || skip "there is no PCI device"
	migctl check "${device##*/}" --json
	run diff <(gojq -r '.devices[0].checks[].name' "$BATS_TEST_TMPDIR/out") \
		<(awk '/^\.It (Xo )?Ic / { on = / check$/ } on' "$SOURCE/man/vfio-migctl.8" |
			grep -oP '^\.It Cm \K[a-z0-9-]+$' | grep -v ^against)
	assert_output ""
}

# report [FILTER]: another host's, as check prints it
report() {
	gojq -cn '{schema: 1, command: "check", host: "there", kernel: "6.1.0", devices: [{name: "fffe:ff:1f.7", bus: "pci",
		driver: "mlx5_vfio_pci", ids: {vendor: "15b3", device: "101e"}, protocol: "v2", capabilities: ["stop-copy", "later"],
		firmware: {version: "22.1", psid: null}}]} | '"${1:-.}" >"$BATS_TEST_TMPDIR/report.json"
}

@test "check --against: what is no report of check is told so, and nothing else is done" {
	local filter device

	for filter in '.schema = 2' '.schema = "1"' 'del(.schema)' '.command = "list"' '.devices = {}' '.devices = []' '.devices[0] = 1' \
		'del(.devices[0].name)' '.devices[0].name = 7' '.devices[0].name = "x" * 2000' '.devices[0].protocol = "v3"' \
		'.devices[0].capabilities = "p2p"' '.devices[0].capabilities = [1]' '.devices[0].ids = []' '.devices[0].ids.vendor = 1' \
		'.devices[0].firmware.version = "x" * 99' '.kernel = {}' '.devices[0].checks = {}' '.devices[0].checks = [1]' '.devices[0].checks = [{name: 1}]' '.devices[0].checks = [{verdict: []}]' '[.]' '"check"' '.devices = [range(5000) | {name: "d"}]'; do
		report "$filter"
		expect 1 check --against "$BATS_TEST_TMPDIR/report.json" fffe:ff:1f.7
		one_error failed
		[[ $err == *"report.json is not a report of check: "* && $err == *"hint: make it on the other host"* ]] || blame "$filter"
	done
	report
	head -c 100 "$BATS_TEST_TMPDIR/report.json" >"$BATS_TEST_TMPDIR/cut.json"
	expect 1 check --against="$BATS_TEST_TMPDIR/cut.json"
	[[ $err == *"broken at byte 100 of 100"* ]] || blame "cut"
	expect 1 check --against="$BATS_TEST_TMPDIR/none.json"
	[[ $err == *"cannot read "*"none.json: No such file"* ]] || blame "not there"
	expect 1 check --against="$BATS_TEST_TMPDIR" --json
	json '.error.errno == "EISDIR" and .devices == []'
	yes '[[[[[' | head -c 40000000 >"$BATS_TEST_TMPDIR/big.json"
	expect 1 check --against="$BATS_TEST_TMPDIR/big.json"
	[[ $err == *"File too large"* ]] || blame "big"
	for device in /sys/bus/pci/devices/*; do [[ ! -e $device ]] || break; done
	[[ -e $device ]] || skip "there is no PCI device"
	report
	expect 12 check --against "$BATS_TEST_TMPDIR/report.json" "${device##*/}" --json
	json '[.devices[0].checks[] | select(.name | startswith("against-"))] | length == 5 and .[0].verdict == "fail"
		and (.[0].found | startswith("another vendor id: 15b3 there, ")) and .[4].verdict == "warn"'
	report '.devices[0] |= (del(.ids, .protocol) | .checks = [{name: "variant", verdict: "pass"}, {name: "protocol", verdict: "fail"}])'
	expect 12 check --against "$BATS_TEST_TMPDIR/report.json" "${device##*/}" --json
	json '[.devices[0].checks[] | select(.name | startswith("against-"))] | (.[0].verdict == "skip"
		and (.[0].found | startswith("not told which kind"))) and (.[2] | .verdict == "fail" and (.found | startswith("no migration ")))'
	# What it prints, it reads; and it differs in nothing from itself.
	cp "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/self.json"
	"$MIGCTL" check --against - "${device##*/}" --json <"$BATS_TEST_TMPDIR/self.json" >"$BATS_TEST_TMPDIR/out" || [[ $? -eq 12 ]]
	json '[.devices[0].checks[] | select(.name | startswith("against-")) | .verdict] == ["pass", "pass", "skip", "skip", "pass"]'
}
