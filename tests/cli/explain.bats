#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

@test "allowed: the verdict first, reason, rule and route; exit 0" {
	expect 0 explain running stop
	assert_equal "${out%%$'\n'*}" "allowed: v1 running -> stop, table reviewed"
	[[ $out == *$'\n  reason  '* && $out == *$'\n  rule    the patch as posted'* ]]
	[[ $out == *$'\n  route   running -> stop'* && -z $err ]]
}

@test "not allowed: exit 6, the reason and a legal route" {
	expect 6 explain stop stop-copy
	assert_equal "${out%%$'\n'*}" "not allowed: v1 stop -> stop-copy, table reviewed"
	[[ $out == *Williamson* && $out == *$'\n  instead  stop -> running -> stop-copy'* ]]
}

@test "JSON: allowed" {
	expect 0 explain running resuming --json
	json '.schema == 1 and .command == "explain" and .protocol == "v1"'
	json '.table == "reviewed" and .from == "running" and .to == "resuming"'
	json '.allowed == true and .origin == "review" and .route == ["resuming"]'
	json '(.reason | length > 10) and (has("error") | not)'
}

@test "JSON: not allowed has an error with the reason, and the route in the hint" {
	expect 6 explain pre-copy resuming --json
	json '.allowed == false and .origin == "questioned" and .route == ["running", "resuming"]'
	json '.error.kind == "refused" and .error.errno == null'
	json '.reason as $reason | .error.message | endswith($reason)'
	json '.error.hint | contains("pre-copy -> running -> resuming")'
	assert_equal "$err" ""
}

@test "--table: an arc that the review added, and those it only asked about" {
	expect 6 explain running resuming --table posted --json
	json '.route == ["stop", "resuming"] and (.reason | contains("review added"))'
	expect 0 explain running resuming --table reviewed
	expect 0 explain running resuming --table open
	expect 6 explain stop pre-copy --table reviewed
	expect 0 explain stop pre-copy --table open --json
	json '.origin == "questioned"'
}

@test "explain agrees with table on every pair of every v1 table" {
	local table from to arcs
	local states=(stop running stop-copy pre-copy resuming)

	for table in posted reviewed open; do
		expect 0 table --table $table --json
		arcs=$(gojq -r '.arcs[] | "\(.from)>\(.to)"' "$BATS_TEST_TMPDIR/out")
		for from in "${states[@]}"; do
			for to in "${states[@]}"; do
				if [[ $from == "$to" ]] || grep -qxF "$from>$to" <<<"$arcs"; then
					expect 0 explain "$from" "$to" --table $table
				else
					expect 6 explain "$from" "$to" --table $table
				fi
			done
		done
	done
}

@test "--caps: v2, and the route by what the device has" {
	expect 0 explain pre-copy stop-copy --caps stop-copy,pre-copy --json
	json '.protocol == "v2" and .table == null and .route == ["stop-copy"]'
	json '.capabilities == ["stop-copy", "pre-copy"] and .origin == null'
	expect 0 explain pre-copy stop-copy --protocol v2 --json
	json '.route == ["pre-copy-p2p", "stop-copy"]'
	expect 6 explain running pre-copy --caps stop-copy,p2p --json
	json '.route == null and .error.hint == null and (.reason | contains("EINVAL"))'
}

@test "v2: the two routes that lock up kernels are refused, with that reason" {
	local to

	for to in pre-copy pre-copy-p2p; do
		expect 6 explain stop-copy $to --protocol v2 --json
		json '.reason | contains("locks up kernels")'
	done
	# Without pre-copy there is nothing to lock up on, only nothing to reach.
	expect 6 explain stop-copy pre-copy --caps stop-copy --json
	json '.reason | contains("locks up") | not'
}

@test "a P2P word means v2, unless the table or the protocol is named" {
	expect 0 explain running running-p2p --json
	json '.protocol == "v2"'
	expect 0 explain PRE_COPY_P2P stop-copy --json
	json '.protocol == "v2" and .from == "pre-copy-p2p"'
	expect 6 explain running running-p2p --protocol v1 --json
	json '.protocol == "v1" and .reason == "the v1 protocol has no peer-to-peer states"'
	expect 6 explain running running-p2p --table open
}

# As `set` has it: noop.
@test "the same state is no transition, which is allowed" {
	local state

	for state in stop running stop-copy pre-copy resuming running-p2p pre-copy-p2p; do
		expect 0 explain $state $state --json
		json '.allowed == true and .reason == "no transition: nothing is written"
			and .route == [] and .origin == null and (has("error") | not)'
	done
	expect 0 explain stop stop
	assert_equal "$out" "allowed: v1 stop -> stop, table reviewed
  reason  no transition: nothing is written"
	assert_equal "$err" ""
}

@test "the same state is refused where the device cannot be in it, and _ERROR always" {
	local protocol

	expect 6 explain running-p2p running-p2p --protocol v1
	expect 6 explain running-p2p running-p2p --caps stop-copy,pre-copy --json
	json '.allowed == false and .route == null and (.reason | contains("never in the state"))'
	for protocol in v1 v2; do
		expect 6 explain error error --protocol $protocol --json
		json '.reason | contains("VFIO_DEVICE_RESET")'
	done
}

@test "error is neither a source nor a target, in either protocol" {
	local protocol

	for protocol in v1 v2; do
		expect 6 explain error running --protocol $protocol --json
		json '.reason | contains("VFIO_DEVICE_RESET")'
		expect 6 explain running error --protocol $protocol --json
		json '.reason | contains("never a target")'
		json '.route == null and .error.hint == null'
	done
	expect 6 explain error running --table open
}

@test "words are case-blind, with - and _ alike; one spelling comes out" {
	expect 0 explain RUNNING Stop_Copy --json
	json '.from == "running" and .to == "stop-copy"'
}

@test "--color=always colours the verdict, and nothing else" {
	expect 0 explain running stop --color=always
	assert_equal "${out%%:*}" $'\e[32mallowed\e[0m'
	expect 6 explain stop stop-copy --color=always
	assert_equal "${out%%:*}" $'\e[31mnot allowed\e[0m'
	assert_equal "$(tr -cd '\033' <<<"$out" | wc -c)" 2
}
