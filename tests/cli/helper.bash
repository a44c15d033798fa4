# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the command line share. The program is $MIGCTL.

bats_load_library bats-support
bats_load_library bats-assert

MIGCTL=${MIGCTL:-vfio-migctl}
# shellcheck disable=SC2034 # used by the tests
SOURCE=$BATS_TEST_DIRNAME/../..

status=0 out='' err=''

# What the caller's environment says of colours or completion is not under test.
unset NO_COLOR COMP_WORDS COMP_CWORD COMP_LINE COMP_POINT

# Runs the program, its streams apart: $status, $out, $err, each without its
# last line break. Many times cheaper than `run` twice.
migctl() {
	status=0
	"$MIGCTL" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	# Tells of NULs, of which there must be none, by their number.
	{ out=$(<"$BATS_TEST_TMPDIR/out"); } 2>/dev/null
	{ err=$(<"$BATS_TEST_TMPDIR/err"); } 2>/dev/null
}

# What went wrong, with the last run of migctl.
blame() {
	printf '%s\n' "$*" "status: $status" "stdout: ${out:0:400}" "stderr: ${err:0:400}"
	return 1
} >&2

# expect STATUS ARGS...: the exit status is that, and what is printed is kept.
expect() {
	local wanted=$1

	shift
	migctl "$@"
	[[ $status -eq $wanted ]] || blame "vfio-migctl ${*:0:9} should exit $wanted"
}

# A filter of gojq that must be true of stdout.
json() {
	gojq -e "$1" "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/jq" 2>&1 ||
		blame "not so: $1"
}

# One line "vfio-migctl: KIND: ...", and at most a hint after it; nothing on stdout.
one_error() {
	local kind=$1 lines

	mapfile -t lines <"$BATS_TEST_TMPDIR/err"
	[[ -z $out ]] || blame "an error is no data"
	[[ ${lines[0]} == "vfio-migctl: $kind: "?* ]] || blame "no line of the kind $kind"
	[[ ${#lines[@]} -eq 1 || (${#lines[@]} -eq 2 && ${lines[1]} == "  hint: "?*) ]] ||
		blame "more than an error and its hint"
}
