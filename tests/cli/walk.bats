#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The words of conform's random walk, as far as no device is needed.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

# refused TEXT OPTION...
refused() {
	local text=$1

	shift
	expect 2 conform "$@" 0000:06:00.1
	one_error usage
	[[ $err == *"$text"* ]] || blame "$*: should say: $text"
}

@test "how many steps, and from which seed" {
	local value

	for value in "" 0 -1 1x x 1e9 100000001; do
		refused '--walk takes a number' --walk="$value"
	done
	for value in "" 0 -1 1x 18446744073709551616; do
		refused '--seed takes a number' --seed="$value"
	done
}

@test "a replay is a list of steps" {
	refused '"jump" is no step of a walk' --replay=stop,jump
	refused 'read:N, drain, write:N' --replay=read
	refused '"" is no step' --replay=stop,
	refused '"error" is no step' --replay=error
	# Read as a whole before the device is looked for.
	expect 3 conform --replay=stop-copy,read:100,drain,stop 0000:06:00.1
}

@test "the walk is listed with its authority, for both protocols" {
	expect 0 conform --list --only walk --why
	[[ $out == *"v1  walk/random"*"5.8-5.17"*"v2  walk/random"*"enum vfio_device_mig_state"* ]] ||
		blame "both should be there"
}
