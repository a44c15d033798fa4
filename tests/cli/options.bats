#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Global options, help, and what becomes of standard output.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

commands() {
	"$MIGCTL" --list-commands
}

@test "global options before and after the command are the same" {
	local option

	for option in --json -j "-j --pretty" -jp --pretty --color=always --timeout=5 --quiet --trace -v; do
		# shellcheck disable=SC2086 # words
		expect 6 $option explain stop stop-copy
		cp "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/before"
		# shellcheck disable=SC2086 # words
		expect 6 explain stop stop-copy $option
		cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/out"
		# shellcheck disable=SC2086 # words
		expect 6 explain stop $option stop-copy
		cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/out"
	done
}

@test "--pretty alone is --json too, of errors as well" {
	local option

	expect 0 explain running stop -jp
	cp "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/both"
	assert [ "$(wc -l <"$BATS_TEST_TMPDIR/both")" -gt 10 ]
	for option in -p --pretty -qp --pre; do
		expect 0 explain running stop $option
		cmp "$BATS_TEST_TMPDIR/both" "$BATS_TEST_TMPDIR/out"
		# Read before the mistake, and not come to.
		expect 2 $option --bogus list
		json '.error.kind == "usage"'
		expect 2 --bogus list $option
		json '.error.kind == "usage"'
		assert_equal "$err" ""
	done
}

@test "no colour without a terminal, nor under --color=never, nor in JSON" {
	local args

	for args in "" --color=auto --color=never "--color=always --json" "--json --color"; do
		# shellcheck disable=SC2086 # words
		expect 6 explain stop stop-copy $args
		[[ $out$err != *$'\e'* ]] || blame "$args: coloured"
	done
}

@test "--color alone is always, and outranks NO_COLOR" {
	expect 6 --color explain stop stop-copy
	[[ $out == *$'\e[31m'* ]]
	NO_COLOR=1 expect 6 explain stop stop-copy --color=always
	[[ $out == *$'\e[31m'* ]]
	expect 2 --color=always bogus
	[[ $err == *$'\e[31musage\e[0m'* ]]
}

# A terminal by way of script(1), which has its exit status with -e.
on_terminal() {
	script -qec "$1" "$BATS_TEST_TMPDIR/typescript" </dev/null >/dev/null || true
	cat "$BATS_TEST_TMPDIR/typescript"
}

@test "on a terminal there is colour, but not with NO_COLOR or --color=never" {
	command -v script >/dev/null || skip "script(1) is not installed"
	local program
	program=$(printf %q "$(command -v "$MIGCTL")")

	[[ $(on_terminal "$program explain running stop") == *$'\e[32mallowed'* ]]
	[[ $(on_terminal "NO_COLOR= $program explain running stop") == *$'\e[32mallowed'* ]]
	[[ $(on_terminal "NO_COLOR=1 $program explain running stop") != *$'\e[3'* ]]
	[[ $(on_terminal "$program explain running stop --color=never") != *$'\e[3'* ]]
	[[ $(on_terminal "$program explain running stop --json") != *$'\e[3'* ]]
}

@test "--help, --usage and --version: on stdout, exit 0, for the program and every command" {
	local command option

	for command in "" $(commands); do
		for option in --help -h --usage --version -V; do
			# shellcheck disable=SC2086 # no word at all for the program itself
			expect 0 $command $option
			[[ -n $out && -z $err ]] || blame "$command $option"
			case $option in
			--version | -V) [[ $out =~ ^vfio-migctl\ [0-9]+\.[0-9]+ ]] ;;
			*) [[ $out == "Usage: vfio-migctl${command:+ $command}"* ]] ;;
			esac || blame "$command $option"
		done
	done
}

@test "--help of a command has its options, and says whether it touches the device" {
	local command option

	for command in $(commands); do
		expect 0 "$command" --help
		# Broken wherever the line was full.
		[[ ${out//$'\n'/ } =~ \((does not touch|opens|changes)\ the\ device\)\. ]] || blame "$command"
		for option in $("$MIGCTL" --list-options "$command"); do
			[[ $out == *[[:blank:]]"$option"* || $out == *"${option}["* ]] || blame "$command lacks $option"
		done
	done
	expect 0 --help
	for command in $(commands); do
		[[ $out == *$'\n  '"$command "* ]] || blame "no $command"
	done
}

@test "the word help is --help, and before a command that of the command" {
	local command words

	for command in "" $(commands); do
		# shellcheck disable=SC2086 # no word at all for the program itself
		expect 0 $command --help
		cp "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/option"
		for words in "help $command" "-q help --json $command" "help -- $command"; do
			# shellcheck disable=SC2086 # words
			expect 0 $words
			cmp "$BATS_TEST_TMPDIR/option" "$BATS_TEST_TMPDIR/out" || blame "$words"
			assert_equal "$err" ""
		done
	done
}

@test "stdout that cannot be written fails the command" {
	local args

	for args in --help --version "table v2" "table v2 --dot" "explain running stop" "list --json" \
		"explain stop stop-copy" "bogus --json" --list-commands "get --help" "help get"; do
		status=0
		# shellcheck disable=SC2086 # words
		err=$("$MIGCTL" $args 2>&1 >/dev/full) || status=$?
		[[ $status -eq 1 ]] || blame "$args >/dev/full"
		[[ $err == "vfio-migctl: failed: write to standard output: No space left on device" ]] ||
			blame "$args >/dev/full"
	done
}

@test "closed stdout fails too" {
	status=0
	err=$("$MIGCTL" table 2>&1 >&-) || status=$?
	assert_equal "$status" 1
	[[ $err == "vfio-migctl: failed: write to standard output: "* ]]
}

# A device that were opened as descriptor 2 would be written the trace.
@test "what is opened is never a standard stream, even when those are closed" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -o "$BATS_TEST_TMPDIR/calls" -e trace=open,openat "$MIGCTL" list <&- >&- 2>&- || true
	grep -q '"/sys' "$BATS_TEST_TMPDIR/calls"
	# /proc/self and /dev/null are of the sanitizers and of the remedy.
	run grep -E '"/(sys/|proc/[0-9]|dev/[^n]).* = [012]$' "$BATS_TEST_TMPDIR/calls"
	refute_output
}

# With a reader that has gone before the first byte, for certain.
into_closed_pipe() {
	local fifo=$BATS_TEST_TMPDIR/fifo both end

	[[ -p $fifo ]] || mkfifo "$fifo"
	exec {both}<>"$fifo"
	exec {end}>"$fifo"
	exec {both}>&-
	status=0
	"$MIGCTL" "$@" 1>&"$end" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	exec {end}>&-
	err=$(<"$BATS_TEST_TMPDIR/err")
}

@test "a reader that has gone ends it by SIGPIPE, without a word" {
	local args

	for args in --help "table v2" "table --json" "explain running stop" --list-commands; do
		# shellcheck disable=SC2086 # words
		into_closed_pipe $args
		[[ $status -eq 141 && -z $err ]] || blame "$args into a closed pipe"
	done
}

@test "| head -1 gets its line, and no noise" {
	run bash -c '"$1" table v2 2>&1 | head -1' - "$MIGCTL"
	assert_success
	assert_output "v2, capabilities stop-copy p2p pre-copy"
}

@test "the exit status is the command's under any options of output" {
	expect 6 -qjp explain stop stop-copy
	expect 6 --quiet explain stop stop-copy
	[[ -n $out ]] || blame "--quiet is about notes, not data"
}
