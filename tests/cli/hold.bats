#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# hold's words, as far as they need no device.

# shellcheck disable=SC2154 # what helper.bash sets
load helper

DEVICE=fffe:ff:1f.7

@test "hold needs a device before the --, and finds it before anything is run" {
	expect 2 hold
	one_error usage
	expect 2 hold -- true
	one_error usage
	[[ $err == *"hold needs DEVICE..."* ]] || blame hold
	expect 3 hold $DEVICE -- touch "$BATS_TEST_TMPDIR/ran"
	expect 3 hold $DEVICE --detach
	one_error no-device
	[[ ! -e $BATS_TEST_TMPDIR/ran ]]
}

@test "what is after the -- is COMMAND's, options too" {
	expect 3 hold $DEVICE -- true --no-such-option --json
	one_error no-device
	expect 2 hold $DEVICE --no-such-option -- true
	one_error usage
	# Of other commands it is words as any.
	expect 2 get -- $DEVICE extra
	expect 3 get -- $DEVICE
}

@test "--ready-fd takes a descriptor that can be written" {
	local word

	for word in 0 1 2 x -3 "" 99999999999; do
		expect 2 hold $DEVICE --ready-fd="$word"
		[[ $err == *"--ready-fd takes the number of a descriptor"* ]] || blame "$word"
	done
	expect 2 hold $DEVICE --ready-fd=77
	[[ $err == *"--ready-fd 77 is not open for writing"* ]] || blame 77
	expect 2 hold $DEVICE --ready-fd=7 7</dev/null
	expect 3 hold $DEVICE --ready-fd=7 7>/dev/null
}

@test "--detach and COMMAND exclude each other" {
	expect 2 hold $DEVICE --detach -- true
	one_error usage
	expect 2 hold $DEVICE --detach --json -- true
	json '.command == "hold" and .error.kind == "usage" and .devices == [] and .pid == null'
}

@test "an error is JSON too, from the background as well, and once" {
	local args

	for args in "" --detach; do
		# shellcheck disable=SC2086 # no word
		expect 3 hold $DEVICE -j $args
		json '.command == "hold" and .error.kind == "no-device" and .devices == [] and .pid == null and .status == null'
		[[ $(wc -l <"$BATS_TEST_TMPDIR/out") -eq 1 && -z $err ]] || blame "$args"
	done
}
