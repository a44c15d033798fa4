# Conformance runs and what is expected of them: defects.table, conform.expected.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR source=helpers.bash

# verdicts ARGUMENT...: one conform run as lines "fail NAME", "warn NAME", "bail TEXT"; what passed or was skipped is none.
# Its TAP is in $TAP. The exit status has to fit: 12 with a fail, 0 without, no other.
TAP=$BATS_TEST_TMPDIR/tap
verdicts() {
	local status=0 want=0 found
	vfio-migctl conform "$@" >"$TAP" 2>"$TAP.err" || status=$?
	found=$(awk '/^not ok / { print "fail", $5 } /^ok / { name = $4 } /^  verdict: warn/ { print "warn", name }
		/^Bail out!/ { print "bail", substr($0, 11) }' "$TAP")
	[[ $'\n'$found != *$'\nfail '* ]] || want=12
	[ "$status" = "$want" ] || found+=$'\n'"exit $status: $(head -n 1 "$TAP.err")"
	[ -z "$found" ] || printf '%s\n' "$found"
}

# trim TEXT: without the blanks around it, in $trimmed
trim() {
	trimmed=${1#"${1%%[![:space:]]*}"}
	trimmed=${trimmed%"${trimmed##*[![:space:]]}"}
}

# columns LINE: of a table, in the array $column
columns() {
	local i trimmed
	IFS='|' read -ra column <<<"$1"
	for i in "${!column[@]}"; do
		trim "${column[i]}"
		column[i]=$trimmed
	done
}

# differs FOUND PATTERN...: what was found that no pattern names, and which pattern names nothing. A pattern is a test's
# name, as bash matches it, that fails; with warn: before it, one that warns.
differs() {
	local found=$1 line kind pattern hit
	shift
	while read -r line; do
		[ -n "$line" ] || continue
		hit=
		for pattern; do
			kind=fail
			[[ $pattern != warn:* ]] || kind=warn
			# shellcheck disable=SC2053 # a pattern
			[[ $line != "$kind "${pattern#warn:} ]] || hit=1
		done
		[ -n "$hit" ] || echo "not expected: $line"
	done <<<"$found"
	for pattern; do
		kind=fail
		[[ $pattern != warn:* ]] || kind=warn
		hit=
		while read -r line; do
			# shellcheck disable=SC2053 # a pattern
			[[ $line != "$kind "${pattern#warn:} ]] || hit=1
		done <<<"$found"
		[ -n "$hit" ] || echo "missed: $pattern"
	done
}

# sim_for PROTOCOL [SETTING;...]: a device of that kind, made once a test; its name is in $sim.
declare -gA SIM_OF=()
sim_for() {
	local key="$1|$2" setting settings trimmed args=("protocol=$1")
	sim=${SIM_OF[$key]:-}
	[ -z "$sim" ] || return 0
	sim=d${#SIM_OF[@]}
	IFS=';' read -ra settings <<<"$2"
	# Small: what a state's size does to the tests is not asked here.
	[[ $2 = *state_size* ]] || args+=(state_size=4096)
	[[ $1 != v1 || $2 = *chunk_size* ]] || args+=(chunk_size=1024)
	for setting in "${settings[@]}"; do
		trim "$setting"
		args+=("$trimmed")
	done
	describe_sim "$sim" "${args[@]}" || return
	SIM_OF[$key]=$sim
}
