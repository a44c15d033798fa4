#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dirty's words, as far as they need no device.

# shellcheck disable=SC2154 # what helper.bash sets
load helper

DEVICE=fffe:ff:1f.7

# refused TEXT ARGS...: a usage error with that in it
refused() {
	local text=$1

	shift
	expect 2 dirty $DEVICE "$@"
	one_error usage
	[[ $err == *"$text"* ]] || blame "no '$text'"
}

@test "dirty wants a device, and looks for it last" {
	local args

	expect 2 dirty
	one_error usage
	for args in '' probe 'start 0-4G' 'start 0+4K 1M+64K,2M-3M report stop' 'report 0x1000+0x1000' stop \
		'rate 0-4G --for 0.5 --interval 0.1' 'start 0-1T report report 0-4K stop start 0-4K stop probe'; do
		# shellcheck disable=SC2086 # words
		expect 3 dirty $DEVICE $args
		one_error no-device
	done
}

@test "ranges are read and checked before anything is asked" {
	local range

	for range in 0 4K 0+ 0- 0x+4K 0x0x10+4K 0+0x '0+4 K' 0+4Q 0-4K-8K 8K-4K 1M--2M '0+4K,' 99999999999999999999+4K \
		0x10000000000000000+4K 0+4K,x; do
		refused "is no range" start "$range"
	done
	refused 'unknown action "+4K"' start +4K
	refused 'unknown action ",0+4K"' start ,0+4K
	refused 'range at 0x1000 is empty' start 4K+0
	refused 'range at 0x1000 is empty' start 4K-4K
	refused '0xfffffffffffff000+0x1000 does not end below 2^64' start 0xfffffffffffff000+4K
	refused '0x800+0x1000 is not of whole pages of 4096' start 2K+4K
	refused '0x0+0xfff is not of whole pages' start 0-0xfff
	refused '0x1000+0x1000 is not of whole pages of 65536' start 4K+4K --page-size 64K
	refused '0x0+0x2000 and 0x1000+0x1000 overlap' start 4K+4K 0+8K
	refused 'are more than the' start "$(seq -s, -f '%.0fM+4K' 5000)"
	# No overlap across actions: a report may be of a part.
	expect 3 dirty $DEVICE start 0-1M report 0-4K
}

@test "actions that cannot follow each other" {
	refused 'unknown action "strat"' strat
	[[ $err == *'did you mean "start"?'* ]] || blame hint
	refused 'start needs the RANGEs' start
	refused 'rate needs the RANGEs' rate
	refused '"0-4K" goes with no action' 0-4K
	refused '"0-4K" goes with no action' start 0-4K stop 0-4K
	refused 'start when it logs already' start 0-4K start 0-4K
	refused 'rate when it logs already' start 0-4K rate 0-4K
	refused 'report after the logging has ended' start 0-4K stop report
	refused 'report after the logging has ended' rate 0-4K report
	refused 'stop after the logging has ended' stop stop
	refused 'report needs the RANGEs: the kernel does not say' report
	refused '--for and --interval are of rate' start 0-4K report stop --for 3
}

@test "values of options" {
	local value

	for value in 0 3 2K 4097 12K -4K x ''; do
		refused '--page-size takes a power of two' start 0-1G report --page-size="$value"
	done
	for value in 0 -1 x 0.001 ''; do
		refused '--for takes a number of seconds' rate 0-1G --for="$value"
		refused '--interval takes a number of seconds' rate 0-1G --interval="$value"
	done
	# A report would take what the holder is to migrate.
	refused 'dirty has no option --attach' report 0-4K --attach
}

@test "an error is JSON too" {
	expect 2 dirty $DEVICE start 4K+0 -j
	json '.command == "dirty" and .error.kind == "usage" and .dma_logging == null and .container == null and .device == null'
	expect 3 dirty $DEVICE start 4K-1M report stop -j
	json '.error.kind == "no-device" and [.actions[] | .action, .done] == ["start", false, "report", false, "stop", false]'
}
