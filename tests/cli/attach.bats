#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --attach, as far as it needs no device.

# shellcheck disable=SC2154 # what helper.bash sets
load helper

@test "--attach takes a process's number, or nothing" {
	local word

	for word in abc 0 -1 1x "" 99999999999 " 1"; do
		expect 2 get 0000:06:00.1 --attach="$word"
		one_error usage
		[[ $err == *"--attach takes the number of a process, not \"$word\""* ]] || blame "$word"
	done
	for word in --attach --attach=1; do
		# No such device, which comes later than usage.
		expect 3 get fffe:ff:1f.7 $word
		expect 3 show fffe:ff:1f.7 $word
		expect 3 set fffe:ff:1f.7 stop $word
	done
}

@test "--attach is of commands that can go through another process, and of no other" {
	local command

	for command in list table explain reset save restore inspect; do
		expect 2 "$command" --attach fffe:ff:1f.7 -
		[[ $err == *attach* ]] || blame "$command"
	done
}
