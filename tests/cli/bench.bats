#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bench: its words, and what two of its reports say of each other; no device is needed for either.
# shellcheck disable=SC2016,SC2094,SC2154
bats_require_minimum_version 1.5.0
load helper

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# report [MIDDLE [N [FILTER]]]: what bench --json would print of N times around so many nanoseconds, changed by a filter
report() {
	gojq -nc --argjson middle "${1:-100000}" --argjson n "${2:-40}" '
		[range($n) | $middle + (. - $n / 2) * $middle / 100 | floor] as $ns |
		{ schema: 1, command: "bench", device: { name: "migsim-a", driver: "migsim" }, protocol: "v2", kernel: "6.12.1", cycles: $n,
		  samples: [ { what: "arc", from: "running", to: "stop", nsec: $ns },
			     { what: "save", chunk: 4096, bytes: 1000, nsec: [range($n) | 50000 + . * 100] },
			     { what: "get", nsec: [range($n) | 1000] } ] } | '"${3:-.}"
}

# wrong WORDS FILTER: no report of bench, for that reason
wrong() {
	report 100000 5 "$2" >bad
	expect 1 bench --compare bad good
	one_error failed
	[[ $err == *"bad is not a report of bench: "*"$1"* ]] || blame "$1"
	expect 1 bench --compare good bad --json
	json '.error.kind == "failed" and .error.errno == "EBADMSG" and .figures == null and .b.device == null and .a.device == "migsim-a"'
}

@test "words that make no sense are refused before the device is looked for" {
	local option value

	for option in --cycles=0 --cycles=10001 --cycles=-1 --cycles=1x --cycles= --seconds=-1 --seconds=x --seconds=1e9 --chunk=0,4K \
		--chunk=2M --chunk=4K,4K "--chunk=4K," --chunk= --chunk=x --chunk=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 \
		--budget=-1 --budget=x --budget=5s --margin=10 --compare --attach "--csv --json" "--budget=5 --read-only"; do
		# shellcheck disable=SC2086 # words
		expect 2 bench migsim-none $option
		[[ $option == *json* ]] || one_error usage
	done
	for value in 0 1 4K 4K,64K,1M 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16; do
		expect 3 bench migsim-none --chunk=$value --cycles=10000 --seconds=0 --budget=0.5ms --no-restore
	done
	expect 3 bench migsim-none --read-only --attach
	expect 2 bench
	expect 2 bench one two
	expect 2 bench --compare one
	for option in --csv --budget=1 --read-only --attach --margin=1001 --margin=x --margin=-1; do
		expect 2 bench --compare one two $option
		one_error usage
	done
}

@test "--compare: the same, slower, faster, slight, too few" {
	report >a
	report 103000 >b
	expect 0 bench --compare a b
	[[ ${out%%$'\n'*} == 'the same: of 3 figures 0 slower, 0 faster in B by more than 25 %, 0 changed by less (p at most 0.01)' ]]
	[[ $out == *"A  a: migsim-a (v2, migsim), Linux 6.12.1, 40 cycles"* ]]
	[[ $out =~ running\ -\>\ stop\ +100\ +102\ +\+3\.0\ %\ +[0-9.]+\ +within\ the\ noise ]]
	report 200000 >b
	expect 0 bench --compare a b
	[[ $out == 'slower: of 3 figures 1 slower, 0 faster in B'* && $out =~ \+100\.[01]\ %\ +\<0\.0001\ +slower ]]
	expect 0 bench --compare b a --json
	json '.figures[0] | .what == "arc" and .from == "running" and .to == "stop" and .verdict == "faster" and .a.n == 40
		and .a.median_usec > 190 and .change_percent < -49 and .change_percent > -51 and .p < 0.001'
	json '.margin_percent == 25 and .alpha == 0.01 and (.figures | length) == 3 and .figures[1].chunk == 4096
		and .figures[2] == {"what": "get", "from": null, "to": null, "chunk": null, "a": {"n": 40, "median_usec": 1.000},
			"b": {"n": 40, "median_usec": 1.000}, "change_percent": 0.00, "p": 1, "verdict": "same"}'
	# A change that is sure, and small.
	report 125000 >b
	expect 0 bench --compare a b --json
	json '.figures[0].verdict == "slight"'
	expect 0 bench --compare a b
	[[ ${out%%$'\n'*} == 'within the margin: of 3 figures 0 slower, 0 faster in B by more than 25 %, 1 changed by less (p at most 0.01)' ]]
	expect 0 bench --compare a b --json --margin=0
	json '.figures[0].verdict == "slower"'
	report 100000 4 >few
	report 900000 4 >b
	expect 0 bench --compare few b
	[[ $out == 'not comparable: of 0 figures'* && $out == *'not enough samples'* ]]
	# From standard input, too.
	"$MIGCTL" bench --compare a - <a >out
	[[ $(<out) == 'the same: '* ]]
}

@test "--compare: what only one has, or moved another amount of data, is not compared" {
	report >a
	report 100000 40 '.samples[0].to = "running-p2p" | .samples[1].bytes = 2000 | .samples[2].nsec = []' >b
	expect 0 bench --compare a b --json
	json '[.figures[] | .verdict] == ["alone", "unlike", "alone", "alone"] and .figures[0].b == null and .figures[3].a == null
		and .figures[2].b == {"n": 0, "median_usec": null} and all(.figures[]; .p == null)'
	expect 0 bench --compare a b
	[[ $out == *'only in A'*'another amount of data'*'only in A'*'only in B'* ]]
}

@test "--compare takes nothing on trust" {
	local junk

	report >good
	for junk in '' x '{' '[]' 'null' '{"schema":1}' '{"schema":1,"command":"bench"' $'\x80' "$(printf '[%.0s' {1..40})"; do
		printf '%s' "$junk" >bad
		expect 1 bench --compare bad good
		one_error failed
	done
	expect 1 bench --compare none good
	one_error failed
	expect 1 bench --compare . good
	wrong 'its "schema" is not 1' '.schema = 2'
	wrong 'its "command" is not "bench"' '.command = "check"'
	wrong 'its "device" is of type array' '.device = []'
	wrong 'its "name" is too long' '.device.name = ("x" * 300)'
	wrong 'its "protocol" is neither' '.protocol = "v3"'
	wrong 'its "cycles" is out of range' '.cycles = -1'
	wrong 'it has no "samples"' 'del(.samples)'
	wrong 'it has no "samples"' '.samples = []'
	wrong 'have what is no object' '.samples[1] = 5'
	wrong 'does not know' '.samples[0].what = "nonsense"'
	wrong 'its "from" is no state' 'del(.samples[0].from)'
	wrong 'its "to" is no state' '.samples[0].to = "there"'
	wrong 'its "chunk" is of type string' '.samples[1].chunk = "4K"'
	wrong 'its "bytes" is out of range' '.samples[1].bytes = -5'
	wrong 'its "nsec" is missing' 'del(.samples[0].nsec)'
	wrong 'what is no time' '.samples[0].nsec[2] = 1.5'
	wrong 'what is no time' '.samples[0].nsec[2] = -1'
	wrong 'what is no time' '.samples[0].nsec[2] = 99999999999999999999'
	wrong 'the same thing twice' '.samples += [.samples[0]]'
	wrong 'more figures than any run' '.samples = [range(60) | { what: "save", chunk: (. + 1), nsec: [1] }]'
	# What is read is printed escaped.
	report 100000 40 '.device.name = "a\u001b[31mb"' >bad
	expect 0 bench --compare bad good
	[[ $out != *$'\e'* && $out == *'a\x1b[31mb'* ]] || blame "not escaped"
	# What a later version adds is passed over.
	report 100000 40 '.more = {} | .samples[0].more = [[[]]]' >bad
	expect 0 bench --compare bad good
}
