#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage errors: exit 2, one line and at most one hint, and JSON when asked for.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

# usage TEXT ARGS...: a usage error that has TEXT in it, as text and as JSON.
usage() {
	local text=$1

	shift
	expect 2 "$@"
	one_error usage
	[[ $err == *"$text"* ]] || blame "$*: should say: $text"
	expect 2 --json "$@"
	[[ -z $err ]] || blame "JSON has it already"
	gojq -e --arg text "$text" '.schema == 1 and .error.kind == "usage" and
		(.error | has("errno") and (.message + "\n" + .hint | contains($text)))' \
		"$BATS_TEST_TMPDIR/out" >/dev/null || blame "$*: JSON should say: $text"
}

@test "no command" {
	expect 2
	one_error usage
	[[ $err == *"no command"*--help* ]]
	usage "no command" -v
}

@test "a word too few: the synopsis, and where to find the words" {
	usage "get needs DEVICE" get
	usage "vfio-migctl list" show
	usage "reset needs DEVICE" reset
	usage "set needs DEVICE STATE" set
	usage "set needs DEVICE STATE" set 0000:06:00.1
	usage "set-migratable needs DEVICE on|off" set-migratable 0000:06:00.1
	usage "vfio-migctl table" explain
	usage "explain needs FROM TO" explain running
}

@test "a word too many" {
	usage 'one word too many: "more"' list more
	usage 'one word too many: "more"' get 0000:06:00.1 more
	usage 'one word too many: "more"' show 0000:06:00.1 more
	usage 'one word too many: "more"' reset 0000:06:00.1 more
	usage 'one word too many: "more"' table v1 more
	usage 'one word too many: "more"' explain stop running more
	# shellcheck disable=SC2046 # words
	usage 'one word too many' set 0000:06:00.1 $(printf 'stop %.0s' {1..70})
}

@test "set-migratable takes on or off" {
	usage 'unknown word "maybe"' set-migratable 0000:00:00.0 maybe
	usage 'one of: on, off' set-migratable 0000:00:00.0 maybe
	usage 'unknown word "ON"' set-migratable 0000:00:00.0 ON
}

@test "did you mean: commands" {
	usage 'did you mean "explain"?' explian
	usage 'did you mean "list"?' lsit
	usage 'did you mean "table"?' tabel v1
	usage 'unknown command "frobnicate"' frobnicate
	usage 'one of: list, show, get, set' frobnicate
	usage 'did you mean "explain"?' help explian
	usage 'unknown option --frobnicate' help --frobnicate
}

@test "did you mean: states" {
	usage 'did you mean "stop-copy"?' explain running stop-copi
	usage 'did you mean "running"?' explain runing stop
	usage 'did you mean "pre-copy"?' set 0000:06:00.1 precopy
	usage 'did you mean "resuming"?' set 0000:06:00.1 stop resumeing
	usage 'unknown state "sideways"' explain sideways stop
	usage 'unknown state "110b"' explain 110b stop
}

@test "did you mean: options, before the command and after it" {
	usage 'did you mean --pretty?' --prety list
	usage 'did you mean --table?' --tabel list
	usage 'did you mean --dry-run?' set --dri-run 0000:06:00.1 stop
	usage 'unknown option --frobnicate' --frobnicate list
	usage 'unknown option -Z' -Z list
	usage 'unknown option -Z' list -qZ
}

@test "did you mean: values of options" {
	usage 'did you mean "reviewed"?' table --table reviewd
	usage 'did you mean "never"?' --color=nevr list
	usage 'one of: v1, v2' table --protocol vfio
	usage 'stop-copy always among them' table --caps p2p
	usage 'stop-copy always among them' table --caps stop-copy,dma
}

@test "an option of another command, or before its command, is told where it belongs" {
	usage '--table goes after the command' --table open list
	usage '--dot belongs to: table' --dot table
	usage 'get has no option --dot' get --dot 0000:06:00.1
	usage '--caps belongs to: table, explain' list --caps stop-copy
	usage 'set has no option --all' set --all 0000:06:00.1 stop
}

@test "values: missing, superfluous, ambiguous" {
	usage '--timeout needs a value: SECONDS' list --timeout
	usage '--table needs a value: TABLE' table --table
	usage '--verbose takes no value' --verbose=3 list
	usage '--dot takes no value' table --dot=svg
	usage '--ver could be several options' --ver
}

@test "--timeout takes seconds from 0 to a year" {
	local value

	for value in "" x 1x -1 nan inf 1e9 "1 2" 30s; do
		usage '--timeout takes a number of seconds' list --timeout="$value"
	done
	for value in 0 0.5 1e3 30; do
		expect 0 list --timeout "$value"
	done
}

@test "--vf-token takes a UUID, and nothing that could be more than that" {
	local value

	for value in "" x 14d63f20-8445-11ea-8900-1f9ce7d5650 14d63f20-8445-11ea-8900-1f9ce7d5650d1 \
		"14d63f20-8445-11ea-8900-1f9ce7d5 50d" 14d63f20x8445-11ea-8900-1f9ce7d5650d; do
		usage '--vf-token takes a UUID' get 0000:06:00.1 --vf-token "$value"
	done
}

@test "--json is heeded in any position, also after the mistake, and abbreviated" {
	local args

	for args in "--json explain x stop" "explain --json x stop" "explain x --json stop" \
		"explain x stop --json" "-j explain x stop" "explain x stop -qj" \
		"--bogus explain --json" "explain --bogus --json" "bogus --json" "--bogus -j" \
		"explain --json" "--json" "explain x stop --js" "--bogus --js" "set x --table -j"; do
		# shellcheck disable=SC2086 # words
		expect 2 $args
		json '.schema == 1 and .error.kind == "usage" and (.error.message | length > 5)'
		[[ -z $err ]] || blame "$args: JSON, and yet"
	done
}

@test "after -- there are no options" {
	expect 2 explain -- running --json
	one_error usage
	[[ $err == *'unknown state "--json"'* ]]
	expect 0 explain -- running stop
	expect 0 -- explain running stop
}

@test "JSON of a usage error names the command, where there is one" {
	expect 2 --json explain x stop
	json '.command == "explain"'
	expect 2 --json bogus
	json '.command == null'
}
