#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# watch, as far as it goes without a device.

# shellcheck disable=SC2154 # what helper.bash sets
load helper

@test "a bad word is a usage error" {
	local words

	for words in --interval=0 --interval=0.001 --interval=-1 --interval=x --interval=nan --until=walking \
		--until=invalid; do
		expect 2 watch "$words" nosuchdevice
		one_error usage
		expect 2 watch nosuchdevice "$words" -j
		json '.command == "watch" and .error.kind == "usage"'
	done
	expect 2 watch --until=stop
	one_error usage
	[[ $err == *"--until needs a DEVICE"*"hint: usage: vfio-migctl watch --until STATE DEVICE"* ]] || blame hint
}

@test "a device that is not there is an error at once, also for who would wait" {
	expect 3 watch nosuchdevice
	one_error no-device
	expect 3 watch --until stop --timeout 20 nosuchdevice -j
	assert_equal "$err" ""
	json '.command == "watch" and .error.kind == "no-device" and (.error.hint | length > 5)'
}

@test "--timeout ends a watch of nothing, with 0" {
	expect 0 watch --timeout 0.1 --interval 0.05 --quiet
	assert_equal "$err" ""
}

@test "it ends by the signal, and when its reader has gone, though it has nothing to say" {
	local pid

	"$MIGCTL" watch --quiet >/dev/null 3>&- &
	pid=$!
	sleep 0.3
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[[ $status -eq 143 ]] || blame "by SIGTERM: $status"
	run bash -c 'timeout 20 "$1" watch -q | true; echo "${PIPESTATUS[0]}"' - "$MIGCTL"
	assert_output 141
}

@test "states complete after --until" {
	expect 0 --list-values --until
	[[ $out == *running$'\n'*pre-copy* ]] || blame states
}
